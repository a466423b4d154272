"""Where a preview becomes an answer: it is handled once, and whatever happens is told; nothing is kept.

A preview is neither retried nor set aside: a person waits for it, and can ask again.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import datetime

import structlog

from sconnect.clock import Clock
from sconnect.contracts import Message, PreviewTicket, decode
from sconnect.errors import Reason, ReasonCode, RejectedError, SConnectError, UpstreamUnavailable
from sconnect.messaging.delivery import Delivery
from sconnect.messaging.publisher import EventPublisher
from sconnect.tracing import processing

# What is left for telling that the work took too long.
ANSWER_MARGIN_SECONDS = 2.0
PUBLISH_PAUSE_SECONDS = 0.5

PreviewHandler = Callable[[Message], AsyncIterator[Message]]
"""The work of a stage on one preview: it yields what follows as soon as that is known, and writes nothing."""

FailureTeller = Callable[[Message, SConnectError], Message]
"""The answer when the work failed."""

log = structlog.get_logger(__name__)


class PreviewEdge:
    """Runs a handler for every delivery of a queue of previews; whoever calls this acks when it returns.

    The handler has until shortly before the ticket expires. What comes later than that is dropped.
    """

    def __init__(
        self, *, handler: PreviewHandler, tell_failure: FailureTeller, publisher: EventPublisher, clock: Clock
    ) -> None:
        self._handler = handler
        self._tell_failure = tell_failure
        self._publisher = publisher
        self._clock = clock

    async def __call__(self, delivery: Delivery) -> None:
        message = self._read(delivery)
        if message is None:
            return
        ticket = getattr(message, "ticket", None)
        if not isinstance(ticket, PreviewTicket):
            log.warning("preview_in_wrong_queue", queue=delivery.queue, message_type=message.type)
            return
        context = {"queue": delivery.queue, "profile": message.profile, "preview_id": ticket.preview_id}
        with structlog.contextvars.bound_contextvars(**context), processing(delivery, message):
            await self._answer(message, ticket.expires_at)

    def _read(self, delivery: Delivery) -> Message | None:
        try:
            return decode(delivery.body)
        except RejectedError as error:
            log.warning("preview_unreadable", queue=delivery.queue, reason=error.reason.text_key)
            return None

    async def _answer(self, message: Message, expires_at: datetime) -> None:
        if self._seconds_until(expires_at) <= 0:
            log.info("preview_expired")
            return
        failure = await self._work(message, expires_at)
        if failure is not None:
            log.info("preview_failed", cause=str(failure))
            await self._publish(self._tell_failure(message, failure), expires_at)

    async def _work(self, message: Message, expires_at: datetime) -> SConnectError | None:
        seconds = max(self._seconds_until(expires_at) - ANSWER_MARGIN_SECONDS, 0)
        try:
            async with asyncio.timeout(seconds):
                async for follow_up in self._handler(message):
                    await self._publish(follow_up, expires_at)
        except SConnectError as error:
            return error
        except TimeoutError:
            return UpstreamUnavailable(Reason(code=ReasonCode.UPSTREAM_UNAVAILABLE, variant="preview"))
        except Exception as error:  # a bug: the person who waits is told, and so is the log
            log.exception("preview_failed_unexpectedly")
            details = {"error": type(error).__name__}
            return RejectedError(Reason(code=ReasonCode.UNEXPECTED, details=details))
        return None

    async def _publish(self, message: Message, expires_at: datetime) -> None:
        """Gives up when nobody waits for the message any more."""
        while True:
            try:
                return await self._publisher.publish(message)
            except UpstreamUnavailable as error:
                log.warning("preview_not_published", cause=error.reason.text_key)
            if self._seconds_until(expires_at) <= 0:
                return None
            await self._clock.sleep(PUBLISH_PAUSE_SECONDS)

    def _seconds_until(self, moment: datetime) -> float:
        return (moment - self._clock.now()).total_seconds()
