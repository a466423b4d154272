"""Several resolvers, one database, one administration: no customer is made twice, whatever goes wrong."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field

import pytest
import pytest_asyncio
from pydantic import SecretStr

from customer_resolver.adapters.snelstart_customers import SnelstartDirectories
from customer_resolver.app import Resolver, build_resolver
from customer_resolver.settings import CustomerResolverSettings
from customer_resolver_cases import address, claim, customer_in, order
from factories import stored_profile
from sconnect.clock import SystemClock
from sconnect.contracts import ResolvedCustomer, SalesOrder
from sconnect.errors import TransientError
from sconnect.http import HttpLimits, create_http_client
from sconnect.persistence import create_engine
from sconnect.persistence.migrations import migrate
from sconnect.profiles import StoredProfile
from sconnect.snelstart import SnelstartSessions
from simulators.clock import system_clock
from simulators.server import running
from simulators.snelstart import create_app
from simulators.snelstart.driver import AdministrationDriver

DEADLINE_SECONDS = 120
WORKERS = 4
ORDER_LEASE_SECONDS = 0.3
RETRY_PAUSE_SECONDS = 0.05


@pytest.fixture
def driver() -> Iterator[AdministrationDriver]:
    with running(create_app(system_clock)) as url, AdministrationDriver(url) as driver:
        driver.open()
        yield driver


@dataclass
class Office:
    """Four resolvers with memories, tokens and connections of their own."""

    driver: AdministrationDriver
    profile: StoredProfile
    resolvers: list[Resolver]
    customers: dict[str, ResolvedCustomer] = field(default_factory=dict)

    async def work_off(
        self, orders: list[SalesOrder], *, killed_now_and_then: random.Random | None = None
    ) -> None:
        """Every order gets its customer; one whose worker fails or dies goes to the back of the queue."""
        queue: asyncio.Queue[SalesOrder] = asyncio.Queue()
        for each in orders:
            queue.put_nowait(each)

        async def serve(resolver: Resolver) -> None:
            while True:
                each = await queue.get()
                if not await self._handled(resolver, each, killed_now_and_then):
                    await SystemClock().sleep(RETRY_PAUSE_SECONDS)
                    queue.put_nowait(each)
                queue.task_done()

        async with asyncio.timeout(DEADLINE_SECONDS):
            servers = [asyncio.create_task(serve(resolver)) for resolver in self.resolvers]
            await queue.join()
        for server in servers:
            server.cancel()

    async def _handled(self, resolver: Resolver, each: SalesOrder, killer: random.Random | None) -> bool:
        work = asyncio.create_task(resolver.resolve(claim(each, profile=self.profile)))
        if killer is not None and killer.random() < 0.5:
            await asyncio.wait([work], timeout=killer.random() / 20)
            work.cancel()
        try:
            self.customers[each.number] = customer_in(await work)
        except (TransientError, asyncio.CancelledError):
            return False
        return True

    def relations_by_email(self) -> Counter[str]:
        rows = self.driver.command("GET", "/relations")
        return Counter(row["email"] for row in rows if row.get("email"))


@pytest_asyncio.fixture
async def office(driver: AdministrationDriver, database_url: str) -> AsyncIterator[Office]:
    await asyncio.to_thread(migrate, database_url, "customer_resolver")
    keys = {"connection_key": driver.connection_key, "subscription_key": driver.subscription_key}
    administration_id = driver.rows("/companyInfo")["administratieIdentifier"]
    profile = stored_profile(
        snelstart_url=str(driver.client.base_url).rstrip("/"),
        bookkeeping=keys,
        administration_id=administration_id,
    )
    settings = CustomerResolverSettings(
        database_url=SecretStr(database_url), health_port=0, claim_lease_margin_seconds=0.2
    )
    engines = [create_engine(database_url) for _ in range(WORKERS)]
    clients = [create_http_client(HttpLimits(), allow_local_apis=True) for _ in range(WORKERS)]
    resolvers = [
        build_resolver(
            engine,
            SnelstartDirectories(SnelstartSessions(client, SystemClock())),
            SystemClock(),
            settings,
            lease_seconds=ORDER_LEASE_SECONDS,
        )
        for engine, client in zip(engines, clients, strict=True)
    ]
    yield Office(driver, profile, resolvers)
    for resolver, engine, client in zip(resolvers, engines, clients, strict=True):
        await resolver.keeper.close()
        await client.aclose()
        await engine.dispose()


def thirty_orders_of_five_buyers(seed: int) -> list[SalesOrder]:
    """Each buyer writes the address as people do: with capitals and spaces at times."""
    spellings = ("koper{}@example.nl", " Koper{}@Example.NL ", "KOPER{}@EXAMPLE.NL")
    orders = [
        order(
            str(1000 + number),
            email=spellings[number % 3].format(number % 5),
            invoice=address(name=f"Koper {number % 5}"),
        )
        for number in range(30)
    ]
    random.Random(seed).shuffle(orders)
    return orders


FIVE = {f"koper{number}@example.nl": 1 for number in range(5)}


async def test_thirty_orders_of_five_new_buyers_make_five_customers(office: Office) -> None:
    await office.work_off(thirty_orders_of_five_buyers(seed=1))
    assert office.relations_by_email() == FIVE
    assert len(office.customers) == 30
    for number, customer in office.customers.items():
        assert customer.number == office.customers[str(1000 + int(number) % 5)].number


@pytest.mark.parametrize("kind", ["cut_after_commit", "cut_before", "late_commit"])
async def test_also_when_answers_are_lost(office: Office, kind: str) -> None:
    office.driver.add_fault(kind, method="POST", path="/relaties", times=4, after=1, seconds=0.3)
    await office.work_off(thirty_orders_of_five_buyers(seed=2))
    assert office.relations_by_email() == FIVE


async def test_also_when_workers_die_at_any_moment(office: Office) -> None:
    await office.work_off(thirty_orders_of_five_buyers(seed=3), killed_now_and_then=random.Random(3))
    assert office.relations_by_email() == FIVE


async def test_a_known_customer_costs_no_call(office: Office) -> None:
    office.driver.add_customer(relatiecode=10412, email="jan@example.nl")
    await office.work_off([order(str(number)) for number in range(1000, 1000 + WORKERS)])
    office.driver.control("DELETE", "/calls")
    await office.work_off([order(str(number)) for number in range(2000, 2020)])
    assert office.driver.control("GET", "/calls").json() == []
    assert {customer.number for customer in office.customers.values()} == {10412}


async def test_a_new_customer_costs_two_calls(office: Office) -> None:
    await office.work_off([order("1001", email="eerste@example.nl")] * WORKERS)
    office.driver.control("DELETE", "/calls")
    await office.work_off([order("1002", email="tweede@example.nl")])
    calls = office.driver.control("GET", "/calls").json()
    assert [(call["method"], call["path"]) for call in calls][-2:] == [
        ("GET", "/v2/relaties"),
        ("POST", "/v2/relaties"),
    ]
