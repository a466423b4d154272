"""Leases: one holder per name at a time, on the database's clock, so that hosts' clocks may differ."""

from uuid import uuid4

from sqlalchemy import Column, ColumnElement, MetaData, String, Table, delete, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from sconnect.metrics import lease_refused
from sconnect.persistence.instants import Instant, database_now_ms
from sconnect.persistence.trouble import translate_database_errors


def lease_table(metadata: MetaData) -> Table:
    """The table `leases`; a service that uses leases adds it to its own metadata and migrations."""
    return Table(
        "leases",
        metadata,
        Column("name", String(200), primary_key=True),
        Column("token", String(36), nullable=False),
        Column("held_until", Instant, nullable=False),
    )


class Leases:
    """Takes, renews and releases leases; each call is one short transaction.

    A token protects the holder's own rows only: a holder that was frozen past its lease must check `renew`
    before it does anything the world can see. All raise UpstreamUnavailable when the database is away.
    """

    def __init__(self, engine: AsyncEngine, table: Table) -> None:
        self._engine = engine
        self._table = table

    @translate_database_errors()
    async def take(self, name: str, seconds: float) -> str | None:
        """A token when nobody holds `name`, or its holder let it expire; else None."""
        statement = insert(self._table).values(name=name, token=str(uuid4()), held_until=_ends_in(seconds))
        # Not excluded.held_until: that was computed before a wait for another taker of the same row.
        statement = statement.on_conflict_do_update(
            index_elements=["name"],
            set_={"token": statement.excluded.token, "held_until": _ends_in(seconds)},
            where=self._table.c.held_until <= database_now_ms(),
        )
        async with self._engine.begin() as connection:
            token: str | None = await connection.scalar(statement.returning(self._table.c.token))
        if token is None:
            lease_refused(name)
        return token

    @translate_database_errors()
    async def renew(self, name: str, token: str, seconds: float) -> bool:
        """Hold it for `seconds` from now; False when it expired, even if nobody else took it since."""
        held = self._held(name, token) & (self._table.c.held_until > database_now_ms())
        statement = update(self._table).where(held).values(held_until=_ends_in(seconds))
        async with self._engine.begin() as connection:
            return (await connection.execute(statement)).rowcount == 1

    @translate_database_errors()
    async def release(self, name: str, token: str) -> None:
        """Give it up; does nothing when it was lost already."""
        async with self._engine.begin() as connection:
            await connection.execute(delete(self._table).where(self._held(name, token)))

    def _held(self, name: str, token: str) -> ColumnElement[bool]:
        return (self._table.c.name == name) & (self._table.c.token == token)


def _ends_in(seconds: float) -> ColumnElement[int]:
    return database_now_ms() + round(seconds * 1000)
