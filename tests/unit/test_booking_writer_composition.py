"""What a booking has beside its amounts, and which orders become none."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from booking_writer.domain.booking import ComposedBooking, SkippedOrder
from booking_writer.domain.composition import compose
from booking_writer.domain.order import BookableOrder
from booking_writer_cases import (
    DOCUMENTED_EXAMPLE,
    MAPPING,
    administration,
    amounts,
    booked,
    case,
    customer,
    ledger,
    line,
    mirrored,
    order,
    rules,
    vat,
)
from sconnect.errors import ReasonCode, RejectedError
from sconnect.ledgers import LedgerColumn, LedgerRefinement, LineKind, VatRateBand

A_CENT_OFF = order(total="68.01")


def test_the_documented_example_adds_up_to_what_the_customer_paid() -> None:
    booking = booked(case(DOCUMENTED_EXAMPLE))

    assert booking.total == Decimal("47.45")
    assert sum(line.amount for line in booking.lines) + Decimal("7.33") == booking.total
    assert not booking.vat_was_derived


def test_the_rest_of_a_booking_comes_from_the_profile() -> None:
    given = order(number="1002", status_changed_on=date(2026, 3, 9))
    booking = booked(
        case(
            given,
            rules=rules(
                invoice_number="MW-{order_number}",
                description="Bestelling {order_number}",
                dated_by_status=True,
                payment_term_days=14,
                cost_centre=2,
                mark_unread=False,
            ),
        )
    )

    assert (booking.invoice_number, booking.description) == ("MW-1002", "Bestelling 1002")
    assert booking.invoice_date == date(2026, 3, 9)
    assert (booking.payment_term_days, booking.mark_unread) == (14, False)
    assert {line.cost_centre for line in booking.lines} == {2}
    assert (booking.relation_id, booking.customer_number) == (customer().relation_id, 10412)


def test_a_booking_is_dated_by_the_order_unless_the_profile_says_otherwise() -> None:
    assert booked(case(order(status_changed_on=date(2026, 4, 1)))).invoice_date == date(2026, 3, 2)
    assert booked(case(rules=rules(dated_by_status=True))).invoice_date == date(2026, 3, 2)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("Order {order_number}", "Order 1009 (credit van 1001)"),
        ("{order_number} / {credited_order_number}", "1009 / 1001"),
        ("{order_number} {reference}", "1009 AK-7 (credit van 1001)"),
        ("{{{order_number}}}", "{1009} (credit van 1001)"),
    ],
)
def test_a_credit_names_its_original(pattern: str, expected: str) -> None:
    given = replace(mirrored(order()), number="1009", credited_number="1001", reference="AK-7")

    assert booked(case(given, rules=rules(description=pattern))).description == expected


def test_a_long_description_is_cut() -> None:
    assert len(booked(case(rules=rules(description="x" * 300))).description) == 250


def test_a_credit_keeps_the_rate_of_its_original_under_another_kind() -> None:
    six_percent = order(
        total="10.60", vat_amounts=vat(("6.00", "0.60")), lines=(line("article", ("10.00", "10.60", "6.00")),)
    )
    credit = replace(mirrored(six_percent), credited_placed_on=date(2018, 12, 1))

    assert amounts(booked(case(credit))) == {"8120 revenue": "-10.00", "sales_other": "-0.60"}
    assert amounts(booked(case(replace(six_percent, placed_on=date(2018, 12, 1))))) == {
        "8110 revenue": "10.00",
        "sales_low": "0.60",
    }


def test_refined_ledgers_win_over_the_plain_ones() -> None:
    books = LedgerRefinement(
        kind=LineKind.REVENUE,
        sku="boek-*",
        numbers={LedgerColumn.NL_HIGH: 8150},
        payment_method="mollie/ideal",
    )
    mapping = replace(MAPPING, refinements=(books,))
    given = order(
        total="136.00",
        vat_amounts=vat(("21.00", "23.60")),
        lines=(
            line("article", ("56.198347", "68.00", "21.00"), sku="BOEK-12"),
            line("article", ("56.198347", "68.00", "21.00"), sku="MOK"),
        ),
    )

    paid_by_ideal = case(replace(given, payment_method="mollie/ideal"), rules=rules(ledgers=mapping))
    assert amounts(booked(paid_by_ideal)) == {
        "8100 revenue": "56.20",
        "8150 revenue": "56.20",
        "sales_high": "23.60",
    }
    assert amounts(booked(case(given, rules=rules(ledgers=mapping)))) == {
        "8100 revenue": "112.40",
        "sales_high": "23.60",
    }


@pytest.mark.parametrize(
    ("condition", "ledger_number"),
    [
        ({"country": "be"}, 8150),
        ({"country": "DE"}, 8100),
        ({"sku": "tr*in"}, 8150),
        ({"sku": "tr?in"}, 8100),
        ({"sku": "BOEK"}, 8100),
        ({"payment_method": "Mollie/iDEAL"}, 8150),
        ({"payment_method": "mollie/bancontact"}, 8100),
        ({"sku": "TREIN", "country": "DE"}, 8100),
    ],
)
def test_a_refinement_needs_all_its_conditions(condition: dict[str, Any], ledger_number: int) -> None:
    refinement = LedgerRefinement(kind=LineKind.REVENUE, numbers={LedgerColumn.NL_HIGH: 8150}, **condition)
    given = order(
        lines=(line("article", ("56.198347", "68.00", "21.00"), sku="TREIN"),),
        destination_country="BE",
        payment_method="mollie/ideal",
    )
    mapping = replace(MAPPING, refinements=(refinement,))

    assert booked(case(given, rules=rules(ledgers=mapping))).lines[0].ledger_number == ledger_number


NOTHING = order(total="0.00", vat_amounts=(), lines=(line("article", ("0.000000", "0.00", "21.00")),))
FREE_BY_DISCOUNT = order(
    total="0.00",
    vat_amounts=(),
    lines=(
        line("article", ("8.264463", "10.00", "21.00")),
        line("discount", ("-8.264463", "-10.00", "21.00")),
    ),
)


@pytest.mark.parametrize("given", [NOTHING, FREE_BY_DISCOUNT, replace(FREE_BY_DISCOUNT, is_credit=True)])
def test_a_zero_order_is_skipped(given: BookableOrder) -> None:
    skipped = compose(case(given))

    assert isinstance(skipped, SkippedOrder)
    assert skipped.reason.code is ReasonCode.ZERO_TOTAL


def test_a_zero_order_is_booked_when_the_profile_says_so() -> None:
    booking = booked(case(FREE_BY_DISCOUNT, rules=rules(book_zero_totals=True)))
    assert amounts(booking) == {"8100 revenue": "8.26", "8320 discount": "-8.26", "sales_high": "0.00"}

    nothing = compose(case(NOTHING, rules=rules(book_zero_totals=True)))
    assert isinstance(nothing, SkippedOrder)
    assert nothing.reason.code is ReasonCode.NOTHING_TO_BOOK


def test_all_problems_of_a_step_are_told_at_once() -> None:
    given = order(
        total="100 euro",
        lines=(line("article", ("NaN", "1e3", "21.00")), line("shipping", (None, None, "9"))),
    )
    with pytest.raises(RejectedError) as refusal:
        compose(case(given))

    assert refusal.value.reason.code is ReasonCode.BAD_NUMBER
    assert refusal.value.reason.details == {"field": "total", "value": "100 euro", "also": "BAD_NUMBER"}


def test_a_booking_survives_being_stored() -> None:
    booking = booked(case(DOCUMENTED_EXAMPLE, rules=rules(cost_centre=1)))

    assert ComposedBooking.from_record(booking.as_record()) == booking


def test_a_booking_that_does_not_add_up_cannot_be_made() -> None:
    with pytest.raises(AssertionError, match=r"68\.00 for a total of 68\.01"):
        replace(booked(case()), total=Decimal("68.01"))


@pytest.mark.parametrize(
    ("facts", "variant"),
    [
        ({"is_active": False}, "inactive"),
        ({"bands": frozenset({VatRateBand.LOW})}, "vat_band"),
        ({"needs_cost_centre": True}, "cost_centre_required"),
    ],
)
def test_a_ledger_that_snelstart_would_refuse_is_named(facts: dict[str, Any], variant: str) -> None:
    ledgers = {**administration().ledgers, 8100: ledger(8100, **facts)}
    with pytest.raises(RejectedError) as refusal:
        compose(case(administration=administration(ledgers=ledgers)))

    assert refusal.value.reason.text_key == f"LEDGER_UNFIT.{variant}"
    assert refusal.value.reason.details["ledger"] == "8100"
    assert refusal.value.reason.details["field"] == "bookings.ledgers.revenue.nl_high"


def test_a_ledger_that_does_not_exist_is_named() -> None:
    without = {number: found for number, found in administration().ledgers.items() if number != 8990}
    with pytest.raises(RejectedError) as refusal:
        compose(case(A_CENT_OFF, administration=administration(ledgers=without)))

    assert refusal.value.reason.text_key == "LEDGER_UNFIT.unknown"
    assert refusal.value.reason.details["field"] == "bookings.ledgers.rounding"


def test_a_cost_centre_must_exist() -> None:
    with pytest.raises(RejectedError) as refusal:
        compose(case(rules=rules(cost_centre=7)))

    assert refusal.value.reason.text_key == "LEDGER_UNFIT.cost_centre_unknown"
