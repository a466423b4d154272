"""A slow administration leaves a hand of every worker to the others; without one nobody waits for this."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from sconnect.errors import ConcurrentChange, Reason, ReasonCode, UpstreamUnavailable
from sconnect.stage import Hands
from sconnect.stage.hands import SENT_BACK_LATER_SECONDS, SENT_BACK_SOON_MAX

SLOW_SECONDS = 5.0


class Worker:
    """Hands whose clock is set."""

    def __init__(self, hands: int) -> None:
        self.seconds = 0.0
        self.hands = Hands(hands, slow_seconds=SLOW_SECONDS, seconds_now=lambda: self.seconds)
        self._open = ExitStack()

    def take(self, administration: str, *, times: int = 1) -> None:
        """Hands that stay full until the test ends."""
        for _ in range(times):
            self._open.enter_context(self.hands.one_for(administration))

    def do(self, administration: str, *, seconds: float, error: Exception | None = None) -> None:
        """Work on one order from beginning to end."""
        with self.hands.one_for(administration):
            self.seconds += seconds
            if error is not None:
                raise error

    def close(self) -> None:
        self._open.close()


@pytest.fixture
def worker() -> Iterator[Worker]:
    worker = Worker(hands=4)
    yield worker
    worker.close()


def test_a_quick_administration_may_have_all_hands(worker: Worker) -> None:
    worker.take("tea", times=4)
    worker.do("tea", seconds=1)


def test_a_slow_administration_leaves_a_hand_to_the_others(worker: Worker) -> None:
    worker.take("tea", times=3)
    worker.seconds += SLOW_SECONDS + 1
    with pytest.raises(ConcurrentChange) as sent_back:
        worker.take("tea")
    assert sent_back.value.reason.text_key == "UPSTREAM_UNAVAILABLE.slow"
    assert sent_back.value.retry_after_seconds is None
    worker.do("toys", seconds=1)


def test_an_administration_stays_slow_until_an_order_of_it_was_quick(worker: Worker) -> None:
    worker.do("tea", seconds=SLOW_SECONDS + 1)
    worker.take("tea", times=2)
    worker.do("tea", seconds=1)
    worker.take("tea", times=2)


def test_a_quick_failure_does_not_make_a_slow_administration_quick(worker: Worker) -> None:
    away = UpstreamUnavailable(Reason(code=ReasonCode.UPSTREAM_UNAVAILABLE))
    held = ConcurrentChange(Reason(code=ReasonCode.UPSTREAM_UNAVAILABLE))
    worker.do("tea", seconds=SLOW_SECONDS + 1)
    for error in (away, held):
        with pytest.raises(type(error)):
            worker.do("tea", seconds=0.1, error=error)
    worker.take("tea", times=3)
    with pytest.raises(ConcurrentChange):
        worker.take("tea")


def test_a_failure_that_took_long_makes_an_administration_slow(worker: Worker) -> None:
    away = UpstreamUnavailable(Reason(code=ReasonCode.UPSTREAM_UNAVAILABLE))
    with pytest.raises(UpstreamUnavailable):
        worker.do("tea", seconds=SLOW_SECONDS + 1, error=away)
    worker.take("tea", times=3)
    with pytest.raises(ConcurrentChange):
        worker.take("tea")


def test_very_many_orders_come_back_later(worker: Worker) -> None:
    worker.do("tea", seconds=SLOW_SECONDS + 1)
    worker.take("tea", times=3)
    waits = []
    for _ in range(SENT_BACK_SOON_MAX + 1):
        with pytest.raises(ConcurrentChange) as sent_back:
            worker.take("tea")
        waits.append(sent_back.value.retry_after_seconds)
    assert waits == [None] * SENT_BACK_SOON_MAX + [SENT_BACK_LATER_SECONDS]


def test_with_one_hand_there_is_nothing_to_leave() -> None:
    worker = Worker(hands=1)
    worker.do("tea", seconds=SLOW_SECONDS + 1)
    worker.do("tea", seconds=SLOW_SECONDS + 1)
    worker.do("toys", seconds=1)
