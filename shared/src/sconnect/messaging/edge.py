"""Where a delivery becomes done, waiting or set aside; whoever calls this acks when it returns.

The order is always: our own row, the event, the copy (confirmed), and only then the ack of the original.
A crash in between repeats the message and never loses it.
"""

import hashlib
import json
import random
import time
from collections.abc import Awaitable, Callable
from typing import Protocol

import structlog

from sconnect.calls import recorded_calls
from sconnect.clock import Clock
from sconnect.contracts import Message, decode
from sconnect.contracts.build import order_key_of
from sconnect.errors import (
    ConcurrentChange,
    ProfileUnavailable,
    Reason,
    ReasonCode,
    RejectedError,
    TransientError,
    UpstreamUnavailable,
)
from sconnect.ids import deterministic_id
from sconnect.messaging.delivery import ATTEMPT_HEADER, EARLIER_DELIVERIES_HEADER, Delivery
from sconnect.messaging.publisher import EventPublisher, HeaderValue
from sconnect.messaging.retry import RetryDecision, decide_retry
from sconnect.messaging.topology import WorkQueue
from sconnect.metrics import DeliveryOutcome, delivery_settled
from sconnect.tracing import Step, processing

# Below the broker's own limit of 20, so that a message that keeps killing its worker gets a row and a
# reason instead of landing in the dead-letter queue unexplained.
DELIVERY_COUNT_MAX = 10
HOLD_PAUSE_SECONDS_FIRST = 1.0
HOLD_PAUSE_SECONDS_MAX = 30.0

# On a copy that waits for its profile: it is called back when the profile is available again.
WAITS_FOR_PROFILE_HEADER = "x-waits-for-profile"
DEAD_LETTER_ID_HEADER = "x-dead-letter-id"
REASON_CODE_HEADER = "x-reason-code"
REASON_VARIANT_HEADER = "x-reason-variant"
REASON_DETAILS_HEADER = "x-reason-details"

Settled = tuple[DeliveryOutcome, str]
"""What became of a delivery, and the code of the reason."""

MessageHandler = Callable[[Message, Delivery], Awaitable[None]]

log = structlog.get_logger(__name__)


class DeliveryJournal(Protocol):
    """What a service remembers and tells about a delivery that did not go through."""

    async def waiting(
        self, message: Message, delivery: Delivery, error: TransientError, decision: RetryDecision
    ) -> None:
        """The message is about to wait; called before its copy is published."""

    async def set_aside(
        self, message: Message | None, delivery: Delivery, error: RejectedError
    ) -> str | None:
        """The message is about to be dead-lettered; returns the dead letter's id. `message` is None
        when the body could not be read. Returns None when its order came to an end without this copy: then
        there is nothing to set aside. ConcurrentChange while a worker holds the order: what becomes of it is
        not known yet."""

    async def set_aside_confirmed(self, dead_letter_id: str) -> None:
        """The copy is in the dead-letter queue."""


class SilentJournal:
    """For consumers whose messages are not about one order: the log and the queue's headers suffice."""

    async def waiting(
        self, message: Message, delivery: Delivery, error: TransientError, decision: RetryDecision
    ) -> None: ...

    async def set_aside(self, message: Message | None, delivery: Delivery, error: RejectedError) -> str:
        return dead_letter_id_of_body(delivery)

    async def set_aside_confirmed(self, dead_letter_id: str) -> None: ...


def dead_letter_id_of_body(delivery: Delivery) -> str:
    """The id of a dead letter that is about no known order: the queue and the hash of its body."""
    return deterministic_id("dead-letter", delivery.queue, hashlib.sha256(delivery.body).hexdigest())


class Edge:
    """Runs a handler for every delivery of one work queue and settles what it raises.

    `spread` draws from 0 to 1 how far messages that failed together are sent apart (see `decide_retry`).
    Returns when the delivery may be acked. While neither our database nor the broker can be reached the
    delivery is held, unacked, with growing pauses.
    """

    def __init__(
        self,
        *,
        queue: WorkQueue,
        handler: MessageHandler,
        publisher: EventPublisher,
        clock: Clock,
        journal: DeliveryJournal,
        spread: Callable[[], float] = random.random,
    ) -> None:
        self._queue = queue
        self._handler = handler
        self._publisher = publisher
        self._clock = clock
        self._journal = journal
        self._spread = spread

    async def __call__(self, delivery: Delivery) -> None:
        pause_seconds = HOLD_PAUSE_SECONDS_FIRST
        while True:
            with structlog.contextvars.bound_contextvars(
                queue=self._queue.name, message_id=delivery.message_id
            ):
                try:
                    await self._counted(delivery)
                except UpstreamUnavailable as error:
                    log.warning("delivery_held", cause=error.reason.text_key, pause_seconds=pause_seconds)
                else:
                    return
            await self._clock.sleep(pause_seconds)
            pause_seconds = min(pause_seconds * 2, HOLD_PAUSE_SECONDS_MAX)

    async def _counted(self, delivery: Delivery) -> None:
        started_at = time.monotonic()
        outcome: DeliveryOutcome = "held"
        reason = ""
        try:
            outcome, reason = await self._settle(delivery)
        finally:
            delivery_settled(self._queue.name, outcome, time.monotonic() - started_at, reason=reason)

    async def _settle(self, delivery: Delivery) -> Settled:
        try:
            message = decode(delivery.body)
        except RejectedError as error:
            with processing(delivery, None) as step:
                return _told(step, await self._set_aside(None, delivery, error))
        with (
            structlog.contextvars.bound_contextvars(**_log_context(message)),
            recorded_calls(self._clock),
            processing(delivery, message) as step,
        ):
            return _told(step, await self._handle(message, delivery))

    async def _handle(self, message: Message, delivery: Delivery) -> Settled:
        try:
            _refuse_endless_redelivery(delivery)
            await self._handler(message, delivery)
        except TransientError as error:
            return await self._wait(message, delivery, error)
        except RejectedError as error:
            return await self._set_aside(message, delivery, error)
        except Exception as error:  # a bug: its message is set aside, not lost
            log.exception("delivery_failed_unexpectedly")
            return await self._set_aside(message, delivery, unexpected(error))
        return "done", ""

    async def _wait(self, message: Message, delivery: Delivery, error: TransientError) -> Settled:
        decision = decide_retry(error, attempt=delivery.attempt, spread=self._spread())
        try:
            await self._journal.waiting(message, delivery, error, decision)
        except TransientError as journal_error:
            # Usually the very database that is away: the message must wait all the same.
            log.warning("waiting_not_recorded", cause=journal_error.reason.text_key)
        await self._publisher.publish_to_wait(
            self._queue.wait(decision.level),
            delivery.body,
            headers=_wait_headers(error, decision, delivery),
            message_id=delivery.message_id,
        )
        log.info(
            "delivery_waits",
            reason=error.reason.text_key,
            wait=decision.level.label,
            next_attempt=decision.next_attempt,
        )
        return "waiting", error.reason.code

    async def _set_aside(self, message: Message | None, delivery: Delivery, error: RejectedError) -> Settled:
        try:
            dead_letter_id = await self._journal.set_aside(message, delivery, error)
        except ConcurrentChange as held:
            if message is None:
                raise
            return await self._wait(message, delivery, held)
        if dead_letter_id is None:
            log.info("delivery_has_nothing_to_set_aside", reason=error.reason.text_key)
            return "done", ""
        await self._publisher.publish_to_dead_letters(
            self._queue.name,
            delivery.body,
            headers=_reason_headers(error.reason, dead_letter_id, delivery.attempt),
            message_id=delivery.message_id,
        )
        await self._journal.set_aside_confirmed(dead_letter_id)
        log.warning("delivery_dead_lettered", reason=error.reason.text_key, dead_letter_id=dead_letter_id)
        return "dead_lettered", error.reason.code


def unexpected(error: Exception) -> RejectedError:
    """What a bug comes to: its kind and no more, for what it says may be about a person."""
    return RejectedError(Reason(code=ReasonCode.UNEXPECTED, details={"error": type(error).__name__}))


def _told(step: Step, settled: Settled) -> Settled:
    outcome, reason = settled
    step.note(sconnect__outcome=outcome)
    if reason:
        step.fail(reason)
    return settled


def _refuse_endless_redelivery(delivery: Delivery) -> None:
    if delivery.delivery_count >= DELIVERY_COUNT_MAX:
        details = {"deliveries": str(delivery.delivery_count)}
        raise RejectedError(Reason(code=ReasonCode.DELIVERY_LIMIT, details=details))


def _wait_headers(
    error: TransientError, decision: RetryDecision, delivery: Delivery
) -> dict[str, HeaderValue]:
    headers: dict[str, HeaderValue] = {ATTEMPT_HEADER: decision.next_attempt}
    if isinstance(error, ConcurrentChange) and delivery.delivery_count:
        # The colleague may be the worker that this message killed.
        headers[EARLIER_DELIVERIES_HEADER] = delivery.delivery_count
    if isinstance(error, ProfileUnavailable):
        headers[WAITS_FOR_PROFILE_HEADER] = 1
    return headers


def _reason_headers(reason: Reason, dead_letter_id: str, attempt: int) -> dict[str, HeaderValue]:
    return {
        DEAD_LETTER_ID_HEADER: dead_letter_id,
        REASON_CODE_HEADER: reason.code.value,
        REASON_VARIANT_HEADER: reason.variant or "",
        REASON_DETAILS_HEADER: json.dumps(dict(reason.details), ensure_ascii=False),
        ATTEMPT_HEADER: attempt,
    }


def _log_context(message: Message) -> dict[str, str]:
    context = {
        "profile": message.profile,
        "correlation_id": message.correlation_id,
        "message_type": message.type,
    }
    order = order_key_of(message)
    return context if order is None else context | {"order_number": order.number}
