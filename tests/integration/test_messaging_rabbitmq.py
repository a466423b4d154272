"""The ways a message can be lost, tried on a real RabbitMQ."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

import aio_pika
import pytest
import pytest_asyncio

from sconnect.clock import SystemClock
from sconnect.contracts import Buyer, Message, SalesOrder, SalesOrderReceived
from sconnect.contracts.build import new_message
from sconnect.errors import Reason, ReasonCode, RejectedError, StartupError, UpstreamUnavailable
from sconnect.messaging import Delivery, Edge, RabbitPublisher, SilentJournal, connect_broker, subscribe
from sconnect.messaging.declaration import declare_topology
from sconnect.messaging.rabbit import ServiceBroker
from sconnect.messaging.topology import RESOLVER_RECEIVED, WaitLevel
from stack.broker import DEAD_LETTER_CONFIRM_SECONDS_MAX, PrivateBroker
from stack.waiting import wait_until

DEADLINE_SECONDS = 20
SHORT_WAITS = 0.02
HEALS = UpstreamUnavailable(Reason(code=ReasonCode.UPSTREAM_UNAVAILABLE))


def received(number: int) -> SalesOrderReceived:
    order = SalesOrder(uuid=f"u-{number}", number=str(number), placed_on=date(2026, 3, 2), buyer=Buyer())
    now = datetime(2026, 3, 2, tzinfo=UTC)
    return new_message(
        SalesOrderReceived,
        profile="toys",
        occurred_at=now,
        correlation_id="c",
        id_parts=(number,),
        order=order,
    )


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = DEADLINE_SECONDS) -> None:
    async with asyncio.timeout(seconds):
        while not await condition():
            await SystemClock().sleep(0.02)


async def count(url: str, queue: str) -> int:
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        declared = await channel.declare_queue(queue, passive=True)
        return declared.declaration_result.message_count or 0


class Consumer:
    """A consumer of the resolver's queue whose handler fails as it is told."""

    def __init__(self, broker: ServiceBroker, prefetch_count: int = 2) -> None:
        self.broker = broker
        self.publisher = RabbitPublisher(broker)
        self.handled: list[str] = []
        self.outcomes: dict[str, list[Exception]] = {}
        self.hold = asyncio.Event()
        self.hold.set()
        edge = Edge(
            queue=RESOLVER_RECEIVED,
            handler=self._handle,
            publisher=self.publisher,
            clock=SystemClock(),
            journal=SilentJournal(),
        )
        subscribe(broker, RESOLVER_RECEIVED, edge, prefetch_count=prefetch_count)

    async def _handle(self, message: Message, delivery: Delivery) -> None:
        assert isinstance(message, SalesOrderReceived)
        self.handled.append(message.order.number)
        outcomes = self.outcomes.get(message.order.number, [])
        if outcomes:
            raise outcomes.pop(0)
        await self.hold.wait()


@pytest_asyncio.fixture
async def consumer(rabbitmq_vhost_url: str) -> AsyncIterator[Consumer]:
    await declare_topology(rabbitmq_vhost_url, wait_time_scale=SHORT_WAITS)
    broker = connect_broker(rabbitmq_vhost_url, connection_name="test", graceful_timeout_seconds=5)
    consumer = Consumer(broker)
    await broker.start()
    yield consumer
    consumer.hold.set()
    await broker.stop()


async def test_a_message_that_waits_comes_back_and_is_done(consumer: Consumer) -> None:
    consumer.outcomes["1"] = [HEALS, HEALS]
    await consumer.publisher.publish(received(1))
    await until(lambda: _is(consumer.handled == ["1", "1", "1"]))


async def test_a_waiting_message_holds_up_no_other(consumer: Consumer) -> None:
    consumer.outcomes["1"] = [UpstreamUnavailable(HEALS.reason, retry_after_seconds=3600)]
    await consumer.publisher.publish(received(1))
    await consumer.publisher.publish(received(2))
    await until(lambda: _is("2" in consumer.handled))


async def test_a_rejected_message_is_kept_with_its_reason(
    consumer: Consumer, rabbitmq_vhost_url: str
) -> None:
    consumer.outcomes["1"] = [RejectedError(Reason(code=ReasonCode.NO_EMAIL))]
    await consumer.publisher.publish(received(1))
    await until(lambda: _holds(rabbitmq_vhost_url, RESOLVER_RECEIVED.dead_letter, 1))
    async with await aio_pika.connect(rabbitmq_vhost_url) as connection:
        queue = await (await connection.channel()).get_queue(RESOLVER_RECEIVED.dead_letter)
        message = await queue.get()
    assert message.headers["x-reason-code"] == "NO_EMAIL"


async def test_work_that_was_cut_off_is_delivered_again(rabbitmq_vhost_url: str) -> None:
    await declare_topology(rabbitmq_vhost_url, wait_time_scale=SHORT_WAITS)
    cut_off = connect_broker(rabbitmq_vhost_url, connection_name="cut-off", graceful_timeout_seconds=0.1)
    first = Consumer(cut_off)
    first.hold.clear()
    await cut_off.start()
    await first.publisher.publish(received(1))
    await until(lambda: _is(first.handled == ["1"]))
    await cut_off.stop()
    other = connect_broker(rabbitmq_vhost_url, connection_name="other", graceful_timeout_seconds=5)
    second = Consumer(other)
    await other.start()
    await until(lambda: _is(second.handled == ["1"]))
    await other.stop()


async def test_work_is_handed_over_to_a_colleague_while_the_rest_is_finished(rabbitmq_vhost_url: str) -> None:
    await declare_topology(rabbitmq_vhost_url, wait_time_scale=SHORT_WAITS)
    leaving = connect_broker(rabbitmq_vhost_url, connection_name="leaving", graceful_timeout_seconds=5)
    staying = connect_broker(rabbitmq_vhost_url, connection_name="staying", graceful_timeout_seconds=5)
    first, second = Consumer(leaving), Consumer(staying)
    first.hold.clear()
    await leaving.start()
    await first.publisher.publish(received(1))
    await until(lambda: _is(first.handled == ["1"]))
    handing_over = asyncio.create_task(leaving.hand_over(finish_seconds=DEADLINE_SECONDS))
    await staying.start()
    for number in (2, 3, 4):
        await second.publisher.publish(received(number))
    await until(lambda: _is(second.handled == ["2", "3", "4"]))
    first.hold.set()
    assert await handing_over == 0
    await leaving.stop()
    await staying.stop()
    assert first.handled == ["1"]


async def test_no_more_than_the_prefetch_is_in_hand(consumer: Consumer) -> None:
    consumer.hold.clear()
    for number in range(6):
        await consumer.publisher.publish(received(number))
    await until(lambda: _is(len(consumer.handled) == 2))
    consumer.hold.set()
    await until(lambda: _is(len(consumer.handled) == 6))


async def test_publishing_to_nowhere_raises(consumer: Consumer) -> None:
    with pytest.raises(UpstreamUnavailable) as refusal:
        await consumer.publisher.publish_to_queue("no-such-queue", b"x", headers={}, message_id="1")
    assert refusal.value.reason.variant == "unroutable"
    await consumer.publisher.publish(received(1))
    await until(lambda: _is(consumer.handled == ["1"]))


async def test_a_refused_publish_opens_its_channel_anew(rabbitmq_vhost_url: str) -> None:
    """RabbitMQ may refuse on one channel what it takes on the next (see ServiceBroker.renew_publishing)."""
    await declare_topology(rabbitmq_vhost_url)
    broker = connect_broker(rabbitmq_vhost_url, connection_name="test", graceful_timeout_seconds=1)
    await broker.start()
    publisher = RabbitPublisher(broker)
    async with await aio_pika.connect(rabbitmq_vhost_url) as connection:
        channel = await connection.channel()
        full = await channel.declare_queue(
            "full",
            durable=True,
            arguments={"x-queue-type": "quorum", "x-max-length": 1, "x-overflow": "reject-publish"},
        )
        await full.bind("sconnect", "full")
        before = await _underlay(broker)
        with pytest.raises(UpstreamUnavailable) as refusal:
            await _publish_until_refused(publisher, "full")
        assert refusal.value.reason.variant == "broker"
        assert await _underlay(broker) is not before
        await full.purge()
        await publisher.publish(received(1))
    assert await count(rabbitmq_vhost_url, RESOLVER_RECEIVED.name) == 1
    await broker.stop()


async def _publish_until_refused(publisher: RabbitPublisher, queue: str) -> None:
    # The limit is soft: a few more than one go in.
    for number in range(100):
        await publisher.publish_to_queue(queue, b"x", headers={}, message_id=str(number))


async def _underlay(broker: ServiceBroker) -> object:
    """The channel for publishing as it is on the wire, once it is open."""
    channel = broker._channel
    assert channel is not None
    await channel.ready()
    return await channel.get_underlay_channel()


async def test_a_frozen_broker_is_noticed_in_time(own_rabbitmq_node: PrivateBroker) -> None:
    await declare_topology(own_rabbitmq_node.url)
    broker = connect_broker(own_rabbitmq_node.url, connection_name="test", graceful_timeout_seconds=1)
    await broker.connect()
    publisher = RabbitPublisher(broker, timeout_seconds=0.5)
    try:
        with frozen(own_rabbitmq_node.pids["rabbitmq"]), pytest.raises(UpstreamUnavailable) as refusal:
            await publisher.publish(received(1))
        assert refusal.value.reason.variant == "broker"
    finally:
        await broker.stop()


@contextmanager
def frozen(pid: int) -> Iterator[None]:
    """A process that stands still: its threads stop one by one, on a busy machine after a moment."""
    os.killpg(pid, signal.SIGSTOP)
    try:
        assert wait_until(partial(_stands_still, pid), timeout_seconds=DEADLINE_SECONDS)
        yield
    finally:
        os.killpg(pid, signal.SIGCONT)


def _stands_still(pid: int) -> bool:
    threads = Path(f"/proc/{pid}/task").iterdir()
    # The state follows the name in brackets (proc(5)).
    return {(thread / "stat").read_text().rpartition(") ")[2][0] for thread in threads} == {"T"}


async def test_declaring_twice_changes_nothing_and_other_arguments_are_refused(
    rabbitmq_vhost_url: str,
) -> None:
    await declare_topology(rabbitmq_vhost_url)
    await declare_topology(rabbitmq_vhost_url)
    with pytest.raises(StartupError, match="refuses the queues"):
        await declare_topology(rabbitmq_vhost_url, wait_time_scale=0.5)


async def test_a_broker_that_is_away_is_one_sentence_without_the_password() -> None:
    with pytest.raises(StartupError, match="RabbitMQ cannot be reached") as refusal:
        await declare_topology("amqp://someone:geheim@127.0.0.1:1/")
    assert "geheim" not in str(refusal.value)


async def test_a_wait_queue_loses_nothing_when_the_broker_dies(own_rabbitmq_node: PrivateBroker) -> None:
    await declare_topology(own_rabbitmq_node.url, wait_time_scale=SHORT_WAITS)
    own_rabbitmq_node.stop()  # on 3.10 a quorum queue younger than a second does not survive a SIGKILL
    own_rabbitmq_node.start()
    broker = connect_broker(own_rabbitmq_node.url, connection_name="test")
    await broker.connect()
    publisher = RabbitPublisher(broker)
    wait = RESOLVER_RECEIVED.wait(WaitLevel.TWO_MINUTES)
    for number in range(200):
        await publisher.publish_to_wait(wait, str(number).encode(), headers={}, message_id=str(number))
    await until(lambda: _holds(own_rabbitmq_node.url, RESOLVER_RECEIVED.name, 1))
    own_rabbitmq_node.kill()  # while the others follow
    own_rabbitmq_node.restart()
    seconds = DEADLINE_SECONDS + DEAD_LETTER_CONFIRM_SECONDS_MAX
    await until(lambda: _holds(own_rabbitmq_node.url, RESOLVER_RECEIVED.name, 200), seconds)
    await broker.stop()


async def _is(condition: bool) -> bool:
    return condition


async def _holds(url: str, queue: str, at_least: int) -> bool:
    return await count(url, queue) >= at_least
