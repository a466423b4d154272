"""Connects FastStream to RabbitMQ with every option that matters written down."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog
from aiormq.exceptions import ChannelClosed
from faststream import AckPolicy
from faststream.rabbit import Channel, RabbitBroker, RabbitMessage, RabbitQueue

from sconnect.messaging.delivery import Delivery
from sconnect.messaging.nodes import WalkingConnection, node_addresses, with_query
from sconnect.messaging.topology import PreviewQueue, WorkQueue
from sconnect.messaging.trouble import BROKER_TROUBLE, connected
from sconnect.tasks import cancel_until_done

HEARTBEAT_SECONDS = 15
RECONNECT_INTERVAL_SECONDS = 1.0
GRACEFUL_TIMEOUT_SECONDS = 30.0
# A node that lost its power answers nothing at all: the next one is tried after this.
CONNECT_TIMEOUT_SECONDS = 10.0
CHANNEL_TIMEOUT_SECONDS = 2.0
# Longer than an election takes; many publishes are refused at once.
RENEW_INTERVAL_SECONDS = 1.0

log = structlog.get_logger(__name__)


class ServiceBroker(RabbitBroker):
    """FastStream's broker, which knows the other nodes of a cluster and can hand its work over.

    FastStream's own stop goes on taking deliveries while it waits for those in hand, and drops them: until
    the connection closes nobody works on those orders.
    """

    def __init__(self, amqp_url: str, *, connection_name: str, graceful_timeout_seconds: float) -> None:
        query = f"heartbeat={HEARTBEAT_SECONDS}&name={connection_name}"
        self._nodes = [with_query(address, query) for address in node_addresses(amqp_url)]
        self._in_hand: set[asyncio.Task[Any]] = set()
        self._renewed_at = -RENEW_INTERVAL_SECONDS
        super().__init__(
            self._nodes[0],
            timeout=CONNECT_TIMEOUT_SECONDS,
            default_channel=Channel(publisher_confirms=True, on_return_raises=True),
            reconnect_interval=RECONNECT_INTERVAL_SECONDS,
            graceful_timeout=graceful_timeout_seconds,
            fail_fast=True,
            # Its injection and its validation of arguments: the edge takes the message as it is.
            apply_types=False,
            app_id="sconnect",
            logger=None,
        )

    async def work_on(self, work: Awaitable[None]) -> None:
        """Does the work of one delivery, which counts as in hand meanwhile."""
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("a delivery is worked on in a task")
        self._in_hand.add(task)
        try:
            await work
        finally:
            self._in_hand.discard(task)

    async def hand_over(self, *, finish_seconds: float) -> int:
        """Take nothing more, finish what is in hand within that time, and cut the rest off; returns how many.

        The broker delivers those that were cut off to a colleague once `stop` closes the connection.
        """
        await asyncio.gather(*map(self._take_no_more, self.subscribers))
        if self._in_hand:
            await asyncio.wait(self._in_hand, timeout=finish_seconds)
        cut_off = set(self._in_hand)
        await cancel_until_done(cut_off)
        return len(cut_off)

    async def renew_publishing(self) -> None:
        """Open the channel for publishing anew, because RabbitMQ refused a message.

        Measured on three nodes of 3.10: a channel that was opened just after the leader of a queue died asks
        the dead one about each publish, and refuses all of them for as long as it is open.
        """
        now = time.monotonic()
        channel = self._channel
        if channel is None or channel.is_closed or now < self._renewed_at + RENEW_INTERVAL_SECONDS:
            return
        self._renewed_at = now
        refused = ChannelClosed(0, "a message was refused")
        try:
            async with asyncio.timeout(CHANNEL_TIMEOUT_SECONDS):
                # Only an error makes aio-pika open it again.
                await (await channel.get_underlay_channel()).close(refused)
        except (*BROKER_TROUBLE, RuntimeError) as error:
            log.warning("channel_not_renewed", cause=type(error).__name__)

    async def _take_no_more(self, subscriber: Any) -> None:
        # FastStream has no public way to end consuming without ending the work (0.7.8).
        queue, consumer_tag = subscriber._queue_obj, subscriber._consumer_tag  # noqa: SLF001
        if queue is None or consumer_tag is None or queue.channel.is_closed:
            return
        subscriber._consumer_tag = None  # noqa: SLF001
        try:
            await queue.cancel(consumer_tag, timeout=CHANNEL_TIMEOUT_SECONDS)
        except BROKER_TROUBLE as error:
            # Nothing is delivered over a connection that is lost.
            log.warning("consumer_not_cancelled", cause=type(error).__name__)

    async def _connect(self) -> Any:
        """The first node that takes us; which of them that is, the connection remembers."""
        *others, last = range(len(self._nodes))
        for index in others:
            try:
                return await self._connect_to(index)
            except BROKER_TROUBLE as error:
                log.warning("broker_node_unavailable", node=index + 1, cause=type(error).__name__)
        return await self._connect_to(last)

    async def _connect_to(self, index: int) -> Any:
        nodes = self._nodes[index:] + self._nodes[:index]
        self._connection_kwargs |= {"url": nodes[0], "connection_class": WalkingConnection.over(nodes)}
        return await connected(super()._connect())


def connect_broker(
    amqp_url: str, *, connection_name: str, graceful_timeout_seconds: float = GRACEFUL_TIMEOUT_SECONDS
) -> ServiceBroker:
    """A broker object, not yet connected; `amqp_url` may name several nodes of one cluster.

    Its channel for publishing raises when a message comes back unroutable; consumers get channels of
    their own, because a failed publish closes its channel and would cancel every handler on it.
    """
    return ServiceBroker(
        amqp_url, connection_name=connection_name, graceful_timeout_seconds=graceful_timeout_seconds
    )


def subscribe(
    broker: ServiceBroker,
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
        decoder=_keep_message,
        no_reply=True,
    )

    async def settle_and_ack(delivery: Delivery, message: RabbitMessage) -> None:
        await settle(delivery)
        try:
            await message.ack()
        except BROKER_TROUBLE as error:
            log.warning("ack_lost", queue=queue.name, cause=type(error).__name__)

    @subscriber
    async def on_message(message: RabbitMessage) -> None:
        delivery = Delivery(
            queue=queue.name,
            body=message.body,
            message_id=message.message_id or "",
            headers=_plain(message.headers),
        )
        await broker.work_on(settle_and_ack(delivery, message))


async def _keep_message(message: RabbitMessage) -> RabbitMessage:
    """The edge decodes, so that an unreadable body gets a row and a reason instead of a silent reject."""
    return message


def _plain(headers: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in headers.items() if isinstance(value, str | int)}
