"""The memory of orders, in the poller's database."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from poller.adapters.outbox import SqlOutbox, message_values
from poller.adapters.reasons import reason_of, reason_values
from poller.adapters.tables import seen_orders
from poller.domain.orders import OrderState, SeenOrder, is_order_number
from poller.ports import Record
from sconnect.errors import ConcurrentChange, Reason, ReasonCode
from sconnect.persistence import database_now_ms, insert_if_absent, reading, translate_database_errors

_NOT_REMEMBERED = ("document", "outgoing", "outgoing_id", "stored_at")
_REMEMBERED = [column for column in seen_orders.c if column.name not in _NOT_REMEMBERED]


class SqlSeenOrders(SqlOutbox):
    """SeenOrders over the table `seen_orders`; `version` notices that someone else stored the row first."""

    def __init__(self, engine: AsyncEngine) -> None:
        super().__init__(engine, seen_orders, key="order_key", order_by=["number_value"])

    @translate_database_errors()
    async def find(self, profile: str, keys: Sequence[str]) -> dict[str, SeenOrder]:
        statement = select(*_REMEMBERED).where(
            seen_orders.c.profile == profile, seen_orders.c.order_key.in_(keys)
        )
        async with reading(self._engine) as connection:
            return {row.order_key: _seen(row) for row in await connection.execute(statement)}

    @translate_database_errors()
    async def document(self, profile: str, key: str) -> str | None:
        statement = select(seen_orders.c.document).where(
            seen_orders.c.profile == profile, seen_orders.c.order_key == key
        )
        async with reading(self._engine) as connection:
            document: str | None = await connection.scalar(statement)
        return document

    @translate_database_errors()
    async def save(self, profile: str, records: Sequence[Record]) -> None:
        async with self._engine.begin() as connection:
            for record in records:
                if not await _store(connection, profile, record):
                    reason = Reason(code=ReasonCode.UPSTREAM_UNAVAILABLE, variant="held_by_another_worker")
                    raise ConcurrentChange(reason)

    @translate_database_errors()
    async def highest_number(self, profile: str) -> int | None:
        statement = select(func.max(seen_orders.c.number_value)).where(seen_orders.c.profile == profile)
        async with reading(self._engine) as connection:
            highest: int | None = await connection.scalar(statement)
        return highest

    @translate_database_errors()
    async def number_gaps(self, profile: str, *, limit: int) -> Sequence[tuple[int, int]]:
        higher = seen_orders.c.number_value
        neighbours = (
            select(higher.label("higher"), func.lag(higher).over(order_by=higher).label("lower"))
            .where(seen_orders.c.profile == profile, higher.is_not(None))
            .subquery()
        )
        statement = (
            select(neighbours.c.lower, neighbours.c.higher)
            .where(neighbours.c.higher - neighbours.c.lower > 1)
            .order_by(neighbours.c.higher.desc())
            .limit(limit)
        )
        async with reading(self._engine) as connection:
            return [(row.lower, row.higher) for row in await connection.execute(statement)]

    @translate_database_errors()
    async def met_in_runs(self, profile: str, run_ids: Sequence[str], *, limit: int) -> Sequence[str]:
        met = or_(seen_orders.c.run_id.in_(run_ids), seen_orders.c.state == OrderState.WAITING.value)
        statement = (
            select(seen_orders.c.order_key)
            .where(seen_orders.c.profile == profile, met)
            .order_by(seen_orders.c.number_value.desc().nulls_last(), seen_orders.c.order_key)
            .limit(limit)
        )
        async with reading(self._engine) as connection:
            return list((await connection.execute(statement)).scalars())


async def _store(connection: AsyncConnection, profile: str, record: Record) -> bool:
    """False when the row is not as it was found."""
    values = _values(record)
    if record.seen.version == 0:
        new = {"outgoing_id": None, "outgoing": None} | values
        statement = insert_if_absent(seen_orders, profile=profile, order_key=record.seen.key, **new)
        return (await connection.execute(statement)).rowcount == 1
    as_found = (
        (seen_orders.c.profile == profile)
        & (seen_orders.c.order_key == record.seen.key)
        & (seen_orders.c.version == record.seen.version)
    )
    return (await connection.execute(update(seen_orders).where(as_found).values(**values))).rowcount == 1


def _values(record: Record) -> dict[str, Any]:
    seen = record.seen
    values: dict[str, Any] = {
        "stored_at": database_now_ms(),
        "number": seen.number,
        "number_value": int(seen.number) if is_order_number(seen.number) else None,
        "state": seen.state.value,
        **reason_values(seen.reason),
        "status": seen.status,
        "contents": seen.contents,
        "revision": seen.revision,
        "replay": seen.replay,
        "told": seen.told,
        "run_id": seen.run_id,
        "version": seen.version + 1,
        "document": record.document,
    }
    return values if record.message is None else values | message_values(record.message)


def _seen(row: Row[Any]) -> SeenOrder:
    return SeenOrder(
        key=row.order_key,
        number=row.number,
        state=OrderState(row.state),
        reason=reason_of(row),
        status=row.status,
        contents=row.contents,
        revision=row.revision,
        replay=row.replay,
        told=row.told,
        run_id=row.run_id,
        version=row.version,
    )
