"""Orders and the bookings they become, to the cent."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from booking_writer.domain.booking import ComposedBooking, SkippedOrder
from booking_writer.domain.composition import compose
from booking_writer.domain.order import BookableOrder
from booking_writer_cases import (
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

# The example order of the shop's API (number 27): prices of whole lines, payment costs spread over two rates,
# a VAT row that is a cent off per rate while both together are right.
DOCUMENTED_EXAMPLE = order(
    number="27",
    total="47.450000",
    vat_amounts=vat(("9.00", "0.830000"), ("21.00", "6.500000")),
    lines=(
        line("article", ("12.396694", "15.00", "21.00"), description="Article A"),
        line("article", ("8.181818", "9.90", "21.00"), description="Article B"),
        line("article", ("4.834710", "5.85", "21.00"), description="Article C"),
        line("article", ("8.944950", "9.75", "9.00"), description="Article D"),
        line("payment", ("0.192571", "0.21", "9.00"), ("0.652972", "0.79", "21.00")),
        line("payment", ("4.917355", "5.95", "21.00")),
    ),
)

SHIPPING_AND_SPREAD_COSTS = order(
    total="36.05",
    vat_amounts=vat(("9.00", "1.43"), ("21.00", "3.24")),
    lines=(
        line("article", ("9.082568", "9.90", "9.00")),
        line("article", ("6.651376", "7.25", "9.00")),
        line("article", ("10.330579", "12.50", "21.00")),
        line("shipping", ("4.917355", "5.95", "21.00")),
        line("payment", ("0.198884", "0.22", "9.00"), ("0.192741", "0.23", "21.00")),
    ),
)

DISCOUNT_OVER_TWO_RATES = order(
    total="65.07",
    vat_amounts=vat(("9.00", "2.00"), ("21.00", "7.10")),
    lines=(
        line("article", ("24.633027", "26.85", "9.00")),
        line("article", ("33.016529", "39.95", "21.00")),
        line("discount", ("-2.463303", "-2.68", "9.00"), ("-3.301653", "-4.00", "21.00")),
        line("shipping", ("4.090909", "4.95", "21.00")),
    ),
)

FREE_SHIPPING = order(
    total="54.95",
    vat_amounts=vat(("21.00", "9.54")),
    lines=(
        line("article", ("49.545455", "59.95", "21.00")),
        line("discount", ("-4.132231", "-5.00", "21.00")),
        line("shipping", ("0.000000", "0.00", "")),
    ),
)

NET_PRICED = order(
    prices_include_vat=False,
    total="7.33",
    vat_amounts=vat(("21.00", "1.27")),
    lines=(
        line("article", ("1.02", "1.23", "21.00")),
        line("article", ("2.02", "2.44", "21.00")),
        line("article", ("3.02", "3.65", "21.00")),
    ),
)

GIFT_CARD_SOLD = order(
    total="93.00",
    lines=(
        line("article", ("56.198347", "68.00", "21.00")),
        line("article", ("25.00", "25.00", "0.00"), sku="GIFT"),
    ),
)

GIFT_CARD_PAYS_ALL = order(
    total="0.00",
    lines=(
        line("article", ("56.198347", "68.00", "21.00")),
        line("gift_card", ("-68.00", "-68.00", None)),
    ),
)

DEPOSIT = order(
    total="68.15",
    lines=(
        line("article", ("56.198347", "68.00", "21.00")),
        line("custom", ("0.15", "0.15", "0.00"), sku="STATIE"),
    ),
)

A_CENT_OFF = order(total="68.01")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param(order(), {"8100 revenue": "56.20", "sales_high": "11.80"}, id="one rate"),
        pytest.param(
            DOCUMENTED_EXAMPLE,
            {
                "8100 revenue": "25.42",
                "8110 revenue": "8.94",
                "8310 payment_costs": "5.57",
                "8311 payment_costs": "0.19",
                "sales_high": "6.50",
                "sales_low": "0.83",
            },
            id="the API's documented example",
        ),
        pytest.param(
            SHIPPING_AND_SPREAD_COSTS,
            {
                "8100 revenue": "10.33",
                "8110 revenue": "15.74",
                "8300 shipping": "4.92",
                "8310 payment_costs": "0.19",
                "8311 payment_costs": "0.20",
                "sales_high": "3.24",
                "sales_low": "1.43",
            },
            id="shipping and spread payment costs",
        ),
        pytest.param(
            DISCOUNT_OVER_TWO_RATES,
            {
                "8100 revenue": "33.01",
                "8110 revenue": "24.63",
                "8300 shipping": "4.09",
                "8320 discount": "-3.30",
                "8321 discount": "-2.46",
                "sales_high": "7.10",
                "sales_low": "2.00",
            },
            id="discount over two rates",
        ),
        pytest.param(
            FREE_SHIPPING,
            {"8100 revenue": "49.54", "8320 discount": "-4.13", "sales_high": "9.54"},
            id="free shipping is no line",
        ),
        pytest.param(NET_PRICED, {"8100 revenue": "6.06", "sales_high": "1.27"}, id="net priced"),
        pytest.param(
            GIFT_CARD_SOLD,
            {"8100 revenue": "56.20", "1760 gift_card": "25.00", "sales_high": "11.80"},
            id="gift card sold",
        ),
        pytest.param(
            GIFT_CARD_PAYS_ALL,
            {"8100 revenue": "56.20", "1760 gift_card": "-68.00", "sales_high": "11.80"},
            id="gift card pays all",
        ),
        pytest.param(
            DEPOSIT, {"8100 revenue": "56.20", "1765 deposit": "0.15", "sales_high": "11.80"}, id="deposit"
        ),
        pytest.param(
            A_CENT_OFF,
            {"8100 revenue": "56.20", "8990 rounding": "0.01", "sales_high": "11.80"},
            id="a cent off gets a line of its own",
        ),
        pytest.param(
            mirrored(DISCOUNT_OVER_TWO_RATES),
            {
                "8100 revenue": "-33.01",
                "8110 revenue": "-24.63",
                "8300 shipping": "-4.09",
                "8320 discount": "3.30",
                "8321 discount": "2.46",
                "sales_high": "-7.10",
                "sales_low": "-2.00",
            },
            id="full credit mirrors",
        ),
        pytest.param(
            replace(order(), is_credit=True),
            {"8100 revenue": "-56.20", "sales_high": "-11.80"},
            id="a credit printed positive is flipped",
        ),
        pytest.param(
            order(total="-68.00", vat_amounts=vat(("21.00", "-11.80")), lines=mirrored(order()).lines),
            {"8100 revenue": "-56.20", "sales_high": "-11.80"},
            id="a negative order that is no credit is booked",
        ),
        pytest.param(
            order(vat_amounts=()),
            {"8100 revenue": "56.20", "sales_high": "11.80"},
            id="VAT from the lines",
        ),
        pytest.param(
            order(lines=(line("article", (None, "68.00", "21.00")),)),
            {"8100 revenue": "56.20", "sales_high": "11.80"},
            id="net missing",
        ),
        pytest.param(
            order(lines=(line("article", ("56.198347", None, "21.00")),)),
            {"8100 revenue": "56.20", "sales_high": "11.80"},
            id="gross missing",
        ),
        pytest.param(
            order(
                total="58.00",
                vat_amounts=vat(("21.00", "10.07")),
                lines=(*order().lines, line("custom", ("-8.264463", "-10.00", "21.00"))),
            ),
            {"8100 revenue": "56.20", "8320 discount": "-8.27", "sales_high": "10.07"},
            id="a negative custom line is a discount",
        ),
        pytest.param(
            order(
                total="46.50",
                vat_amounts=vat(("9.00", "0.80"), ("21.00", "6.40")),
                lines=(
                    line("article", ("34.710744", "42.00", "21.00")),
                    line("article", ("10.091743", "11.00", "9.00")),
                    line("discount", (None, "-6.50", "")),
                ),
            ),
            {
                "8100 revenue": "34.71",
                "8110 revenue": "10.09",
                "8320 discount": "-4.26",
                "8321 discount": "-1.24",
                "sales_high": "6.40",
                "sales_low": "0.80",
            },
            id="a discount without rate is shared out over the goods",
        ),
    ],
)
def test_amounts(given: BookableOrder, expected: dict[str, str]) -> None:
    assert amounts(booked(case(given))) == expected


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


NOTHING = order(total="0.00", vat_amounts=(), lines=(line("article", ("0.000000", "0.00", "21.00")),))
FREE_BY_DISCOUNT = order(
    total="0.00",
    vat_amounts=(),
    lines=(
        line("article", ("8.264463", "10.00", "21.00")),
        line("discount", ("-8.264463", "-10.00", "21.00")),
    ),
)


@pytest.mark.parametrize("given", [NOTHING, FREE_BY_DISCOUNT])
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
    with pytest.raises(AssertionError):
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
