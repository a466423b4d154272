"""What becomes of a dead letter, and of its copies in a dead-letter queue."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, StrEnum
from types import MappingProxyType

from console.domain.standing import Discard, ToldReason, Version


class LetterState(StrEnum):
    """OPEN waits for a person; REPLAYING has a replay that the broker has not confirmed yet.

    OVERTAKEN: the order is booked, or a newer version of it is on its way.
    """

    OPEN = "open"
    REPLAYING = "replaying"
    REPLAYED = "replayed"
    DISCARDED = "discarded"
    OVERTAKEN = "overtaken"


@dataclass(frozen=True, kw_only=True, slots=True)
class DeadLetter:
    """The row of a dead letter; the queue `<queue>.dead-letter` holds its copies when `queue` is not None.

    `order_uuid` and `version` are None when it is about no known order. `message` is the body that was set
    aside, as far as it was told. `copy_held`: the last walk over the queue met a copy, or none was made yet.
    """

    id: str
    profile: str
    order_uuid: str | None
    order_number: str | None
    version: Version | None
    service: str
    queue: str | None
    reason: ToldReason
    suggestions: tuple[Mapping[str, str], ...] = ()
    attempts: int
    since: datetime
    message: str | None = None
    state: LetterState = LetterState.OPEN
    copy_held: bool = False
    discard: Discard | None = None
    decided_at: datetime | None = None


REPLAYABLE = frozenset({LetterState.OPEN, LetterState.REPLAYED, LetterState.DISCARDED})
"""A replayed one too: what was sent on may have come to nothing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LetterMark:
    """What a copy in a queue is judged by."""

    state: LetterState
    about_an_order: bool
    decided_at: datetime | None


class CopyVerdict(Enum):
    """What to do with one copy in a dead-letter queue."""

    KEEP = "keep"
    REMOVE = "remove"
    INDEX = "index"
    SEND_ON = "send_on"
    REOPEN = "reopen"


def judge_copy(
    mark: LetterMark | None, *, kept_before: bool, discards_expire_before: datetime
) -> CopyVerdict:
    """The verdict on one copy; `kept_before`: this walk already kept a copy of the same dead letter."""
    if mark is None:
        return CopyVerdict.INDEX
    if kept_before or mark.state is LetterState.OVERTAKEN:
        return CopyVerdict.REMOVE
    if mark.state is LetterState.DISCARDED:
        return CopyVerdict.REMOVE if _expired(mark, discards_expire_before) else CopyVerdict.KEEP
    # A replayed order's copy stays until a newer version of the order has been heard of.
    return CopyVerdict.KEEP if mark.about_an_order else _VERDICT_WITHOUT_ORDER[mark.state]


def needs_walk(expected: Collection[LetterMark], depth: int, *, discards_expire_before: datetime) -> bool:
    """Whether a queue of this depth holds anything but exactly one kept copy of each expected letter.

    Walking adds to the broker's delivery counts, so a queue that is as it should be is left alone.
    """
    return depth != len(expected) or any(
        judge_copy(mark, kept_before=False, discards_expire_before=discards_expire_before)
        is not CopyVerdict.KEEP
        for mark in expected
    )


def _expired(mark: LetterMark, discards_expire_before: datetime) -> bool:
    return mark.decided_at is not None and mark.decided_at <= discards_expire_before


# Without an order there is no version that could be heard of: the walk itself sends the copy on, and the
# same body that comes back later is the same letter, open again.
_VERDICT_WITHOUT_ORDER = MappingProxyType(
    {
        LetterState.OPEN: CopyVerdict.KEEP,
        LetterState.REPLAYING: CopyVerdict.SEND_ON,
        LetterState.REPLAYED: CopyVerdict.REOPEN,
    }
)
