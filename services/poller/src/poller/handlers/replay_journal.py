"""Tells the bookkeeper about a replay that did not go through at once."""

from datetime import timedelta

from poller.handlers.messages import STAGE, wire_reason
from sconnect.clock import Clock
from sconnect.contracts import Message, OrderDeadLettered, OrderWaiting
from sconnect.contracts.build import new_message, order_event, order_key_of
from sconnect.errors import ConcurrentChange, RejectedError, TransientError
from sconnect.ids import deterministic_id
from sconnect.messaging import Delivery, EventPublisher
from sconnect.messaging.edge import dead_letter_id_of_body
from sconnect.messaging.retry import RetryDecision


class ReplayJournal:
    """DeliveryJournal of the queue of replays; the row of a dead letter is the one the console makes."""

    def __init__(self, publisher: EventPublisher, clock: Clock) -> None:
        self._publisher = publisher
        self._clock = clock

    async def waiting(
        self, message: Message, delivery: Delivery, error: TransientError, decision: RetryDecision
    ) -> None:
        order = order_key_of(message)
        if order is None or isinstance(error, ConcurrentChange):
            return
        event = order_event(
            OrderWaiting,
            message,
            order,
            occurred_at=self._clock.now(),
            discriminator=(STAGE, error.reason.text_key, delivery.attempt),
            stage=STAGE,
            reason=wire_reason(error.reason),
            attempt=delivery.attempt,
            retry_at=self._clock.now() + timedelta(seconds=decision.level.seconds),
        )
        await self._publisher.publish(event)

    async def set_aside(self, message: Message | None, delivery: Delivery, error: RejectedError) -> str:
        order = None if message is None else order_key_of(message)
        if message is None or order is None:
            return await self._set_aside_unreadable(delivery, error)
        letter = (message.profile, order.uuid, order.revision, message.replay)
        dead_letter_id = deterministic_id("dead-letter", delivery.queue, *letter)
        event = order_event(
            OrderDeadLettered,
            message,
            order,
            occurred_at=self._clock.now(),
            discriminator=(delivery.queue,),
            dead_letter_id=dead_letter_id,
            stage=STAGE,
            queue=delivery.queue,
            reason=wire_reason(error.reason),
            attempts=delivery.attempt,
            message=delivery.body.decode(),
        )
        await self._publisher.publish(event)
        return dead_letter_id

    async def set_aside_confirmed(self, dead_letter_id: str) -> None: ...

    async def _set_aside_unreadable(self, delivery: Delivery, error: RejectedError) -> str:
        dead_letter_id = dead_letter_id_of_body(delivery)
        event = new_message(
            OrderDeadLettered,
            profile="",
            occurred_at=self._clock.now(),
            correlation_id=dead_letter_id,
            id_parts=(dead_letter_id,),
            dead_letter_id=dead_letter_id,
            order=None,
            stage=STAGE,
            queue=delivery.queue,
            reason=wire_reason(error.reason),
            attempts=delivery.attempt,
        )
        await self._publisher.publish(event)
        return dead_letter_id
