"""What is counted as it happens. Counters start at 0 with the process; Prometheus copes with that."""

from typing import Final, Literal

from prometheus_client import Counter, Gauge, Histogram

from sconnect.errors import ReasonCode
from sconnect.metrics.registry import REGISTRY

Vendor = Literal["webshop", "snelstart", "snelstart_login", "vies", "webhook"]
CallOutcome = Literal[
    "success",
    "refused",
    "rate_limited",
    "server_error",
    "timeout",
    "no_connection",
    "connection_lost",
    "answer_too_large",
    "not_sent",
    "cut_off",
]
DeliveryOutcome = Literal["done", "waiting", "dead_lettered", "held"]
AllowanceOutcome = Literal["granted", "spent"]

NO_REASON: Final = ""
# What another release knows and this one does not: a label must not grow with what others send.
OTHER: Final = "OTHER"
_REASONS: Final = frozenset(code.value for code in ReasonCode)
# What leases are taken for; the rest of a lease's name tells for which profile or administration.
_LEASES: Final = frozenset(
    {
        "order",
        "poll",
        "mirror-delta",
        "mirror-full",
        "mirror-keys",
        "card-update",
        "dead-letter-sweep",
        "letter-jobs",
        "retention",
    }
)

_CALL_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20)
_DELIVERY_SECONDS = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120)
_RUN_SECONDS = (0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600)

_deliveries = Counter(
    "sconnect_deliveries",
    "Deliveries of a work queue by what became of them; held: neither database nor broker could be reached.",
    ["queue", "outcome", "reason"],
    registry=REGISTRY,
)
_delivery_seconds = Histogram(
    "sconnect_delivery_seconds",
    "Time from taking a delivery to settling it.",
    ["queue"],
    buckets=_DELIVERY_SECONDS,
    registry=REGISTRY,
)
_published = Counter(
    "sconnect_messages_published",
    "Messages that RabbitMQ confirmed, by type and reason: what was told about orders, profiles and runs.",
    ["type", "reason"],
    registry=REGISTRY,
)
_publish_failures = Counter(
    "sconnect_publish_failures",
    "Publishes without a confirm; the message may be there all the same.",
    registry=REGISTRY,
)
_calls = Counter(
    "sconnect_api_calls",
    "Calls to a vendor's API by how they ended; rate_limited is its 429, cut_off our own stop.",
    ["vendor", "outcome"],
    registry=REGISTRY,
)
_call_seconds = Histogram(
    "sconnect_api_call_seconds",
    "Duration of calls to a vendor's API, without the wait for a permit.",
    ["vendor"],
    buckets=_CALL_SECONDS,
    registry=REGISTRY,
)
_allowances = Counter(
    "sconnect_allowance_requests",
    "Turns asked of an administration's allowance; spent: the wait was too long and the order waits instead.",
    ["outcome"],
    registry=REGISTRY,
)
_allowance_seconds = Histogram(
    "sconnect_allowance_wait_seconds",
    "How long calls waited for their turn within an administration's limits.",
    buckets=_CALL_SECONDS,
    registry=REGISTRY,
)
_lease_refusals = Counter(
    "sconnect_lease_refusals",
    "Leases that another worker held: its work is waited for, or left to it.",
    ["lease"],
    registry=REGISTRY,
)
_runs = Counter(
    "sconnect_import_runs", "Import runs that ended, by outcome.", ["outcome", "reason"], registry=REGISTRY
)
_run_seconds = Histogram(
    "sconnect_import_run_seconds", "Duration of import runs.", buckets=_RUN_SECONDS, registry=REGISTRY
)
_run_orders = Counter("sconnect_import_run_orders", "Orders that import runs met.", registry=REGISTRY)
_ready = Gauge("sconnect_ready", "1 when this process can do its work, else 0.", registry=REGISTRY)
_problem = Gauge(
    "sconnect_problem", "1 for each check of /health/ready that fails.", ["check"], registry=REGISTRY
)
_stopped = Gauge(
    "sconnect_consuming_stopped",
    "1 when the fuse stopped consuming; a restart ends that.",
    registry=REGISTRY,
)


def delivery_settled(queue: str, outcome: DeliveryOutcome, seconds: float, *, reason: str = "") -> None:
    """A delivery came to an end; `reason` is a reason code."""
    _deliveries.labels(queue, outcome, reason_label(reason)).inc()
    _delivery_seconds.labels(queue).observe(seconds)


def message_published(kind: str, *, reason: str = "") -> None:
    """RabbitMQ confirmed a message of this wire type (one of our contracts)."""
    _published.labels(kind, reason_label(reason)).inc()


def publish_failed() -> None:
    _publish_failures.inc()


def api_called(vendor: Vendor, outcome: CallOutcome, seconds: float) -> None:
    _calls.labels(vendor, outcome).inc()
    _call_seconds.labels(vendor).observe(seconds)


def allowance_waited(outcome: AllowanceOutcome, seconds: float) -> None:
    _allowances.labels(outcome).inc()
    _allowance_seconds.observe(seconds)


def lease_refused(name: str) -> None:
    """`name` is the lease's whole name; only what it is for becomes a label."""
    kind = name.partition(":")[0]
    _lease_refusals.labels(kind if kind in _LEASES else OTHER).inc()


def import_run_finished(*, seconds: float, orders: int, failure: str = "") -> None:
    """`failure` is the reason code of a run that failed."""
    _runs.labels("failed" if failure else "finished", reason_label(failure)).inc()
    _run_seconds.observe(seconds)
    _run_orders.inc(orders)


def readiness_told(problems: frozenset[str]) -> None:
    """The names of the checks that fail now."""
    _ready.set(0 if problems else 1)
    _problem.clear()
    for name in problems:
        _problem.labels(name).set(1)


def consuming_stopped() -> None:
    _stopped.set(1)


def reason_label(code: str | None) -> str:
    """A reason code as a label; those of other releases share one."""
    return code if code in _REASONS else OTHER if code else NO_REASON
