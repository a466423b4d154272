"""Claims and reserved numbers in the service's database, leased on its clock."""

import json
from collections.abc import Collection
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, Row, and_, case, delete, func, not_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from customer_resolver.adapters.tables import ResolverTables
from customer_resolver.domain.cards import CardAddress, NewCard
from customer_resolver.ports import (
    ClaimId,
    HeldClaim,
    LapsedClaim,
    OpenClaim,
    OrderReference,
    SettledClaim,
)
from sconnect.errors import ConcurrentChange, Reason, ReasonCode
from sconnect.persistence import database_now_ms, insert_if_absent, reading, translate_database_errors


class SqlClaims:
    """A row per claim and per key of an open one; every call is one transaction.

    Locks are taken in one order everywhere (the keys by value, the claim, the numbers), so that no two
    transactions wait for each other. `lease_seconds` must be longer than the stage's: an order that lost
    its own lease gets it back first. All raise UpstreamUnavailable when the database is away.
    """

    def __init__(self, engine: AsyncEngine, tables: ResolverTables, *, lease_seconds: float) -> None:
        self._engine = engine
        self._claims = tables.claims
        self._keys = tables.claim_keys
        self._numbers = tables.numbers
        self._lease_seconds = lease_seconds

    @translate_database_errors()
    async def find(self, claim_id: ClaimId) -> OpenClaim | SettledClaim | None:
        statement = select(self._claims).where(self._is(claim_id))
        async with reading(self._engine) as connection:
            row = (await connection.execute(statement)).one_or_none()
        if row is None:
            return None
        return _settled(claim_id, row) or OpenClaim(id=claim_id, number=row.number)

    @translate_database_errors()
    async def take(
        self, claim_id: ClaimId, keys: Collection[int], *, above: int, anew: bool = False
    ) -> HeldClaim | LapsedClaim | SettledClaim:
        async with self._engine.connect() as connection:
            await self._stand_on_keys(connection, claim_id, keys)
            if other := await self._other_holder(connection, claim_id, keys):
                # All the keys or none: those that were free are given back with the transaction.
                await connection.rollback()
                return _lapsed(claim_id.administration_id, other)
            claim = await self._take_own(connection, claim_id, above, anew=anew)
            if isinstance(claim, HeldClaim):
                await self._require_all_keys(connection, claim_id, keys)
                await connection.commit()
            return claim

    async def _stand_on_keys(
        self, connection: AsyncConnection, claim_id: ClaimId, keys: Collection[int]
    ) -> None:
        rows = [{**_columns(claim_id), "key": key} for key in sorted(keys)]
        await connection.execute(insert(self._keys).values(rows).on_conflict_do_nothing())

    async def _other_holder(
        self, connection: AsyncConnection, claim_id: ClaimId, keys: Collection[int]
    ) -> Row[Any] | None:
        """The claim of another order that has one of the keys, first one that is still held."""
        claims, held = self._claims, self._keys
        is_held = (claims.c.held_until > database_now_ms()).label("is_held")
        statement = (
            select(claims, is_held)
            .join(held, and_(*(held.c[name] == claims.c[name] for name in _columns(claim_id))))
            .where(
                held.c.administration_id == claim_id.administration_id,
                held.c.key.in_(keys),
                not_(self._is(claim_id)),
            )
            .order_by(is_held.desc(), claims.c.profile, claims.c.order_uuid)
            .limit(1)
        )
        return (await connection.execute(statement)).one_or_none()

    async def _require_all_keys(
        self, connection: AsyncConnection, claim_id: ClaimId, keys: Collection[int]
    ) -> None:
        """Keys that were its own may have been given back while it waited for the claim's row."""
        statement = select(func.count()).where(self._is_key_of(claim_id), self._keys.c.key.in_(keys))
        if (await connection.execute(statement)).scalar_one() != len(set(keys)):
            raise _held_by_another()

    async def _take_own(
        self, connection: AsyncConnection, claim_id: ClaimId, above: int, *, anew: bool
    ) -> HeldClaim | SettledClaim:
        statement = select(self._claims).where(self._is(claim_id)).with_for_update()
        row = (await connection.execute(statement)).one_or_none()
        if row is None:
            return await self._claim_new(connection, claim_id, above)
        settled = _settled(claim_id, row)
        if settled is None:
            return await self._go_on(connection, claim_id, row)
        return await self._claim_anew(connection, claim_id, above) if anew else settled

    @translate_database_errors()
    async def record_sent(self, held: HeldClaim, card: NewCard | None) -> HeldClaim:
        sent = None if card is None else json.dumps(asdict(card), ensure_ascii=False)
        async with self._engine.begin() as connection:
            await self._change(connection, held, sent=sent)
        return replace(held, sent=card)

    @translate_database_errors()
    async def reserve_next(self, held: HeldClaim, *, above: int) -> HeldClaim:
        async with self._engine.begin() as connection:
            # The claim before the numbers, as everywhere.
            await self._change(connection, held, sent=None)
            number = await self._reserve(connection, held.id.administration_id, above)
            await self._change(connection, held, number=number)
        return replace(held, number=number, sent=None)

    @translate_database_errors()
    async def settle(self, claim_id: ClaimId, *, number: int, relation_id: str, settled_at: datetime) -> None:
        open_under_number = (self._claims.c.number == number) & self._claims.c.settled_at.is_(None)
        statement = (
            update(self._claims)
            .where(self._is(claim_id) & open_under_number)
            .values(relation_id=relation_id, settled_at=settled_at, sent=None)
        )
        async with self._engine.begin() as connection:
            if (await connection.execute(statement)).rowcount == 1:
                await self._give_keys_back(connection, claim_id)

    @translate_database_errors()
    async def release(self, held: HeldClaim) -> None:
        statement = update(self._claims).where(self._is_held_as(held)).values(held_until=database_now_ms())
        async with self._engine.begin() as connection:
            row = (await connection.execute(statement.returning(self._claims.c.sent))).one_or_none()
            if row is not None and row.sent is None:
                await self._give_keys_back(connection, held.id)

    @translate_database_errors()
    async def abandon(self, lapsed: LapsedClaim) -> None:
        is_lapsed = (
            self._is(lapsed.id)
            & (self._claims.c.token == lapsed.token)
            & (self._claims.c.held_until <= database_now_ms())
            & self._claims.c.settled_at.is_(None)
        )
        async with self._engine.begin() as connection:
            if (await connection.execute(delete(self._claims).where(is_lapsed))).rowcount == 1:
                await self._give_keys_back(connection, lapsed.id)

    async def _claim_new(self, connection: AsyncConnection, claim_id: ClaimId, above: int) -> HeldClaim:
        values = await self._new_values(connection, claim_id, above)
        statement = insert_if_absent(self._claims, **_columns(claim_id), **values)
        if (await connection.execute(statement)).rowcount != 1:
            raise _held_by_another()
        return HeldClaim(id=claim_id, token=values["token"], number=values["number"], sent=None)

    async def _claim_anew(self, connection: AsyncConnection, claim_id: ClaimId, above: int) -> HeldClaim:
        values = await self._new_values(connection, claim_id, above)
        await connection.execute(update(self._claims).where(self._is(claim_id)).values(**values))
        return HeldClaim(id=claim_id, token=values["token"], number=values["number"], sent=None)

    async def _new_values(self, connection: AsyncConnection, claim_id: ClaimId, above: int) -> dict[str, Any]:
        return {
            "token": str(uuid4()),
            "held_until": self._lease_end,
            "number": await self._reserve(connection, claim_id.administration_id, above),
            "sent": None,
            "relation_id": None,
            "settled_at": None,
        }

    async def _go_on(self, connection: AsyncConnection, claim_id: ClaimId, row: Row[Any]) -> HeldClaim:
        token = str(uuid4())
        statement = update(self._claims).where(self._is(claim_id))
        await connection.execute(statement.values(token=token, held_until=self._lease_end))
        return HeldClaim(id=claim_id, token=token, number=row.number, sent=_sent(row))

    async def _give_keys_back(self, connection: AsyncConnection, claim_id: ClaimId) -> None:
        await connection.execute(delete(self._keys).where(self._is_key_of(claim_id)))

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

    def _is(self, claim_id: ClaimId) -> ColumnElement[bool]:
        return and_(*(self._claims.c[name] == value for name, value in _columns(claim_id).items()))

    def _is_key_of(self, claim_id: ClaimId) -> ColumnElement[bool]:
        return and_(*(self._keys.c[name] == value for name, value in _columns(claim_id).items()))

    def _is_held_as(self, held: HeldClaim) -> ColumnElement[bool]:
        unsettled = self._claims.c.settled_at.is_(None)
        return self._is(held.id) & (self._claims.c.token == held.token) & unsettled

    @property
    def _lease_end(self) -> ColumnElement[int]:
        return database_now_ms() + round(self._lease_seconds * 1000)


def _columns(claim_id: ClaimId) -> dict[str, str]:
    return {
        "administration_id": claim_id.administration_id,
        "profile": claim_id.order.profile,
        "order_uuid": claim_id.order.uuid,
    }


def _settled(claim_id: ClaimId, row: Row[Any]) -> SettledClaim | None:
    if row.settled_at is None:
        return None
    return SettledClaim(id=claim_id, relation_id=row.relation_id, settled_at=row.settled_at)


def _lapsed(administration_id: str, row: Row[Any]) -> LapsedClaim:
    if row.is_held:
        raise _held_by_another()
    order = OrderReference(profile=row.profile, uuid=row.order_uuid)
    claim_id = ClaimId(administration_id=administration_id, order=order)
    return LapsedClaim(id=claim_id, token=row.token, number=row.number, sent=_sent(row))


def _sent(row: Row[Any]) -> NewCard | None:
    if row.sent is None:
        return None
    stored = json.loads(row.sent)
    address = stored.pop("address")
    notes = tuple(stored.pop("notes"))
    return NewCard(**stored, notes=notes, address=None if address is None else CardAddress(**address))


def _held_by_another() -> ConcurrentChange:
    return ConcurrentChange(Reason(code=ReasonCode.UPSTREAM_UNAVAILABLE, variant="customer_being_made"))
