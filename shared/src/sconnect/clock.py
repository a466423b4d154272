"""Time, from a source that tests can set; Dutch calendar days for the shop and the nightly runs."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

SHOP_TIME_ZONE = ZoneInfo("Europe/Amsterdam")


class Clock(Protocol):
    """Where every part gets its time; instants are aware and in UTC."""

    def now(self) -> datetime: ...

    async def sleep(self, seconds: float) -> None: ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class ManualClock:
    """A clock that stands still until it is moved; sleeping moves it and yields to other tasks once."""

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise ValueError("a clock needs an aware start time")
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def advance(self, step: timedelta) -> None:
        self._now += step

    async def sleep(self, seconds: float) -> None:
        self.advance(timedelta(seconds=seconds))
        await asyncio.sleep(0)


def dutch_date(instant: datetime) -> date:
    """The calendar date in the Netherlands at an aware instant."""
    return instant.astimezone(SHOP_TIME_ZONE).date()
