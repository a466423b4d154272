"""A preview shows the booking that the order would become, and writes it nowhere."""

import copy
from datetime import timedelta
from typing import Any

import pytest

from booking_writer.handlers.previewing import PreviewBooking
from booking_writer.handlers.vat_numbers import VatNumbers
from booking_writer_cases import administration
from booking_writer_desk import CUSTOMER, NOW, PROFILE, Desk, claim, written
from factories import sales_order, stored_profile
from sconnect.clock import ManualClock
from sconnect.contracts import (
    Buyer,
    BuyerAddress,
    CustomerOrigin,
    LinePrice,
    Mode,
    OrderLine,
    PreviewCustomerFound,
    PreviewedCard,
    PreviewedCustomer,
    PreviewHeldBack,
    PreviewTicket,
    SalesBookingPreviewed,
    SalesOrder,
    WireReason,
)
from sconnect.contracts.build import new_message
from sconnect.errors import MisconfiguredError, Reason, ReasonCode, RejectedError

KNOWN = PreviewedCustomer(
    origin=CUSTOMER.origin,
    explanation=CUSTOMER.explanation,
    name="Sanne Voorbeeld",
    relation_id=CUSTOMER.relation_id,
    number=CUSTOMER.number,
    country_code=CUSTOMER.country_code,
)
NEW = PreviewedCustomer(
    origin=CustomerOrigin.CREATED,
    explanation="email_unknown",
    name="Sanne Voorbeeld",
    country_code="NL",
    new_card=PreviewedCard(name="Sanne Voorbeeld"),
)
HELD_BACK = PreviewHeldBack(outcome="skipped", reason=WireReason(code="BEFORE_START"))


def found(order: SalesOrder | None = None, **changes: Any) -> PreviewCustomerFound:
    ticket = PreviewTicket(
        preview_id="preview-1",
        expires_at=NOW + timedelta(seconds=60),
        ledgers=changes.pop("ledgers", None),
    )
    fields = {"order": order or sales_order(), "customer": KNOWN, "held_back": HELD_BACK} | changes
    return new_message(
        PreviewCustomerFound,
        profile=PROFILE.profile.name,
        occurred_at=NOW,
        correlation_id="preview-1",
        id_parts=("preview-1",),
        mode=Mode.PREVIEW,
        ticket=ticket,
        **fields,
    )


def foreseer(desk: Desk) -> PreviewBooking:
    return PreviewBooking(
        books=desk.books, rows=desk.rows, vat_numbers=VatNumbers(desk.register), clock=ManualClock(NOW)
    )


async def preview(desk: Desk, **changes: Any) -> SalesBookingPreviewed:
    profile = changes.pop("profile", PROFILE)
    (answer,) = [message async for message in foreseer(desk)(found(**changes), profile)]
    assert isinstance(answer, SalesBookingPreviewed)
    return answer


def to_belgium() -> SalesOrder:
    address = BuyerAddress(company="Voorbeeld BV", country_code="BE", vat_number="BE0123456749")
    line = OrderLine(kind="article", prices=(LinePrice(net="50.00", gross="50.00", rate="0"),))
    return sales_order(
        tax_strategy="reverse_charged_vat",
        total="50.00",
        vat_amounts=(),
        lines=(line,),
        buyer=Buyer(email="sanne@example.nl", invoice=address, delivery=address),
    )


async def refused(desk: Desk, **changes: Any) -> Reason:
    with pytest.raises(RejectedError) as refusal:
        await preview(desk, **changes)
    return refusal.value.reason


async def test_the_booking_is_shown_with_the_names_of_its_ledgers_and_not_sent() -> None:
    desk = Desk()
    answer = await preview(desk)
    assert (answer.outcome, answer.stage) == ("booked", "booking-writer")
    booking = answer.booking
    assert booking is not None
    assert [(line.ledger_number, line.ledger_name, line.amount) for line in booking.lines] == [
        (8100, "Grootboek 8100", "50.00"),
        (8300, "Grootboek 8300", "6.20"),
    ]
    assert [line.vat_rate for line in booking.lines] == ["21", "21"]
    assert [(row.category, row.amount) for row in booking.vat_rows] == [("sales_high", "11.80")]
    assert (booking.total, booking.invoice_number) == ("68.00", "1001")
    assert (answer.received, answer.customer, answer.held_back) == (sales_order(), KNOWN, HELD_BACK)
    assert (desk.books.posts, desk.rows.rows) == (0, {})


async def test_it_is_the_booking_that_the_order_then_becomes() -> None:
    desk = Desk()
    foreseen = (await preview(desk)).booking
    made = written(await desk.run())
    assert foreseen is not None
    assert [
        (line.ledger_number, line.amount, line.vat_rate_band, line.description) for line in foreseen.lines
    ] == [(line.ledger_number, line.amount, line.vat_rate_band, line.description) for line in made.lines]
    assert foreseen.vat_rows == made.vat_rows
    assert (foreseen.total, foreseen.invoice_number, foreseen.invoice_date) == (
        made.total,
        made.invoice_number,
        made.invoice_date,
    )


async def test_a_customer_who_is_not_made_yet_changes_nothing_about_the_booking() -> None:
    assert (await preview(Desk(), customer=NEW)).booking == (await preview(Desk())).booking


async def test_an_order_that_is_booked_stays_as_it_is() -> None:
    desk = Desk()
    await desk.run()
    before = copy.deepcopy((desk.rows.rows, desk.books.bookings, desk.books.posts))
    answer = await preview(desk)
    assert answer.outcome == "already_booked"
    assert answer.booking is not None
    assert (desk.rows.rows, desk.books.bookings, desk.books.posts) == before


async def test_what_would_be_skipped_and_what_would_be_refused_is_told() -> None:
    zero = sales_order(total="0.00", vat_amounts=(), lines=())
    skipped = await preview(Desk(), order=zero)
    assert skipped.outcome == "skipped"
    assert skipped.reason is not None
    assert skipped.reason.code == "ZERO_TOTAL"
    assert (await refused(Desk(), order=sales_order(total="70.00"))).code is ReasonCode.TOTAL_MISMATCH


async def test_a_number_that_is_in_the_books_already_is_told() -> None:
    desk = Desk()
    await desk.run()
    other = sales_order(uuid="another-order")
    assert (await refused(desk, order=other)).variant == "used_by_us"
    desk.rows.clear()
    assert (await refused(desk, order=other)).variant == "number_taken"


async def test_who_tries_other_ledgers_costs_no_look_at_the_books() -> None:
    desk = Desk()
    await preview(desk, ledgers={"rounding": 8990})
    assert desk.books.looks == 0
    await preview(desk)
    assert desk.books.looks == 1


async def test_a_sentence_about_a_card_that_is_not_made_yet_names_no_number() -> None:
    known = await refused(Desk(), order=to_belgium())
    new = await refused(Desk(), order=to_belgium(), customer=NEW)
    assert known.details["customer_number"] == "10412"
    assert known.code is new.code
    assert "customer_number" not in new.details


async def test_a_vat_number_that_would_make_the_order_wait_is_told() -> None:
    belgian = KNOWN.model_copy(update={"vat_number": "BE0123456749", "country_code": "BE"})
    bookings = {"check_vies": True, "ledgers": {"revenue": {"eu_business": 8170}}}
    profile = stored_profile(administration_id=administration().id, bookings=bookings)
    assert (await preview(Desk(), order=to_belgium(), customer=belgian, profile=profile)).outcome == "booked"

    desk = Desk()
    desk.register.unknown.add("BE0123456749")
    reason = await refused(desk, order=to_belgium(), customer=belgian, profile=profile)
    assert (reason.code, reason.variant) == (ReasonCode.INVALID_VAT_NUMBER, "vies")
    misspelt = belgian.model_copy(update={"vat_number": "BE0123456740"})
    reason = await refused(desk, order=to_belgium(), customer=misspelt, profile=profile)
    assert (reason.code, reason.variant) == (ReasonCode.INVALID_VAT_NUMBER, "on_card")


async def test_another_administration_s_key_is_the_profile_s_mistake() -> None:
    desk = Desk()
    desk.books.known = administration(id="another")
    with pytest.raises(MisconfiguredError):
        await preview(desk)


async def test_a_live_message_is_no_preview() -> None:
    with pytest.raises(RejectedError):
        _ = [message async for message in foreseer(Desk())(claim().message, PROFILE)]
