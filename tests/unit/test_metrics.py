"""What is counted has labels from closed lists, and a look that failed leaves no figure behind."""

from datetime import UTC, datetime, timedelta

from console.handlers.measuring import Measuring
from fakes_console import NOON
from sconnect import metrics
from sconnect.clock import ManualClock
from sconnect.errors import Reason, ReasonCode, UpstreamUnavailable
from sconnect.metrics import REGISTRY, UnfinishedOrders

AWAY = UpstreamUnavailable(Reason(code=ReasonCode.UPSTREAM_UNAVAILABLE))


class Looked:
    """Queues and orders as they are told here; None when nobody answers."""

    def __init__(self) -> None:
        self.found: dict[str, int] | None = {"console.events": 3}
        self.orders: list[UnfinishedOrders] | None = []

    async def depths(self) -> dict[str, int]:
        if self.found is None:
            raise AWAY
        return self.found

    async def unfinished(self) -> list[UnfinishedOrders]:
        if self.orders is None:
            raise AWAY
        return self.orders


def value(name: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(name, labels)


def test_what_others_send_adds_no_label() -> None:
    before = value("sconnect_messages_published_total", type="t", reason="OTHER") or 0

    for code in ("A_CODE_OF_LATER", "jan.voorbeeld@example.nl"):
        metrics.message_published("t", reason=code)

    assert value("sconnect_messages_published_total", type="t", reason="OTHER") == before + 2
    assert "voorbeeld" not in metrics.exposition().decode()


def test_a_lease_is_counted_by_what_it_is_for() -> None:
    before = value("sconnect_lease_refusals_total", lease="poll") or 0

    metrics.lease_refused("poll:houten-speelgoed")

    assert value("sconnect_lease_refusals_total", lease="poll") == before + 1
    assert "houten-speelgoed" not in metrics.exposition().decode()


async def test_a_look_tells_what_waits_and_since_when() -> None:
    looked = Looked()
    looked.orders = [
        UnfinishedOrders(status="waiting", reason_code="STATUS_NOT_YET", count=4, oldest_since=NOON),
        UnfinishedOrders(status="waiting", reason_code="NEW_ONE", count=1, oldest_since=NOON),
        UnfinishedOrders(
            status="waiting", reason_code="NEWER_ONE", count=2, oldest_since=NOON - timedelta(hours=1)
        ),
    ]
    await looking(looked).look()

    assert value("sconnect_queue_messages", queue="console.events") == 3
    assert value("sconnect_unfinished_orders", status="waiting", reason="STATUS_NOT_YET") == 4
    assert value("sconnect_unfinished_orders", status="waiting", reason="OTHER") == 3
    since = value("sconnect_oldest_unfinished_order_timestamp_seconds", status="waiting", reason="OTHER")
    assert since == (NOON - timedelta(hours=1)).timestamp()


async def test_what_cannot_be_asked_has_no_figure_and_its_last_look_ages() -> None:
    looked, clock = Looked(), ManualClock(datetime(2026, 3, 2, tzinfo=UTC))
    await looking(looked, clock).look()
    looked.found = looked.orders = None
    clock.advance(timedelta(minutes=5))

    await looking(looked, clock).look()

    assert value("sconnect_queue_messages", queue="console.events") is None
    for look in ("queues", "orders"):
        told_at = value("sconnect_look_timestamp_seconds", look=look)
        assert told_at == (clock.now() - timedelta(minutes=5)).timestamp()


def looking(looked: Looked, clock: ManualClock | None = None) -> Measuring:
    return Measuring(looked, looked, clock or ManualClock(NOON), interval_seconds=15)
