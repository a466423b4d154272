"""The service as it runs: processes of it, a shop over HTTP, RabbitMQ, and both databases."""

import asyncio
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import aio_pika
import pytest
import pytest_asyncio
from aio_pika.abc import AbstractIncomingMessage

from factories import profile
from poller.app import PACKAGE
from poller_world import NEW, PROFILE, order, uuid_of
from sconnect.clock import SystemClock
from sconnect.contracts import (
    ImportRequested,
    ImportRunFinished,
    Message,
    OrderKey,
    OrderReplayRequested,
    OrderWaiting,
    SalesOrderReceived,
    decode,
)
from sconnect.contracts.build import correlation_id_of, new_message
from sconnect.messaging import RabbitPublisher, connect_broker
from sconnect.messaging.declaration import declare_topology
from sconnect.messaging.topology import CONSOLE_EVENTS, RESOLVER_RECEIVED
from sconnect.persistence import create_engine
from sconnect.persistence.migrations import migrate
from sconnect.profiles import AdministrationInfo, ProfileStore, SecretsKeyring, new_secrets_key
from simulators.clock import system_clock
from simulators.server import running
from simulators.webshop import create_app
from simulators.webshop.driver import ShopDriver

DEADLINE_SECONDS = 60
NOW = datetime(2026, 3, 9, 14, tzinfo=UTC)

Environment = dict[str, str]


class Listener:
    """Takes everything out of the resolver's and the console's queues, as those services would."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    async def listen(self, url: str) -> None:
        connection = await aio_pika.connect(url)
        channel = await connection.channel()
        for name in (RESOLVER_RECEIVED.name, CONSOLE_EVENTS.name):
            await (await channel.get_queue(name)).consume(self._take)
        self._connection = connection

    async def close(self) -> None:
        await self._connection.close()

    async def until(self, is_so: Callable[[], bool]) -> None:
        async with asyncio.timeout(DEADLINE_SECONDS):
            while not is_so():
                await SystemClock().sleep(0.02)

    def received(self) -> list[SalesOrderReceived]:
        """What the resolver got; the console gets the same messages from a queue of its own."""
        return [message for message in self.messages if isinstance(message, SalesOrderReceived)]

    def numbers(self) -> set[str]:
        return {message.order.number for message in self.received()}

    def finished(self, run_id: str) -> list[ImportRunFinished]:
        runs = [message for message in self.messages if isinstance(message, ImportRunFinished)]
        return [run for run in runs if run.run_id == run_id]

    async def _take(self, message: AbstractIncomingMessage) -> None:
        self.messages.append(decode(message.body))
        await message.ack()


@pytest.fixture
def shop() -> Iterator[ShopDriver]:
    with running(create_app(system_clock)) as url, ShopDriver(url, "tuin") as driver:
        driver.open()
        yield driver


on_both_databases = pytest.mark.parametrize(
    "poller_url", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)


@pytest.fixture
def poller_url(request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue(f"{getattr(request, 'param', 'sqlite')}_url")
    migrate(url, PACKAGE)
    return url


@pytest_asyncio.fixture
async def environment(
    tmp_path: Path, rabbitmq_vhost_url: str, poller_url: str, shop: ShopDriver
) -> Environment:
    settings = {
        "SCONNECT_AMQP_URL": rabbitmq_vhost_url,
        "SCONNECT_DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path / 'coordination.sqlite3'}",
        "SCONNECT_SECRETS_KEY": new_secrets_key(),
        "SCONNECT_ALLOW_LOCAL_APIS": "1",
        "POLLER_DATABASE_URL": poller_url,
        "POLLER_HEALTH_PORT": "0",
        "POLLER_LEASE_SECONDS": "3",
        "POLLER_SHOP_REQUESTS_PER_SECOND_MAX": "50",
    }
    await declare_topology(rabbitmq_vhost_url)
    await asyncio.to_thread(migrate, settings["SCONNECT_DATABASE_URL"], "sconnect.profiles")
    await save_profile(settings, shop)
    return settings


async def save_profile(environment: Environment, shop: ShopDriver) -> None:
    engine = create_engine(environment["SCONNECT_DATABASE_URL"])
    store = ProfileStore(engine, SecretsKeyring([environment["SCONNECT_SECRETS_KEY"]]))
    url = str(shop.client.base_url).rstrip("/")
    await store.save(
        profile(webshop_url=url, shop={"token": shop.token}, planning={"interval": "1m"}),
        administration=AdministrationInfo(id="administration-1", name="Voorbeeldadministratie"),
        saved_by="beheer",
    )
    await engine.dispose()


@pytest_asyncio.fixture
async def listener(environment: Environment) -> AsyncIterator[Listener]:
    listener = Listener()
    await listener.listen(environment["SCONNECT_AMQP_URL"])
    yield listener
    await listener.close()


@contextmanager
def poller(environment: Environment, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process of the service; killed at the end unless the test ended it."""
    # A pipe that nobody empties would hold the process up.
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "poller"], env=os.environ | environment, stderr=output
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "poller.log"


def import_requested(run_id: str) -> ImportRequested:
    return new_message(
        ImportRequested,
        profile=PROFILE,
        occurred_at=NOW,
        correlation_id=run_id,
        id_parts=(run_id,),
        run_id=run_id,
        requested_by="beheer",
    )


async def publish(environment: Environment, message: Message) -> None:
    broker = connect_broker(environment["SCONNECT_AMQP_URL"], connection_name="test")
    await broker.start()
    await RabbitPublisher(broker).publish(message)
    await broker.stop()


async def test_orders_go_from_the_shop_to_the_resolver_and_a_run_by_hand_is_reported(
    environment: Environment, shop: ShopDriver, listener: Listener, log: Path
):
    shop.add(*[order(number) for number in range(1001, 1131)], order(1131, status=NEW))
    with poller(environment, log) as process:
        await publish(environment, import_requested("run-1"))
        await listener.until(lambda: bool(listener.finished("run-1")))
        process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(process.wait, DEADLINE_SECONDS) == 0
    (run,) = listener.finished("run-1")
    assert run.failure is None
    assert {*run.order_uuids} == {uuid_of(number) for number in range(1001, 1132)}
    await listener.until(lambda: len(listener.numbers()) == 130)
    assert [m.order.number for m in listener.messages if isinstance(m, OrderWaiting)] == ["1131"]


async def test_a_replay_comes_back_with_its_number(
    environment: Environment, shop: ShopDriver, listener: Listener, log: Path
):
    shop.add(order(1001))
    command = new_message(
        OrderReplayRequested,
        profile=PROFILE,
        occurred_at=NOW,
        correlation_id=correlation_id_of(PROFILE, uuid_of(1001)),
        id_parts=(uuid_of(1001),),
        replay=1,
        order=OrderKey(uuid=uuid_of(1001), number="1001"),
        requested_by="beheer",
    )
    with poller(environment, log):
        await listener.until(lambda: "1001" in listener.numbers())
        await publish(environment, command)
        await listener.until(lambda: any(message.replay == 1 for message in listener.received()))


@on_both_databases
async def test_two_pollers_hand_every_order_over_once(
    environment: Environment, shop: ShopDriver, listener: Listener, log: Path
):
    shop.add(*[order(number) for number in range(1001, 1061)])
    with poller(environment, log), poller(environment, log.with_suffix(".second")):
        await listener.until(lambda: len(listener.numbers()) == 60)
        shop.add(*[order(number) for number in range(1061, 1101)])
        await publish(environment, import_requested("run-1"))
        await publish(environment, import_requested("run-2"))
        await listener.until(lambda: bool(listener.finished("run-1") and listener.finished("run-2")))
        await listener.until(lambda: len(listener.numbers()) == 100)
    # Once for the resolver and once for the console.
    assert set(Counter(message.id for message in listener.received()).values()) == {2}


@on_both_databases
async def test_a_poller_that_is_killed_again_and_again_loses_nothing_and_repeats_only_itself(
    environment: Environment, shop: ShopDriver, listener: Listener, log: Path
):
    shop.add(*[order(number) for number in range(1001, 1301)])

    def heard(enough: int) -> Callable[[], bool]:
        return lambda: len(listener.numbers()) >= enough

    for enough in (1, 120, 300):
        with poller(environment, log) as process:
            await listener.until(heard(enough))
            process.kill()
    assert listener.numbers() == {str(number) for number in range(1001, 1301)}
    assert len({message.id for message in listener.received()}) == 300


async def test_it_does_not_start_without_its_tables(environment: Environment, tmp_path: Path, log: Path):
    empty = {"POLLER_DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path / 'empty.sqlite3'}"}
    with poller(environment | empty, log) as process:
        assert await asyncio.to_thread(process.wait, DEADLINE_SECONDS) == 2
    assert "run its migrations first" in await asyncio.to_thread(log.read_text)


async def test_neither_a_token_nor_a_person_gets_into_the_log(
    environment: Environment, shop: ShopDriver, listener: Listener, log: Path
):
    shop.add(order(1001))
    shop.add_fault("status", path="/v1/orders$", status=500, body="<html>Oops</html>")
    with poller(environment, log):
        await listener.until(lambda: "1001" in listener.numbers())
    told = await asyncio.to_thread(log.read_text)
    assert "order_seen" in told
    assert shop.token not in told
    buyer = listener.received()[0].order.buyer
    for secret in (buyer.email, buyer.invoice.name, buyer.invoice.street, buyer.invoice.postcode):
        assert secret
        assert secret not in told
