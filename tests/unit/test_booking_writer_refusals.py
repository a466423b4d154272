"""Orders that are not booked: each with the reason a person gets, and the facts that its sentence names."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from booking_outcomes import told
from booking_writer.domain.case import Case
from booking_writer.domain.composition import compose
from booking_writer.domain.order import BookableOrder
from booking_writer_cases import MAPPING, administration, case, customer, line, mirrored, order, rules, vat
from sconnect.errors import RejectedError

ZERO_PERCENT: dict[str, Any] = {
    "total": "56.20",
    "vat_amounts": (),
    "lines": (line("article", ("56.198347", "56.20", "0.00")),),
}
BELGIAN_CONSUMER = order(
    tax_region="BE",
    destination_country="BE",
    total="100.00",
    vat_amounts=vat(("21.00", "17.36")),
    lines=(line("article", ("82.644628", "100.00", "21.00")),),
)
TO_BELGIAN_BUSINESS = order(tax_strategy="reverse_charged_vat", destination_country="BE", **ZERO_PERCENT)
TO_SWITZERLAND = order(tax_strategy="zero_percent", destination_country="CH", **ZERO_PERCENT)
OSS_ON = administration(invoices_foreign_vat=True)
BELGIAN = customer(country_code="BE")
BELGIAN_BUSINESS = customer(country_code="BE", vat_number="BE0123456749")
MIXED_CREDIT = order(is_credit=True, lines=(*order().lines, line("discount", ("-1.00", "-1.21", "21.00"))))
UNMAPPED = replace(MAPPING, numbers={}, rounding=None)


@pytest.mark.parametrize(
    ("given", "reason", "details"),
    [
        # What the shop sent
        (case(order(currency="GBP")), "FOREIGN_CURRENCY", {"currency": "GBP"}),
        (case(order(currency=None)), "FOREIGN_CURRENCY", {"currency": "-"}),
        (case(order(total=None)), "NO_TOTAL", {}),
        (case(order(total=" ")), "NO_TOTAL", {}),
        (case(order(total="NaN")), "BAD_NUMBER", {"field": "total", "value": "NaN"}),
        (case(order(total="1.000,00")), "BAD_NUMBER", {"field": "total", "value": "1.000,00"}),
        (
            case(order(lines=(line("article", ("1e9", "68.00", "21")),))),
            "BAD_NUMBER",
            {"field": "lines[0].prices[0].net", "value": "1e9"},
        ),
        (
            case(order(lines=(line("article", (None, None, "21.00")),))),
            "BAD_NUMBER",
            {"field": "lines[0].prices[0].net", "value": "-"},
        ),
        (
            case(order(lines=(line("article", ("1.00", "1.21", "2100")),))),
            "BAD_NUMBER",
            {"field": "lines[0].prices[0].rate", "value": "2100"},
        ),
        (
            case(order(vat_amounts=vat(("21.00", None)))),
            "BAD_NUMBER",
            {"field": "vat_amounts[0].amount", "value": "-"},
        ),
        (case(MIXED_CREDIT), "CREDIT_SIGN_AMBIGUOUS", {"total": "68.00"}),
        # The lines
        (
            case(order(lines=(line("subscription", ("1", "1.21", "21")),))),
            "UNKNOWN_LINE_TYPE",
            {"kind": "subscription", "amount": "1.21"},
        ),
        (
            case(order(lines=(line("article", ("56.20", "68.00", "")),))),
            "RATE_MISSING",
            {"field": "article", "amount": "68.00"},
        ),
        (
            case(order(lines=(line("discount", ("-5.00", None, "")),))),
            "RATE_MISSING",
            {"field": "lines[0].prices[0].rate", "amount": "-5.00"},
        ),
        (
            case(
                order(lines=(line("shipping", ("4.09", "4.95", "21")), line("discount", (None, "-5.00", ""))))
            ),
            "RATE_MISSING",
            {"field": "discount", "amount": "-5.00"},
        ),
        (
            case(order(lines=(line("article", ("56.20", "68.00", "21.00"), sku="gift"),))),
            "VAT_RATE_MISMATCH.voucher_with_vat",
            {"kind": "gift_card", "rate": "21", "amount": "68.00"},
        ),
        # VAT that cannot be true
        (
            case(order(vat_amounts=vat(("21.00", "23.60")))),
            "VAT_MISMATCH",
            {"rate": "21", "vat": "23.60", "expected": "11.80", "gross": "68.00"},
        ),
        (
            case(order(vat_amounts=vat(("21", "11.80"), ("9", "1.00")))),
            "VAT_RATE_MISMATCH",
            {"rate": "9", "vat": "1.00"},
        ),
        (
            case(order(total="78.90", lines=(*order().lines, line("article", ("10.00", "10.90", "9.00"))))),
            "VAT_RATE_MISMATCH.no_row",
            {"rate": "9", "gross": "10.90"},
        ),
        (
            case(order(lines=(line("article", ("50.00", "68.00", "21.00")),))),
            "LINE_AMOUNT_MISMATCH",
            {"rate": "21", "gross": "68.00", "vat": "11.80", "net": "50.00", "expected": "56.20"},
        ),
        (
            case(order(total="70.00")),
            "TOTAL_MISMATCH",
            {"total": "70.00", "sum": "68.00", "difference": "2.00", "tolerance": "0.05"},
        ),
        (
            case(order(total="68.06")),
            "TOTAL_MISMATCH",
            {"total": "68.06", "sum": "68.00", "difference": "0.06", "tolerance": "0.05"},
        ),
        (
            case(
                order(
                    total="73.00",
                    vat_amounts=vat(("6.00", "4.13")),
                    lines=(line("article", ("68.87", "73.00", "6.00")),),
                )
            ),
            "UNKNOWN_VAT_RATE",
            {"rate": "6", "date": "2026-03-02", "amount": "73.00"},
        ),
        (
            case(order(total="15.00", vat_amounts=(), lines=(line("article", ("15.00", "15.00", "0.00")),))),
            "ZERO_RATE_UNMAPPED",
            {
                "field": "bookings.ledgers.revenue.nl_zero",
                "kind": "revenue",
                "treatment": "nl_zero",
                "amount": "15.00",
            },
        ),
        # No line is left for this VAT (SnelStart BOE-0069).
        (
            case(
                order(
                    total="68.01",
                    vat_amounts=vat(("9.00", "0.01"), ("21.00", "11.80")),
                    lines=(*order().lines, line("payment", ("0.008", "0.01", "9.00"))),
                )
            ),
            "VAT_MISMATCH",
            {"rate": "9", "vat": "0.01", "expected": "0.00", "gross": "0.01"},
        ),
        (
            case(
                order(
                    total="0.01",
                    vat_amounts=vat(("21", "0.01")),
                    lines=(line("article", ("0.008", "0.01", "21")),),
                )
            ),
            "NOTHING_TO_BOOK",
            {"total": "0.01"},
        ),
        # The invoice number
        (
            case(order(), rules=rules(invoice_number="een-heel-lang-voorvoegsel-{order_number}")),
            "REFUSED_BY_SNELSTART.invoice_number_length",
            {"invoice_number": "een-heel-lang-voorvoegsel-1001", "length_max": "25"},
        ),
    ],
)
def test_reasons(given: Case, reason: str, details: dict[str, str]) -> None:
    assert told(given) == (reason, details)


@pytest.mark.parametrize(
    "given",
    [
        case(order(destination_country="DE")),
        case(order(tax_region=None, destination_country="BE", placed_on=date(2020, 5, 1))),
        case(order(tax_region=None, destination_country=None)),
        case(order(), administration=OSS_ON),
        case(order(), administration=OSS_ON, customer=customer(country_code="BE", vat_number="BE0123456749")),
        case(order(placed_on=date(2021, 6, 30)), administration=OSS_ON, customer=customer(country_code="BE")),
        case(order(tax_region="nl ")),
        case(mirrored(order())),
        case(order(vat_amounts=vat(("21.00", "11.80"), ("9.00", "0.00")))),
        case(order(vat_amounts=vat(("21.00", "11.80"), (None, "0.00")))),
    ],
    ids=lambda given: (
        f"{given.order.tax_region} {given.order.destination_country} {given.customer.country_code}"
    ),
)
def test_dutch_vat_is_booked_wherever_the_goods_went(given: Case) -> None:
    assert compose(given)


@pytest.mark.parametrize(
    ("total", "is_booked"), [("68.05", True), ("67.95", True), ("68.06", False), ("67.94", False)]
)
def test_the_tolerance_is_inclusive(total: str, is_booked: bool) -> None:
    assert is_composed(order(total=total)) is is_booked


@pytest.mark.parametrize(
    ("vat_amount", "is_booked"), [("11.79", True), ("11.81", True), ("11.78", False), ("11.82", False)]
)
def test_printed_vat_may_be_a_cent_and_half_a_cent_per_part_off(vat_amount: str, is_booked: bool) -> None:
    assert is_composed(order(vat_amounts=vat(("21.00", vat_amount)))) is is_booked


@pytest.mark.parametrize(
    ("net", "is_booked"), [("56.181", True), ("56.219", True), ("56.178", False), ("56.222", False)]
)
def test_net_and_gross_may_be_a_cent_and_one_per_part_apart(net: str, is_booked: bool) -> None:
    assert is_composed(order(lines=(line("article", (net, "68.00", "21.00")),))) is is_booked


def is_composed(given: BookableOrder) -> bool:
    try:
        compose(case(given))
    except RejectedError:
        return False
    return True


def test_problems_of_vat_and_of_ledgers_are_each_told_together() -> None:
    given = case(
        order(
            total="90.00",
            lines=(*order().lines, line("shipping", ("4.090909", "4.95", "21.00"))),
            vat_amounts=vat(("21.00", "12.66")),
        ),
        rules=rules(ledgers=UNMAPPED),
    )
    with pytest.raises(RejectedError) as refusal:
        compose(given)

    assert refusal.value.reason.text_key == "TOTAL_MISMATCH"
    assert refusal.value.reason.details["also"] == "LEDGER_UNMAPPED"
