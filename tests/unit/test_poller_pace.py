"""Calls to one shop are spread evenly, also by a clock that jumps."""

from datetime import UTC, datetime, timedelta

import pytest

from poller.adapters.shop_source import Pace
from sconnect.clock import ManualClock

NOON = datetime(2026, 3, 9, 12, tzinfo=UTC)


async def seconds_waited(pace: Pace, clock: ManualClock) -> float:
    before = clock.now()
    await pace.wait()
    return (clock.now() - before).total_seconds()


async def test_calls_come_no_faster_than_the_pace() -> None:
    clock = ManualClock(NOON)
    pace = Pace(clock, 2.0)
    waited = [await seconds_waited(pace, clock) for _ in range(3)]
    assert waited == pytest.approx([0, 0.5, 0.5])


@pytest.mark.parametrize("jump", [timedelta(days=1), timedelta(days=-1)], ids=["ahead", "back"])
async def test_a_clock_that_jumps_holds_up_no_call_for_longer_than_the_pace(jump: timedelta) -> None:
    clock = ManualClock(NOON)
    pace = Pace(clock, 2.0)
    await pace.wait()
    clock.advance(jump)
    assert await seconds_waited(pace, clock) <= 0.5
    assert await seconds_waited(pace, clock) == pytest.approx(0.5)
