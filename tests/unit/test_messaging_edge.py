"""The edge settles every delivery: done, waiting, or set aside, in the order that loses nothing."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from sconnect.clock import ManualClock
from sconnect.contracts import Buyer, Message, SalesOrder, SalesOrderReceived, encode
from sconnect.contracts.build import new_message
from sconnect.errors import (
    DatabaseUnavailable,
    Reason,
    ReasonCode,
    RejectedError,
    TransientError,
    UpstreamUnavailable,
)
from sconnect.messaging import Delivery, Edge
from sconnect.messaging.edge import DELIVERY_COUNT_MAX
from sconnect.messaging.memory import RecordingPublisher
from sconnect.messaging.retry import RetryDecision
from sconnect.messaging.topology import RESOLVER_RECEIVED, WaitLevel
from sconnect.messaging.trouble import BROKER_UNAVAILABLE

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DATABASE_AWAY = DatabaseUnavailable()
AMBIGUOUS = RejectedError(Reason(code=ReasonCode.AMBIGUOUS_CUSTOMER, details={"number": "1001"}))


class RecordingJournal:
    """Writes down what it is told, and how many copies had left by then."""

    def __init__(self, publisher: RecordingPublisher) -> None:
        self.publisher = publisher
        self.steps: list[str] = []
        self.failures: list[Exception] = []

    async def waiting(
        self, message: Message, delivery: Delivery, error: TransientError, decision: RetryDecision
    ) -> None:
        self._fail_if_asked()
        self.steps.append(f"waiting after {len(self.publisher.waiting)} copies")

    async def set_aside(self, message: Message | None, delivery: Delivery, error: RejectedError) -> str:
        self._fail_if_asked()
        self.steps.append(f"set aside after {len(self.publisher.dead_letters)} copies")
        return "dead-letter-1"

    async def set_aside_confirmed(self, dead_letter_id: str) -> None:
        self.steps.append(f"confirmed after {len(self.publisher.dead_letters)} copies")

    def _fail_if_asked(self) -> None:
        if self.failures:
            raise self.failures.pop(0)


class Bench:
    def __init__(self, outcomes: list[Exception | None]) -> None:
        self.publisher = RecordingPublisher()
        self.journal = RecordingJournal(self.publisher)
        self.clock = ManualClock(NOON)
        self.outcomes = outcomes
        self.handled = 0
        self.spread = 1.0
        self.edge = Edge(
            queue=RESOLVER_RECEIVED,
            handler=self._handle,
            publisher=self.publisher,
            clock=self.clock,
            journal=self.journal,
            spread=lambda: self.spread,
        )

    async def _handle(self, message: Message, delivery: Delivery) -> None:
        self.handled += 1
        outcome = self.outcomes.pop(0) if self.outcomes else None
        if outcome is not None:
            raise outcome


MakeBench = Callable[..., Bench]


@pytest.fixture
def bench() -> MakeBench:
    return lambda *outcomes: Bench(list(outcomes))


def delivery(body: bytes | None = None, **headers: object) -> Delivery:
    order = SalesOrder(uuid="u-1", number="1001", placed_on=date(2026, 3, 2), buyer=Buyer())
    message = new_message(
        SalesOrderReceived, profile="toys", occurred_at=NOON, correlation_id="c", id_parts=(1,), order=order
    )
    return Delivery(
        queue=RESOLVER_RECEIVED.name,
        body=encode(message) if body is None else body,
        message_id="m-1",
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )


async def test_a_handled_delivery_leaves_nothing_behind(bench: MakeBench) -> None:
    stage = bench(None)
    await stage.edge(delivery())
    assert (stage.publisher.waiting, stage.publisher.dead_letters, stage.journal.steps) == ([], [], [])


async def test_trouble_that_heals_waits_longer_each_time(bench: MakeBench) -> None:
    stage = bench(DATABASE_AWAY)
    await stage.edge(delivery(x_attempt=3))
    (copy,) = stage.publisher.waiting
    assert copy.queue == RESOLVER_RECEIVED.wait(WaitLevel.TWO_MINUTES)
    assert (copy.body, copy.message_id, copy.headers["x-attempt"]) == (delivery().body, "m-1", 4)
    assert stage.journal.steps == ["waiting after 0 copies"]


async def test_what_failed_together_does_not_come_back_together(bench: MakeBench) -> None:
    stage = bench(DATABASE_AWAY)
    stage.spread = 0.0
    await stage.edge(delivery(x_attempt=3))
    (copy,) = stage.publisher.waiting
    assert copy.queue == RESOLVER_RECEIVED.wait(WaitLevel.THIRTY_SECONDS)


async def test_a_wait_that_cannot_be_recorded_is_waited_all_the_same(bench: MakeBench) -> None:
    stage = bench(DATABASE_AWAY)
    stage.journal.failures = [DATABASE_AWAY]
    await stage.edge(delivery())
    assert len(stage.publisher.waiting) == 1


async def test_a_dead_letter_is_written_down_before_it_is_sent(bench: MakeBench) -> None:
    stage = bench(AMBIGUOUS)
    await stage.edge(delivery())
    (copy,) = stage.publisher.dead_letters
    assert copy.headers["x-reason-code"] == "AMBIGUOUS_CUSTOMER"
    assert copy.headers["x-dead-letter-id"] == "dead-letter-1"
    assert stage.journal.steps == ["set aside after 0 copies", "confirmed after 1 copies"]


async def test_a_dead_letter_that_cannot_be_written_down_is_held_until_it_can(bench: MakeBench) -> None:
    stage = bench(AMBIGUOUS, AMBIGUOUS)
    stage.journal.failures = [DATABASE_AWAY]
    await stage.edge(delivery())
    assert len(stage.publisher.dead_letters) == 1
    assert stage.handled == 2


async def test_a_bug_sets_its_message_aside_and_lets_the_neighbours_go_on(bench: MakeBench) -> None:
    stage = bench(ZeroDivisionError("secret@example.nl"), None)
    await stage.edge(delivery())
    await stage.edge(delivery())
    (copy,) = stage.publisher.dead_letters
    assert copy.headers["x-reason-code"] == "UNEXPECTED"
    assert "secret" not in str(copy.headers)
    assert stage.handled == 2


async def test_an_unreadable_body_never_reaches_the_handler(bench: MakeBench) -> None:
    stage = bench(None)
    await stage.edge(delivery(b"{"))
    assert stage.handled == 0
    assert stage.publisher.dead_letters[0].body == b"{"


async def test_a_message_that_kills_its_workers_is_set_aside_before_the_broker_does_it(
    bench: MakeBench,
) -> None:
    stage = bench(None)
    await stage.edge(delivery(x_delivery_count=DELIVERY_COUNT_MAX))
    assert stage.handled == 0
    assert stage.publisher.dead_letters[0].headers["x-reason-code"] == "DELIVERY_LIMIT"


async def test_a_delivery_is_held_while_the_broker_takes_nothing(bench: MakeBench) -> None:
    stage = bench(AMBIGUOUS, AMBIGUOUS, AMBIGUOUS)
    stage.publisher.failures = [
        UpstreamUnavailable(BROKER_UNAVAILABLE),
        UpstreamUnavailable(BROKER_UNAVAILABLE),
    ]
    await stage.edge(delivery())
    assert len(stage.publisher.dead_letters) == 1
    assert (stage.clock.now() - NOON).total_seconds() == pytest.approx(1 + 2)
