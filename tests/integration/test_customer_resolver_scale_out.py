"""Four processes of the resolver on one broker and one database: every new buyer gets one card."""

import asyncio
import os
import random
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aio_pika
import pytest
import pytest_asyncio

from customer_resolver_cases import address, order, received
from factories import profile
from sconnect.contracts import SalesOrder, SalesOrderCustomerResolved, decode
from sconnect.messaging import RabbitPublisher, connect_broker
from sconnect.messaging.declaration import declare_topology
from sconnect.messaging.topology import RESOLVER_RECEIVED, WRITER_RESOLVED
from sconnect.persistence import create_engine
from sconnect.persistence.migrations import migrate
from sconnect.profiles import AdministrationInfo, ProfileStore, SecretsKeyring, new_secrets_key
from simulators.clock import system_clock
from simulators.server import running
from simulators.snelstart import create_app
from simulators.snelstart.driver import AdministrationDriver

PROCESSES = 4
ORDERS_PER_BUYER = 4
# Waits in the queues are a tenth of what they are in life, and so are the leases of whoever was killed.
WAIT_TIME_SCALE = 0.1
LEASE_SECONDS = 12
FREE_LIMITS = {"per_minute": 10_000_000, "per_hour": 10_000_000, "concurrent": 1000}

pytestmark = [pytest.mark.rabbitmq, pytest.mark.postgres]


@pytest.fixture
def driver() -> Iterator[AdministrationDriver]:
    with running(create_app(system_clock)) as url, AdministrationDriver(url) as driver:
        driver.open(limits=FREE_LIMITS)
        yield driver


@dataclass
class Fleet:
    """The processes, and who has been given which customer."""

    environment: dict[str, str]
    folder: Path
    processes: list["subprocess.Popen[bytes]"] = field(default_factory=list)
    customers: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))

    def start(self) -> None:
        with (self.folder / "resolvers.log").open("ab") as log:
            self.processes.append(
                subprocess.Popen(
                    [sys.executable, "-m", "customer_resolver"], env=self.environment, stdout=log, stderr=log
                )
            )

    def kill_one(self) -> None:
        victim = self.processes.pop(0)
        victim.kill()
        victim.wait()

    def stop(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(timeout=60)

    def log(self) -> str:
        return (self.folder / "resolvers.log").read_text(errors="replace")[-4000:]


@pytest_asyncio.fixture
async def fleet(
    tmp_path: Path, rabbitmq_vhost_url: str, postgres_url: str, driver: AdministrationDriver
) -> AsyncIterator[Fleet]:
    coordination = f"sqlite+aiosqlite:///{tmp_path / 'coordination.sqlite3'}"
    key = new_secrets_key()
    environment = {
        "PATH": os.environ["PATH"],
        "SCONNECT_AMQP_URL": rabbitmq_vhost_url,
        "SCONNECT_DATABASE_URL": coordination,
        "SCONNECT_SECRETS_KEY": key,
        "SCONNECT_ALLOW_LOCAL_APIS": "1",
        "SCONNECT_LEASE_SECONDS": str(LEASE_SECONDS),
        "SCONNECT_HTTP_TOTAL_TIMEOUT_SECONDS": "5",
        "SCONNECT_GRACEFUL_STOP_SECONDS": "8",
        "CUSTOMER_RESOLVER_CLAIM_LEASE_MARGIN_SECONDS": "3",
        "CUSTOMER_RESOLVER_DATABASE_URL": postgres_url,
        "CUSTOMER_RESOLVER_HEALTH_PORT": "0",
    }
    await declare_topology(rabbitmq_vhost_url, wait_time_scale=WAIT_TIME_SCALE)
    for package in ("sconnect.profiles", "sconnect.allowance"):
        await asyncio.to_thread(migrate, coordination, package)
    await asyncio.to_thread(migrate, postgres_url, "customer_resolver")
    engine = create_engine(coordination)
    company = driver.rows("/companyInfo")
    await ProfileStore(engine, SecretsKeyring([key])).save(
        profile(
            snelstart_url=str(driver.client.base_url).rstrip("/"),
            bookkeeping={
                "connection_key": driver.connection_key,
                "subscription_key": driver.subscription_key,
            },
            customers={"recognition": "smart"},
        ),
        administration=AdministrationInfo(
            id=company["administratieIdentifier"], name=company["administratieNaam"]
        ),
        saved_by="test",
    )
    await engine.dispose()
    fleet = Fleet(environment, tmp_path)
    for _ in range(PROCESSES):
        fleet.start()
    yield fleet
    fleet.stop()


SYLLABLES = ("bak", "del", "fon", "gir", "hul", "jas", "kem", "lod", "mur", "nep", "pos", "rit", "sam", "tul")
FIRST_NAMES = ("Anna", "Bram", "Cor", "Daan", "Eva", "Femke", "Gijs", "Hanna", "Iris", "Joost")


def orders_of_buyers(buyers: int, rng: random.Random) -> dict[str, int]:
    """Order number to buyer, shuffled: orders of one buyer come close together and far apart."""
    numbers = [(1000 + number, number // ORDERS_PER_BUYER) for number in range(buyers * ORDERS_PER_BUYER)]
    rng.shuffle(numbers)
    return {str(number): buyer for number, buyer in numbers}


def order_of(number: str, buyer: int) -> SalesOrder:
    """A buyer writes the address in capitals, with a tag, as on the first order, or leaves it out."""
    # Nobody is nearly anybody else: who is alike is for a person, and that is not what this is about.
    spread = buyer * 571 % 14**3
    surname = "".join(SYLLABLES[spread // 14**place % 14] for place in (1, 2, 0)).capitalize()
    street = "".join(SYLLABLES[spread // 14**place % 14] for place in (0, 1, 2, 1)).capitalize()
    first = FIRST_NAMES[spread % len(FIRST_NAMES)]
    local, domain = f"{first}.{surname}".lower(), f"{surname.lower()}{buyer}.example.nl"
    email = (
        f"{local}@{domain}",
        f" {local.upper()}@{domain.capitalize()}",
        f"{local}+winkel@{domain}",
        None,
    )[int(number) % ORDERS_PER_BUYER]
    invoice = address(
        name=f"{first} {surname}",
        street=f"{street}weg",
        house_number=str(spread % 89 + 1),
        postcode=f"{1000 + buyer * 7919 % 9000}{'ABCDEFGHJK'[buyer % 10]}{'LMNPRTVWXZ'[buyer % 7]}",
        phone=f"06{10_000_000 + buyer * 7_654_321 % 89_999_999:08d}",
    )
    return order(number, email=email, invoice=invoice)


async def publish(url: str, orders: list[SalesOrder]) -> None:
    broker = connect_broker(url, connection_name="test")
    await broker.start()
    publisher = RabbitPublisher(broker)
    for each in orders:
        await publisher.publish(received(each))
    await broker.stop()


@asynccontextmanager
async def queue_of(url: str, name: str) -> AsyncIterator[Any]:
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        yield await channel.get_queue(name)


async def collect(fleet: Fleet, count: int, deadline_seconds: float, kill_after: int | None) -> None:
    """Until every order has left with its customer."""
    url = fleet.environment["SCONNECT_AMQP_URL"]
    try:
        async with (
            asyncio.timeout(deadline_seconds),
            queue_of(url, WRITER_RESOLVED.name) as queue,
            queue.iterator(no_ack=True) as messages,
        ):
            async for message in messages:
                resolved = decode(message.body)
                assert isinstance(resolved, SalesOrderCustomerResolved)
                fleet.customers[resolved.order.number].add(resolved.customer.number)
                if len(fleet.customers) == kill_after:
                    kill_after = None
                    fleet.kill_one()
                    fleet.start()
                if len(fleet.customers) == count:
                    return
    except TimeoutError:
        pytest.fail(f"{len(fleet.customers)} of {count} orders got a customer\n{fleet.log()}")


async def run(
    fleet: Fleet, driver: AdministrationDriver, *, buyers: int, deadline_seconds: float, kill: bool
) -> None:
    buyer_of = orders_of_buyers(buyers, random.Random(buyers))
    url = fleet.environment["SCONNECT_AMQP_URL"]
    await publish(url, [order_of(number, buyer) for number, buyer in buyer_of.items()])
    kill_after = len(buyer_of) // 3 if kill else None
    await collect(fleet, len(buyer_of), deadline_seconds, kill_after)
    cards = Counter(row["naam"] for row in driver.command("GET", "/relations") if row["relatiecode"] > 0)
    cards.pop("Voorbeeldadministratie", None)
    customers_of_buyer: dict[int, set[int]] = defaultdict(set)
    for number, customers in fleet.customers.items():
        customers_of_buyer[buyer_of[number]] |= customers
    made = {number for numbers in customers_of_buyer.values() for number in numbers}
    figures = f"{len(buyer_of)} orders of {buyers} buyers: {len(made)} customers, {sum(cards.values())} cards"
    sys.stderr.write(f"{figures}; killed: {kill}\n")
    assert {buyer: len(customers) for buyer, customers in customers_of_buyer.items()} == dict.fromkeys(
        range(buyers), 1
    )
    assert (len(made), max(cards.values())) == (buyers, 1)
    async with queue_of(url, RESOLVER_RECEIVED.dead_letter) as dead_letters:
        assert dead_letters.declaration_result.message_count == 0


async def test_many_orders_of_new_buyers_at_once(fleet: Fleet, driver: AdministrationDriver) -> None:
    await run(fleet, driver, buyers=20, deadline_seconds=240, kill=True)


@pytest.mark.long
@pytest.mark.parametrize("kill", [False, True], ids=["undisturbed", "one killed"])
async def test_two_thousand_orders_of_five_hundred_new_buyers(
    fleet: Fleet, driver: AdministrationDriver, kill: bool
) -> None:
    await run(fleet, driver, buyers=500, deadline_seconds=1800, kill=kill)
