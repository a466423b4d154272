"""The fake books and a SnelStart administration keep the same promises."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Protocol

import pytest
import pytest_asyncio

from booking_writer.adapters.snelstart_bookkeeping import SnelstartBooks
from booking_writer.domain.booking import ComposedBooking
from booking_writer.domain.comparison import first_difference
from booking_writer.ports import Bookkeeping, InvoiceNumberTaken
from booking_writer_cases import administration, booked, case, customer, line, order, rules, vat
from factories import stored_profile
from fakes_booking_writer import FakeBookkeeping
from sconnect.clock import SystemClock
from sconnect.errors import RateLimited, Reason, ReasonCode, UpstreamUnavailable
from sconnect.http import HttpLimits, create_http_client
from sconnect.ledgers import VatRateBand, band_of
from sconnect.snelstart import SnelstartSessions
from simulators.clock import system_clock
from simulators.server import running
from simulators.snelstart import create_app
from simulators.snelstart.driver import AdministrationDriver

UNAVAILABLE = Reason(code=ReasonCode.UPSTREAM_UNAVAILABLE)


class World(Protocol):
    """The books, and what happens around them."""

    relation_id: str

    @property
    def books(self) -> Bookkeeping: ...

    def lose_next_answer(self) -> None: ...

    def limit_next_post(self) -> None: ...

    def close_ledger(self, number: int) -> None: ...

    def count(self) -> int: ...


@dataclass
class FakeWorld:
    books: FakeBookkeeping
    relation_id: str = customer().relation_id

    def lose_next_answer(self) -> None:
        self.books.fail_next_post(UpstreamUnavailable(UNAVAILABLE, outcome_unknown=True), committed=True)

    def limit_next_post(self) -> None:
        self.books.fail_next_post(RateLimited(UNAVAILABLE, retry_after_seconds=7))

    def close_ledger(self, number: int) -> None:
        ledgers = dict(self.books.actual.ledgers)
        ledgers[number] = replace(ledgers[number], is_active=False)
        self.books.actual = replace(self.books.actual, ledgers=ledgers)

    def count(self) -> int:
        return len(self.books.bookings)


@dataclass
class SimulatedWorld:
    books: Bookkeeping
    relation_id: str
    driver: AdministrationDriver

    def lose_next_answer(self) -> None:
        self.driver.add_fault("cut_after_commit", method="POST", path="verkoopboekingen")

    def limit_next_post(self) -> None:
        self.driver.add_fault("status", method="POST", path="verkoopboekingen", status=429, retry_after="7")

    def close_ledger(self, number: int) -> None:
        rows = self.driver.command("GET", "/ledgers")
        row = next(row for row in rows if row["nummer"] == number)
        self.driver.command("POST", "/ledgers", {**row, "nonactief": True})

    def count(self) -> int:
        return len(self.driver.command("GET", "/bookings"))


@pytest.fixture(scope="module")
def simulator() -> Iterator[str]:
    with running(create_app(system_clock)) as base_url:
        yield base_url


@pytest_asyncio.fixture(params=["fake", "snelstart"])
async def world(request: pytest.FixtureRequest, simulator: str) -> AsyncIterator[World]:
    if request.param == "fake":
        yield FakeWorld(FakeBookkeeping(administration()))
        return
    with AdministrationDriver(simulator) as driver:
        driver.control("POST", "/reset")
        driver.open()
        keys = {"subscription_key": driver.subscription_key, "connection_key": driver.connection_key}
        profile = stored_profile(snelstart_url=simulator, bookkeeping=keys)
        async with create_http_client(HttpLimits(), allow_local_apis=True) as client:
            clock = SystemClock()
            books = SnelstartBooks(SnelstartSessions(client, clock), clock)(profile)
            yield SimulatedWorld(books, driver.add_customer(), driver)


def booking_for(world: World) -> ComposedBooking:
    """A booking with every kind of line, at two rates."""
    given = order(
        number="O'1001",
        total="73.10",
        vat_amounts=vat(("9.00", "0.82"), ("21.00", "7.11")),
        lines=(
            line("article", ("33.057851", "40.00", "21.00")),
            line("article", ("9.174312", "10.00", "9.00")),
            line("shipping", ("4.090909", "4.95", "21.00")),
            line("payment", ("0.826446", "1.00", "21.00")),
            line("discount", ("-4.132231", "-5.00", "21.00")),
            line("discount", ("-0.091743", "-0.10", "9.00")),
            line("article", ("22.00", "22.00", "0.00"), sku="GIFT"),
            line("custom", ("0.25", "0.25", "0.00"), sku="STATIE"),
        ),
    )
    return booked(case(given, customer=customer(relation_id=world.relation_id), rules=rules(cost_centre=2)))


async def test_a_posted_booking_is_found_and_says_what_was_sent(world: World) -> None:
    await world.books.administration()
    booking = booking_for(world)
    posted = await world.books.post_booking(booking)
    found = await world.books.find_booking_by_invoice_number("o'1001")

    assert found is not None
    assert found.booking_id == posted.booking_id
    assert first_difference(booking, posted) is None
    assert first_difference(booking, found) is None
    assert world.count() == 1


async def test_a_credit_is_a_booking_with_its_signs_changed(world: World) -> None:
    booking = booking_for(world)
    await world.books.post_booking(booking)
    credit = booked(
        case(
            order(
                number="1009",
                total="-4.95",
                vat_amounts=vat(("9.00", "-0.41")),
                is_credit=True,
                lines=(line("article", ("-4.541284", "-4.95", "9.00")),),
            ),
            customer=customer(relation_id=world.relation_id),
        )
    )
    posted = await world.books.post_booking(credit)

    assert posted.total == Decimal("-4.95")
    assert first_difference(credit, posted) is None


async def test_a_number_is_taken_once_whatever_its_capitals(world: World) -> None:
    booking = booking_for(world)
    await world.books.post_booking(booking)
    with pytest.raises(InvoiceNumberTaken):
        await world.books.post_booking(replace(booking, invoice_number="o'1001"))

    assert world.count() == 1


async def test_an_unknown_number_is_not_found(world: World) -> None:
    await world.books.post_booking(booking_for(world))

    assert await world.books.find_booking_by_invoice_number("1001") is None


async def test_a_lost_answer_is_unknown_and_the_booking_is_found(world: World) -> None:
    booking = booking_for(world)
    world.lose_next_answer()
    with pytest.raises(UpstreamUnavailable) as lost:
        await world.books.post_booking(booking)
    found = await world.books.find_booking_by_invoice_number(booking.invoice_number)

    assert lost.value.outcome_unknown
    assert found is not None
    assert first_difference(booking, found) is None


async def test_a_limited_post_was_not_written(world: World) -> None:
    world.limit_next_post()
    with pytest.raises(RateLimited) as limited:
        await world.books.post_booking(booking_for(world))

    assert limited.value.retry_after_seconds == 7
    assert world.count() == 0


async def test_the_administration_names_its_ledgers_rates_and_cost_centres(world: World) -> None:
    found = await world.books.administration()
    today = order().placed_on

    assert found.ledgers[8100].bands == {VatRateBand.HIGH}
    assert found.ledgers[8110].is_active
    assert found.ledgers[1760].bands == {VatRateBand.NONE}
    assert {1, 2} <= found.cost_centres
    assert not found.invoices_foreign_vat
    for rate, band in (("21", VatRateBand.HIGH), ("9", VatRateBand.LOW), ("6", None), ("0", None)):
        assert band_of(Decimal(rate), found.vat_periods, supplied_on=today, booked_on=today) is band


async def test_the_administration_is_read_once_for_many_orders(world: World) -> None:
    known = await world.books.administration()
    world.close_ledger(8110)

    assert await world.books.administration() is known
