"""A ledger that broke in the books is told once, and stops only the orders that need it."""

from dataclasses import replace

import pytest

from booking_writer.domain.rules import Administration
from booking_writer_cases import administration, ledger
from booking_writer_desk import PROFILE, Desk, written
from factories import sales_order
from sconnect.contracts import LinePrice, OrderLine, ProfileLedgersChecked, SalesOrder, VatAmount
from sconnect.errors import Reason, ReasonCode, RejectedError, UpstreamUnavailable
from sconnect.ledgers import AccountFunction

BROKEN_FIELD = "bookings.ledgers.shipping.nl_low"


def books_with(**changes: object) -> Administration:
    """The books after the ledger for shipping at the low rate changed."""
    whole = administration()
    return replace(whole, ledgers={**whole.ledgers, 8301: ledger(8301, **changes)})


INACTIVE = books_with(is_active=False)


def told(desk: Desk) -> list[ProfileLedgersChecked]:
    return [event for event in desk.publisher.events if isinstance(event, ProfileLedgersChecked)]


def low_rate_order() -> SalesOrder:
    lines = (
        OrderLine(kind="article", prices=(LinePrice(net="50.00", gross="54.50", rate="9.00"),)),
        OrderLine(kind="shipping", prices=(LinePrice(net="5.00", gross="5.45", rate="9.00"),)),
    )
    return sales_order(
        uuid="low",
        number="1002",
        total="59.95",
        vat_amounts=(VatAmount(rate="9", amount="4.95"),),
        lines=lines,
    )


async def test_nothing_is_told_of_ledgers_that_fit() -> None:
    desk = Desk()
    await desk.run()
    assert desk.publisher.events == []


@pytest.mark.parametrize(
    ("broken", "code", "variant"),
    [
        (INACTIVE, "ledger_inactive", "inactive"),
        (books_with(function=AccountFunction.SALES_HIGH), "ledger_function", "function"),
        (books_with(needs_cost_centre=True), "ledger_cost_centre_required", "cost_centre_required"),
    ],
)
async def test_what_broke_is_told_once_and_stops_only_the_orders_that_need_it(
    broken: Administration, code: str, variant: str
) -> None:
    desk = Desk()
    desk.books.known = desk.books.actual = broken

    assert written(await desk.run()).outcome == "written"
    reason = await desk.refused(order=low_rate_order())
    await desk.refused(order=low_rate_order())

    assert (reason.code, reason.variant) == (ReasonCode.LEDGER_UNFIT, variant)
    assert (reason.details["ledger"], reason.details["field"]) == ("8301", BROKEN_FIELD)
    (event,) = told(desk)
    assert [(finding.code, finding.details["field"]) for finding in event.findings] == [(code, BROKEN_FIELD)]
    assert event.new == event.findings
    assert event.version == PROFILE.version


async def test_what_broke_later_is_told_with_only_that_as_new_and_its_repair_too() -> None:
    desk = Desk()
    desk.books.known = desk.books.actual = INACTIVE
    await desk.run()
    both = replace(INACTIVE, ledgers={number: a for number, a in INACTIVE.ledgers.items() if number != 8990})
    desk.books.known = desk.books.actual = both
    await desk.run(order=sales_order(uuid="second", number="1003"))
    desk.books.known = desk.books.actual = administration()
    await desk.run(order=sales_order(uuid="third", number="1004"))

    first, second, third = told(desk)
    assert [finding.code for finding in second.new] == ["ledger_unknown"]
    assert len(second.findings) == 2
    assert (third.findings, third.new) == ((), ())
    assert len({first.id, second.id, third.id}) == 3


async def test_a_process_that_starts_anew_tells_nothing_twice() -> None:
    desk, later = Desk(), Desk()
    desk.books.known = later.books.known = INACTIVE
    await desk.run()
    later.findings.known = desk.findings.known
    await later.run()
    assert (len(told(desk)), told(later)) == (1, [])


async def test_a_profile_saved_anew_is_told_under_its_new_version() -> None:
    desk = Desk()
    desk.books.known = INACTIVE
    await desk.run()
    await desk.run(order=sales_order(uuid="second", number="1003"), profile=replace(PROFILE, version=2))
    assert [(event.version, len(event.findings), len(event.new)) for event in told(desk)] == [
        (1, 1, 1),
        (2, 1, 0),
    ]


async def test_a_broker_that_is_away_keeps_no_order_waiting_and_the_next_one_tells() -> None:
    desk = Desk()
    desk.books.known = INACTIVE
    desk.publisher.failures.append(
        UpstreamUnavailable(Reason(code=ReasonCode.UPSTREAM_UNAVAILABLE, variant="broker"))
    )
    assert written(await desk.run()).outcome == "written"
    assert told(desk) == []
    await desk.run(order=sales_order(uuid="second", number="1003"))
    assert len(told(desk)) == 1


async def test_a_ledger_that_snelstart_refuses_is_named_with_its_field_after_a_fresh_look() -> None:
    desk = Desk()
    whole = administration()
    gone = {number: account for number, account in whole.ledgers.items() if number != 8100}
    desk.books.actual = replace(whole, ledgers=gone)
    refusal = Reason(code=ReasonCode.LEDGER_UNFIT, variant="refused", details={"ledger": "8100, 8300"})
    desk.books.fail_next_post(RejectedError(refusal))

    reason = await desk.refused()

    assert (reason.variant, reason.details["ledger"]) == ("unknown", "8100")
    assert reason.details["field"] == "bookings.ledgers.revenue.nl_high"
    assert desk.state() is None
    assert len(told(desk)) == 1


async def test_a_refusal_that_the_books_do_not_explain_stays_what_it_was() -> None:
    desk = Desk()
    refusal = Reason(code=ReasonCode.LEDGER_UNFIT, variant="refused", details={"ledger": "8100"})
    desk.books.fail_next_post(RejectedError(refusal))
    assert await desk.refused() == refusal
