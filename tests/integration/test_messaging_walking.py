"""A look through a queue of a hundred thousand costs no memory, and reads no more than it needs."""

import gc
from collections.abc import AsyncIterator

import pytest_asyncio
from aio_pika import IncomingMessage
from pydantic import SecretStr

from sconnect.clock import SystemClock
from sconnect.messaging import Delivery, RabbitPublisher, connect_broker
from sconnect.messaging.declaration import declare_topology
from sconnect.messaging.topology import RESOLVER_RECEIVED, WaitLevel
from sconnect.messaging.walking import QueueWalker

QUEUE = RESOLVER_RECEIVED.wait(WaitLevel.ONE_HOUR)
# Far more than RabbitMQ takes back at once.
COPIES = 120
# Nothing else that runs in this process has it: what other tests left in memory is not counted.
BODY = b"read by a walk"
# The one in hand, and what the client still holds of the one before.
IN_MEMORY_MAX = 3


@pytest_asyncio.fixture
async def walker(rabbitmq_vhost_url: str) -> AsyncIterator[QueueWalker]:
    """Of a broker on which COPIES messages wait, the first of them with message id 0."""
    await declare_topology(rabbitmq_vhost_url)
    broker = connect_broker(rabbitmq_vhost_url, connection_name="test")
    await broker.connect()
    for number in range(COPIES):
        await RabbitPublisher(broker).publish_to_wait(QUEUE, BODY, headers={}, message_id=str(number))
    walker = QueueWalker(SecretStr(rabbitmq_vhost_url))
    while await walker.depth(QUEUE) < COPIES:
        await SystemClock().sleep(0.02)
    yield walker
    await broker.stop()


async def test_a_walk_keeps_none_of_what_it_reads(walker: QueueWalker) -> None:
    gc.collect()  # What the other test here read, and nobody has any more.
    in_memory: list[int] = []

    async def every_third(copy: Delivery) -> bool:
        in_memory.append(sum(message.body == BODY for message in messages_in_memory()))
        return int(copy.message_id) % 3 == 0

    await walker.walk(QUEUE, told_as="", copies_max=COPIES, remove=every_third)

    assert len(in_memory) == COPIES
    assert max(in_memory) <= IN_MEMORY_MAX
    assert await ids_read(walker) == [str(number) for number in range(COPIES) if number % 3]


async def test_a_walk_ends_when_enough_is_taken_out(walker: QueueWalker) -> None:
    async def from_ten(copy: Delivery) -> bool:
        return int(copy.message_id) >= 10

    await walker.walk(QUEUE, told_as="", copies_max=COPIES, remove=from_ten, removals_max=2)

    assert await ids_read(walker, delivered_before=True) == [str(number) for number in range(10)]
    assert await ids_read(walker) == [str(number) for number in range(COPIES) if number not in (10, 11)]


def messages_in_memory() -> list[IncomingMessage]:
    return [each for each in gc.get_objects() if isinstance(each, IncomingMessage)]


async def ids_read(walker: QueueWalker, *, delivered_before: bool = False) -> list[str]:
    """All that wait, in their order; or those that somebody had in hand before this look."""
    found: list[str] = []

    async def note(copy: Delivery) -> bool:
        if copy.delivery_count or not delivered_before:
            found.append(copy.message_id)
        return False

    await walker.walk(QUEUE, told_as="", copies_max=COPIES, remove=note)
    return found
