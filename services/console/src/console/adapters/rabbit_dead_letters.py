"""The dead-letter queues on RabbitMQ: counted, and walked without disturbing their order."""

from collections.abc import Awaitable, Callable

from pydantic import SecretStr

from sconnect.messaging import Delivery
from sconnect.messaging.topology import queue_named
from sconnect.messaging.walking import QueueWalker


class RabbitDeadLetterQueues:
    """DeadLetterQueues of console.ports."""

    def __init__(self, amqp_url: SecretStr) -> None:
        self._walker = QueueWalker(amqp_url)

    async def depth(self, queue: str) -> int:
        return await self._walker.depth(queue_named(queue).dead_letter)

    async def walk(self, queue: str, copies_max: int, remove: Callable[[Delivery], Awaitable[bool]]) -> None:
        name = queue_named(queue).dead_letter
        await self._walker.walk(name, told_as=queue, copies_max=copies_max, remove=remove)
