"""Connects FastStream to RabbitMQ with every option that matters written down."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import structlog
from aio_pika.exceptions import AMQPError as AioPikaError
from aiormq.exceptions import AMQPError
from faststream import AckPolicy
from faststream.rabbit import Channel, RabbitBroker, RabbitMessage, RabbitQueue

from sconnect.messaging.delivery import Delivery
from sconnect.messaging.topology import PreviewQueue, WorkQueue

HEARTBEAT_SECONDS = 15
RECONNECT_INTERVAL_SECONDS = 1.0
GRACEFUL_TIMEOUT_SECONDS = 30.0

log = structlog.get_logger(__name__)


def connect_broker(
    amqp_url: str, *, connection_name: str, graceful_timeout_seconds: float = GRACEFUL_TIMEOUT_SECONDS
) -> RabbitBroker:
    """A broker object, not yet connected.

    Its channel for publishing raises when a message comes back unroutable; consumers get channels of
    their own, because a failed publish closes its channel and would cancel every handler on it.
    """
    return RabbitBroker(
        _with_query(amqp_url, f"heartbeat={HEARTBEAT_SECONDS}&name={connection_name}"),
        default_channel=Channel(publisher_confirms=True, on_return_raises=True),
        reconnect_interval=RECONNECT_INTERVAL_SECONDS,
        graceful_timeout=graceful_timeout_seconds,
        fail_fast=True,
        app_id="sconnect",
        logger=None,
    )


def subscribe(
    broker: RabbitBroker,
    queue: WorkQueue | PreviewQueue,
    settle: Callable[[Delivery], Awaitable[None]],
    *,
    prefetch_count: int,
) -> None:
    """Consumes a queue; at most `prefetch_count` deliveries are in hand at once.

    Acks by hand, after `settle` returned. A cancelled handler acks nothing: the broker delivers again.
    """
    subscriber = broker.subscriber(
        RabbitQueue(queue.name, declare=False),
        channel=Channel(prefetch_count=prefetch_count),
        ack_policy=AckPolicy.MANUAL,
        decoder=_keep_bytes,
        no_reply=True,
    )

    @subscriber
    async def on_message(message: RabbitMessage) -> None:
        await settle(
            Delivery(
                queue=queue.name,
                body=message.body,
                message_id=message.message_id or "",
                headers=_plain(message.headers),
            )
        )
        try:
            await message.ack()
        except (AMQPError, AioPikaError, ConnectionError) as error:
            log.warning("ack_lost", queue=queue.name, cause=type(error).__name__)


async def _keep_bytes(message: RabbitMessage) -> bytes:
    """The edge decodes, so that an unreadable body gets a row and a reason instead of a silent reject."""
    return message.body


def _plain(headers: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in headers.items() if isinstance(value, str | int)}


def _with_query(url: str, query: str) -> str:
    parts = urlsplit(url)
    joined = f"{parts.query}&{query}" if parts.query else query
    return urlunsplit(parts._replace(query=joined))
