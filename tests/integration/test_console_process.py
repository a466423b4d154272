"""`python -m console` and `sconnect` as processes, with a real RabbitMQ between them and the stages."""

import asyncio
import json
import os
import stat
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import aio_pika
import httpx
import pytest
import pytest_asyncio
import yaml

from factories import profile_document
from fakes_console import OrderStory, copy_of, run_finished
from sconnect.clock import SystemClock
from sconnect.contracts import ImportRequested, Message, OrderReplayRequested, decode
from sconnect.messaging import RabbitPublisher, connect_broker
from sconnect.messaging.declaration import declare_topology
from sconnect.messaging.topology import (
    POLLER_IMPORT_REQUESTED,
    POLLER_REPLAY_REQUESTED,
    RESOLVER_RECEIVED,
    WorkQueue,
)
from sconnect.persistence.migrations import migrate
from sconnect.profiles import new_secrets_key
from sconnect.service.health import HealthState, health_app
from simulators.clock import system_clock
from simulators.server import running
from simulators.snelstart import create_app as create_snelstart
from simulators.snelstart.driver import AdministrationDriver
from simulators.webshop import create_app as create_webshop
from simulators.webshop.driver import ShopDriver
from stack.ports import free_port

NAME = "voorbeeldwinkel"
DEADLINE_SECONDS = 40


def ready_service(name: str) -> Any:
    state = HealthState(name, {})
    state.not_ready_because = None
    return health_app(state)


class Product:
    """The console as a process, and the command beside it."""

    def __init__(self, home: Path, environment: dict[str, str]) -> None:
        self.home = home
        self._environment = {**os.environ, **environment, "SCONNECT_HOME": str(home), "COLUMNS": "200"}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen([sys.executable, "-m", "console"], env=self._environment)

    def stop(self) -> int:
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(20)

    def kill(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    async def sconnect(self, *typed: str, expect: int = 0) -> str:
        """Standard output of the command; its exit code must be the expected one."""
        command = [str(Path(sys.executable).parent / "sconnect"), *typed]
        done = await asyncio.to_thread(
            subprocess.run, command, env=self._environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == expect, done.stdout + done.stderr
        return done.stdout

    async def orders(self) -> list[dict[str, Any]]:
        listed: list[dict[str, Any]] = json.loads(
            await self.sconnect("orders", "list", "--profile", NAME, "--json")
        )
        return listed

    async def until_status(self, status: str) -> None:
        async with asyncio.timeout(DEADLINE_SECONDS):
            while [order["status"] for order in await self.orders()] != [status]:
                await SystemClock().sleep(0.1)

    async def until_ready(self) -> None:
        url = f"http://127.0.0.1:{self._environment['CONSOLE_HEALTH_PORT']}/health/ready"
        async with asyncio.timeout(DEADLINE_SECONDS), httpx.AsyncClient() as client:
            while not await answers_well(client, url):
                await SystemClock().sleep(0.1)


async def answers_well(client: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(url)).is_success
    except httpx.TransportError:
        return False


@pytest.fixture
def product(tmp_path: Path, rabbitmq_vhost_url: str) -> Iterator[Product]:
    database = f"sqlite+aiosqlite:///{tmp_path / 'console.sqlite3'}"
    with ExitStack() as services:
        urls = {
            f"CONSOLE_{name}_URL": services.enter_context(running(ready_service(name)))
            for name in ("POLLER", "CUSTOMER_RESOLVER", "BOOKING_WRITER")
        }
        for package in ("console", "sconnect.profiles", "sconnect.allowance"):
            migrate(database, package)
        product = Product(
            tmp_path / "home",
            {
                **urls,
                "CONSOLE_DATABASE_URL": database,
                "CONSOLE_HEALTH_PORT": str(free_port()),
                "CONSOLE_SWEEP_INTERVAL_SECONDS": "0.2",
                "SCONNECT_AMQP_URL": rabbitmq_vhost_url,
                "SCONNECT_DATABASE_URL": database,
                "SCONNECT_SECRETS_KEY": new_secrets_key(),
                "SCONNECT_ALLOW_LOCAL_APIS": "1",
            },
        )
        yield product
        product.kill()


@pytest_asyncio.fixture
async def publisher(rabbitmq_vhost_url: str) -> AsyncIterator[RabbitPublisher]:
    """What the other services publish with."""
    await declare_topology(rabbitmq_vhost_url)
    broker = connect_broker(rabbitmq_vhost_url, connection_name="stages")
    await broker.connect()
    yield RabbitPublisher(broker)
    await broker.stop()


@pytest.fixture
def profile_file(tmp_path: Path) -> Iterator[Path]:
    """A profile of a shop and an administration that the simulators have."""
    with (
        running(create_webshop(system_clock)) as webshop_url,
        running(create_snelstart(system_clock)) as snelstart_url,
        ShopDriver(webshop_url) as shop,
        AdministrationDriver(snelstart_url) as administration,
    ):
        shop.open()
        administration.open()
        keys = {
            "subscription_key": administration.subscription_key,
            "connection_key": administration.connection_key,
        }
        document = profile_document(
            webshop_url=webshop_url,
            snelstart_url=snelstart_url,
            shop={"token": shop.token},
            bookkeeping=keys,
        )
        file = tmp_path / "profile.yaml"
        file.write_text(yaml.safe_dump(document))
        yield file


async def next_message(url: str, queue: WorkQueue) -> Message:
    async with await aio_pika.connect(url) as connection, connection.channel() as channel:
        source = await channel.get_queue(queue.name, ensure=False)
        async with asyncio.timeout(DEADLINE_SECONDS):
            while (copy := await source.get(fail=False, no_ack=True)) is None:
                await SystemClock().sleep(0.05)
    return decode(copy.body)


async def until_empty(url: str, dead_letter_queue: str) -> None:
    async with await aio_pika.connect(url) as connection, connection.channel() as channel:
        async with asyncio.timeout(DEADLINE_SECONDS):
            while True:
                declared = await channel.declare_queue(dead_letter_queue, passive=True)
                if not declared.declaration_result.message_count:
                    return
                await SystemClock().sleep(0.1)


async def test_from_a_profile_to_a_solved_dead_letter(
    product: Product, publisher: RabbitPublisher, profile_file: Path, rabbitmq_vhost_url: str
) -> None:
    story = OrderStory(profile=NAME)
    product.start()
    await product.until_ready()
    assert stat.S_IMODE((product.home / "token").stat().st_mode) == 0o600
    assert json.loads(await product.sconnect("status", "--json"))["ready"] is True

    await product.sconnect("profile", "apply", str(profile_file))
    waiting = asyncio.create_task(product.sconnect("import", NAME, "--wait", "--timeout", "60"))
    requested = await next_message(rabbitmq_vhost_url, POLLER_IMPORT_REQUESTED)
    assert isinstance(requested, ImportRequested)
    letter = story.dead_lettered()
    for told in (
        story.received(),
        letter,
        run_finished(requested.run_id, orders=(story.uuid,), profile=NAME),
    ):
        await publisher.publish(told)
    copy = copy_of(letter)
    headers = {"x-dead-letter-id": letter.dead_letter_id, "x-reason-code": letter.reason.code}
    await publisher.publish_to_dead_letters(
        copy.queue, copy.body, headers=headers, message_id=copy.message_id
    )
    assert "1 wacht op een mens" in await waiting

    (listed,) = json.loads(await product.sconnect("dead-letters", "list", "--json"))
    await product.sconnect("dead-letters", "replay", listed["id"], "--customer", "10412")
    request = await next_message(rabbitmq_vhost_url, POLLER_REPLAY_REQUESTED)
    assert isinstance(request, OrderReplayRequested)
    assert (request.order, request.replay) == (story.key(), 1)
    assert request.amendment is not None
    await product.until_status("in_progress")

    await publisher.publish(story.received(replay=1, at=20))
    await until_empty(rabbitmq_vhost_url, RESOLVER_RECEIVED.dead_letter)
    await publisher.publish(story.booked(replay=1, at=21))
    await product.until_status("booked")
    assert product.stop() == 0


async def test_an_import_is_waited_for_while_the_console_is_killed_and_started_again(
    product: Product, publisher: RabbitPublisher, profile_file: Path, rabbitmq_vhost_url: str
) -> None:
    story = OrderStory(profile=NAME)
    product.start()
    await product.until_ready()
    await product.sconnect("profile", "apply", str(profile_file))
    waiting = asyncio.create_task(product.sconnect("import", NAME, "--wait", "--timeout", "100"))
    requested = await next_message(rabbitmq_vhost_url, POLLER_IMPORT_REQUESTED)
    assert isinstance(requested, ImportRequested)
    await publisher.publish(story.received())
    await product.until_status("in_progress")

    product.kill()
    await publisher.publish(run_finished(requested.run_id, orders=(story.uuid,), profile=NAME))
    await publisher.publish(story.resolved())
    await publisher.publish(story.booked())
    await product.sconnect("status", expect=1)
    product.start()

    assert "    1001  geboekt  68.00  1001  10412" in await waiting
    trail = await product.sconnect("orders", "show", "1001", "--profile", NAME, "--json")
    assert len(json.loads(trail)["trail"]) == 3


def test_a_console_that_cannot_start_says_why_in_one_sentence(tmp_path: Path) -> None:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("SCONNECT_", "CONSOLE_"))
    }
    environment |= {
        "SCONNECT_AMQP_URL": "amqp://127.0.0.1:1/",
        "SCONNECT_DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path / 'empty.sqlite3'}",
        "CONSOLE_DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path / 'empty.sqlite3'}",
        "CONSOLE_HEALTH_PORT": "0",
        **{f"CONSOLE_{name}_URL": "x" for name in ("POLLER", "CUSTOMER_RESOLVER", "BOOKING_WRITER")},
    }

    done = subprocess.run(
        [sys.executable, "-m", "console"], env=environment, capture_output=True, text=True, check=False
    )

    assert done.returncode == 2
    assert done.stderr.startswith("console: The SQLite file")
    assert "run its migrations first" in done.stderr
    assert len(done.stderr.splitlines()) == 1
