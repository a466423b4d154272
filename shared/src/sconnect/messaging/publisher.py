"""Publishing that fails loudly: persistent, mandatory, confirmed, and over within five seconds."""

import asyncio
from collections.abc import Mapping
from typing import Protocol

from aiormq.exceptions import DeliveryError, PublishError
from faststream.exceptions import FastStreamException
from faststream.rabbit import RabbitExchange

from sconnect.contracts import Message, WireReason, encode
from sconnect.errors import Reason, ReasonCode, UpstreamUnavailable
from sconnect.messaging.rabbit import ServiceBroker
from sconnect.messaging.topology import DEAD_LETTER_EXCHANGE, EXCHANGE, WAIT_EXCHANGE
from sconnect.messaging.trouble import BROKER_TROUBLE, BROKER_UNAVAILABLE
from sconnect.metrics import message_published, publish_failed
from sconnect.tracing import publishing

PUBLISH_TIMEOUT_SECONDS = 5.0

HeaderValue = str | int


class EventPublisher(Protocol):
    """Returns only when the broker has taken the message over; UpstreamUnavailable otherwise.

    After an error the message may be there all the same (a confirm can be lost), so every consumer
    copes with repeats.
    """

    async def publish(self, message: Message) -> None:
        """To everyone who listens to the message's type."""

    async def publish_to_queue(
        self, queue: str, body: bytes, *, headers: Mapping[str, HeaderValue], message_id: str
    ) -> None:
        """To one work queue, by its own name."""

    async def publish_to_wait(
        self, queue: str, body: bytes, *, headers: Mapping[str, HeaderValue], message_id: str
    ) -> None:
        """To one wait queue, by its name."""

    async def publish_to_dead_letters(
        self, queue: str, body: bytes, *, headers: Mapping[str, HeaderValue], message_id: str
    ) -> None:
        """To the dead-letter queue that belongs to a work queue."""


class RabbitPublisher:
    """EventPublisher over FastStream.

    FastStream ignores `publish(timeout=)`, defaults to transient messages and random ids, and returns
    unroutable messages as a value unless the channel raises (see `connect_broker`): all stated here.
    """

    def __init__(self, broker: ServiceBroker, *, timeout_seconds: float = PUBLISH_TIMEOUT_SECONDS) -> None:
        self._broker = broker
        self._timeout_seconds = timeout_seconds
        self._exchanges = {
            name: RabbitExchange(name, declare=False)
            for name in (EXCHANGE, WAIT_EXCHANGE, DEAD_LETTER_EXCHANGE)
        }

    async def publish(self, message: Message) -> None:
        await self._send(EXCHANGE, message.TYPE, encode(message), {}, message.id, message=message)
        reason = getattr(message, "reason", None)
        message_published(message.TYPE, reason=reason.code if isinstance(reason, WireReason) else "")

    async def publish_to_queue(
        self, queue: str, body: bytes, *, headers: Mapping[str, HeaderValue], message_id: str
    ) -> None:
        await self._send(EXCHANGE, queue, body, headers, message_id)

    async def publish_to_wait(
        self, queue: str, body: bytes, *, headers: Mapping[str, HeaderValue], message_id: str
    ) -> None:
        await self._send(WAIT_EXCHANGE, queue, body, headers, message_id)

    async def publish_to_dead_letters(
        self, queue: str, body: bytes, *, headers: Mapping[str, HeaderValue], message_id: str
    ) -> None:
        await self._send(DEAD_LETTER_EXCHANGE, queue, body, headers, message_id)

    async def _send(
        self,
        exchange: str,
        routing_key: str,
        body: bytes,
        headers: Mapping[str, HeaderValue],
        message_id: str,
        *,
        message: Message | None = None,
    ) -> None:
        with publishing(exchange, routing_key, message_id, message) as step:
            try:
                async with asyncio.timeout(self._timeout_seconds):
                    await self._broker.publish(
                        body,
                        exchange=self._exchanges[exchange],
                        routing_key=routing_key,
                        mandatory=True,
                        persist=True,
                        message_id=message_id,
                        headers={**headers, **step.headers()},
                        content_type="application/json",
                    )
            except PublishError as error:
                publish_failed()
                reason = Reason(
                    code=ReasonCode.UPSTREAM_UNAVAILABLE,
                    variant="unroutable",
                    details={"routing_key": routing_key},
                )
                raise UpstreamUnavailable(reason) from error
            except DeliveryError as error:
                publish_failed()
                await self._broker.renew_publishing()
                raise UpstreamUnavailable(BROKER_UNAVAILABLE) from error
            except (*BROKER_TROUBLE, FastStreamException) as error:
                publish_failed()
                raise UpstreamUnavailable(BROKER_UNAVAILABLE) from error
