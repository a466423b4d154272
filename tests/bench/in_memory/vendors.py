"""SnelStart and the weather of the soak: answers that are lost, limits, hours without an API, a wrong key."""

import random
from array import array
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bench.in_memory.orders import AMBIGUOUS_EMAIL, FIRST_NUMBER
from booking_writer.domain.booking import ComposedBooking
from booking_writer.domain.comparison import ExistingBooking
from booking_writer.domain.rules import Administration
from booking_writer.ports import InvoiceNumberTaken
from customer_resolver.domain.cards import NewCard
from customer_resolver.domain.relations import Relation
from fakes_booking_writer import FakeBookkeeping
from fakes_customer_resolver import FakeDirectory
from fakes_poller import FakeShop, RawOrder
from poller.ports import Sighting
from sconnect.clock import Clock
from sconnect.errors import (
    MisconfiguredError,
    RateLimited,
    Reason,
    ReasonCode,
    SConnectError,
    UpstreamUnavailable,
)

SLOW_DOWN = Reason(code=ReasonCode.UPSTREAM_UNAVAILABLE, variant="too_many_requests")
AWAY = Reason(code=ReasonCode.UPSTREAM_UNAVAILABLE, variant="timeout")
WRONG_KEY = Reason(code=ReasonCode.PROFILE_PAUSED, variant="connection_key")
# After this the soak itself keeps a byte and a sum for a booking, no more.
BOOKINGS_KEPT = timedelta(days=60)


@dataclass
class Weather:
    """What goes wrong at one administration; `shares` are of the calls that write."""

    clock: Clock
    chance: random.Random
    lost_answers: float = 0.004
    refused_for_pace: float = 0.004
    server_errors: float = 0.004
    away_until: datetime = field(init=False)
    key_wrong_until: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.away_until = self.key_wrong_until = self.clock.now()

    def require_open(self) -> None:
        """For every call."""
        if self.clock.now() < self.key_wrong_until:
            raise MisconfiguredError(WRONG_KEY)
        if self.clock.now() < self.away_until:
            raise UpstreamUnavailable(AWAY)

    def trouble_of_a_write(self) -> tuple[SConnectError, bool] | None:
        """What happens to a call that writes, and whether it is carried out all the same."""
        drawn = self.chance.random()
        if drawn < self.lost_answers:
            return UpstreamUnavailable(AWAY, outcome_unknown=True), self.chance.random() < 0.5
        if drawn < self.lost_answers + self.refused_for_pace:
            return RateLimited(SLOW_DOWN, retry_after_seconds=20), False
        if drawn < self.lost_answers + self.refused_for_pace + self.server_errors:
            return UpstreamUnavailable(AWAY), False
        return None


class SoakShop(FakeShop):
    """Shows an order that did not change as it was translated the first time: a run reads it six times."""

    def __init__(self) -> None:
        super().__init__()
        self._translated: dict[str, tuple[tuple[str, ...], Sighting]] = {}

    def sighting(self, order: RawOrder) -> Sighting:
        state = (str(order["status"]), order["price"]["total"])
        known, sighting = self._translated.get(order["number"], ((), None))
        if sighting is None or known != state:
            sighting = super().sighting(order)
            self._translated[order["number"]] = (state, sighting)
        return sighting

    def show_from(self, number: int) -> None:
        """Older orders leave the list, and what was asked so far is forgotten."""
        self.orders = [order for order in self.orders if int(order["number"]) >= number]
        shown = {order["number"] for order in self.orders}
        self._translated = {key: entry for key, entry in self._translated.items() if key in shown}


class SoakDirectory(FakeDirectory):
    """Relations in any weather; two of them share an e-mail address from the beginning."""

    def __init__(self, clock: Clock, administration_id: str, weather: Weather) -> None:
        super().__init__(clock, administration_id)
        self._weather = weather
        for number in (1, 2):
            self.add(
                Relation(
                    relation_id=f"{administration_id}-gedeeld-{number}",
                    number=number,
                    name=f"Gedeeld Adres {number}",
                    emails=(AMBIGUOUS_EMAIL,),
                )
            )

    async def relations(self, *, modified_since: datetime | None = None) -> AsyncIterator[Sequence[Relation]]:
        self._weather.require_open()
        async for page in super().relations(modified_since=modified_since):
            yield page

    async def find_by_number(self, number: int) -> Relation | None:
        self._weather.require_open()
        return await super().find_by_number(number)

    async def create(self, card: NewCard, number: int) -> Relation:
        self._weather.require_open()
        trouble, is_made = self._weather.trouble_of_a_write() or (None, True)
        if trouble is not None and not is_made:
            raise trouble
        relation = await super().create(card, number)
        if trouble is not None:
            raise trouble
        return relation


class SoakBookkeeping(FakeBookkeeping):
    """The books in any weather. What every order came to is kept for ever, in a byte and a sum."""

    def __init__(self, administration: Administration, orders: int, clock: Clock, weather: Weather) -> None:
        super().__init__(administration)
        self._clock = clock
        self._weather = weather
        self._posted_at: dict[str, datetime] = {}
        self.times_booked = bytearray(orders)
        self.cents = array("q", bytes(8 * orders))

    async def administration(self) -> Administration:
        self._weather.require_open()
        return await super().administration()

    async def post_booking(self, booking: ComposedBooking) -> ExistingBooking:
        self._weather.require_open()
        place = int(booking.invoice_number) - FIRST_NUMBER
        if self.times_booked[place]:
            raise InvoiceNumberTaken(booking.invoice_number)
        if (trouble := self._weather.trouble_of_a_write()) is not None:
            self.fail_next_post(trouble[0], committed=trouble[1])
        return await super().post_booking(booking)

    async def find_booking_by_invoice_number(self, invoice_number: str) -> ExistingBooking | None:
        self._weather.require_open()
        return await super().find_booking_by_invoice_number(invoice_number)

    def keep(self, booking: ExistingBooking) -> None:
        super().keep(booking)
        place = int(booking.invoice_number) - FIRST_NUMBER
        self.times_booked[place] += 1
        self.cents[place] += int(booking.total * 100)
        self._posted_at[booking.invoice_number] = self._clock.now()

    def put_away(self) -> None:
        """Bookings whose answer nobody waits for any more."""
        before = self._clock.now() - BOOKINGS_KEPT
        for number in [number for number, at in self._posted_at.items() if at < before]:
            del self._posted_at[number]
            del self._by_number[number.casefold()]
