"""Forgets once a day what was kept long enough; every service does so with what it remembers."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import structlog

from sconnect.clock import SHOP_TIME_ZONE, Clock
from sconnect.errors import TransientError

DAY_SECONDS = 24 * 60 * 60

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Retention:
    """How many years the trail and the raw order are kept, counted from the end of the year they are of.

    Dutch law asks 7 years of the books' vouchers (AWR article 52) and 10 of sales under the one-stop shop
    (VAT directive, article 369k). Where it is not known whether an order was one of those, the longer time
    counts for every order that went abroad.
    """

    trail_years: int
    oss_years: int

    def ends(self, now: datetime) -> "Ends":
        year = now.astimezone(SHOP_TIME_ZONE).year
        return Ends(trail=_new_year(year - self.trail_years), oss=_new_year(year - self.oss_years))


@dataclass(frozen=True, slots=True)
class Ends:
    """What is older than this has been kept long enough."""

    trail: datetime
    oss: datetime


Forget = Callable[[Ends], Awaitable[int]]
"""Forgets what is older than it has to be kept; returns the number of things forgotten."""


class DailyPruning:
    """A loop without an end. What a database in trouble put off is done the next day; a restart begins a day.

    Safe to run twice and in several processes: what is gone is gone.
    """

    def __init__(self, forgets: Mapping[str, Forget], *, retention: Retention, clock: Clock) -> None:
        self._forgets = forgets
        self._retention = retention
        self._clock = clock

    async def run(self) -> None:
        while True:
            await self.round()
            await self._clock.sleep(DAY_SECONDS)

    async def round(self) -> None:
        ends = self._retention.ends(self._clock.now())
        for name, forget in self._forgets.items():
            try:
                count = await forget(ends)
            except TransientError as error:
                log.warning("forgetting_put_off", what=name, cause=error.reason.text_key)
                continue
            if count:
                log.info("forgotten", what=name, count=count)


def _new_year(year: int) -> datetime:
    return datetime(year, 1, 1, tzinfo=SHOP_TIME_ZONE)
