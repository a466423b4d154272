"""A cluster of three nodes loses the one that leads a queue, under load: nothing is lost and work goes on."""

import asyncio
import sys
import time
from collections.abc import Iterator
from itertools import count, pairwise
from pathlib import Path

import pytest

from customer_resolver_cases import order, received
from rabbitmq_cluster import PrivateCluster
from sconnect.clock import SystemClock
from sconnect.contracts import Message, SalesOrderReceived
from sconnect.errors import UpstreamUnavailable
from sconnect.messaging import Delivery, Edge, RabbitPublisher, SilentJournal, connect_broker, subscribe
from sconnect.messaging.declaration import declare_topology
from sconnect.messaging.nodes import node_addresses, open_connection
from sconnect.messaging.topology import RESOLVER_RECEIVED
from servers.presence import require_installed
from stack.broker import broker_binary

DEADLINE_SECONDS = 90
# Between two orders, over the death of the leader and of the node that we are connected to.
PAUSE_SECONDS_MAX = 15
ORDERS_BEFORE = 200
ORDERS_AFTER = 400

pytestmark = [pytest.mark.rabbitmq, pytest.mark.long, pytest.mark.timeout(900)]


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[PrivateCluster]:
    require_installed(broker_binary, "rabbitmq-server")
    cluster = PrivateCluster(tmp_path / "cluster")
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


class Works:
    """A publisher that keeps what was not confirmed, as the poller's outbox does, and a consumer."""

    def __init__(self, url: str) -> None:
        self.sending = connect_broker(url, connection_name="sending")
        self.handling = connect_broker(url, connection_name="handling", graceful_timeout_seconds=5)
        self.confirmed: set[str] = set()
        self.handled: dict[str, float] = {}
        self.refusals = 0
        edge = Edge(
            queue=RESOLVER_RECEIVED,
            handler=self._handle,
            publisher=RabbitPublisher(self.handling),
            clock=SystemClock(),
            journal=SilentJournal(),
        )
        subscribe(self.handling, RESOLVER_RECEIVED, edge, prefetch_count=4)

    async def _handle(self, message: Message, delivery: Delivery) -> None:
        assert isinstance(message, SalesOrderReceived)
        self.handled.setdefault(message.order.number, time.monotonic())

    async def publish_for_ever(self) -> None:
        publisher = RabbitPublisher(self.sending)
        for number in map(str, count(1001)):
            while number not in self.confirmed:
                try:
                    await publisher.publish(received(order(number)))
                except UpstreamUnavailable:
                    self.refusals += 1
                    await SystemClock().sleep(0.1)
                else:
                    self.confirmed.add(number)

    async def until_handled(self, orders: int) -> None:
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                while len(self.handled) < orders:
                    await SystemClock().sleep(0.05)
        except TimeoutError:
            said = f"{len(self.confirmed)} confirmed, {self.refusals} refused, {len(self.handled)} handled"
            raise AssertionError(f"{said} after {DEADLINE_SECONDS} s") from None

    def longest_pause_seconds(self) -> float:
        return max(later - earlier for earlier, later in pairwise(sorted(self.handled.values())))


async def test_the_death_of_a_leader_loses_nothing(cluster: PrivateCluster) -> None:
    await declare_topology(cluster.url)
    works = Works(cluster.url)
    await works.sending.start()
    await works.handling.start()
    publishing = asyncio.create_task(works.publish_for_ever())
    await works.until_handled(ORDERS_BEFORE)

    leader = await asyncio.to_thread(cluster.leader_of, RESOLVER_RECEIVED.name)
    assert leader is cluster.nodes[0], "our connections are to another node than the one that dies"
    await asyncio.to_thread(leader.kill)
    await works.until_handled(len(works.handled) + ORDERS_AFTER)
    publishing.cancel()
    await asyncio.gather(publishing, return_exceptions=True)
    await works.until_handled(len(works.confirmed))

    assert works.confirmed <= works.handled.keys()
    assert works.longest_pause_seconds() < PAUSE_SECONDS_MAX
    successor = await asyncio.to_thread(cluster.leader_of, RESOLVER_RECEIVED.name)
    assert successor is not leader
    sys.stderr.write(
        f"{len(works.confirmed)} orders confirmed, {len(works.handled)} handled, {works.refusals} refused"
        f" and sent again; longest pause {works.longest_pause_seconds():.1f} s\n"
    )

    await asyncio.to_thread(leader.start)
    async with await open_connection(node_addresses(cluster.url)[0], timeout_seconds=10) as connection:
        queue = await (await connection.channel()).declare_queue(RESOLVER_RECEIVED.name, passive=True)
        assert queue.declaration_result.message_count == 0
    await works.sending.stop()
    await works.handling.stop()
