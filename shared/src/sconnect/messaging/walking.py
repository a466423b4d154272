"""Looks through a queue that holds messages, and takes out what may go, without disturbing the rest."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager

from aio_pika.abc import AbstractChannel, AbstractIncomingMessage
from pydantic import SecretStr

from sconnect.errors import UpstreamUnavailable
from sconnect.messaging.delivery import Delivery
from sconnect.messaging.nodes import open_connection
from sconnect.messaging.trouble import BROKER_TROUBLE, BROKER_UNAVAILABLE, open_channel

STEP_TIMEOUT_SECONDS = 10.0

Remover = Callable[[Delivery], Awaitable[bool]]


class QueueWalker:
    """A connection per look, for looks are seconds apart. UpstreamUnavailable while the broker is away.

    Copies are read one by one and kept unacked. Measured on RabbitMQ 3.10: one `nack(multiple, requeue)` on
    the last of them puts all back in their old order, which closing the channel never does. Each reading
    adds one to the broker's delivery counts, hence the high limit of these queues.
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
            # Only the last: a hundred thousand bodies would fill the memory.
            kept: AbstractIncomingMessage | None = None
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
                    before, kept = kept, copy
                    if await remove(_delivery(told_as, copy)):
                        kept = before
                        removals += 1
                        await copy.ack()
            finally:
                if kept is not None:
                    await kept.nack(multiple=True, requeue=True)

    @asynccontextmanager
    async def _channel(self) -> AsyncIterator[AbstractChannel]:
        try:
            url = self._amqp_url.get_secret_value()
            connection = await open_connection(url, timeout_seconds=STEP_TIMEOUT_SECONDS)
            async with connection, await open_channel(connection) as channel:
                yield channel
        except BROKER_TROUBLE as error:
            raise UpstreamUnavailable(BROKER_UNAVAILABLE) from error


def _delivery(queue: str, copy: AbstractIncomingMessage) -> Delivery:
    headers = {name: value for name, value in copy.headers.items() if isinstance(value, str | int)}
    return Delivery(queue=queue, body=copy.body, message_id=copy.message_id or "", headers=headers)
