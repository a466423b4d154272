"""Claims and reserved numbers in the service's database, leased on its clock."""

import json
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, Row, case, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from customer_resolver.adapters.tables import ResolverTables
from customer_resolver.domain.cards import CardAddress, NewCard
from customer_resolver.ports import ClaimKey, HeldClaim, OpenClaim, OrderReference, SettledClaim
from sconnect.errors import ConcurrentChange, Reason, ReasonCode
from sconnect.persistence import database_now_ms, insert_if_absent, translate_database_errors


class SqlClaims:
    """One row per claimed key; every call is one transaction (UpstreamUnavailable when it cannot be).

    `lease_seconds` must be longer than the stage's: an order that lost its own lease gets it back first.
    """

    def __init__(self, engine: AsyncEngine, tables: ResolverTables, *, lease_seconds: float) -> None:
        self._engine = engine
        self._claims = tables.claims
        self._numbers = tables.numbers
        self._lease_seconds = lease_seconds

    @translate_database_errors()
    async def find(self, key: ClaimKey) -> OpenClaim | SettledClaim | None:
        statement = select(self._claims).where(self._is(key))
        async with self._engine.begin() as connection:
            row = (await connection.execute(statement)).one_or_none()
        if row is None:
            return None
        return _settled(key, row) or OpenClaim(order=_order(row), number=row.number)

    @translate_database_errors()
    async def take(self, key: ClaimKey, order: OrderReference, *, above: int) -> HeldClaim | SettledClaim:
        is_held = (self._claims.c.held_until > database_now_ms()).label("is_held")
        statement = select(self._claims, is_held).where(self._is(key)).with_for_update()
        async with self._engine.begin() as connection:
            row = (await connection.execute(statement)).one_or_none()
            if row is None:
                return await self._claim_new(connection, key, order, above)
            if settled := _settled(key, row):
                return settled
            if row.is_held and _order(row) != order:
                raise _held_by_another()
            return await self._take_over(connection, key, order, row)

    @translate_database_errors()
    async def restart(self, settled: SettledClaim, order: OrderReference, *, above: int) -> HeldClaim:
        key = settled.key
        unchanged = self._is(key) & (self._claims.c.settled_at == settled.settled_at)
        async with self._engine.begin() as connection:
            values = await self._new_values(connection, key, order, above)
            statement = update(self._claims).where(unchanged)
            if (await connection.execute(statement.values(**values))).rowcount != 1:
                raise _held_by_another()
        return HeldClaim(key=key, token=values["token"], number=values["number"], sent=None)

    @translate_database_errors()
    async def record_sent(self, held: HeldClaim, card: NewCard | None) -> HeldClaim:
        sent = None if card is None else json.dumps(asdict(card), ensure_ascii=False)
        async with self._engine.begin() as connection:
            await self._change(connection, held, sent=sent)
        return replace(held, sent=card)

    @translate_database_errors()
    async def reserve_next(self, held: HeldClaim, *, above: int) -> HeldClaim:
        async with self._engine.begin() as connection:
            number = await self._reserve(connection, held.key.administration_id, above)
            await self._change(connection, held, number=number, sent=None)
        return replace(held, number=number, sent=None)

    @translate_database_errors()
    async def settle(self, key: ClaimKey, *, number: int, relation_id: str, settled_at: datetime) -> None:
        unsettled = (self._claims.c.number == number) & self._claims.c.settled_at.is_(None)
        statement = (
            update(self._claims)
            .where(self._is(key) & unsettled)
            .values(relation_id=relation_id, settled_at=settled_at, sent=None)
        )
        async with self._engine.begin() as connection:
            await connection.execute(statement)

    @translate_database_errors()
    async def release(self, held: HeldClaim) -> None:
        statement = update(self._claims).where(self._is_held_as(held)).values(held_until=database_now_ms())
        async with self._engine.begin() as connection:
            await connection.execute(statement)

    async def _claim_new(
        self, connection: AsyncConnection, key: ClaimKey, order: OrderReference, above: int
    ) -> HeldClaim:
        values = await self._new_values(connection, key, order, above)
        statement = insert_if_absent(
            self._claims, administration_id=key.administration_id, key=key.value, **values
        )
        if (await connection.execute(statement)).rowcount != 1:
            raise _held_by_another()
        return HeldClaim(key=key, token=values["token"], number=values["number"], sent=None)

    async def _new_values(
        self, connection: AsyncConnection, key: ClaimKey, order: OrderReference, above: int
    ) -> dict[str, Any]:
        return {
            "profile": order.profile,
            "order_uuid": order.uuid,
            "token": str(uuid4()),
            "held_until": self._lease_end,
            "number": await self._reserve(connection, key.administration_id, above),
            "sent": None,
            "relation_id": None,
            "settled_at": None,
        }

    async def _take_over(
        self, connection: AsyncConnection, key: ClaimKey, order: OrderReference, row: Row[Any]
    ) -> HeldClaim:
        token = str(uuid4())
        values = {"profile": order.profile, "order_uuid": order.uuid, "token": token}
        statement = update(self._claims).where(self._is(key))
        await connection.execute(statement.values(**values, held_until=self._lease_end))
        sent = None if row.sent is None else _card(json.loads(row.sent))
        return HeldClaim(key=key, token=token, number=row.number, sent=sent)

    async def _change(self, connection: AsyncConnection, held: HeldClaim, **values: Any) -> None:
        statement = update(self._claims).where(self._is_held_as(held))
        changed = await connection.execute(statement.values(**values, held_until=self._lease_end))
        if changed.rowcount != 1:
            raise _held_by_another()

    async def _reserve(self, connection: AsyncConnection, administration_id: str, above: int) -> int:
        table = self._numbers
        absent = insert_if_absent(table, administration_id=administration_id, last_reserved=above)
        last = table.c.last_reserved
        reserve = (
            update(table)
            .where(table.c.administration_id == administration_id)
            .values(last_reserved=case((last < above, above), else_=last) + 1)
            .returning(last)
        )
        await connection.execute(absent)
        return int((await connection.execute(reserve)).scalar_one())

    def _is(self, key: ClaimKey) -> ColumnElement[bool]:
        return (self._claims.c.administration_id == key.administration_id) & (self._claims.c.key == key.value)

    def _is_held_as(self, held: HeldClaim) -> ColumnElement[bool]:
        unsettled = self._claims.c.settled_at.is_(None)
        return self._is(held.key) & (self._claims.c.token == held.token) & unsettled

    @property
    def _lease_end(self) -> ColumnElement[int]:
        return database_now_ms() + round(self._lease_seconds * 1000)


def _settled(key: ClaimKey, row: Row[Any]) -> SettledClaim | None:
    if row.settled_at is None:
        return None
    return SettledClaim(key=key, relation_id=row.relation_id, order=_order(row), settled_at=row.settled_at)


def _order(row: Row[Any]) -> OrderReference:
    return OrderReference(profile=row.profile, uuid=row.order_uuid)


def _card(stored: dict[str, Any]) -> NewCard:
    address = stored.pop("address")
    notes = tuple(stored.pop("notes"))
    return NewCard(**stored, notes=notes, address=None if address is None else CardAddress(**address))


def _held_by_another() -> ConcurrentChange:
    return ConcurrentChange(Reason(code=ReasonCode.UPSTREAM_UNAVAILABLE, variant="customer_being_made"))
