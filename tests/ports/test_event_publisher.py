"""One suite for the real publisher and the recording one: what is published has arrived, or it raises."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Protocol

import aio_pika
import pytest
import pytest_asyncio

from sconnect.contracts import Message, ProfileChanged, encode
from sconnect.contracts.build import new_message
from sconnect.messaging import EventPublisher, RabbitPublisher, connect_broker
from sconnect.messaging.declaration import declare_topology
from sconnect.messaging.memory import RecordingPublisher
from sconnect.messaging.topology import CONSOLE_EVENTS, RESOLVER_RECEIVED, WaitLevel

LONG_WAIT = RESOLVER_RECEIVED.wait(WaitLevel.ONE_HOUR)


class Arrivals(Protocol):
    async def __call__(self, queue: str) -> list[tuple[bytes, str]]: ...


Publishing = tuple[EventPublisher, Arrivals]


@pytest_asyncio.fixture(params=["rabbitmq", "recording"])
async def publishing(request: pytest.FixtureRequest) -> AsyncIterator[Publishing]:
    if request.param == "recording":
        publisher = RecordingPublisher()
        yield publisher, _arrivals_of_recording(publisher)
        return
    url = request.getfixturevalue("rabbitmq_vhost_url")
    await declare_topology(url)
    broker = connect_broker(url, connection_name="test")
    await broker.connect()
    yield RabbitPublisher(broker), _arrivals_in(url)
    await broker.stop()


def _arrivals_of_recording(publisher: RecordingPublisher) -> Arrivals:
    async def arrivals(queue: str) -> list[tuple[bytes, str]]:
        if queue == CONSOLE_EVENTS.name:
            return [(encode(event), event.id) for event in publisher.events]
        work_queue = queue.removesuffix(".dead-letter")
        copies = publisher.dead_letters if work_queue != queue else [*publisher.queued, *publisher.waiting]
        return [(copy.body, copy.message_id) for copy in copies if copy.queue == work_queue]

    return arrivals


def _arrivals_in(url: str) -> Arrivals:
    async def arrivals(queue: str) -> list[tuple[bytes, str]]:
        async with await aio_pika.connect(url) as connection:
            channel = await connection.channel()
            declared = await channel.get_queue(queue)
            found = []
            while (message := await declared.get(no_ack=True, fail=False)) is not None:
                assert message.delivery_mode == aio_pika.DeliveryMode.PERSISTENT
                found.append((message.body, message.message_id or ""))
            return found

    return arrivals


def changed() -> Message:
    now = datetime(2026, 3, 2, tzinfo=UTC)
    return new_message(
        ProfileChanged,
        profile="toys",
        occurred_at=now,
        correlation_id="c",
        id_parts=(1,),
        version=1,
        changed_by="test",
    )


async def test_an_event_reaches_who_listens_to_its_type(publishing: Publishing) -> None:
    publisher, arrivals = publishing
    await publisher.publish(changed())
    assert await arrivals(CONSOLE_EVENTS.name) == [(encode(changed()), changed().id)]


async def test_a_copy_reaches_the_one_queue_it_is_meant_for(publishing: Publishing) -> None:
    publisher, arrivals = publishing
    await publisher.publish_to_queue(RESOLVER_RECEIVED.name, b"work", headers={}, message_id="1")
    await publisher.publish_to_wait(LONG_WAIT, b"wait", headers={"x-attempt": 2}, message_id="2")
    await publisher.publish_to_dead_letters(RESOLVER_RECEIVED.name, b"dead", headers={}, message_id="3")
    assert await arrivals(RESOLVER_RECEIVED.name) == [(b"work", "1")]
    assert await arrivals(LONG_WAIT) == [(b"wait", "2")]
    assert await arrivals(RESOLVER_RECEIVED.dead_letter) == [(b"dead", "3")]
