"""One suite for the dead-letter queues on RabbitMQ and in memory: walks take out only what they may."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio
from pydantic import SecretStr

from console.adapters.rabbit_dead_letters import RabbitDeadLetterQueues
from console.ports import DeadLetterQueues
from fakes_console import FakeDeadLetterQueues
from sconnect.clock import SystemClock
from sconnect.errors import UpstreamUnavailable
from sconnect.messaging import Delivery, RabbitPublisher, connect_broker
from sconnect.messaging.declaration import declare_topology
from sconnect.messaging.topology import RESOLVER_RECEIVED

QUEUE = RESOLVER_RECEIVED.name
Filled = tuple[DeadLetterQueues, Callable[..., Awaitable[None]]]


@pytest_asyncio.fixture(params=["rabbitmq", "memory"])
async def filled(request: pytest.FixtureRequest) -> AsyncIterator[Filled]:
    """The queues, and what puts copies with these bodies into one of them."""
    if request.param == "memory":
        fake = FakeDeadLetterQueues()

        async def put(*bodies: bytes) -> None:
            for body in bodies:
                fake.put(Delivery(queue=QUEUE, body=body, message_id=f"id-{body.decode()}", headers={"n": 1}))

        yield fake, put
        return
    url = request.getfixturevalue("rabbitmq_vhost_url")
    await declare_topology(url)
    broker = connect_broker(url, connection_name="test")
    await broker.connect()
    publisher = RabbitPublisher(broker)
    queues = RabbitDeadLetterQueues(SecretStr(url))

    async def publish(*bodies: bytes) -> None:
        for body in bodies:
            await publisher.publish_to_dead_letters(
                QUEUE, body, headers={"n": 1}, message_id=f"id-{body.decode()}"
            )
        async with asyncio.timeout(10):
            while await queues.depth(QUEUE) < len(bodies):
                await SystemClock().sleep(0.02)

    yield queues, publish
    await broker.stop()


async def bodies_in(queues: DeadLetterQueues) -> list[bytes]:
    """What a walk that takes nothing out is offered, in order."""
    found: list[bytes] = []

    async def look(copy: Delivery) -> bool:
        found.append(copy.body)
        return False

    await queues.walk(QUEUE, 100, look)
    return found


async def test_a_walk_that_takes_nothing_out_changes_nothing(filled: Filled) -> None:
    queues, put = filled
    await put(b"1", b"2", b"3")

    for _ in range(3):
        assert await bodies_in(queues) == [b"1", b"2", b"3"]


async def test_the_rest_keeps_its_order(filled: Filled) -> None:
    queues, put = filled
    await put(*(str(number).encode() for number in range(20)))

    async def even(copy: Delivery) -> bool:
        return int(copy.body) % 2 == 0

    await queues.walk(QUEUE, 100, even)

    assert await bodies_in(queues) == [str(number).encode() for number in range(1, 20, 2)]


async def test_a_copy_comes_with_all_that_it_carries(filled: Filled) -> None:
    queues, put = filled
    await put(b"1")
    seen: list[Delivery] = []

    async def look(copy: Delivery) -> bool:
        seen.append(copy)
        return True

    await queues.walk(QUEUE, 1, look)

    assert (seen[0].queue, seen[0].body, seen[0].message_id) == (QUEUE, b"1", "id-1")
    assert seen[0].headers["n"] == 1
    assert await bodies_in(queues) == []


async def test_a_walk_stops_at_its_limit(filled: Filled) -> None:
    queues, put = filled
    await put(b"1", b"2", b"3")

    async def every(_copy: Delivery) -> bool:
        return True

    await queues.walk(QUEUE, 2, every)

    assert await bodies_in(queues) == [b"3"]


async def test_a_walk_that_breaks_off_loses_nothing(filled: Filled) -> None:
    queues, put = filled
    await put(b"1", b"2", b"3", b"4")

    async def fail_at_three(copy: Delivery) -> bool:
        if copy.body == b"3":
            raise RuntimeError("the walker trips")
        return copy.body == b"1"

    with pytest.raises(RuntimeError, match="trips"):
        await queues.walk(QUEUE, 100, fail_at_three)

    assert await bodies_in(queues) == [b"2", b"3", b"4"]


async def test_an_empty_queue_has_no_depth(filled: Filled) -> None:
    queues, _put = filled

    assert await queues.depth(QUEUE) == 0
    assert await bodies_in(queues) == []


async def test_a_broker_that_is_away_is_said_so() -> None:
    queues = RabbitDeadLetterQueues(SecretStr("amqp://guest:guest@127.0.0.1:1/"))

    with pytest.raises(UpstreamUnavailable, match="broker"):
        await queues.depth(QUEUE)
