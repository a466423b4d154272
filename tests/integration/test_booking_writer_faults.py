"""Orders end once in a simulated SnelStart, whatever happens on the way; with real databases."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import pytest
import pytest_asyncio
from httpx import AsyncClient

from booking_writer.adapters.snelstart_bookkeeping import SnelstartBooks
from booking_writer.adapters.sql_booking_rows import SqlBookingRows
from booking_writer.handlers.vat_numbers import VatNumbers
from booking_writer.handlers.watching import LedgerWatch
from booking_writer.handlers.writing import WriteBooking, WritingLimits
from booking_writer_desk import claim, written
from factories import sales_order, stored_profile
from fakes_booking_writer import FakeLedgerFindings, FakeVatRegister
from sconnect.clock import SystemClock
from sconnect.contracts import (
    LinePrice,
    Message,
    OrderLine,
    SalesBookingWritten,
    SalesOrder,
    SalesOrderCustomerResolved,
    VatAmount,
)
from sconnect.errors import MisconfiguredError, Reason, RejectedError, TransientError
from sconnect.http import HttpLimits, create_http_client
from sconnect.messaging.memory import RecordingPublisher
from sconnect.persistence import create_engine
from sconnect.persistence.migrations import migrate
from sconnect.profiles import StoredProfile
from sconnect.snelstart import SnelstartSessions
from sconnect.stage import Claim
from simulators.clock import system_clock
from simulators.server import running
from simulators.snelstart import create_app
from simulators.snelstart.driver import AdministrationDriver

DEADLINE_SECONDS = 60
TOTAL_TIMEOUT_SECONDS = 2.0


@dataclass
class Office:
    """Writers that share a database and an administration, as several processes do."""

    driver: AdministrationDriver
    profile: StoredProfile
    relation_id: str
    rows: SqlBookingRows
    client: AsyncClient
    publisher: RecordingPublisher = field(default_factory=RecordingPublisher)

    def writer(self) -> WriteBooking:
        """A writer that knows nothing yet: a process that has just started."""
        clock = SystemClock()
        sessions = SnelstartSessions(self.client, clock, total_timeout_seconds=TOTAL_TIMEOUT_SECONDS)
        return WriteBooking(
            books=SnelstartBooks(sessions, clock),
            rows=self.rows,
            watch=LedgerWatch(findings=FakeLedgerFindings(), publisher=self.publisher, clock=clock),
            vat_numbers=VatNumbers(FakeVatRegister()),
            clock=clock,
            limits=WritingLimits(post_seconds_max=TOTAL_TIMEOUT_SECONDS, lease_margin_seconds=1),
        )

    def claim(self, order: SalesOrder) -> Claim:
        given = claim(order)
        message = given.message
        assert isinstance(message, SalesOrderCustomerResolved)
        customer = message.customer.model_copy(update={"relation_id": self.relation_id})
        return replace(given, message=message.model_copy(update={"customer": customer}), profile=self.profile)

    async def write(self, order: SalesOrder, writer: WriteBooking | None = None) -> tuple[Message, ...]:
        return await (writer or self.writer())(self.claim(order))

    async def write_until_told(
        self, order: SalesOrder, writer: WriteBooking | None = None
    ) -> SalesBookingWritten:
        """Each attempt by a writer that has just started, as after a crash, unless one is given.

        Two 401s to one order pause its profile, which goes on with the probe after it.
        """
        async with asyncio.timeout(DEADLINE_SECONDS):
            while True:
                try:
                    return written(await self.write(order, writer))
                except (TransientError, MisconfiguredError):
                    continue

    async def refusal(self, order: SalesOrder) -> Reason:
        with pytest.raises(RejectedError) as refused:
            await self.write(order)
        return refused.value.reason

    def bookings(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.driver.command("GET", "/bookings")
        return found

    def calls(self, path: str) -> int:
        return sum(path in call["path"] for call in self.driver.control("GET", "/calls").json())


@pytest.fixture(scope="module")
def simulator() -> Iterator[str]:
    with running(create_app(system_clock)) as base_url:
        yield base_url


@pytest_asyncio.fixture
async def office(simulator: str, database_url: str) -> AsyncIterator[Office]:
    migrate(database_url, "booking_writer")
    engine = create_engine(database_url)
    with AdministrationDriver(simulator) as driver:
        driver.control("POST", "/reset")
        driver.open()
        keys = {"subscription_key": driver.subscription_key, "connection_key": driver.connection_key}
        profile = stored_profile(
            snelstart_url=simulator,
            administration_id=driver.rows("/companyInfo")["administratieIdentifier"],
            bookkeeping=keys,
            bookings={"cost_centre": 2, "payment_term_days": 30},
        )
        async with create_http_client(HttpLimits(), allow_local_apis=True) as client:
            yield Office(driver, profile, driver.add_customer(), SqlBookingRows(engine), client)
    await engine.dispose()


# The example order that the shop's API documents, number 27.
DOCUMENTED_EXAMPLE = sales_order(
    number="27",
    total="47.450000",
    vat_amounts=(VatAmount(rate="9.00", amount="0.830000"), VatAmount(rate="21.00", amount="6.500000")),
    lines=(
        OrderLine(kind="article", prices=(LinePrice(net="12.396694", gross="15.00", rate="21.00"),)),
        OrderLine(kind="article", prices=(LinePrice(net="8.181818", gross="9.90", rate="21.00"),)),
        OrderLine(kind="article", prices=(LinePrice(net="4.834710", gross="5.85", rate="21.00"),)),
        OrderLine(kind="article", prices=(LinePrice(net="8.944950", gross="9.75", rate="9.00"),)),
        OrderLine(
            kind="payment",
            prices=(
                LinePrice(net="0.192571", gross="0.21", rate="9.00"),
                LinePrice(net="0.652972", gross="0.79", rate="21.00"),
            ),
        ),
        OrderLine(kind="payment", prices=(LinePrice(net="4.917355", gross="5.95", rate="21.00"),)),
    ),
)


async def test_the_documented_example_stands_in_the_books_to_the_cent(office: Office) -> None:
    told = written(await office.write(DOCUMENTED_EXAMPLE))
    (booking,) = office.bookings()

    assert booking["id"] == told.booking_id
    assert booking["factuurnummer"] == "27"
    assert booking["factuurdatum"][:10] == "2026-03-02"
    assert booking["omschrijving"] == "Mijnwebwinkel order 27"
    assert booking["klant"]["id"] == office.relation_id
    assert (booking["markering"], booking["betalingstermijn"]) == (True, 30)
    assert Decimal(str(booking["factuurbedrag"])) == Decimal("47.45")
    assert {row["btwSoort"]: Decimal(str(row["btwBedrag"])) for row in booking["btw"]} == {
        "VerkopenHoog": Decimal("6.50"),
        "VerkopenLaag": Decimal("0.83"),
    }
    lines = {
        line["omschrijving"]: (line["btwSoort"], Decimal(str(line["bedrag"])))
        for line in booking["boekingsregels"]
    }
    assert lines == {
        "Omzet 21%": ("Hoog", Decimal("25.42")),
        "Omzet 9%": ("Laag", Decimal("8.94")),
        "Betalingskosten 21%": ("Hoog", Decimal("5.57")),
        "Betalingskosten 9%": ("Laag", Decimal("0.19")),
    }
    assert all(line["kostenplaats"]["id"] for line in booking["boekingsregels"])


async def test_an_order_of_a_known_administration_costs_one_call(office: Office) -> None:
    writer = office.writer()
    await office.write(sales_order(), writer)
    office.driver.control("DELETE", "/calls")
    for number in range(2, 7):
        await office.write(sales_order(uuid=f"order-{number}", number=f"100{number}"), writer)

    assert office.calls("verkoopboekingen") == len(office.driver.control("GET", "/calls").json()) == 5


FAULTS: list[dict[str, Any]] = [
    {"kind": "cut_before"},
    {"kind": "cut_after_commit"},
    {"kind": "status_after_commit", "status": 500},
    {"kind": "status_after_commit", "status": 502, "body": "<html>Bad Gateway</html>"},
    {"kind": "status", "status": 503},
    {"kind": "status", "status": 429, "retry_after": "1"},
    {"kind": "status", "status": 401},
    {"kind": "slow_after_commit", "seconds": TOTAL_TIMEOUT_SECONDS + 0.5},
    {"kind": "truncate"},
    {"kind": "reset"},
]


@pytest.mark.parametrize("again", [{}, {"kind": "cut_after_commit"}], ids=str)
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault['kind']}-{fault.get('status', '')}")
async def test_trouble_with_the_posting_ends_in_one_booking(
    office: Office, fault: dict[str, Any], again: dict[str, Any]
) -> None:
    office.driver.add_fault(method="POST", path="verkoopboekingen", **fault)
    if again:
        office.driver.add_fault(path="verkoopfacturen", **again)
    told = await office.write_until_told(DOCUMENTED_EXAMPLE)

    (booking,) = office.bookings()
    assert told.booking_id == booking["id"]
    assert Decimal(str(booking["factuurbedrag"])) == Decimal(told.total) == Decimal("47.45")


async def test_a_post_that_lands_after_it_was_looked_up_is_not_sent_twice(office: Office) -> None:
    """The gateway gave up, the back end did not: the lease normally outlives it, the number always does."""
    office.driver.add_fault(
        method="POST", path="verkoopboekingen", kind="late_commit", seconds=0.3, status=504
    )
    office.driver.add_fault(method="POST", path="verkoopboekingen", kind="slow", seconds=0.4)
    await office.write_until_told(sales_order())

    assert len(office.bookings()) == 1


async def test_many_orders_with_trouble_at_random_moments_each_end_once(office: Office) -> None:
    for after, fault in enumerate([*FAULTS, *FAULTS]):
        office.driver.add_fault(method="POST", path="verkoopboekingen", after=after % 4, **fault)
    orders = [sales_order(uuid=f"order-{number}", number=str(number)) for number in range(1, 31)]
    writers = [office.writer() for _ in range(3)]
    told = await asyncio.gather(
        *(office.write_until_told(order, writers[place % 3]) for place, order in enumerate(orders))
    )

    booked = {booking["factuurnummer"]: booking["id"] for booking in office.bookings()}
    assert len(office.bookings()) == len(orders)
    assert {each.invoice_number: each.booking_id for each in told} == booked


async def test_a_number_that_someone_else_used_is_a_conflict(office: Office) -> None:
    await office.write(sales_order())
    stranger = sales_order(uuid="another", number="1002")
    office.driver.post_booking(office.driver.plain_booking(office.relation_id, "1002")).raise_for_status()

    reason = await office.refusal(stranger)

    assert reason.text_key == "CONFLICTS_WITH_EXISTING.number_taken"
    assert len(office.bookings()) == 2


async def test_a_booking_changed_by_hand_before_we_looked_is_a_conflict(office: Office) -> None:
    office.driver.add_fault(method="POST", path="verkoopboekingen", kind="cut_after_commit")
    with pytest.raises(TransientError):
        await office.write(sales_order())
    (booking,) = office.bookings()
    changed = {**booking, "factuurdatum": "2026-03-05"}
    office.driver.call("PUT", f"/verkoopboekingen/{booking['id']}", changed).raise_for_status()

    reason = await office.refusal(sales_order())

    assert reason.text_key == "CONFLICTS_WITH_EXISTING.different"
    assert reason.details["field"] == "invoice_date"
    assert (reason.details["ours"], reason.details["theirs"]) == ("2026-03-02", "2026-03-05")


async def test_a_changed_mark_or_description_is_no_difference(office: Office) -> None:
    office.driver.add_fault(method="POST", path="verkoopboekingen", kind="cut_after_commit")
    with pytest.raises(TransientError):
        await office.write(sales_order())
    (booking,) = office.bookings()
    changed = {**booking, "markering": False, "omschrijving": "Nagekeken"}
    office.driver.call("PUT", f"/verkoopboekingen/{booking['id']}", changed).raise_for_status()

    assert written(await office.write(sales_order())).outcome == "already_written"


async def test_a_booking_removed_by_hand_before_we_looked_is_posted_again(office: Office) -> None:
    office.driver.add_fault(method="POST", path="verkoopboekingen", kind="cut_after_commit")
    with pytest.raises(TransientError):
        await office.write(sales_order())
    (booking,) = office.bookings()
    office.driver.call("DELETE", f"/verkoopboekingen/{booking['id']}").raise_for_status()

    told = await office.write_until_told(sales_order())
    assert [each["id"] for each in office.bookings()] == [told.booking_id]


def close_customer(office: Office) -> None:
    row = office.driver.rows(f"/relaties/{office.relation_id}")
    office.driver.call(
        "PUT", f"/relaties/{office.relation_id}", {**row, "nonactief": True}
    ).raise_for_status()


@pytest.mark.parametrize(
    ("happens", "text_key"),
    [
        (lambda office: office.driver.change(blocked_until="2026-12-31"), "PERIOD_BLOCKED"),
        (lambda office: office.driver.command("DELETE", "/ledgers/8100"), "LEDGER_UNFIT.refused"),
        (close_customer, "CUSTOMER_REFUSED.for_booking"),
    ],
)
async def test_what_snelstart_refuses_waits_for_a_person_and_goes_on_once_it_is_put_right(
    office: Office, happens: Any, text_key: str
) -> None:
    writer = office.writer()
    await office.write(sales_order(uuid="first", number="1000"), writer)
    happens(office)
    with pytest.raises(RejectedError) as refused:
        await office.write(sales_order(), writer)

    assert refused.value.reason.text_key == text_key
    assert len(office.bookings()) == 1
    assert await office.rows.get("voorbeeldwinkel", sales_order().uuid) is None


async def test_a_key_of_another_administration_pauses_the_profile(office: Office) -> None:
    office.profile = replace(office.profile, administration_id="another-administration")
    with pytest.raises(MisconfiguredError) as error:
        await office.write(sales_order())

    assert error.value.reason.text_key == "PROFILE_PAUSED.other_administration"
    assert office.bookings() == []
