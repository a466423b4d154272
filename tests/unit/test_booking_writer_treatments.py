"""Orders without Dutch VAT, to the cent: 0 %, exempt, EU business, export, small business scheme, OSS."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from booking_writer.domain.booking import ComposedBooking
from booking_writer.domain.case import Case
from booking_writer.domain.composition import compose
from booking_writer.domain.order import BookableOrder
from booking_writer_cases import (
    MAPPING,
    NUMBERS,
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
from sconnect.errors import RejectedError
from sconnect.ledgers import (
    AccountFunction,
    ForeignVatRate,
    LedgerColumn,
    LedgerMapping,
    LedgerRefinement,
    LineKind,
)

OSS_ON = administration(invoices_foreign_vat=True)
BELGIAN = customer(country_code="BE")

COURSE_AND_BOOK = order(
    total="86.80",
    vat_amounts=vat(("0.00", "0.00"), ("9.00", "1.80")),
    lines=(
        line("article", ("65.00", "65.00", "0.00"), sku="CURSUS"),
        line("article", ("20.00", "21.80", "9.00")),
    ),
)
TO_BELGIAN_BUSINESS = order(
    tax_strategy="reverse_charged_vat",
    tax_region="BE",
    destination_country="BE",
    vat_number="BE0123456749",
    total="107.50",
    vat_amounts=(),
    lines=(line("article", ("99.00", "99.00", "0.00")), line("shipping", ("8.50", "8.50", "0.00"))),
)
TO_SWITZERLAND = order(
    tax_strategy="zero_percent",
    tax_region="CH",
    destination_country="CH",
    total="68.60",
    vat_amounts=(),
    lines=(line("article", ("56.198347", "56.20", "0.00")), line("shipping", ("12.396694", "12.40", "0.00"))),
)
TO_BELGIAN_CONSUMER = order(
    tax_region="BE",
    destination_country="BE",
    total="48.93",
    vat_amounts=vat(("6.00", "1.76"), ("21.00", "3.11")),
    lines=(
        line("article", ("24.509433", "25.98", "6.00")),
        line("article", ("12.396694", "15.00", "21.00")),
        line("shipping", ("4.754716", "5.04", "6.00"), ("2.404958", "2.91", "21.00")),
    ),
)


def with_zero(**columns: int) -> LedgerMapping:
    numbers = {LedgerColumn(name): number for name, number in columns.items()}
    return replace(MAPPING, numbers={**NUMBERS, LineKind.REVENUE: {**NUMBERS[LineKind.REVENUE], **numbers}})


def oss_case(given: BookableOrder, **changes: Any) -> Case:
    return case(given, **{"administration": OSS_ON, "customer": BELGIAN} | changes)


def reason_of(given: Case) -> tuple[str, dict[str, str]]:
    with pytest.raises(RejectedError) as refusal:
        compose(given)
    return refusal.value.reason.text_key, dict(refusal.value.reason.details)


def ledgers_of(booking: ComposedBooking) -> set[int]:
    return {each.ledger_number for each in booking.lines}


@pytest.mark.parametrize(
    ("columns", "number"),
    [
        ({"nl_zero": 8140}, 8140),
        ({"nl_exempt": 8199}, 8199),
        ({"nl_zero": 8140, "nl_exempt": 8199}, 8140),
    ],
)
def test_a_domestic_zero_rate_stands_on_its_own_ledger_without_a_vat_row(
    columns: dict[str, int], number: int
) -> None:
    booking = booked(case(COURSE_AND_BOOK, rules=rules(ledgers=with_zero(**columns))))

    assert amounts(booking) == {f"{number} revenue": "65.00", "8110 revenue": "20.00", "sales_low": "1.80"}


def test_an_article_can_be_exempt_where_the_others_are_zero_rated() -> None:
    courses = LedgerRefinement(kind=LineKind.REVENUE, sku="CURSUS*", numbers={LedgerColumn.NL_EXEMPT: 8199})
    mapping = replace(with_zero(nl_zero=8140), refinements=(courses,))

    assert 8199 in ledgers_of(booked(case(COURSE_AND_BOOK, rules=rules(ledgers=mapping))))


def test_vat_at_zero_percent_is_a_contradiction() -> None:
    given = replace(COURSE_AND_BOOK, vat_amounts=vat(("0.00", "0.01"), ("9.00", "1.80")))
    found, details = reason_of(case(given, rules=rules(ledgers=with_zero(nl_zero=8140))))

    assert (found, details["vat"], details["expected"]) == ("VAT_MISMATCH", "0.01", "0.00")


def test_an_eu_business_is_booked_without_vat() -> None:
    business = customer(country_code="BE", vat_number="BE0123456749")
    booking = booked(case(TO_BELGIAN_BUSINESS, customer=business))

    assert amounts(booking) == {"8170 revenue": "99.00", "8307 shipping": "8.50"}
    assert not booking.vat_was_derived


def test_an_export_is_booked_by_what_was_paid() -> None:
    given = case(TO_SWITZERLAND, customer=customer(country_code="CH"))

    assert amounts(booked(given)) == {"8160 revenue": "56.20", "8306 shipping": "12.40"}


def test_the_rate_that_did_not_apply_may_stay_on_the_lines_of_an_export() -> None:
    at_21 = replace(
        TO_SWITZERLAND,
        vat_amounts=vat(("21.00", "0.00")),
        lines=(
            line("article", ("56.198347", "56.20", "21.00")),
            line("shipping", ("12.396694", "12.40", "9.00")),
        ),
    )
    given = case(at_21, customer=customer(country_code="CH"))

    assert amounts(booked(given)) == {"8160 revenue": "56.20", "8306 shipping": "12.40"}


def test_the_small_business_scheme_has_ledgers_of_its_own() -> None:
    given = order(total="65.00", vat_amounts=(), lines=(line("article", ("65.00", "65.00", "0.00")),))
    booking = booked(case(given, rules=rules(small_business_scheme=True)))

    assert amounts(booking) == {"8199 revenue": "65.00"}


def test_a_last_cent_and_a_gift_card_stand_beside_sales_without_vat() -> None:
    given = replace(
        TO_SWITZERLAND,
        total="58.61",
        lines=(*TO_SWITZERLAND.lines, line("gift_card", ("-10.00", "-10.00", None))),
    )

    assert amounts(booked(case(given, customer=customer(country_code="CH")))) == {
        "8160 revenue": "56.20",
        "8306 shipping": "12.40",
        "1760 gift_card": "-10.00",
        "8990 rounding": "0.01",
    }


def test_foreign_vat_is_a_line_per_rate_on_the_ledger_that_snelstart_names() -> None:
    booking = booked(oss_case(TO_BELGIAN_CONSUMER))

    assert [(each.ledger_number, str(each.rate), str(each.amount)) for each in booking.lines] == [
        (8177, "21.00", "12.40"),
        (8179, "6.00", "24.51"),
        (8187, "21.00", "2.40"),
        (8189, "6.00", "4.75"),
        (1690, "21.00", "3.11"),
        (1690, "6.00", "1.76"),
    ]
    assert booking.vat_rows == ()


def test_the_last_cent_of_a_foreign_order_goes_into_its_largest_line_of_revenue() -> None:
    booking = booked(oss_case(replace(TO_BELGIAN_CONSUMER, total="48.95")))

    assert [str(each.amount) for each in booking.lines][:2] == ["12.40", "24.53"]
    assert all(each.kind is not LineKind.ROUNDING for each in booking.lines)


def test_more_than_a_cent_per_line_of_a_foreign_order_waits() -> None:
    given = order(
        tax_region="BE",
        total="100.03",
        vat_amounts=vat(("21.00", "17.36")),
        lines=(line("article", ("82.644628", "100.00", "21.00")),),
    )
    found, details = reason_of(oss_case(given))

    assert found == "OSS_LEDGER_RESTRICTION.rounding"
    assert (details["difference"], details["allowed"]) == ("0.03", "0.01")


def test_foreign_vat_that_snelstart_would_not_believe_waits() -> None:
    many = tuple(line("article", ("8.264463", "10.00", "21.00")) for _ in range(10))
    given = order(tax_region="BE", total="100.00", vat_amounts=vat(("21.00", "17.40")), lines=many)
    found, details = reason_of(oss_case(given))

    assert found == "OSS_LEDGER_RESTRICTION.vat_difference"
    assert (details["vat"], details["expected"], details["allowed"]) == ("17.40", "17.35", "0.01")


@pytest.mark.parametrize(
    "voucher", [line("gift_card", ("-5.00", "-5.00", None)), line("article", ("5", "5", "0"), sku="gift")]
)
def test_a_voucher_beside_foreign_vat_waits(voucher: Any) -> None:
    total = Decimal("48.93") + Decimal(voucher.prices[0].gross)
    given = replace(TO_BELGIAN_CONSUMER, total=str(total), lines=(*TO_BELGIAN_CONSUMER.lines, voucher))
    found, details = reason_of(oss_case(given))

    assert found == "OSS_LEDGER_RESTRICTION.outside_vat"
    assert details["ledger"] == "1760"


def test_a_rate_that_the_country_does_not_have_waits() -> None:
    given = replace(TO_BELGIAN_CONSUMER, tax_region="DE")
    found, details = reason_of(oss_case(given, customer=customer(country_code="DE")))

    assert found == "UNKNOWN_VAT_RATE.foreign"
    assert (details["rate"], details["country"]) == ("6", "DE")


def test_two_codes_of_one_rate_go_by_the_ledger_that_was_chosen() -> None:
    given = order(
        tax_region="BE",
        total="11.20",
        vat_amounts=vat(("12.00", "1.20")),
        lines=(line("article", ("10.00", "11.20", "12.00")),),
    )
    parking = {LedgerColumn.OSS_PR: 8187}
    mapping = replace(MAPPING, numbers={LineKind.REVENUE: parking})
    books = replace(OSS_ON, ledgers={**OSS_ON.ledgers, 8187: ledger(8187, vat_rate_code="PR")})

    assert 8178 in ledgers_of(booked(oss_case(given)))
    chosen = oss_case(given, rules=rules(ledgers=mapping), administration=books)
    assert 8187 in ledgers_of(booked(chosen))


def test_a_foreign_credit_keeps_the_rate_of_its_original_and_waits_when_snelstart_has_another_now() -> None:
    raised = ForeignVatRate(country="BE", code="RRL", rate=Decimal(7), first_day=date(2026, 3, 1))
    books = replace(OSS_ON, foreign_vat_rates=(*OSS_ON.foreign_vat_rates, raised))
    credit = replace(mirrored(TO_BELGIAN_CONSUMER), credited_placed_on=date(2026, 2, 20))

    assert booked(oss_case(credit)).total == Decimal("-48.93")
    found, _ = reason_of(oss_case(credit, administration=books))
    assert found == "OSS_LEDGER_RESTRICTION.vat_difference"
    assert reason_of(oss_case(TO_BELGIAN_CONSUMER, administration=books))[0] == "UNKNOWN_VAT_RATE.foreign"


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"function": AccountFunction.SALES_HIGH}, "OSS_LEDGER_RESTRICTION"),
        ({"vat_rate_code": "RRH"}, "OSS_LEDGER_RESTRICTION.vat_rate_code"),
        ({"function": AccountFunction.VAT}, "LEDGER_UNFIT.forbidden"),
        ({"is_balance_sheet": True}, "LEDGER_UNFIT.on_balance_sheet"),
    ],
)
def test_a_ledger_that_does_not_fit_a_foreign_order_is_named(facts: dict[str, Any], expected: str) -> None:
    books = replace(OSS_ON, ledgers={**OSS_ON.ledgers, 8177: ledger(8177, **facts)})
    found, details = reason_of(oss_case(TO_BELGIAN_CONSUMER, administration=books))

    assert found == expected
    assert (details["ledger"], details["field"]) == ("8177", "bookings.ledgers.revenue.oss.SR")


REFINEMENTS = (
    LedgerRefinement(kind=LineKind.REVENUE, country="NL", numbers={LedgerColumn.NL_HIGH: 8320}),
    LedgerRefinement(
        kind=LineKind.REVENUE, payment_method="mollie/ideal", numbers={LedgerColumn.NL_HIGH: 8310}
    ),
    LedgerRefinement(kind=LineKind.REVENUE, sku="BOEK-*", numbers={LedgerColumn.NL_HIGH: 8300}),
    LedgerRefinement(kind=LineKind.REVENUE, sku="BOEK-ZEE*", numbers={LedgerColumn.NL_HIGH: 8105}),
    LedgerRefinement(kind=LineKind.REVENUE, sku="ENKEL-EXPORT", numbers={LedgerColumn.EXPORT: 8160}),
)


@pytest.mark.parametrize(
    ("sku", "payment_method", "country", "expected"),
    [
        ("boek-zeeman", "mollie/ideal", "NL", 8105),
        ("BOEK-1", "mollie/ideal", "NL", 8300),
        ("MOK", "Mollie/iDEAL", "NL", 8310),
        ("MOK", "paypal/paypal", "nl", 8320),
        ("MOK", None, "DE", 8100),
        ("ENKEL-EXPORT", None, "DE", 8100),
        ("[BOEK]", None, "DE", 8100),
    ],
)
def test_the_most_specific_refinement_wins_and_never_that_of_another_treatment(
    sku: str, payment_method: str | None, country: str, expected: int
) -> None:
    given = order(
        lines=(replace(order().lines[0], sku=sku),),
        payment_method=payment_method,
        destination_country=country,
    )
    mapping = replace(MAPPING, refinements=REFINEMENTS)

    assert ledgers_of(booked(case(given, rules=rules(ledgers=mapping)))) == {expected}


def test_cents_that_rounding_added_to_many_lines_stay_with_those_lines() -> None:
    lines = (
        *(line("article", ("0.012400", "0.02", "21.00")) for _ in range(20)),
        line("shipping", ("4.090909", "4.95", "21.00")),
    )
    booking = booked(case(order(total="5.35", vat_amounts=vat(("21.00", "0.93")), lines=lines)))

    assert amounts(booking) == {"8100 revenue": "0.33", "8300 shipping": "4.09", "sales_high": "0.93"}


def test_a_line_far_from_its_own_net_waits_although_its_rate_as_a_whole_is_plausible() -> None:
    lines = (
        *(line("article", ("8.264463", "10.00", "21.00")) for _ in range(20)),
        line("shipping", ("4.190909", "4.95", "21.00")),
    )
    found, details = reason_of(case(order(total="204.95", vat_amounts=vat(("21.00", "35.57")), lines=lines)))

    assert found == "LINE_AMOUNT_MISMATCH"
    assert (details["kind"], details["net"], details["expected"]) == ("shipping", "4.19", "4.09")
