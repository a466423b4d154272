"""Queues on RabbitMQ: all counted, and those of dead letters walked without disturbing their order."""

from collections.abc import Awaitable, Callable, Mapping

from pydantic import SecretStr

from sconnect.messaging import Delivery
from sconnect.messaging.topology import queue_named, queues
from sconnect.messaging.walking import QueueWalker


class RabbitQueueDepths:
    """QueueDepths of console.handlers.measuring."""

    def __init__(self, amqp_url: SecretStr) -> None:
        self._walker = QueueWalker(amqp_url)

    async def depths(self) -> Mapping[str, int]:
        return await self._walker.depths(queue.name for queue in queues())


class RabbitDeadLetterQueues:
    """DeadLetterQueues of console.ports."""

    def __init__(self, amqp_url: SecretStr) -> None:
        self._walker = QueueWalker(amqp_url)

    async def depth(self, queue: str) -> int:
        return await self._walker.depth(queue_named(queue).dead_letter)

    async def walk(self, queue: str, copies_max: int, remove: Callable[[Delivery], Awaitable[bool]]) -> None:
        name = queue_named(queue).dead_letter
        await self._walker.walk(name, told_as=queue, copies_max=copies_max, remove=remove)
