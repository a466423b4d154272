"""One poller per profile at a time: the fake and the lease in the database keep the same promise."""

import asyncio

import pytest
import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncEngine

from fakes_poller import FakeLeases
from poller.adapters.profile_leases import SqlProfileLeases
from poller.adapters.tables import leases
from poller.app import PACKAGE
from poller.ports import ProfileLeases
from sconnect.errors import ConcurrentChange
from sconnect.persistence import Leases, create_engine
from sconnect.persistence.migrations import migrate

SHORT_LEASE_SECONDS = 1.0


@pytest.fixture
def engine(database_url: str, database_engine: AsyncEngine) -> AsyncEngine:
    migrate(database_url, PACKAGE)
    return database_engine


@pytest_asyncio.fixture(params=["fake", "sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def profile_leases(request: pytest.FixtureRequest):
    if request.param == "fake":
        yield FakeLeases()
        return
    url: str = request.getfixturevalue(f"{request.param}_url")
    migrate(url, PACKAGE)
    engine = create_engine(url)
    yield SqlProfileLeases(Leases(engine, leases), lease_seconds=30)
    await engine.dispose()


async def test_one_holds_a_profile_at_a_time(profile_leases: ProfileLeases):
    async with profile_leases.hold("shop") as mine:
        assert mine is not None
        mine.require_held()
        async with profile_leases.hold("shop") as second, profile_leases.hold("other-shop") as other:
            assert second is None
            assert other is not None


async def test_a_profile_is_free_again_afterwards_also_after_an_error(profile_leases: ProfileLeases):
    with pytest.raises(ZeroDivisionError):
        async with profile_leases.hold("shop"):
            raise ZeroDivisionError
    async with profile_leases.hold("shop") as lease:
        assert lease is not None


async def test_a_lease_is_renewed_for_as_long_as_the_work_goes_on(engine: AsyncEngine):
    renewed = asyncio.Event()

    class Counting(Leases):
        renewals = 0

        async def renew(self, name: str, token: str, seconds: float) -> bool:
            held = await super().renew(name, token, seconds)
            self.renewals += 1
            # By now the lease as it was taken would be over.
            if self.renewals * SHORT_LEASE_SECONDS / 3 > 1.2 * SHORT_LEASE_SECONDS:
                renewed.set()
            return held

    mine = SqlProfileLeases(Counting(engine, leases), lease_seconds=SHORT_LEASE_SECONDS)
    others = SqlProfileLeases(Leases(engine, leases), lease_seconds=SHORT_LEASE_SECONDS)
    async with mine.hold("shop") as lease, asyncio.timeout(10):
        assert lease is not None
        await renewed.wait()
        lease.require_held()
        async with others.hold("shop") as second:
            assert second is None


async def test_who_lost_the_lease_is_told_before_going_on(engine: AsyncEngine):
    lost = asyncio.Event()

    class Losing(Leases):
        async def renew(self, name: str, token: str, seconds: float) -> bool:
            await self.release(name, token)
            held = await super().renew(name, token, seconds)
            lost.set()
            return held

    mine = SqlProfileLeases(Losing(engine, leases), lease_seconds=SHORT_LEASE_SECONDS)
    async with mine.hold("shop") as lease, asyncio.timeout(10):
        assert lease is not None
        await lost.wait()
        await asyncio.sleep(0)
        with pytest.raises(ConcurrentChange):
            lease.require_held()


async def test_a_renewal_that_lost_its_cancellation_does_not_hold_the_work_up(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
):
    """As the driver of PostgreSQL loses one on Python 3.11: the profile would never be polled again."""
    monkeypatch.setattr("sconnect.tasks.CANCEL_AGAIN_SECONDS", 0.05)
    renewing = asyncio.Event()

    class LosingACancellation(Leases):
        async def renew(self, name: str, token: str, seconds: float) -> bool:
            renewing.set()
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                return await super().renew(name, token, seconds)
            return False

    mine = SqlProfileLeases(LosingACancellation(engine, leases), lease_seconds=SHORT_LEASE_SECONDS)
    others = SqlProfileLeases(Leases(engine, leases), lease_seconds=SHORT_LEASE_SECONDS)
    async with asyncio.timeout(10), mine.hold("shop"):
        await renewing.wait()
    async with others.hold("shop") as lease:
        assert lease is not None
