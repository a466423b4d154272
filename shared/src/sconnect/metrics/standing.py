"""How things stand at the last look: what is queued, and which orders are not finished.

A look that fails takes the figures away instead of leaving old ones: an outage never looks like calm.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from prometheus_client import Gauge

from sconnect.metrics.counting import reason_label
from sconnect.metrics.registry import REGISTRY

_depths = Gauge(
    "sconnect_queue_messages",
    "Messages that wait in a queue, without those in a worker's hands.",
    ["queue"],
    registry=REGISTRY,
)
_orders = Gauge(
    "sconnect_unfinished_orders",
    "Orders that are neither booked nor skipped, by status and reason.",
    ["status", "reason"],
    registry=REGISTRY,
)
_since = Gauge(
    "sconnect_oldest_unfinished_order_timestamp_seconds",
    "When the first of those orders was first heard of, in seconds since 1970.",
    ["status", "reason"],
    registry=REGISTRY,
)
_looks = Gauge(
    "sconnect_look_timestamp_seconds",
    "When the figures were last taken, in seconds since 1970; the look: queues or orders.",
    ["look"],
    registry=REGISTRY,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class UnfinishedOrders:
    """So many orders have this status for this reason (None: in progress); the oldest since then."""

    status: str
    reason_code: str | None
    count: int
    oldest_since: datetime


def queue_depths_told(depths: Mapping[str, int] | None, at: datetime) -> None:
    """None when the broker could not be asked."""
    _depths.clear()
    for queue, depth in (depths or {}).items():
        _depths.labels(queue).set(depth)
    if depths is not None:
        _looks.labels("queues").set(at.timestamp())


def unfinished_orders_told(groups: Iterable[UnfinishedOrders] | None, at: datetime) -> None:
    """None when the database could not be asked."""
    _orders.clear()
    _since.clear()
    oldest: dict[tuple[str, str], float] = {}
    for group in groups or ():
        labels = (group.status, reason_label(group.reason_code))
        _orders.labels(*labels).inc(group.count)
        since = group.oldest_since.timestamp()
        oldest[labels] = min(since, oldest.get(labels, since))
    for labels, since in oldest.items():
        _since.labels(*labels).set(since)
    if groups is not None:
        _looks.labels("orders").set(at.timestamp())
