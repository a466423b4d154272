"""Who may work on an order now: a pure judgement over the order's row, and the claim it leads to."""

import time
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from sconnect.contracts import Amendment, Message
from sconnect.errors import Reason
from sconnect.profiles import StoredProfile


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
    for this order, from this message or an earlier one.
    """

    message: Message
    profile: StoredProfile
    attempts: int
    amendment: Amendment | None
    token: str
    lease_seconds: float
    # Taken before the row was written, so that the process never believes in a longer lease than the row.
    claimed_at: float = field(default_factory=time.monotonic)

    def lease_seconds_left(self) -> float:
        return self.lease_seconds - (time.monotonic() - self.claimed_at)


@dataclass(frozen=True, kw_only=True, slots=True)
class RowClaim:
    """What the row store answers: take it with this token, or why not."""

    standing: Standing
    token: str = ""
    attempts: int = 0
    amendment: Amendment | None = None
    seconds_until_free: float = 0.0
    follow_ups: tuple[Message, ...] = ()
    settled: bool = False
    reason: Reason | None = None
    suggestions: tuple[dict[str, str], ...] = ()


class StageHandler(Protocol):
    """The work of one stage on one order; safe to run twice, publishes and acks nothing itself."""

    async def __call__(self, claim: Claim) -> tuple[Message, ...]:
        """The messages that follow from the work, in the order they are to be published."""
