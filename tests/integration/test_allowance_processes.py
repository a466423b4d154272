"""Several processes on one administration: the vendor never counts more than it allows, and is used well."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from sconnect.allowance.counting import LIMITS, Timing, Urgency, share_of
from sconnect.persistence.migrations import migrate
from simulators.clock import system_clock
from simulators.server import running
from simulators.snelstart import create_app
from simulators.snelstart.driver import AdministrationDriver

TESTS = Path(__file__).parents[1]
FREE = {"per_minute": 1_000_000, "per_hour": 1_000_000, "concurrent": 1_000}
# A minute of four seconds: the margins around it weigh more than around a real one.
SHORT = Timing(minute_ms=4_000, minute_slot_ms=100, permit_ms=400, arrival_ms=600)


@pytest.fixture
def driver() -> Iterator[AdministrationDriver]:
    with running(create_app(system_clock)) as url, AdministrationDriver(url) as driver:
        yield driver


def call_in_processes(
    driver: AdministrationDriver, database_url: str, *, limits: str, timing: dict[str, int], seconds: float
) -> list[dict[str, int]]:
    asyncio.run(asyncio.to_thread(migrate, database_url, "sconnect.allowance"))
    work = {
        "database_url": database_url,
        "snelstart_url": str(driver.client.base_url).rstrip("/"),
        "keys": {"connection_key": driver.connection_key, "subscription_key": driver.subscription_key},
        "limits": limits,
        "timing": timing,
        "seconds": seconds,
    }
    command = [sys.executable, "-m", "allowance_worker", json.dumps(work)]
    workers = [subprocess.Popen(command, cwd=TESTS, stdout=subprocess.PIPE) for _ in range(3)]
    return [json.loads(worker.communicate(timeout=seconds + 120)[0]) for worker in workers]


def most_in(moments: list[datetime], window_ms: int) -> int:
    """The largest number of calls in any window of this length."""
    most, start = 0, 0
    for end, moment in enumerate(moments):
        while (moment - moments[start]).total_seconds() * 1000 >= window_ms:
            start += 1
        most = max(most, end - start + 1)
    return most


def moments_of_calls(driver: AdministrationDriver) -> list[datetime]:
    calls: list[dict[str, Any]] = driver.control("GET", "/calls").json()
    return sorted(datetime.fromisoformat(call["at"]) for call in calls if "/companyInfo" in call["path"])


def test_no_window_of_the_vendor_holds_more_and_each_is_nearly_full(
    driver: AdministrationDriver, sqlite_url: str
) -> None:
    driver.open(limits=FREE)
    timing = {name: getattr(SHORT, name) for name in SHORT.__slots__}

    told = call_in_processes(driver, sqlite_url, limits="test", timing=timing, seconds=11)

    moments = moments_of_calls(driver)
    share = share_of(LIMITS["test"], Urgency.BULK).calls_per_minute
    assert sum(worker["calls"] for worker in told) == len(moments)
    assert most_in(moments, SHORT.minute_ms) <= share
    # What the margins leave of the limit, and a third for machines that are busy with other things; the long
    # run below measures it.
    window_ms = SHORT.minute_ms + SHORT.minute_slot_ms + SHORT.late_ms
    spent_ms = (moments[-1] - moments[0]).total_seconds() * 1000
    assert len(moments) >= 0.67 * share * max(1, spent_ms // window_ms)


@pytest.mark.long
@pytest.mark.parametrize("limits", ["test", "production"])
def test_the_real_limits_are_kept_to_the_letter(
    driver: AdministrationDriver, database_url: str, limits: str
) -> None:
    allowed = LIMITS[limits]
    driver.open(
        limits={
            "per_minute": allowed.calls_per_minute,
            "per_hour": allowed.calls_per_hour,
            "concurrent": allowed.calls_at_once,
        }
    )

    told = call_in_processes(driver, database_url, limits=limits, timing={}, seconds=200)

    moments = moments_of_calls(driver)
    assert sum(worker["refused"] for worker in told) == 0
    # Trouble is for orders to wait out; more than a trace of it would be a fault of ours.
    assert sum(worker["troubled"] for worker in told) <= sum(worker["calls"] for worker in told) // 100
    assert most_in(moments, 60_000) <= allowed.calls_per_minute
    minutes = (moments[-1] - moments[0]).total_seconds() / 60
    assert len(moments) / minutes >= 0.8 * allowed.calls_per_minute
