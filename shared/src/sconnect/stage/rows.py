"""One row per order at a stage: who works on it, how it ended, what still has to be told."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from sqlalchemy import BigInteger, ColumnElement, Row, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from sconnect.clock import Clock
from sconnect.contracts import Amendment, Message, OrderKey, decode
from sconnect.errors import ConcurrentChange, Reason, ReasonCode
from sconnect.ids import deterministic_id
from sconnect.persistence import (
    database_now_ms,
    execute_alone,
    insert_if_absent,
    locked_with_clock,
    translate_database_errors,
)
from sconnect.stage.claims import Claim, RowClaim, RowState, RowView, Standing, judge
from sconnect.stage.tables import StageTables


class OrderRows:
    """The stage's rows; every call is one short transaction, every change by a worker is fenced by its token.

    All raise UpstreamUnavailable when the database is away.
    """

    def __init__(self, engine: AsyncEngine, tables: StageTables, *, stage: str, clock: Clock) -> None:
        self._engine = engine
        self._table = tables.order_rows
        self._unreadable = tables.unreadable_messages
        self._stage = stage
        self._clock = clock
        # Made once: every order that goes well needs these.
        lease_ends = database_now_ms() + bindparam("lease_ms", type_=BigInteger)
        self._first = insert_if_absent(self._table).values(lease_until_ms=lease_ends)
        self._held = update(self._table).where(
            self._table.c.profile == bindparam("held_profile"),
            self._table.c.order_uuid == bindparam("held_uuid"),
            self._table.c.lease_token == bindparam("held_token"),
        )
        self._sent = (
            update(self._table)
            .where(
                self._table.c.profile == bindparam("message_profile"),
                self._table.c.order_uuid == bindparam("uuid"),
                self._table.c.revision == bindparam("message_revision"),
                self._table.c.replay == bindparam("message_replay"),
                self._table.c.state == RowState.DONE,
            )
            .values(follow_ups=None, follow_ups_sent=True)
        )

    @translate_database_errors()
    async def claim(self, message: Message, order: OrderKey, *, lease_seconds: float) -> RowClaim:
        """Takes the order for this message's version, or tells why it cannot be taken.

        The caller counts the lease from before the call.
        """
        first = await self._take_first(message, order, lease_seconds)
        if first is not None:
            return first
        async with self._engine.begin() as connection:
            row = await self._locked_row(connection, message, order)
            standing = judge(_view(row), revision=order.revision, replay=message.replay)
            if standing is not Standing.TAKE:
                return _not_taken(row, standing)
            return await self._take(connection, row, message, order, lease_seconds)

    async def _take_first(self, message: Message, order: OrderKey, lease_seconds: float) -> RowClaim | None:
        """An order that has no row yet is anybody's: one statement gives it one, and takes it. None when it
        has one."""
        token, amendment = str(uuid4()), _own_amendment(message, message.replay)
        working = {
            "attempts": 1,
            "amendment": None if amendment is None else amendment.model_dump_json(),
            "lease_token": token,
            "lease_ms": round(lease_seconds * 1000),
        }
        row = self._first_values(message, order, RowState.WORKING) | working
        del row["lease_until_ms"]  # the statement asks the database's clock
        if await execute_alone(self._engine, self._first, row) != 1:
            return None
        return RowClaim(standing=Standing.TAKE, token=token, attempts=1, amendment=amendment, is_first=True)

    async def _locked_row(self, connection: AsyncConnection, message: Message, order: OrderKey) -> Row[Any]:
        """The order's row, made when there is none, and the clock as `now_ms`."""
        await connection.execute(
            insert_if_absent(self._table, **self._first_values(message, order, RowState.NEW))
        )
        statement = select(self._table).where(self._key(message.profile, order.uuid))
        row: Row[Any] = (await connection.execute(locked_with_clock(statement))).one()
        return row

    async def _take(
        self,
        connection: AsyncConnection,
        row: Row[Any],
        message: Message,
        order: OrderKey,
        lease_seconds: float,
    ) -> RowClaim:
        same_version = (row.revision, row.replay) == (order.revision, message.replay)
        attempts = row.attempts + 1 if same_version else 1
        amendment = _effective_amendment(row, message)
        token = str(uuid4())
        await connection.execute(
            update(self._table)
            .where(self._key(message.profile, order.uuid))
            .values(
                order_number=order.number,
                revision=order.revision,
                replay=message.replay,
                state=RowState.WORKING,
                attempts=attempts,
                amendment=None if amendment is None else amendment.model_dump_json(),
                lease_token=token,
                lease_until_ms=_ends_in(lease_seconds),
                follow_ups=None,
                follow_ups_sent=False,
                dead_letter_sent=False,
                updated_at=self._clock.now(),
            )
        )
        return RowClaim(standing=Standing.TAKE, token=token, attempts=attempts, amendment=amendment)

    async def finish(self, claim: Claim, order: OrderKey, follow_ups: tuple[Message, ...]) -> None:
        """The work is done; its follow-ups are kept until `follow_ups_sent`. ConcurrentChange when the
        lease was lost meanwhile."""
        await self._update_held(
            claim,
            order,
            state=RowState.DONE,
            reason_code=None,
            reason_variant=None,
            reason_details=None,
            suggestions=None,
            lease_token=None,
            lease_until_ms=0,
            follow_ups=json.dumps([message.model_dump(mode="json") for message in follow_ups]),
        )

    @translate_database_errors()
    async def follow_ups_sent(self, message: Message, order: OrderKey) -> None:
        """Every follow-up was confirmed; their bodies are personal data and are dropped here."""
        version = {
            "message_profile": message.profile,
            "uuid": order.uuid,
            "message_revision": order.revision,
            "message_replay": message.replay,
        }
        await execute_alone(self._engine, self._sent, version)

    async def wait(self, claim: Claim, order: OrderKey, reason: Reason, *, keep_lease: bool) -> None:
        """The work failed for now. The lease stays when a write may still be carried out somewhere."""
        released = {} if keep_lease else {"lease_token": None, "lease_until_ms": 0}
        await self._update_held(claim, order, state=RowState.WAITING, **_reason_values(reason), **released)

    async def release(self, claim: Claim, order: OrderKey) -> None:
        """The work was cut off: whoever gets the message next may begin at once. ConcurrentChange when the
        lease was lost meanwhile."""
        await self._update_held(claim, order, lease_token=None, lease_until_ms=0)

    async def set_aside_held(
        self,
        claim: Claim,
        order: OrderKey,
        reason: Reason,
        suggestions: tuple[Mapping[str, str], ...],
    ) -> None:
        """The work came to the end that a person has to look. ConcurrentChange when the lease was lost
        meanwhile: what becomes of the order is another's to say."""
        await self._update_held(claim, order, **self._aside_values(claim.message, order, reason, suggestions))

    async def _update_held(self, claim: Claim, order: OrderKey, **values: Any) -> None:
        held = {"held_profile": claim.message.profile, "held_uuid": order.uuid, "held_token": claim.token}
        changed = {"updated_at": self._clock.now(), **values}
        async with translate_database_errors():
            updated = await execute_alone(self._engine, self._held, held | changed)
        if updated != 1:
            raise ConcurrentChange(Reason(code=ReasonCode.UPSTREAM_UNAVAILABLE, variant="lease_lost"))

    @translate_database_errors()
    async def note_unavailable(self, message: Message, order: OrderKey, reason: Reason) -> None:
        """The profile cannot be served: the order waits, and no worker holds it."""
        waiting = _reason_values(reason) | {"state": RowState.WAITING}
        async with self._engine.begin() as connection:
            values = self._first_values(message, order, RowState.WAITING) | waiting
            await connection.execute(insert_if_absent(self._table, **values))
            await connection.execute(
                update(self._table)
                .where(
                    self._key(message.profile, order.uuid),
                    self._table.c.state.in_((RowState.NEW, RowState.WAITING)),
                )
                .values(updated_at=self._clock.now(), **waiting)
            )

    @translate_database_errors()
    async def set_aside(
        self,
        message: Message,
        order: OrderKey,
        reason: Reason,
        suggestions: tuple[Mapping[str, str], ...],
    ) -> tuple[str, int] | None:
        """Marks this version as a dead letter; returns its id and the attempts made.

        A later version or a finished one is left as it is: that order has moved on. Returns None then,
        unless what follows from it was never confirmed: the row stays, but somebody has to look.
        ConcurrentChange while a worker holds the order: what becomes of it is that worker's to say.
        """
        dead_letter_id = self.dead_letter_id(message, order)
        async with self._engine.begin() as connection:
            row = await self._locked_row(connection, message, order)
            if _has_moved_on(row, message, order):
                is_over = (row.revision, row.replay) != (
                    order.revision,
                    message.replay,
                ) or row.follow_ups_sent
                return None if is_over else (dead_letter_id, row.attempts)
            if row.lease_until_ms > row.now_ms:
                raise held_by_another((row.lease_until_ms - row.now_ms) / 1000)
            await connection.execute(
                update(self._table)
                .where(self._key(message.profile, order.uuid))
                .values(
                    revision=order.revision,
                    replay=message.replay,
                    updated_at=self._clock.now(),
                    **self._aside_values(message, order, reason, suggestions),
                )
            )
        return dead_letter_id, row.attempts

    def _aside_values(
        self,
        message: Message,
        order: OrderKey,
        reason: Reason,
        suggestions: tuple[Mapping[str, str], ...],
    ) -> dict[str, Any]:
        return {
            "state": RowState.DEAD_LETTERED,
            **_reason_values(reason),
            "suggestions": json.dumps([dict(suggestion) for suggestion in suggestions]),
            "lease_token": None,
            "lease_until_ms": 0,
            "dead_letter_id": self.dead_letter_id(message, order),
            "dead_letter_sent": False,
        }

    @translate_database_errors()
    async def set_aside_unreadable(self, dead_letter_id: str, queue: str, reason: Reason) -> None:
        row = insert_if_absent(
            self._unreadable,
            dead_letter_id=dead_letter_id,
            queue=queue,
            reason_code=reason.code,
            reason_variant=reason.variant,
            dead_letter_sent=False,
            first_seen_at=self._clock.now(),
        )
        await execute_alone(self._engine, row)

    @translate_database_errors()
    async def dead_letter_sent(self, dead_letter_id: str) -> None:
        async with self._engine.begin() as connection:
            for table in (self._table, self._unreadable):
                await connection.execute(
                    update(table)
                    .where(table.c.dead_letter_id == dead_letter_id)
                    .values(dead_letter_sent=True)
                )

    def dead_letter_id(self, message: Message, order: OrderKey) -> str:
        return deterministic_id(
            "dead-letter", self._stage, message.profile, order.uuid, order.revision, message.replay
        )

    def _key(self, profile: str, order_uuid: str) -> ColumnElement[bool]:
        return (self._table.c.profile == profile) & (self._table.c.order_uuid == order_uuid)

    def _first_values(self, message: Message, order: OrderKey, state: RowState) -> dict[str, Any]:
        return {
            "profile": message.profile,
            "order_uuid": order.uuid,
            "order_number": order.number,
            "revision": order.revision,
            "replay": message.replay,
            "state": state,
            "attempts": 0,
            "lease_until_ms": 0,
            "dead_letter_sent": False,
            "follow_ups_sent": False,
            "updated_at": self._clock.now(),
        }


def held_by_another(seconds_until_free: float) -> ConcurrentChange:
    reason = Reason(code=ReasonCode.UPSTREAM_UNAVAILABLE, variant="held_by_another_worker")
    return ConcurrentChange(reason, retry_after_seconds=seconds_until_free)


def _ends_in(lease_seconds: float) -> ColumnElement[int]:
    return database_now_ms() + round(lease_seconds * 1000)


def _view(row: Row[Any]) -> RowView:
    return RowView(
        revision=row.revision,
        replay=row.replay,
        state=RowState(row.state),
        lease_left_ms=row.lease_until_ms - row.now_ms,
        follow_ups_sent=row.follow_ups_sent,
        dead_letter_sent=row.dead_letter_sent,
    )


def _not_taken(row: Row[Any], standing: Standing) -> RowClaim:
    bodies = json.loads(row.follow_ups) if row.follow_ups else []
    return RowClaim(
        standing=standing,
        attempts=row.attempts,
        seconds_until_free=max(0, row.lease_until_ms - row.now_ms) / 1000,
        follow_ups=tuple(decode(json.dumps(body).encode()) for body in bodies),
        settled=row.follow_ups_sent if standing is Standing.FINISHED else row.dead_letter_sent,
        reason=_stored_reason(row),
        suggestions=tuple(json.loads(row.suggestions)) if row.suggestions else (),
    )


def _effective_amendment(row: Row[Any], message: Message) -> Amendment | None:
    own = _own_amendment(message, row.replay)
    if own is not None or row.amendment is None:
        return own
    return Amendment.model_validate_json(row.amendment)


def _own_amendment(message: Message, replay: int) -> Amendment | None:
    """The decision that the message carries, when it is not older than this replay."""
    own = message.amendment
    return None if own is None or own.replay < replay else own


def _has_moved_on(row: Row[Any], message: Message, order: OrderKey) -> bool:
    version, known = (order.revision, message.replay), (row.revision, row.replay)
    return version < known or (version == known and row.state == RowState.DONE)


def _reason_values(reason: Reason) -> dict[str, str | None]:
    return {
        "reason_code": reason.code.value,
        "reason_variant": reason.variant,
        "reason_details": json.dumps(dict(reason.details), ensure_ascii=False),
    }


def _stored_reason(row: Row[Any]) -> Reason | None:
    if row.reason_code is None:
        return None
    return Reason(
        code=ReasonCode(row.reason_code),
        variant=row.reason_variant,
        details=json.loads(row.reason_details or "{}"),
    )
