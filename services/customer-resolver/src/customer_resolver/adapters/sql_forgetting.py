"""Forgets customers' data that nothing needs any more."""

from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from customer_resolver.adapters.tables import ResolverTables
from sconnect.clock import Clock
from sconnect.persistence import reading, translate_database_errors
from sconnect.service.retention import Ends, Forget

HOME = "NL"
RELATIONS_AT_ONCE_MAX = 500


def forget_resolutions(engine: AsyncEngine, tables: ResolverTables) -> Forget:
    """Whose an order was, and why; those that went abroad are kept the longer time."""
    table = tables.resolutions

    @translate_database_errors()
    async def forget(ends: Ends) -> int:
        at_home = (table.c.country_code == HOME) & (table.c.resolved_at < ends.trail)
        statement = delete(table).where(or_(at_home, table.c.resolved_at < ends.oss))
        async with engine.begin() as connection:
            return (await connection.execute(statement)).rowcount

    return forget


def forget_claims(engine: AsyncEngine, tables: ResolverTables) -> Forget:
    """The cards that were made: what was sent, and for which order."""
    table = tables.claims

    @translate_database_errors()
    async def forget(ends: Ends) -> int:
        statement = delete(table).where(table.c.settled_at.is_not(None), table.c.settled_at < ends.trail)
        async with engine.begin() as connection:
            return (await connection.execute(statement)).rowcount

    return forget


def forget_unused_mirrors(
    engine: AsyncEngine, tables: ResolverTables, *, clock: Clock, kept: timedelta
) -> Forget:
    """The relations of administrations that no profile read from for so long; the books still have them."""

    @translate_database_errors()
    async def forget(_ends: Ends) -> int:
        count = 0
        for administration_id in await _unused(engine, tables, clock.now() - kept):
            count += await _forget_mirror(engine, tables, administration_id, clock.now() - kept)
        return count

    return forget


async def _unused(engine: AsyncEngine, tables: ResolverTables, read_before: datetime) -> list[str]:
    table = tables.administrations
    statement = select(table.c.administration_id).where(table.c.read_at < read_before)
    async with reading(engine) as connection:
        return list((await connection.execute(statement)).scalars())


async def _forget_mirror(
    engine: AsyncEngine, tables: ResolverTables, administration_id: str, read_before: datetime
) -> int:
    """First it counts as never read, so that whoever comes back begins a full read; what that one sees has a
    higher number than what is removed here, part by part."""
    relations, keys, table = tables.relations, tables.relation_keys, tables.administrations
    unused = (table.c.administration_id == administration_id) & (table.c.read_at < read_before)
    async with engine.begin() as connection:
        full_read = await connection.scalar(
            update(table)
            .where(unused)
            .values(read_at=None, full_read_at=None, statistics=None)
            .returning(table.c.full_read)
        )
    if full_read is None:
        return 0
    count = 0
    part = (
        select(relations.c.row_number)
        .where(relations.c.administration_id == administration_id, relations.c.full_read <= full_read)
        .limit(RELATIONS_AT_ONCE_MAX)
        .with_for_update()
    )
    while True:
        async with engine.begin() as connection:
            numbers = list((await connection.execute(part)).scalars())
            if not numbers:
                return count
            await connection.execute(delete(keys).where(keys.c.relation_row.in_(numbers)))
            await connection.execute(delete(relations).where(relations.c.row_number.in_(numbers)))
        count += len(numbers)
