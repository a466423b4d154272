"""Who may work on an order now: a judgement over the order's row, and the claim it leads to."""

import asyncio
import time
from collections.abc import Coroutine
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol, TypeVar

import structlog

from sconnect.contracts import Amendment, Message
from sconnect.errors import Reason, SConnectError, UpstreamUnavailable
from sconnect.profiles import StoredProfile

log = structlog.get_logger(__name__)

T = TypeVar("T")


class RowState(StrEnum):
    """Where an order stands at one stage."""

    NEW = "new"
    WORKING = "working"
    WAITING = "waiting"
    DONE = "done"
    DEAD_LETTERED = "dead_lettered"


@dataclass(frozen=True, kw_only=True, slots=True)
class RowView:
    """The part of an order's row that decides who may work on it; `lease_left_ms` <= 0 means free."""

    revision: int
    replay: int
    state: RowState
    lease_left_ms: int
    follow_ups_sent: bool = False
    dead_letter_sent: bool = False


class Standing(StrEnum):
    """What a message is worth, given the row of its order."""

    TAKE = "take"
    SUPERSEDED = "superseded"
    HELD = "held"
    FINISHED = "finished"
    SET_ASIDE = "set_aside"


def judge(row: RowView, *, revision: int, replay: int) -> Standing:
    """An older version than the row's is void; the same version is worked on once; one worker at a time."""
    version, known = (revision, replay), (row.revision, row.replay)
    if version < known:
        return Standing.SUPERSEDED
    if version == known and row.state is RowState.DONE:
        return Standing.FINISHED
    if version == known and row.state is RowState.DEAD_LETTERED:
        return Standing.SET_ASIDE
    return Standing.HELD if row.lease_left_ms > 0 else Standing.TAKE


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """The right to work on one version of one order until the lease ends.

    `attempts` is 1 the first time this version is worked on. `amendment` is the decision a person took
    for this order, from this message or an earlier one. `is_first`: this stage never did anything about the
    order, in any version.
    """

    message: Message
    profile: StoredProfile
    attempts: int
    amendment: Amendment | None
    token: str
    lease_seconds: float
    # Of before the row was written, so that the process never believes in a longer lease than the row.
    claimed_at: float = field(default_factory=time.monotonic)
    is_first: bool = False
    _writes: list[asyncio.Task[Any]] = field(default_factory=list)

    def lease_seconds_left(self) -> float:
        return self.lease_seconds - (time.monotonic() - self.claimed_at)

    async def undisturbed(self, write: Coroutine[Any, Any, T]) -> T:
        """A lost broker connection or a stop cancels the handler, never this write before its result is
        stored."""
        task = asyncio.create_task(write)
        self._writes.append(task)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            log.warning("write_outlives_its_handler")
            raise

    async def writes_are_known(self) -> bool:
        """Once the undisturbed writes are over: whether it is known what came of each."""
        outcomes = await asyncio.gather(*self._writes, return_exceptions=True)
        return not any(isinstance(outcome, BaseException) and _is_unknown(outcome) for outcome in outcomes)


@dataclass(frozen=True, kw_only=True, slots=True)
class RowClaim:
    """What the row store answers: take it with this token, or why not."""

    standing: Standing
    token: str = ""
    attempts: int = 0
    amendment: Amendment | None = None
    is_first: bool = False
    seconds_until_free: float = 0.0
    follow_ups: tuple[Message, ...] = ()
    settled: bool = False
    reason: Reason | None = None
    suggestions: tuple[dict[str, str], ...] = ()


class StageHandler(Protocol):
    """The work of one stage on one order; safe to run twice, publishes and acks nothing itself."""

    async def __call__(self, claim: Claim) -> tuple[Message, ...]:
        """The messages that follow from the work, in the order they are to be published."""


def _is_unknown(outcome: BaseException) -> bool:
    """A refusal is an answer too; whatever is no error of ours leaves everything open."""
    if isinstance(outcome, UpstreamUnavailable):
        return outcome.outcome_unknown
    return not isinstance(outcome, SConnectError)
