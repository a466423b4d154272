"""The service as it runs: a process of its own, killed in the middle of a POST too."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aio_pika
import pytest
import pytest_asyncio

from booking_writer.app import build
from booking_writer.settings import BookingWriterSettings
from booking_writer_desk import claim
from factories import profile, sales_order
from sconnect.contracts import (
    Message,
    OrderDeadLettered,
    ProfileLedgersChecked,
    SalesBookingWritten,
    SalesOrder,
    SalesOrderCustomerResolved,
    VatAmount,
    decode,
)
from sconnect.errors import StartupError
from sconnect.messaging import RabbitPublisher, connect_broker
from sconnect.messaging.declaration import declare_topology
from sconnect.messaging.topology import CONSOLE_EVENTS, WRITER_RESOLVED
from sconnect.persistence import create_engine
from sconnect.persistence.migrations import migrate
from sconnect.profiles import AdministrationInfo, ProfileStore, SecretsKeyring, new_secrets_key
from sconnect.service import CommonSettings
from simulators.clock import system_clock
from simulators.server import running
from simulators.snelstart import create_app
from simulators.snelstart.driver import AdministrationDriver

DEADLINE_SECONDS = 60


@pytest.fixture
def driver() -> Iterator[AdministrationDriver]:
    with running(create_app(system_clock)) as url, AdministrationDriver(url) as driver:
        driver.open()
        yield driver


@pytest.fixture
def environment(tmp_path: Path, rabbitmq_vhost_url: str) -> dict[str, str]:
    return {
        "SCONNECT_AMQP_URL": rabbitmq_vhost_url,
        "SCONNECT_DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path / 'coordination.sqlite3'}",
        "SCONNECT_SECRETS_KEY": new_secrets_key(),
        "SCONNECT_ALLOW_LOCAL_APIS": "1",
        "SCONNECT_HTTP_TOTAL_TIMEOUT_SECONDS": "2",
        "SCONNECT_LEASE_SECONDS": "4",
        "BOOKING_WRITER_DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path / 'writer.sqlite3'}",
        "BOOKING_WRITER_HEALTH_PORT": "0",
        "BOOKING_WRITER_LEASE_MARGIN_SECONDS": "0.5",
    }


@pytest_asyncio.fixture
async def prepared(environment: dict[str, str], driver: AdministrationDriver) -> dict[str, str]:
    """The environment, with topology, tables and a profile."""
    await declare_topology(environment["SCONNECT_AMQP_URL"])
    for package in ("sconnect.profiles", "sconnect.allowance"):
        await asyncio.to_thread(migrate, environment["SCONNECT_DATABASE_URL"], package)
    await asyncio.to_thread(migrate, environment["BOOKING_WRITER_DATABASE_URL"], "booking_writer")
    engine = create_engine(environment["SCONNECT_DATABASE_URL"])
    store = ProfileStore(engine, SecretsKeyring([environment["SCONNECT_SECRETS_KEY"]]))
    keys = {"connection_key": driver.connection_key, "subscription_key": driver.subscription_key}
    company = driver.rows("/companyInfo")
    administration = AdministrationInfo(
        id=company["administratieIdentifier"], name=company["administratieNaam"]
    )
    given = profile(snelstart_url=str(driver.client.base_url).rstrip("/"), bookkeeping=keys)
    await store.save(given, administration=administration, saved_by="test")
    await engine.dispose()
    return environment


class Processes:
    """Writers in processes of their own; what still runs at the end is killed."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = {**os.environ, **environment}
        self._started: list[asyncio.subprocess.Process] = []

    async def start(self) -> asyncio.subprocess.Process:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "booking_writer", env=self._environment, stderr=asyncio.subprocess.DEVNULL
        )
        self._started.append(process)
        return process

    async def stop(self) -> None:
        for process in self._started:
            if process.returncode is None:
                process.kill()
            await process.wait()


@pytest_asyncio.fixture
async def processes(prepared: dict[str, str]) -> AsyncIterator[Processes]:
    processes = Processes(prepared)
    yield processes
    await processes.stop()


async def publish(url: str, relation_id: str, order: SalesOrder) -> None:
    message = claim(order).message
    assert isinstance(message, SalesOrderCustomerResolved)
    customer = message.customer.model_copy(update={"relation_id": relation_id})
    broker = connect_broker(url, connection_name="test")
    await broker.start()
    await RabbitPublisher(broker).publish(message.model_copy(update={"customer": customer}))
    await broker.stop()


async def next_event(url: str, kind: type[Message], queue_name: str = CONSOLE_EVENTS.name) -> Message:
    """The next message of this kind; others are passed over."""
    async with asyncio.timeout(DEADLINE_SECONDS), await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        queue = await channel.get_queue(queue_name)
        async with queue.iterator(no_ack=True) as messages:
            async for message in messages:
                if isinstance(event := decode(message.body), kind):
                    return event
    raise AssertionError("the queue was closed")


async def until_called(driver: AdministrationDriver, path: str) -> None:
    async with asyncio.timeout(DEADLINE_SECONDS):
        while not any(path in call["path"] for call in await calls(driver)):
            continue


async def calls(driver: AdministrationDriver) -> list[dict[str, Any]]:
    answer = await asyncio.to_thread(driver.control, "GET", "/calls")
    found: list[dict[str, Any]] = answer.json()
    return found


async def test_orders_are_booked_or_wait_for_a_person_and_are_told(
    prepared: dict[str, str], processes: Processes, driver: AdministrationDriver
) -> None:
    url, relation_id = prepared["SCONNECT_AMQP_URL"], driver.add_customer()
    await processes.start()
    await publish(url, relation_id, sales_order())
    told = await next_event(url, SalesBookingWritten)
    (booking,) = driver.command("GET", "/bookings")
    assert isinstance(told, SalesBookingWritten)
    assert (told.outcome, told.booking_id, told.invoice_number) == ("written", booking["id"], "1001")

    await publish(url, relation_id, sales_order(uuid="other", number="1002", total="70.00"))
    refused = await next_event(url, OrderDeadLettered)
    assert isinstance(refused, OrderDeadLettered)
    assert (refused.reason.code, refused.stage) == ("TOTAL_MISMATCH", "booking-writer")
    held = await next_event(url, SalesOrderCustomerResolved, WRITER_RESOLVED.dead_letter)
    assert isinstance(held, SalesOrderCustomerResolved)
    assert held.order.number == "1002"
    assert len(driver.command("GET", "/bookings")) == 1


async def test_a_ledger_that_broke_stops_only_its_orders_and_is_told(
    prepared: dict[str, str], processes: Processes, driver: AdministrationDriver
) -> None:
    url, relation_id = prepared["SCONNECT_AMQP_URL"], driver.add_customer()
    driver.command("POST", "/ledgers", [{"nummer": 8300, "nonactief": True}])
    await processes.start()
    await publish(url, relation_id, sales_order())

    told = await next_event(url, ProfileLedgersChecked)
    assert isinstance(told, ProfileLedgersChecked)
    (finding,) = told.new
    assert (finding.code, finding.details["field"]) == (
        "ledger_inactive",
        "bookings.ledgers.shipping.nl_high",
    )
    refused = await next_event(url, OrderDeadLettered)
    assert isinstance(refused, OrderDeadLettered)
    assert (refused.reason.code, refused.reason.variant) == ("LEDGER_UNFIT", "inactive")
    assert refused.reason.details["ledger"] == "8300"

    without_shipping = sales_order(
        uuid="other",
        number="1002",
        total="60.50",
        vat_amounts=(VatAmount(rate="21.00", amount="10.50"),),
        lines=sales_order().lines[:1],
    )
    await publish(url, relation_id, without_shipping)
    assert await next_event(url, SalesBookingWritten)
    assert len(driver.command("GET", "/bookings")) == 1


async def test_a_writer_killed_in_the_middle_of_a_post_books_once(
    prepared: dict[str, str], processes: Processes, driver: AdministrationDriver
) -> None:
    url, relation_id = prepared["SCONNECT_AMQP_URL"], driver.add_customer()
    driver.add_fault("slow_after_commit", method="POST", path="verkoopboekingen", seconds=1.5)
    first = await processes.start()
    await publish(url, relation_id, sales_order())
    await until_called(driver, "verkoopboekingen")
    first.kill()
    await first.wait()

    await processes.start()
    told = await next_event(url, SalesBookingWritten)

    (booking,) = driver.command("GET", "/bookings")
    assert isinstance(told, SalesBookingWritten)
    assert (told.outcome, told.booking_id) == ("already_written", booking["id"])


async def test_a_writer_stops_when_it_is_told_to(processes: Processes, prepared: dict[str, str]) -> None:
    process = await processes.start()
    url = prepared["SCONNECT_AMQP_URL"]
    await publish(url, "nobody", sales_order(total="70.00"))
    await next_event(url, OrderDeadLettered)
    process.terminate()
    async with asyncio.timeout(DEADLINE_SECONDS):
        assert await process.wait() == 0


async def test_does_not_start_with_a_lease_that_a_post_outlives(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {**environment, "SCONNECT_LEASE_SECONDS": "2.5"}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(StartupError, match="SCONNECT_LEASE_SECONDS must be more than"):
        await build(CommonSettings(), BookingWriterSettings())


async def test_does_not_start_on_a_database_without_its_tables(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(StartupError, match="run its migrations first"):
        await build(CommonSettings(), BookingWriterSettings())
