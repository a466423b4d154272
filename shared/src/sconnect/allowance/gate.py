"""The way to the vendor in one process: permits in small blocks, taken from the accounts all share."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Protocol
from uuid import uuid4

import structlog

from sconnect.allowance.counting import Demand, Limits, Timing, Urgency
from sconnect.allowance.store import DEFAULT_TIMING, AllowanceBook
from sconnect.errors import AllowanceSpent, Reason, ReasonCode, UpstreamUnavailable
from sconnect.metrics import allowance_waited
from sconnect.tasks import cancel_until_done

# An order that has to wait longer lets go of its worker: another administration's may be behind it.
PATIENCE_SECONDS = 1.0
INTERACTIVE_PATIENCE_SECONDS = 10.0
BLOCK_PERMITS_MAX = 16
LEASE_MARGIN_SECONDS = 25.0
# After our own database failed to answer: a SQLite file that all processes of a busy machine want is locked
# for longer than its busy time-out now and then.
ASK_AGAIN_SECONDS = 0.5
# What is not used is given back after so long; the right to a sixteenth of the calls at once, which hinders
# nobody, only after the longer time: the next call then takes one visit to the database instead of two.
IDLE_SECONDS = 0.25
IDLE_SECONDS_OF_FEW = 10.0
FEW_OF_CALLS_AT_ONCE = 16

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Manner:
    urgency: Urgency = Urgency.BULK
    patience_seconds: float = PATIENCE_SECONDS


_ORDINARY = _Manner()
_manner: ContextVar[_Manner] = ContextVar("manner_of_calls", default=_ORDINARY)


@contextmanager
def interactive_calls() -> Iterator[None]:
    """A person waits for what is called inside the block: it may use the reserve."""
    with _calls_in(_Manner(Urgency.INTERACTIVE, INTERACTIVE_PATIENCE_SECONDS)):
        yield


@contextmanager
def patient_calls(seconds: float) -> Iterator[None]:
    """What is called inside the block holds up nobody, and may wait this long for each permit."""
    with _calls_in(_Manner(_manner.get().urgency, seconds)):
        yield


@contextmanager
def _calls_in(manner: _Manner) -> Iterator[None]:
    token = _manner.set(manner)
    try:
        yield
    finally:
        _manner.reset(token)


class CallAllowance(Protocol):
    """One administration's allowance."""

    def call(self, *, seconds_max: float) -> AbstractAsyncContextManager[None]:
        """One call inside the block; AllowanceSpent when it would have to wait too long for its turn."""

    async def refused(self, retry_after_seconds: float | None) -> None:
        """The vendor said that a call was one too many: all processes keep away for a while."""


class Unlimited:
    """CallAllowance for a vendor without limits."""

    @asynccontextmanager
    async def call(self, *, seconds_max: float) -> AsyncIterator[None]:
        yield

    async def refused(self, retry_after_seconds: float | None) -> None: ...


class CallAllowances:
    """The allowances of all administrations that this process calls; `close` gives back what is left.

    `call_seconds_max` is the longest a call may take: the right to have it under way is held longer.
    """

    def __init__(
        self, book: AllowanceBook, *, call_seconds_max: float, timing: Timing = DEFAULT_TIMING
    ) -> None:
        self._book = book
        self._call_seconds_max = call_seconds_max
        self._timing = timing
        self._name = str(uuid4())
        self._gates: dict[tuple[str, Limits, Urgency], _Gate] = {}

    def of(self, administration_id: str, limits: Limits) -> CallAllowance:
        return _AdministrationAllowance(self, administration_id, limits)

    def require_free(self, administration_id: str, limits: Limits) -> None:
        """AllowanceSpent when this process knows that a call would have to wait too long; asks nobody."""
        self.gate(administration_id, limits, Urgency.BULK).require_free(PATIENCE_SECONDS)

    async def close(self) -> None:
        for gate in self._gates.values():
            await gate.close()

    def gate(self, administration_id: str, limits: Limits, urgency: Urgency) -> "_Gate":
        key = (administration_id, limits, urgency)
        gate = self._gates.get(key)
        if gate is None:
            gate = self._gates[key] = _Gate(
                self._book,
                administration_id,
                limits,
                urgency,
                holder=f"{self._name}:{urgency.value}",
                lease_seconds=self._call_seconds_max + LEASE_MARGIN_SECONDS,
                timing=self._timing,
            )
        return gate

    def gates_of(self, administration_id: str) -> "list[_Gate]":
        return [gate for (name, _, _), gate in self._gates.items() if name == administration_id]


class _AdministrationAllowance:
    def __init__(self, allowances: CallAllowances, administration_id: str, limits: Limits) -> None:
        self._allowances = allowances
        self._administration_id = administration_id
        self._limits = limits

    @asynccontextmanager
    async def call(self, *, seconds_max: float) -> AsyncIterator[None]:
        manner = _manner.get()
        gate = self._allowances.gate(self._administration_id, self._limits, manner.urgency)
        asked_at = time.monotonic()
        try:
            await gate.enter(manner.patience_seconds, call_seconds_max=seconds_max)
        except AllowanceSpent:
            allowance_waited("spent", time.monotonic() - asked_at)
            raise
        allowance_waited("granted", time.monotonic() - asked_at)
        try:
            yield
        finally:
            gate.leave()

    async def refused(self, retry_after_seconds: float | None) -> None:
        gate = self._allowances.gate(self._administration_id, self._limits, _manner.get().urgency)
        seconds = await gate.pause(retry_after_seconds)
        log.warning(
            "administration_paused", administration=self._administration_id, seconds=round(seconds, 1)
        )
        for each in self._allowances.gates_of(self._administration_id):
            each.keep_shut(seconds)


class _Gate:
    """The calls of one urgency to one administration.

    Permits are used within their time or given back. Measured from before they were asked for, so that our
    clock only has to run as fast as the database's, not to agree with it.
    """

    def __init__(
        self,
        book: AllowanceBook,
        administration_id: str,
        limits: Limits,
        urgency: Urgency,
        *,
        holder: str,
        lease_seconds: float,
        timing: Timing,
    ) -> None:
        self._book = book
        self._administration_id = administration_id
        self._limits = limits
        self._urgency = urgency
        self._holder = holder
        self._lease_seconds = lease_seconds
        self._permit_seconds = timing.permit_ms / 1000
        self._asking = asyncio.Lock()
        self._left = asyncio.Event()
        self._permits = 0
        self._permits_until = 0.0
        self._granted_at_ms = 0
        self._block = 1
        self._in_flight = 0
        self._in_flight_peak = 0
        self._waiting = 0
        self._lanes = 0
        self._lanes_until = 0.0
        self._shut_until = 0.0
        self._for_want_of_lanes = False
        self._left_at = 0.0
        self._idle: asyncio.Task[None] | None = None

    async def enter(self, patience_seconds: float, *, call_seconds_max: float) -> None:
        """Return with the right to make one call; AllowanceSpent when it takes longer than the patience."""
        deadline = time.monotonic() + patience_seconds
        self._waiting += 1
        try:
            while not self._take(call_seconds_max):
                if await self._shut_now(deadline):
                    continue
                async with self._asking:
                    if not self._may_take(call_seconds_max) and time.monotonic() >= self._shut_until:
                        await self._ask_until(deadline)
        finally:
            self._waiting -= 1

    def leave(self) -> None:
        self._in_flight -= 1
        if self._for_want_of_lanes:
            self._shut_until = 0.0
        self._left.set()
        self._left_at = time.monotonic()
        if not self._in_flight and not self._waiting and self._idle is None:
            self._idle = asyncio.create_task(self._give_back_when_idle())

    def require_free(self, patience_seconds: float) -> None:
        shut_seconds = self._shut_until - time.monotonic()
        if shut_seconds > patience_seconds:
            raise _spent(shut_seconds)

    def keep_shut(self, seconds: float) -> None:
        self._permits = 0
        self._for_want_of_lanes = False
        self._shut_until = max(self._shut_until, time.monotonic() + seconds)

    async def pause(self, seconds: float | None) -> float:
        return await self._book.pause(self._administration_id, seconds)

    async def close(self) -> None:
        if self._idle is not None:
            await cancel_until_done([self._idle])
        if self._lanes:
            await self._give_back()

    def _take(self, call_seconds_max: float) -> bool:
        if not self._may_take(call_seconds_max):
            return False
        self._permits -= 1
        self._in_flight += 1
        self._in_flight_peak = max(self._in_flight_peak, self._in_flight)
        return True

    def _may_take(self, call_seconds_max: float) -> bool:
        now = time.monotonic()
        has_permit = self._permits > 0 and now < self._permits_until
        has_lane = self._in_flight < self._lanes and now + call_seconds_max < self._lanes_until
        return has_permit and has_lane

    async def _shut_now(self, deadline: float) -> bool:
        """Whether there was something to wait for; AllowanceSpent when that would outlast the deadline."""
        now = time.monotonic()
        if now >= self._shut_until:
            return False
        if self._shut_until > deadline:
            raise _spent(self._shut_until - now)
        self._left.clear()
        with suppress(TimeoutError):  # then the gate is open anyway
            async with asyncio.timeout(self._shut_until - now):
                await self._left.wait()
        return True

    async def _ask_until(self, deadline: float) -> None:
        """UpstreamUnavailable when the accounts cannot be reached and no patience is left to try again."""
        try:
            await self._ask()
        except UpstreamUnavailable as error:
            again_at = time.monotonic() + ASK_AGAIN_SECONDS
            if again_at > deadline:
                raise
            log.info("allowance_asked_again", cause=error.reason.text_key)
            self._for_want_of_lanes = False
            self._shut_until = again_at

    async def _ask(self) -> None:
        unused = self._forget_permits()
        asked_at = time.monotonic()
        at_once = max(self._in_flight + max(self._waiting, 1), self._in_flight_peak)
        self._in_flight_peak = self._in_flight
        granted = await self._book.ask(
            self._administration_id,
            self._demand(
                permits=max(self._waiting, self._block),
                at_once=at_once,
                unused=unused,
            ),
        )
        self._permits = granted.permits
        self._permits_until = asked_at + self._permit_seconds
        self._granted_at_ms = granted.granted_at_ms
        self._lanes = granted.at_once
        self._lanes_until = asked_at + self._lease_seconds
        self._for_want_of_lanes = granted.at_once <= self._in_flight
        self._shut_until = time.monotonic() + granted.wait_ms / 1000 if granted.wait_ms else 0.0

    def _forget_permits(self) -> int:
        """Those of the last block that nobody used; the next block is as large as calls come in its time."""
        unused, self._permits = self._permits, 0
        if unused:
            self._block = max(1, self._block - unused)
        elif time.monotonic() < self._permits_until:
            self._block = min(self._block * 2, BLOCK_PERMITS_MAX)
        return unused

    async def _give_back_when_idle(self) -> None:
        while (seconds := self._left_at + self._idle_seconds() - time.monotonic()) > 0:  # noqa: ASYNC110 - it moves
            await asyncio.sleep(seconds)
        self._idle = None
        try:
            async with self._asking:
                if not self._in_flight and not self._waiting:
                    await self._give_back()
        except UpstreamUnavailable as error:
            # It runs out by itself.
            log.info("allowance_not_given_back", cause=error.reason.text_key)

    def _idle_seconds(self) -> float:
        are_few = self._lanes <= self._limits.calls_at_once // FEW_OF_CALLS_AT_ONCE
        return IDLE_SECONDS_OF_FEW if are_few and not self._permits else IDLE_SECONDS

    async def _give_back(self) -> None:
        unused, self._permits, self._lanes = self._permits, 0, 0
        self._block = max(1, self._block - unused)
        await self._book.release(self._administration_id, self._demand(permits=0, at_once=0, unused=unused))

    def _demand(self, *, permits: int, at_once: int, unused: int) -> Demand:
        return Demand(
            holder=self._holder,
            permits=permits,
            at_once=at_once,
            in_flight=self._in_flight,
            lease_ms=round(self._lease_seconds * 1000),
            limits=self._limits,
            urgency=self._urgency,
            unused=unused,
            unused_of_ms=self._granted_at_ms,
        )


def _spent(seconds: float) -> AllowanceSpent:
    reason = Reason(code=ReasonCode.UPSTREAM_UNAVAILABLE, variant="allowance")
    return AllowanceSpent(reason, retry_after_seconds=seconds)
