"""The stage's rows and its profiles' health in memory; they pass the same suites as those in a database
(tests/integration/test_stage_leases.py and test_stage_runner.py)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import uuid4

from sconnect.clock import Clock
from sconnect.contracts import Amendment, Message, OrderKey, decode, encode
from sconnect.errors import ConcurrentChange, ProfileUnavailable, Reason, ReasonCode
from sconnect.profiles import StoredProfile
from sconnect.service.retention import Ends
from sconnect.stage import Claim, OrderRows, ProfileHealth
from sconnect.stage.claims import RowClaim, RowState, RowView, Standing, judge
from sconnect.stage.health import (
    CALL_BACK_SECONDS,
    DISABLED,
    PAUSED_WAIT_SECONDS,
    PROBE_INTERVAL_SECONDS,
    PausedProfile,
)
from sconnect.stage.rows import held_by_another

Suggestions = tuple[Mapping[str, str], ...]


@dataclass(slots=True, kw_only=True)
class Row:
    """One row of `order_rows`; `lease_until` None is a lease that nobody has."""

    order_number: str
    revision: int
    replay: int
    updated_at: datetime
    state: RowState = RowState.NEW
    attempts: int = 0
    lease_token: str | None = None
    lease_until: datetime | None = None
    reason: Reason | None = None
    suggestions: Suggestions = ()
    amendment: Amendment | None = None
    dead_letter_id: str | None = None
    dead_letter_sent: bool = False
    follow_ups: tuple[bytes, ...] = ()
    follow_ups_sent: bool = False

    def lease_left(self, now: datetime) -> timedelta:
        return timedelta() if self.lease_until is None else self.lease_until - now


@dataclass
class StageMemory:
    """The tables of one stage, for as many workers as share them."""

    rows: dict[tuple[str, str], Row] = field(default_factory=dict)
    unreadable: dict[str, bool] = field(default_factory=dict)
    health: dict[str, "Health"] = field(default_factory=dict)

    async def forget(self, ends: Ends) -> int:
        """As `forget_order_rows`: what is done and told."""
        gone = [
            key
            for key, row in self.rows.items()
            if row.state is RowState.DONE and row.follow_ups_sent and row.updated_at < ends.oss
        ]
        for key in gone:
            del self.rows[key]
        return len(gone)


class FakeOrderRows(OrderRows):
    """Leases run on `clock`."""

    def __init__(self, memory: StageMemory, *, stage: str, clock: Clock) -> None:
        self._memory = memory
        self._stage = stage
        self._clock = clock

    async def claim(self, message: Message, order: OrderKey, *, lease_seconds: float) -> RowClaim:
        key = (message.profile, order.uuid)
        is_first = key not in self._memory.rows
        row = self._row(message, order)
        view = RowView(
            revision=row.revision,
            replay=row.replay,
            state=row.state,
            lease_left_ms=round(row.lease_left(self._clock.now()).total_seconds() * 1000),
        )
        standing = judge(view, revision=order.revision, replay=message.replay)
        if standing is not Standing.TAKE:
            return self._not_taken(row, standing)
        is_same = (row.revision, row.replay) == (order.revision, message.replay)
        own = message.amendment
        if own is not None and own.replay >= row.replay:
            row.amendment = own
        row.order_number, row.revision, row.replay = order.number, order.revision, message.replay
        row.attempts = row.attempts + 1 if is_same else 1
        row.state, row.lease_token = RowState.WORKING, str(uuid4())
        row.lease_until = self._clock.now() + timedelta(seconds=lease_seconds)
        row.follow_ups, row.follow_ups_sent, row.dead_letter_sent = (), False, False
        row.updated_at = self._clock.now()
        return RowClaim(
            standing=standing,
            token=row.lease_token,
            attempts=row.attempts,
            amendment=row.amendment,
            is_first=is_first,
        )

    async def finish(self, claim: Claim, order: OrderKey, follow_ups: tuple[Message, ...]) -> None:
        row = self._held_row(claim, order)
        row.state, row.reason, row.suggestions = RowState.DONE, None, ()
        row.follow_ups = tuple(map(encode, follow_ups))
        self._let_go(row)

    async def follow_ups_sent(self, message: Message, order: OrderKey) -> None:
        row = self._memory.rows.get((message.profile, order.uuid))
        version = (order.revision, message.replay)
        if row and (row.revision, row.replay) == version and row.state is RowState.DONE:
            row.follow_ups, row.follow_ups_sent = (), True

    async def wait(self, claim: Claim, order: OrderKey, reason: Reason, *, keep_lease: bool) -> None:
        row = self._held_row(claim, order)
        row.state, row.reason = RowState.WAITING, reason
        if not keep_lease:
            self._let_go(row)

    async def release(self, claim: Claim, order: OrderKey) -> None:
        self._let_go(self._held_row(claim, order))

    async def set_aside_held(
        self, claim: Claim, order: OrderKey, reason: Reason, suggestions: Suggestions
    ) -> None:
        self._aside(self._held_row(claim, order), claim.message, order, reason, suggestions)

    async def note_unavailable(self, message: Message, order: OrderKey, reason: Reason) -> None:
        row = self._row(message, order)
        if row.state in (RowState.NEW, RowState.WAITING):
            row.state, row.reason, row.updated_at = RowState.WAITING, reason, self._clock.now()

    async def set_aside(
        self, message: Message, order: OrderKey, reason: Reason, suggestions: Suggestions
    ) -> tuple[str, int] | None:
        row = self._row(message, order)
        dead_letter_id = self.dead_letter_id(message, order)
        version, known = (order.revision, message.replay), (row.revision, row.replay)
        if version < known:
            return None
        if version == known and row.state is RowState.DONE:
            return None if row.follow_ups_sent else (dead_letter_id, row.attempts)
        lease_left = row.lease_left(self._clock.now())
        if lease_left > timedelta():
            raise held_by_another(lease_left.total_seconds())
        row.revision, row.replay = version
        self._aside(row, message, order, reason, suggestions)
        return dead_letter_id, row.attempts

    async def set_aside_unreadable(self, dead_letter_id: str, queue: str, reason: Reason) -> None:
        self._memory.unreadable.setdefault(dead_letter_id, False)

    async def dead_letter_sent(self, dead_letter_id: str) -> None:
        if dead_letter_id in self._memory.unreadable:
            self._memory.unreadable[dead_letter_id] = True
        for row in self._memory.rows.values():
            if row.dead_letter_id == dead_letter_id:
                row.dead_letter_sent = True

    def _row(self, message: Message, order: OrderKey) -> Row:
        key = (message.profile, order.uuid)
        if (row := self._memory.rows.get(key)) is None:
            row = self._memory.rows[key] = Row(
                order_number=order.number,
                revision=order.revision,
                replay=message.replay,
                updated_at=self._clock.now(),
            )
        return row

    def _held_row(self, claim: Claim, order: OrderKey) -> Row:
        row = self._memory.rows.get((claim.message.profile, order.uuid))
        if row is None or row.lease_token != claim.token:
            raise ConcurrentChange(Reason(code=ReasonCode.UPSTREAM_UNAVAILABLE, variant="lease_lost"))
        row.updated_at = self._clock.now()
        return row

    def _let_go(self, row: Row) -> None:
        row.lease_token = row.lease_until = None

    def _aside(
        self, row: Row, message: Message, order: OrderKey, reason: Reason, suggestions: Suggestions
    ) -> None:
        row.state, row.reason, row.suggestions = RowState.DEAD_LETTERED, reason, suggestions
        row.dead_letter_id, row.dead_letter_sent = self.dead_letter_id(message, order), False
        row.updated_at = self._clock.now()
        self._let_go(row)

    def _not_taken(self, row: Row, standing: Standing) -> RowClaim:
        lease_left = max(timedelta(), row.lease_left(self._clock.now()))
        return RowClaim(
            standing=standing,
            attempts=row.attempts,
            seconds_until_free=lease_left.total_seconds(),
            follow_ups=tuple(map(decode, row.follow_ups)),
            settled=row.follow_ups_sent if standing is Standing.FINISHED else row.dead_letter_sent,
            reason=row.reason,
            suggestions=tuple(dict(suggestion) for suggestion in row.suggestions),
        )


@dataclass(slots=True)
class Health:
    """One row of `profile_health`; `version` None is a profile that is not paused."""

    dead_letters_in_a_row: int = 0
    reason: Reason | None = None
    version: int | None = None
    next_probe_at: datetime | None = None


class FakeProfileHealth(ProfileHealth):
    def __init__(self, memory: StageMemory, *, clock: Clock) -> None:
        self._profiles = memory.health
        self._clock = clock

    async def require_available(self, stored: StoredProfile) -> bool:
        name = stored.profile.name
        if not stored.profile.enabled:
            await self.pause(stored, DISABLED)
            raise ProfileUnavailable(DISABLED, retry_after_seconds=PAUSED_WAIT_SECONDS)
        health = self._profiles.get(name)
        if health is None:
            return False
        if health.version == stored.version and not await self.take_probe(name):
            assert health.reason is not None
            raise ProfileUnavailable(health.reason, retry_after_seconds=PAUSED_WAIT_SECONDS)
        return health.dead_letters_in_a_row > 0 or health.version is not None

    async def paused_reason(self, name: str) -> Reason | None:
        health = self._profiles.get(name)
        return None if health is None or health.version is None else health.reason

    async def pause(self, stored: StoredProfile, reason: Reason) -> bool:
        health = self._profiles.setdefault(stored.profile.name, Health())
        if health.version == stored.version:
            return False
        health.reason, health.version = reason, stored.version
        health.next_probe_at = self._in(PROBE_INTERVAL_SECONDS)
        return True

    async def record_success(self, name: str) -> bool:
        health = self._profiles.get(name)
        if health is None or not (health.dead_letters_in_a_row or health.version is not None):
            return False
        health.dead_letters_in_a_row = 0
        return health.version is not None and await self.resume(name, health.version)

    async def resume(self, name: str, version: int) -> bool:
        health = self._profiles.get(name)
        if health is None or health.version != version:
            return False
        health.version = health.reason = None
        health.dead_letters_in_a_row, health.next_probe_at = 0, self._in(CALL_BACK_SECONDS)
        return True

    async def paused(self) -> tuple[PausedProfile, ...]:
        return tuple(
            PausedProfile(
                name=name,
                reason=health.reason,
                version=health.version,
                probe_is_due=self._is_due(health),
            )
            for name, health in self._profiles.items()
            if health.version is not None and health.reason is not None
        )

    async def called_back(self) -> frozenset[str]:
        return frozenset(
            name
            for name, health in self._profiles.items()
            if health.version is None and not self._is_due(health)
        )

    async def record_dead_letter(self, name: str) -> int:
        health = self._profiles.setdefault(name, Health())
        health.dead_letters_in_a_row += 1
        return health.dead_letters_in_a_row

    async def take_probe(self, name: str) -> bool:
        health = self._profiles.get(name)
        if health is None or not self._is_due(health):
            return False
        health.next_probe_at = self._in(PROBE_INTERVAL_SECONDS)
        return True

    def _is_due(self, health: Health) -> bool:
        return health.next_probe_at is None or health.next_probe_at <= self._clock.now()

    def _in(self, seconds: float) -> datetime:
        return self._clock.now() + timedelta(seconds=seconds)
