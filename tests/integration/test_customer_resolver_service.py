"""The service as it runs: from a message in RabbitMQ to the message for the booking-writer."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aio_pika
import pytest
import pytest_asyncio
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData
from sqlalchemy.ext.asyncio import AsyncEngine

from customer_resolver.adapters.tables import resolver_tables
from customer_resolver.app import build
from customer_resolver.settings import CustomerResolverSettings
from customer_resolver_cases import PROFILE, order, received
from factories import profile
from sconnect.contracts import OrderDeadLettered, SalesOrderCustomerResolved, decode
from sconnect.errors import StartupError
from sconnect.messaging import RabbitPublisher, connect_broker
from sconnect.messaging.declaration import declare_topology
from sconnect.messaging.topology import CONSOLE_EVENTS, WRITER_RESOLVED
from sconnect.persistence import create_engine, lease_table
from sconnect.persistence.migrations import migrate
from sconnect.profiles import AdministrationInfo, ProfileStore, SecretsKeyring, new_secrets_key
from sconnect.service import CommonSettings, run_service
from sconnect.stage import stage_tables
from simulators.clock import system_clock
from simulators.server import running
from simulators.snelstart import create_app
from simulators.snelstart.driver import AdministrationDriver

DEADLINE_SECONDS = 60


@pytest.fixture
def driver() -> Iterator[AdministrationDriver]:
    with running(create_app(system_clock)) as url, AdministrationDriver(url) as driver:
        driver.open()
        driver.add_customer(relatiecode=10412, naam="Jan Voorbeeld", email="jan@example.nl")
        yield driver


@pytest.fixture
def environment(tmp_path: Path, rabbitmq_vhost_url: str) -> dict[str, str]:
    return {
        "SCONNECT_AMQP_URL": rabbitmq_vhost_url,
        "SCONNECT_DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path / 'coordination.sqlite3'}",
        "SCONNECT_SECRETS_KEY": new_secrets_key(),
        "SCONNECT_ALLOW_LOCAL_APIS": "1",
        "CUSTOMER_RESOLVER_DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path / 'resolver.sqlite3'}",
        "CUSTOMER_RESOLVER_HEALTH_PORT": "0",
    }


@pytest_asyncio.fixture
async def service(
    environment: dict[str, str], driver: AdministrationDriver, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator["asyncio.Task[int]"]:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    common, settings = CommonSettings(), CustomerResolverSettings()
    await declare_topology(environment["SCONNECT_AMQP_URL"])
    for package in ("sconnect.profiles", "sconnect.allowance"):
        await asyncio.to_thread(migrate, environment["SCONNECT_DATABASE_URL"], package)
    await asyncio.to_thread(migrate, environment["CUSTOMER_RESOLVER_DATABASE_URL"], "customer_resolver")
    await save_profile(environment, driver)
    task = asyncio.create_task(
        run_service(await build(common, settings), host="127.0.0.1", port=0, graceful_stop_seconds=5)
    )
    yield task
    os.kill(os.getpid(), signal.SIGTERM)
    assert await task == 0


async def save_profile(environment: dict[str, str], driver: AdministrationDriver) -> None:
    engine = create_engine(environment["SCONNECT_DATABASE_URL"])
    store = ProfileStore(engine, SecretsKeyring([environment["SCONNECT_SECRETS_KEY"]]))
    keys = {"connection_key": driver.connection_key, "subscription_key": driver.subscription_key}
    company = driver.rows("/companyInfo")
    await store.save(
        profile(snelstart_url=str(driver.client.base_url).rstrip("/"), bookkeeping=keys),
        administration=AdministrationInfo(
            id=company["administratieIdentifier"], name=company["administratieNaam"]
        ),
        saved_by="test",
    )
    await engine.dispose()


async def publish(url: str, email: str | None) -> None:
    broker = connect_broker(url, connection_name="test")
    await broker.start()
    await RabbitPublisher(broker).publish(received(order(email=email)))
    await broker.stop()


async def next_body(url: str, queue_name: str) -> bytes:
    async with asyncio.timeout(DEADLINE_SECONDS), await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        queue = await channel.get_queue(queue_name)
        async with queue.iterator(no_ack=True) as messages:
            async for message in messages:
                return message.body
    raise AssertionError("the queue was closed")


@pytest.mark.usefixtures("service")
async def test_a_received_order_leaves_with_its_customer(environment: dict[str, str]) -> None:
    url = environment["SCONNECT_AMQP_URL"]
    await publish(url, email="Jan@Example.nl")
    message = decode(await next_body(url, WRITER_RESOLVED.name))
    assert isinstance(message, SalesOrderCustomerResolved)
    assert (message.profile, message.customer.number, message.order.number) == (PROFILE, 10412, "1001")


@pytest.mark.usefixtures("service")
async def test_an_order_that_needs_a_person_is_told(environment: dict[str, str]) -> None:
    url = environment["SCONNECT_AMQP_URL"]
    await publish(url, email=None)
    while not isinstance(message := decode(await next_body(url, CONSOLE_EVENTS.name)), OrderDeadLettered):
        pass
    assert (message.reason.code, message.stage) == ("NO_EMAIL", "customer-resolver")


async def test_does_not_start_on_a_database_without_its_tables(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(StartupError, match="run its migrations first"):
        await build(CommonSettings(), CustomerResolverSettings())


async def test_the_migrations_make_the_tables_that_are_used(
    database_url: str, database_engine: AsyncEngine
) -> None:
    await asyncio.to_thread(migrate, database_url, "customer_resolver")
    metadata = MetaData()
    resolver_tables(metadata)
    stage_tables(metadata)
    lease_table(metadata)

    def differences(connection: Connection) -> list[object]:
        options = {"include_name": lambda name, *_: name != "alembic_version_customer_resolver"}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))

    async with database_engine.connect() as connection:
        assert await connection.run_sync(differences) == []


def run_command(*arguments: str, environment: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "customer_resolver", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_the_command_migrates_and_checks(tmp_path: Path) -> None:
    environment = {
        "SCONNECT_AMQP_URL": "amqp://nobody:secret-of-amqp@localhost/",
        "SCONNECT_DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path / 'coordination.sqlite3'}",
        "CUSTOMER_RESOLVER_DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path / 'resolver.sqlite3'}",
        "CUSTOMER_RESOLVER_HEALTH_PORT": "8082",
    }
    assert run_command("migrate", environment=environment).returncode == 0
    assert (tmp_path / "resolver.sqlite3").exists()
    checked = run_command("check", environment=environment)
    assert checked.returncode == 0
    assert '"mirror_max_age_seconds": 300.0' in checked.stdout
    assert "secret-of-amqp" not in checked.stdout


def test_a_missing_setting_is_named_in_one_sentence(tmp_path: Path) -> None:
    failed = run_command("run", environment={})
    assert failed.returncode == 2
    assert "SCONNECT_AMQP_URL" in failed.stderr
    assert "Traceback" not in failed.stderr
