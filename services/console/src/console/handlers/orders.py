"""What can be asked about orders."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from console.domain.refusals import NotKnown
from console.domain.search import DayFigures, OrderFilter, OrderPlace
from console.domain.standing import OrderRow
from console.handlers.parts import ROWS_PER_PART
from console.ports import OrderBook, ProfileShelf
from sconnect.clock import Clock, dutch_date
from sconnect.contracts import Message

ORDERS_PER_PAGE = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderTrail:
    row: OrderRow
    messages: Sequence[Message]


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderPage:
    """`more` is what to ask for the next page with; None on the last one."""

    rows: Sequence[OrderRow]
    more: OrderPlace | None


class OrderDesk:
    def __init__(self, *, profiles: ProfileShelf, orders: OrderBook, clock: Clock) -> None:
        self._profiles = profiles
        self._orders = orders
        self._clock = clock

    async def orders(self, profile: str) -> AsyncIterator[Sequence[OrderRow]]:
        """All orders of a profile by number, part by part: of many thousands, nobody else has to wait.

        Of a deleted profile too. NotKnown, at once, for a profile that was never heard of.
        """
        uuids = await self._orders.order_uuids(profile)
        if not uuids and await self._profiles.get(profile) is None:
            raise NotKnown("profile_unknown", name=profile)
        return self._parts(profile, uuids)

    async def _parts(self, profile: str, uuids: Sequence[str]) -> AsyncIterator[Sequence[OrderRow]]:
        for start in range(0, len(uuids), ROWS_PER_PART):
            yield await self._orders.orders(profile, uuids[start : start + ROWS_PER_PART])

    async def trail(self, profile: str, number: str) -> OrderTrail:
        """One order with everything that was told about it. NotKnown: no such order."""
        row = await self._orders.order(profile, number)
        if row is None:
            raise NotKnown("order_unknown", number=number, profile=profile)
        return OrderTrail(row=row, messages=await self._orders.trail(profile, row.order_uuid))

    async def page(self, wanted: OrderFilter, *, after: OrderPlace | None) -> OrderPage:
        """The orders that fit, the newest first."""
        found = await self._orders.search(wanted, after=after, at_most=ORDERS_PER_PAGE + 1)
        shown = found[:ORDERS_PER_PAGE]
        more = shown[-1][0] if len(found) > len(shown) else None
        return OrderPage(rows=[row for _, row in shown], more=more)

    async def all_of(self, wanted: OrderFilter) -> AsyncIterator[Sequence[OrderRow]]:
        """All orders that fit, the newest first, part by part."""
        after: OrderPlace | None = None
        while part := await self._orders.search(wanted, after=after, at_most=ROWS_PER_PART):
            yield [row for _, row in part]
            after = part[-1][0]

    async def last_days(self, count: int) -> Sequence[DayFigures]:
        """Every one of the last `count` Dutch calendar days, today the last, those without orders too."""
        today = dutch_date(self._clock.now())
        days = [today - timedelta(days=back) for back in reversed(range(count))]
        known = {figures.day: figures for figures in await self._orders.days(days[0], today)}
        nothing = [DayFigures(day=day, orders=0, booked=0, booked_cents=0) for day in days]
        return [known.get(empty.day, empty) for empty in nothing]

    async def reason_codes(self) -> Sequence[str]:
        return await self._orders.reason_codes()
