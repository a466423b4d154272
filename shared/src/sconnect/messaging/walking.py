"""Looks through a queue that holds messages, and takes out what may go, without disturbing the rest."""

import asyncio
from array import array
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager

from aio_pika.abc import AbstractChannel, AbstractIncomingMessage
from aiormq.abc import AbstractChannel as UnderlayChannel
from pydantic import SecretStr

from sconnect.errors import UpstreamUnavailable
from sconnect.messaging.delivery import Delivery
from sconnect.messaging.nodes import open_connection
from sconnect.messaging.trouble import BROKER_TROUBLE, BROKER_UNAVAILABLE, open_channel

STEP_TIMEOUT_SECONDS = 10.0
# RabbitMQ's channel has no more than 32 commands under way to a queue (quorum_commands_soft_limit); the
# returns above that it gathers, and sends in an order of its own. Acks of the walk itself are among the 32.
PUT_BACK_AT_ONCE_MAX = 25
# Of a part whose copies have sat out their time meanwhile, it is never seen that they are back.
APPLIED_WITHIN_SECONDS = 0.1
NOT_SEEN_BACK_MAX = 20

Remover = Callable[[Delivery], Awaitable[bool]]


class QueueWalker:
    """A connection per look, for looks are seconds apart. UpstreamUnavailable while the broker is away.

    Copies are read one by one, kept unacked, and put back in their old order, which closing the channel does
    not do. Each reading adds one to the broker's delivery counts, hence the high limit of these queues.
    """

    def __init__(self, amqp_url: SecretStr) -> None:
        self._amqp_url = amqp_url

    async def depth(self, name: str) -> int:
        """The number of messages in a queue, as the broker has it."""
        return (await self.depths([name]))[name]

    async def depths(self, names: Iterable[str]) -> dict[str, int]:
        """The number of messages in each queue, without those in a consumer's hands."""
        found = {}
        async with self._channel() as channel, asyncio.timeout(STEP_TIMEOUT_SECONDS):
            for name in names:
                declared = await channel.declare_queue(name, passive=True)
                found[name] = declared.declaration_result.message_count or 0
        return found

    async def walk(
        self, name: str, *, told_as: str, copies_max: int, remove: Remover, removals_max: int | None = None
    ) -> None:
        """Offer the first `copies_max` copies in order; those for which `remove` says so are taken out.

        `told_as` is the queue of the deliveries that `remove` sees. The others go back, also when it raises.
        Ends early once so many are taken out as `removals_max` says.
        """
        async with self._channel() as channel:
            kept = _Kept(channel, name)
            removals = 0
            source = await channel.get_queue(name, ensure=False)
            try:
                for _ in range(copies_max):
                    if removals == removals_max:
                        break
                    async with asyncio.timeout(STEP_TIMEOUT_SECONDS):
                        copy = await source.get(fail=False)
                    if copy is None:
                        break
                    kept.add(copy)
                    if await remove(_delivery(told_as, copy)):
                        kept.drop_last()
                        removals += 1
                        await copy.ack()
            finally:
                await kept.put_back()

    @asynccontextmanager
    async def _channel(self) -> AsyncIterator[AbstractChannel]:
        try:
            url = self._amqp_url.get_secret_value()
            connection = await open_connection(url, timeout_seconds=STEP_TIMEOUT_SECONDS)
            async with connection, await open_channel(connection) as channel:
                yield channel
        except BROKER_TROUBLE as error:
            raise UpstreamUnavailable(BROKER_UNAVAILABLE) from error


class _Kept:
    """Unacked copies, to be put back in their old order; of their bodies none is kept in memory.

    One `nack(multiple, requeue)` for all keeps the order of the first 32 alone (decision 0029). So they go
    back in parts, each after the queue has applied the one before.
    """

    def __init__(self, channel: AbstractChannel, queue: str) -> None:
        self._channel = channel
        self._queue = queue
        self._tags = array("Q")

    def add(self, copy: AbstractIncomingMessage) -> None:
        self._tags.append(copy.delivery_tag or 0)

    def drop_last(self) -> None:
        self._tags.pop()

    async def put_back(self) -> None:
        """When it is cancelled or fails, what is left goes back with the channel, in any order."""
        if not self._tags:
            return
        channel = await self._channel.get_underlay_channel()
        ready, not_seen_back = await self._ready(channel), 0
        for end in range(PUT_BACK_AT_ONCE_MAX, len(self._tags), PUT_BACK_AT_ONCE_MAX):
            expected = ready + PUT_BACK_AT_ONCE_MAX
            await channel.basic_nack(self._tags[end - 1], multiple=True, requeue=True)
            ready = await self._ready_within_time(channel, expected)
            not_seen_back += ready < expected
            if not_seen_back == NOT_SEEN_BACK_MAX:
                break
        await channel.basic_nack(self._tags[-1], multiple=True, requeue=True)

    async def _ready_within_time(self, channel: UnderlayChannel, expected: int) -> int:
        loop = asyncio.get_running_loop()
        until = loop.time() + APPLIED_WITHIN_SECONDS
        while (ready := await self._ready(channel)) < expected and loop.time() < until:
            pass
        return ready

    async def _ready(self, channel: UnderlayChannel) -> int:
        """The number of messages in the queue without those in anybody's hands."""
        async with asyncio.timeout(STEP_TIMEOUT_SECONDS):
            declared = await channel.queue_declare(self._queue, passive=True)
        return declared.message_count or 0


def _delivery(queue: str, copy: AbstractIncomingMessage) -> Delivery:
    headers = {name: value for name, value in copy.headers.items() if isinstance(value, str | int)}
    return Delivery(queue=queue, body=copy.body, message_id=copy.message_id or "", headers=headers)
