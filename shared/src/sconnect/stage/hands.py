"""Keeps one slow administration from having all hands of a worker full, so that the others' orders go on."""

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sconnect.errors import ConcurrentChange, Reason, ReasonCode

# Orders that were sent back come again after 5 s; when they are very many after 30 s, so that a worker does
# not spend its time on passing them round.
SENT_BACK_SOON_MAX = 200
SENT_BACK_LATER_SECONDS = 30.0


class Hands:
    """Of a worker with so many `hands` (its prefetch), a slow administration leaves one to the others.

    An administration is slow while one of its orders has been in hand longer than `slow_seconds`, or the last
    one that was finished had been. As long as none is slow, an order never waits for this. With one hand
    there is nothing to leave.
    """

    def __init__(
        self,
        hands: int,
        *,
        slow_seconds: float,
        seconds_now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._hands_of_one_max = max(1, hands - 1)
        self._slow_seconds = slow_seconds
        self._seconds_now = seconds_now
        self._taken_at: defaultdict[str, list[float]] = defaultdict(list)
        self._was_slow: set[str] = set()
        self._sent_back: Counter[str] = Counter()

    @contextmanager
    def one_for(self, administration: str) -> Iterator[None]:
        """A hand for the work on one order; ConcurrentChange when the administration has its share."""
        self._require_share(administration)
        taken_at = self._seconds_now()
        self._taken_at[administration].append(taken_at)
        is_done = False
        try:
            yield
            is_done = True
        finally:
            self._remember(administration, taken_at, is_done=is_done)
            self._let_go(administration, taken_at)

    def _require_share(self, administration: str) -> None:
        if not self._is_slow(administration):
            del self._sent_back[administration]
            return
        if len(self._taken_at.get(administration, ())) < self._hands_of_one_max:
            return
        self._sent_back[administration] += 1
        are_many = self._sent_back[administration] > SENT_BACK_SOON_MAX
        raise ConcurrentChange(
            Reason(code=ReasonCode.UPSTREAM_UNAVAILABLE, variant="slow"),
            retry_after_seconds=SENT_BACK_LATER_SECONDS if are_many else None,
        )

    def _is_slow(self, administration: str) -> bool:
        if administration in self._was_slow:
            return True
        return any(map(self._is_long_ago, self._taken_at.get(administration, ())))

    def _remember(self, administration: str, taken_at: float, *, is_done: bool) -> None:
        if self._is_long_ago(taken_at):
            self._was_slow.add(administration)
        elif is_done:
            self._was_slow.discard(administration)

    def _is_long_ago(self, taken_at: float) -> bool:
        return self._seconds_now() - taken_at > self._slow_seconds

    def _let_go(self, administration: str, taken_at: float) -> None:
        self._taken_at[administration].remove(taken_at)
        if not self._taken_at[administration]:
            del self._taken_at[administration]
