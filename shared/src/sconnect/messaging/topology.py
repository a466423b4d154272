"""Every exchange and queue of the product, in one table; no name is written anywhere else.

The arguments are part of the safety contract (measured on RabbitMQ 3.10, documented for 4.x):
- dead-lettering is at-most-once unless the strategy says otherwise, and at-least-once needs reject-publish;
- a missing delivery limit means none on 3.10 and 20 on 4.x, -1 acts as 0 on 3.10: always a positive one;
- reading a dead-letter queue without acking adds to its delivery counts, hence the high limit there.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Any

EXCHANGE = "sconnect"
WAIT_EXCHANGE = "sconnect.wait"
DEAD_LETTER_EXCHANGE = "sconnect.dead-letter"

WORK_DELIVERY_LIMIT = 20
HOLDING_DELIVERY_LIMIT = 1_000_000
# A preview that was not handled by then is dropped: nobody waits for it any more.
PREVIEW_SECONDS_MAX = 120
# A preview that kills its worker is not tried for ever.
PREVIEW_DELIVERY_LIMIT = 3


class WaitLevel(Enum):
    """The delays a message can be given; one queue each, because TTLs only expire at a queue's head."""

    FIVE_SECONDS = ("5s", 5)
    THIRTY_SECONDS = ("30s", 30)
    TWO_MINUTES = ("2m", 120)
    TEN_MINUTES = ("10m", 600)
    ONE_HOUR = ("1h", 3600)

    def __init__(self, label: str, seconds: int) -> None:
        self.label = label
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class WorkQueue:
    """A consumer's queue for one kind of message, with its family of wait queues and its dead-letter queue.

    It is bound to its events and to its own name: waits and replays use the name, so that no other
    consumer of the same event sees them again.
    """

    name: str
    events: tuple[str, ...]

    @property
    def dead_letter(self) -> str:
        return f"{self.name}.dead-letter"

    def wait(self, level: WaitLevel) -> str:
        return f"{self.name}.wait.{level.label}"


@dataclass(frozen=True, slots=True)
class PreviewQueue:
    """A consumer's queue for previews, for which a person waits at a screen.

    Apart from the work, so that neither delays the other. It has no wait queues and no dead letters: a
    preview gets its answer, whatever that is, or is dropped after PREVIEW_SECONDS_MAX.
    """

    name: str
    events: tuple[str, ...]


POLLER_IMPORT_REQUESTED = WorkQueue("poller.import-requested", ("poller.import-requested.v1",))
POLLER_REPLAY_REQUESTED = WorkQueue("poller.order-replay-requested", ("poller.order-replay-requested.v1",))
RESOLVER_RECEIVED = WorkQueue("customer-resolver.sales-order-received", ("sales-order.received.v1",))
RESOLVER_FORGET_LINK = WorkQueue(
    "customer-resolver.forget-link-requested", ("customer-resolver.forget-link-requested.v1",)
)
RESOLVER_ERASE_PERSON = WorkQueue(
    "customer-resolver.erase-person-requested", ("customer-resolver.erase-person-requested.v1",)
)
WRITER_RESOLVED = WorkQueue(
    "booking-writer.sales-order-customer-resolved", ("sales-order.customer-resolved.v1",)
)
CONSOLE_EVENTS = WorkQueue(
    "console.events",
    ("sales-order.#", "sales-booking.written.#", "import-run.#", "profile.#", "customer-link.#", "privacy.#"),
)

WORK_QUEUES = (
    POLLER_IMPORT_REQUESTED,
    POLLER_REPLAY_REQUESTED,
    RESOLVER_RECEIVED,
    RESOLVER_FORGET_LINK,
    RESOLVER_ERASE_PERSON,
    WRITER_RESOLVED,
    CONSOLE_EVENTS,
)

POLLER_PREVIEWS = PreviewQueue("poller.preview-requested", ("poller.preview-requested.v1",))
RESOLVER_PREVIEWS = PreviewQueue("customer-resolver.preview-order-read", ("preview.order-read.v1",))
WRITER_PREVIEWS = PreviewQueue("booking-writer.preview-customer-found", ("preview.customer-found.v1",))
CONSOLE_PREVIEWS = PreviewQueue("console.previews", ("preview.orders-found.v1", "sales-booking.previewed.v1"))

PREVIEW_QUEUES = (POLLER_PREVIEWS, RESOLVER_PREVIEWS, WRITER_PREVIEWS, CONSOLE_PREVIEWS)


@dataclass(frozen=True, slots=True)
class QueueDeclaration:
    """A queue as RabbitMQ must have it, with the (exchange, routing key) pairs it is bound to."""

    name: str
    arguments: dict[str, Any]
    bindings: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ExchangeDeclaration:
    name: str
    kind: str


def exchanges() -> tuple[ExchangeDeclaration, ...]:
    return (
        ExchangeDeclaration(EXCHANGE, "topic"),
        # No key of these two has a wildcard; RabbitMQ limits who may use which key on topic exchanges only.
        ExchangeDeclaration(WAIT_EXCHANGE, "topic"),
        ExchangeDeclaration(DEAD_LETTER_EXCHANGE, "topic"),
    )


def queues(*, wait_time_scale: float = 1.0) -> tuple[QueueDeclaration, ...]:
    """All queues; `wait_time_scale` shortens the waits for tests (0.01 makes the 5 s queue wait 50 ms)."""
    work = (
        declaration
        for queue in WORK_QUEUES
        for declaration in (
            _work(queue),
            *(_wait(queue, level, wait_time_scale) for level in WaitLevel),
            _dead_letter(queue),
        )
    )
    return (*work, *(_preview(queue) for queue in PREVIEW_QUEUES))


def queue_named(name: str) -> WorkQueue:
    """The work queue of that name; KeyError when there is none."""
    return {queue.name: queue for queue in WORK_QUEUES}[name]


def _work(queue: WorkQueue) -> QueueDeclaration:
    return QueueDeclaration(
        name=queue.name,
        arguments=_safe_dead_lettering(DEAD_LETTER_EXCHANGE, queue.name)
        | {"x-delivery-limit": WORK_DELIVERY_LIMIT},
        bindings=tuple((EXCHANGE, key) for key in (*queue.events, queue.name)),
    )


def _wait(queue: WorkQueue, level: WaitLevel, scale: float) -> QueueDeclaration:
    return QueueDeclaration(
        name=queue.wait(level),
        arguments=_safe_dead_lettering(EXCHANGE, queue.name)
        | {
            "x-message-ttl": max(1, round(level.seconds * 1000 * scale)),
            "x-delivery-limit": HOLDING_DELIVERY_LIMIT,
        },
        bindings=((WAIT_EXCHANGE, queue.wait(level)),),
    )


def _dead_letter(queue: WorkQueue) -> QueueDeclaration:
    return QueueDeclaration(
        name=queue.dead_letter,
        arguments={"x-queue-type": "quorum", "x-delivery-limit": HOLDING_DELIVERY_LIMIT},
        bindings=((DEAD_LETTER_EXCHANGE, queue.name),),
    )


def _preview(queue: PreviewQueue) -> QueueDeclaration:
    return QueueDeclaration(
        name=queue.name,
        arguments={
            "x-queue-type": "quorum",
            "x-message-ttl": PREVIEW_SECONDS_MAX * 1000,
            "x-delivery-limit": PREVIEW_DELIVERY_LIMIT,
        },
        bindings=tuple((EXCHANGE, key) for key in queue.events),
    )


def _safe_dead_lettering(exchange: str, routing_key: str) -> dict[str, Any]:
    return {
        "x-queue-type": "quorum",
        "x-dead-letter-exchange": exchange,
        "x-dead-letter-routing-key": routing_key,
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }
