"""The session keeps to its administration's allowance, over a simulated SnelStart."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest
import pytest_asyncio

from factories import stored_profile
from sconnect.allowance import AllowanceStore, CallAllowances
from sconnect.allowance.counting import Demand, Grant
from sconnect.clock import SystemClock
from sconnect.errors import AllowanceSpent, RateLimited
from sconnect.http import HttpLimits, create_http_client
from sconnect.persistence import create_engine
from sconnect.persistence.migrations import migrate
from sconnect.profiles import StoredProfile
from sconnect.snelstart import SnelstartDirectory, SnelstartNotFound, SnelstartSessions
from simulators.clock import system_clock
from simulators.server import running
from simulators.snelstart import create_app
from simulators.snelstart.driver import AdministrationDriver


class CountingStore(AllowanceStore):
    """Grants as the real one does, one permit at a time, and counts them per administration."""

    granted: list[str]

    async def ask(self, administration_id: str, demand: Demand) -> Grant:
        granted = await super().ask(administration_id, replace(demand, permits=1))
        self.granted += [administration_id] * granted.permits
        return granted


class Line:
    """Sessions of profiles on several administrations, which the vendor takes for one."""

    def __init__(
        self, driver: AdministrationDriver, store: CountingStore, sessions: SnelstartSessions
    ) -> None:
        self.driver = driver
        self.store = store
        self.sessions = sessions

    def profile(self, administration_id: str) -> StoredProfile:
        driver = self.driver
        return stored_profile(
            administration_id=administration_id,
            snelstart_url=str(driver.client.base_url).rstrip("/"),
            bookkeeping={
                "connection_key": driver.connection_key,
                "subscription_key": driver.subscription_key,
            },
        )

    def directory(self, administration_id: str) -> SnelstartDirectory:
        return SnelstartDirectory(self.sessions.of(self.profile(administration_id)))


@pytest.fixture
def driver() -> Iterator[AdministrationDriver]:
    with running(create_app(system_clock)) as url, AdministrationDriver(url) as driver:
        driver.open()
        yield driver


@pytest_asyncio.fixture
async def line(driver: AdministrationDriver, sqlite_url: str) -> AsyncIterator[Line]:
    await asyncio.to_thread(migrate, sqlite_url, "sconnect.allowance")
    engine = create_engine(sqlite_url)
    store = CountingStore(engine)
    store.granted = []
    allowances = CallAllowances(store, call_seconds_max=2)
    async with create_http_client(HttpLimits(), allow_local_apis=True) as client:
        yield Line(driver, store, SnelstartSessions(client, SystemClock(), allowances=allowances))
    await allowances.close()
    await engine.dispose()


async def test_every_call_of_a_profile_is_one_of_its_administrations_but_the_login(line: Line) -> None:
    await line.directory("a").company_info()
    await line.directory("a").ledgers()
    with pytest.raises(SnelstartNotFound):
        await line.sessions.of(line.profile("b")).get("/relaties/00000000-0000-0000-0000-000000000000")

    assert Counter(line.store.granted) == {"a": 2, "b": 1}


async def test_a_429_keeps_every_session_of_the_administration_away(line: Line) -> None:
    line.driver.add_fault("status", status=429, retry_after="30", path="companyInfo")

    with pytest.raises(RateLimited) as refused:
        await line.directory("a").company_info()
    with pytest.raises(AllowanceSpent):
        await line.sessions.of(line.profile("a")).post("/relaties", {})
    with pytest.raises(AllowanceSpent):
        line.sessions.require_calls(line.profile("a"))
    await line.directory("b").company_info()

    assert not isinstance(refused.value, AllowanceSpent)
    calls = line.driver.control("GET", "/calls").json()
    assert not any("relaties" in call["path"] for call in calls)


async def test_a_spent_quota_keeps_them_away_too(line: Line) -> None:
    body = {"statusCode": 403, "message": "Out of call volume quota. Quota will be replenished in 00:10:00."}
    line.driver.add_fault("status", status=403, body=json.dumps(body), path="companyInfo")

    with pytest.raises(RateLimited):
        await line.directory("a").company_info()
    with pytest.raises(AllowanceSpent):
        line.sessions.require_calls(line.profile("a"))


async def test_a_key_whose_administration_is_not_known_is_counted_by_itself(line: Line) -> None:
    settings = line.profile("a").profile.bookkeeping

    await SnelstartDirectory(line.sessions.of_settings(settings)).company_info()
    await SnelstartDirectory(line.sessions.of_settings(settings, "a")).company_info()

    assert [name.partition(":")[0] for name in line.store.granted] == ["key", "a"]
    assert line.driver.connection_key not in line.store.granted[0]
