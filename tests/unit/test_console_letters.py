"""The verdict on a copy in a dead-letter queue."""

from datetime import timedelta

import pytest

from console.domain.letters import CopyVerdict, LetterMark, LetterState, judge_copy, needs_walk
from fakes_console import NOON

EXPIRY = NOON - timedelta(days=30)


def mark(state: LetterState, *, order: bool = True, days_ago: int = 0) -> LetterMark:
    return LetterMark(state=state, about_an_order=order, decided_at=NOON - timedelta(days=days_ago))


@pytest.mark.parametrize(
    ("letter", "kept_before", "verdict"),
    [
        (None, False, CopyVerdict.INDEX),
        (mark(LetterState.OPEN), False, CopyVerdict.KEEP),
        (mark(LetterState.OPEN), True, CopyVerdict.REMOVE),
        (mark(LetterState.REPLAYING), False, CopyVerdict.KEEP),
        (mark(LetterState.REPLAYED), False, CopyVerdict.KEEP),
        (mark(LetterState.OVERTAKEN), False, CopyVerdict.REMOVE),
        (mark(LetterState.DISCARDED, days_ago=29), False, CopyVerdict.KEEP),
        (mark(LetterState.DISCARDED, days_ago=30), False, CopyVerdict.REMOVE),
        (mark(LetterState.OPEN, order=False), False, CopyVerdict.KEEP),
        (mark(LetterState.REPLAYING, order=False), False, CopyVerdict.SEND_ON),
        (mark(LetterState.REPLAYED, order=False), False, CopyVerdict.REOPEN),
        (mark(LetterState.DISCARDED, order=False, days_ago=31), False, CopyVerdict.REMOVE),
    ],
)
def test_verdict(letter: LetterMark | None, kept_before: bool, verdict: CopyVerdict) -> None:
    assert judge_copy(letter, kept_before=kept_before, discards_expire_before=EXPIRY) is verdict


@pytest.mark.parametrize(
    ("marks", "depth", "needed"),
    [
        ([], 0, False),
        ([mark(LetterState.OPEN)], 1, False),
        ([mark(LetterState.OPEN)], 2, True),
        ([mark(LetterState.OPEN)], 0, True),
        ([mark(LetterState.OVERTAKEN)], 1, True),
        ([mark(LetterState.DISCARDED, days_ago=31)], 1, True),
        ([mark(LetterState.REPLAYING, order=False)], 1, True),
    ],
)
def test_a_queue_is_walked_only_when_something_is_to_be_done(
    marks: list[LetterMark], depth: int, needed: bool
) -> None:
    assert needs_walk(marks, depth, discards_expire_before=EXPIRY) is needed
