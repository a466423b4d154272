"""A release is rolled out while orders come in: nobody loses, doubles or holds up one."""

import asyncio
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from rolling_fleet import FREE_LIMITS, Fleet, fleet_environment
from sconnect.clock import SystemClock
from simulators.clock import system_clock
from simulators.server import running
from simulators.snelstart import create_app
from simulators.snelstart.driver import AdministrationDriver

# Far less than the lease of 120 s that an order would wait for which was not given back.
WAIT_SECONDS_MAX = 60
PAUSE_SECONDS_MAX = 10
# A call to SnelStart takes this long, so that a stopped process has something in hand.
LATENCY_SECONDS = 0.25

pytestmark = pytest.mark.rabbitmq


@pytest.fixture
def driver() -> Iterator[AdministrationDriver]:
    with running(create_app(system_clock)) as url, AdministrationDriver(url) as driver:
        driver.open(limits=FREE_LIMITS, latency_seconds=LATENCY_SECONDS)
        yield driver


@pytest_asyncio.fixture
async def fleet(
    tmp_path: Path, rabbitmq_vhost_url: str, driver: AdministrationDriver
) -> AsyncIterator[Fleet]:
    fleet = Fleet(fleet_environment(tmp_path, rabbitmq_vhost_url), tmp_path)
    await fleet.prepare(driver)
    yield fleet
    await fleet.kill_all()


def bookings(driver: AdministrationDriver) -> Counter[str]:
    return Counter(booking["factuurnummer"] for booking in driver.command("GET", "/bookings"))


async def test_one_after_the_other_is_restarted_under_a_stream_of_orders(
    fleet: Fleet, driver: AdministrationDriver
) -> None:
    for package in ("customer_resolver", "booking_writer"):
        await asyncio.gather(fleet.start(package), fleet.start(package))
    is_over = asyncio.Event()
    collecting = asyncio.create_task(fleet.collect())
    sending = asyncio.create_task(fleet.send_until(is_over, pause_seconds=0.3))
    stops = []
    for package in ("booking_writer", "customer_resolver"):
        for _ in range(2):
            stops.append(await fleet.stop(package))
            await fleet.start(package)
    is_over.set()
    await asyncio.gather(sending, collecting)

    sys.stderr.write(
        f"{len(fleet.booked_at)} orders, 4 restarts: a stop took {max(stops):.1f} s at most, an order"
        f" {fleet.longest_wait_seconds():.1f} s, the longest pause {fleet.longest_pause_seconds():.1f} s\n"
    )
    assert bookings(driver) == dict.fromkeys(fleet.sent_at, 1)
    assert await fleet.dead_letters() == 0
    assert fleet.longest_wait_seconds() < WAIT_SECONDS_MAX
    assert fleet.longest_pause_seconds() < PAUSE_SECONDS_MAX


async def test_what_cannot_be_finished_in_time_is_given_back_without_waiting_for_its_lease(
    fleet: Fleet, driver: AdministrationDriver
) -> None:
    """One POST outlives the half second that handlers get here, and is known before the process ends."""
    fleet.environment |= {
        "SCONNECT_HTTP_TOTAL_TIMEOUT_SECONDS": "5",
        "SCONNECT_GRACEFUL_STOP_SECONDS": "5.5",
    }
    await fleet.start("booking_writer")
    driver.add_fault("slow_after_commit", method="POST", path="verkoopboekingen", seconds=3)
    at_once = asyncio.Event()
    at_once.set()
    await fleet.send_until(at_once, pause_seconds=0)
    async with asyncio.timeout(WAIT_SECONDS_MAX):
        while not bookings(driver):
            await SystemClock().sleep(0.05)
    stopping = asyncio.create_task(fleet.stop("booking_writer"))
    await fleet.start("booking_writer")
    await fleet.collect()

    assert await stopping < 5.5
    assert fleet.outcomes == {"already_written": 1}
    assert bookings(driver) == {"1001": 1}
    assert fleet.longest_wait_seconds() < WAIT_SECONDS_MAX
