"""Rows that carry the message about themselves until the broker has confirmed it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Table, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from poller.ports import Outgoing
from sconnect.contracts import Message, decode, encode
from sconnect.persistence import reading, translate_database_errors


def message_values(message: Message) -> dict[str, Any]:
    """The columns of a row that is to be told of; they replace an older message that was not sent yet."""
    return {"outgoing_id": message.id, "outgoing": encode(message).decode()}


class SqlOutbox:
    """Outbox over one table whose rows are known by `key` and told of in the order of `order_by`."""

    def __init__(self, engine: AsyncEngine, table: Table, *, key: str, order_by: Sequence[str]) -> None:
        self._engine = engine
        self._table = table
        self._key = table.c[key]
        self._order = [table.c[name].asc().nulls_last() for name in order_by]

    @translate_database_errors()
    async def outgoing(self, profile: str, *, limit: int) -> Sequence[Outgoing]:
        statement = (
            select(self._key, self._table.c.outgoing)
            .where(self._table.c.profile == profile, self._table.c.outgoing_id.is_not(None))
            .order_by(*self._order, self._key)
            .limit(limit)
        )
        async with reading(self._engine) as connection:
            rows = (await connection.execute(statement)).all()
        return [Outgoing(key=key, message=decode(body.encode())) for key, body in rows]

    @translate_database_errors()
    async def confirm(self, profile: str, sent: Sequence[Outgoing]) -> None:
        async with self._engine.begin() as connection:
            for outgoing in sent:
                await connection.execute(
                    update(self._table)
                    .where(
                        self._table.c.profile == profile,
                        self._key == outgoing.key,
                        self._table.c.outgoing_id == outgoing.message.id,
                    )
                    .values(outgoing_id=None, outgoing=None)
                )

    @translate_database_errors()
    async def profiles_with_outgoing(self) -> frozenset[str]:
        statement = select(self._table.c.profile).where(self._table.c.outgoing_id.is_not(None)).distinct()
        async with reading(self._engine) as connection:
            return frozenset((await connection.execute(statement)).scalars())
