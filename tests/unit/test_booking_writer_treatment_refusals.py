"""Orders that are not booked for their treatment of VAT or for a ledger: each with the whole reason."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from booking_outcomes import told
from booking_writer.domain.case import Case
from booking_writer_cases import (
    FOREIGN_RATES,
    MAPPING,
    administration,
    case,
    customer,
    ledger,
    line,
    order,
    rules,
    vat,
)
from sconnect.ledgers import AccountFunction, VatRateBand

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
UNMAPPED = replace(MAPPING, numbers={}, rounding=None)


@pytest.mark.parametrize(
    ("given", "reason", "details"),
    [
        # The treatment, decided before any ledger
        (
            case(TO_BELGIAN_BUSINESS, rules=rules(ledgers=UNMAPPED)),
            "MISSING_VAT_NUMBER",
            {"country": "BE"},
        ),
        (
            case(
                replace(TO_BELGIAN_BUSINESS, vat_number="BE0123456749"), customer=customer(country_code="BE")
            ),
            "CUSTOMER_LACKS_VAT_NUMBER",
            {"customer_number": "10412"},
        ),
        (
            case(TO_BELGIAN_BUSINESS, customer=customer(vat_number="BE0123456749")),
            "TAX_STRATEGY_CONFLICT.customer",
            {"tax_strategy": "reverse_charged_vat", "customer_number": "10412", "country": "NL"},
        ),
        (
            case(
                TO_BELGIAN_BUSINESS,
                customer=BELGIAN_BUSINESS,
                rules=rules(ledgers=UNMAPPED),
            ),
            "LEDGER_UNMAPPED",
            {
                "field": "bookings.ledgers.revenue.eu_business",
                "kind": "revenue",
                "treatment": "eu_business",
                "amount": "56.20",
            },
        ),
        (
            case(replace(TO_BELGIAN_BUSINESS, destination_country="NL")),
            "TAX_STRATEGY_CONFLICT.destination",
            {"tax_strategy": "reverse_charged_vat", "country": "NL"},
        ),
        (
            case(order(tax_strategy="reverse_charged_vat", destination_country="BE")),
            "TAX_STRATEGY_CONFLICT",
            {
                "tax_strategy": "reverse_charged_vat",
                "rate": "21",
                "amount": "11.80",
                "also": "TAX_STRATEGY_CONFLICT",
            },
        ),
        (
            case(TO_SWITZERLAND, rules=rules(ledgers=UNMAPPED)),
            "LEDGER_UNMAPPED",
            {
                "field": "bookings.ledgers.revenue.export",
                "kind": "revenue",
                "treatment": "export",
                "amount": "56.20",
            },
        ),
        (
            case(TO_SWITZERLAND, administration=OSS_ON, customer=BELGIAN),
            "OSS_REQUIRED_BY_SNELSTART",
            {"country": "BE", "customer_number": "10412"},
        ),
        (
            case(replace(TO_SWITZERLAND, destination_country="DE")),
            "TAX_STRATEGY_CONFLICT.destination",
            {"tax_strategy": "zero_percent", "country": "DE"},
        ),
        (
            case(replace(TO_SWITZERLAND, destination_country=None)),
            "TAX_STRATEGY_CONFLICT.destination",
            {"tax_strategy": "zero_percent", "country": "-"},
        ),
        (case(order(tax_strategy="margin")), "TAX_STRATEGY_CONFLICT.unknown", {"tax_strategy": "margin"}),
        (case(BELGIAN_CONSUMER), "OSS_NOT_ENABLED", {"country": "BE", "date": "2026-03-02"}),
        (
            case(replace(BELGIAN_CONSUMER, placed_on=date(2021, 6, 30)), administration=OSS_ON),
            "OSS_NOT_ENABLED",
            {"country": "BE", "date": "2021-06-30"},
        ),
        (
            case(BELGIAN_CONSUMER, administration=OSS_ON, customer=customer(vat_number="BE0123456749")),
            "OSS_CUSTOMER_HAS_VAT_NUMBER",
            {"customer_number": "10412"},
        ),
        (
            case(BELGIAN_CONSUMER, administration=OSS_ON),
            "OSS_NOT_ENABLED.customer",
            {"country": "BE", "customer_number": "10412", "customer_country": "NL"},
        ),
        (
            case(
                BELGIAN_CONSUMER,
                administration=replace(OSS_ON, foreign_vat_ledger=None),
                customer=BELGIAN,
            ),
            "OSS_NOT_ENABLED.no_ledger",
            {"country": "BE"},
        ),
        (
            case(BELGIAN_CONSUMER, administration=OSS_ON, customer=BELGIAN, rules=rules(ledgers=UNMAPPED)),
            "LEDGER_UNMAPPED",
            {
                "field": "bookings.ledgers.revenue.oss.SR",
                "kind": "revenue",
                "treatment": "oss.SR",
                "amount": "100.00",
            },
        ),
        (
            case(order(), administration=OSS_ON, customer=customer(country_code="BE")),
            "OSS_REQUIRED_BY_SNELSTART",
            {"country": "BE", "customer_number": "10412"},
        ),
        (case(order(tax_region="US")), "UNSUPPORTED_REGION", {"region": "US"}),
        (case(order(tax_region=None, destination_country="BE")), "TAX_REGION_UNKNOWN", {"country": "BE"}),
        (
            case(order(), rules=rules(small_business_scheme=True)),
            "KOR_WITH_VAT",
            {"rate": "21", "amount": "11.80", "also": "KOR_WITH_VAT"},
        ),
        (
            case(order(**ZERO_PERCENT), rules=rules(small_business_scheme=True, ledgers=UNMAPPED)),
            "LEDGER_UNMAPPED",
            {
                "field": "bookings.ledgers.revenue.kor",
                "kind": "revenue",
                "treatment": "kor",
                "amount": "56.20",
            },
        ),
        # The ledgers
        (
            case(order(), rules=rules(ledgers=UNMAPPED)),
            "LEDGER_UNMAPPED",
            {
                "field": "bookings.ledgers.revenue.nl_high",
                "kind": "revenue",
                "treatment": "nl_high",
                "amount": "68.00",
            },
        ),
        (
            case(order(total="68.01"), rules=rules(ledgers=replace(MAPPING, rounding=None))),
            "LEDGER_UNMAPPED",
            {"field": "bookings.ledgers.rounding", "kind": "rounding", "amount": "0.01"},
        ),
        (
            case(
                order(total="93.00", lines=(*order().lines, line("gift_card", ("25.00", "25.00", None)))),
                rules=rules(ledgers=replace(MAPPING, gift_cards=None)),
            ),
            "LEDGER_UNMAPPED",
            {"field": "bookings.ledgers.gift_cards", "kind": "gift_card", "amount": "25.00"},
        ),
    ],
)
def test_reasons(given: Case, reason: str, details: dict[str, str]) -> None:
    assert told(given) == (reason, details)


REVENUE_HIGH = "bookings.ledgers.revenue.nl_high"
ON_8100 = {"ledger": "8100", "field": REVENUE_HIGH, "kind": "revenue"}
REVENUE_SR = "bookings.ledgers.revenue.oss.SR"
ON_8177 = {"ledger": "8177", "field": REVENUE_SR, "kind": "revenue"}


@pytest.mark.parametrize(
    ("facts", "variant"),
    [
        ({"is_active": False}, "inactive"),
        ({"function": AccountFunction.PURCHASE}, "forbidden"),
        ({"function": AccountFunction.SALES_LOW}, "function"),
        ({"bands": frozenset({VatRateBand.LOW})}, "vat_band"),
        ({"is_balance_sheet": True}, "on_balance_sheet"),
        ({"needs_cost_centre": True}, "cost_centre_required"),
    ],
)
def test_a_ledger_that_snelstart_would_refuse(facts: dict[str, Any], variant: str) -> None:
    books = administration(ledgers={**administration().ledgers, 8100: ledger(8100, **facts)})

    expected = {**ON_8100, "treatment": "nl_high"}
    assert told(case(administration=books)) == (f"LEDGER_UNFIT.{variant}", expected)


def test_a_ledger_outside_vat_that_snelstart_would_refuse() -> None:
    books = administration(ledgers={**administration().ledgers, 8990: ledger(8990, is_active=False)})
    details = {"ledger": "8990", "field": "bookings.ledgers.rounding", "kind": "rounding", "treatment": "-"}

    given = case(order(total="68.01"), administration=books)
    assert told(given) == ("LEDGER_UNFIT.inactive", details)


def test_several_unfit_ledgers_are_told_by_field() -> None:
    found = administration().ledgers
    books = administration(
        ledgers={**found, 8990: ledger(8990, is_active=False), 8100: ledger(8100, needs_cost_centre=True)}
    )

    key, details = told(case(order(total="68.01"), administration=books))
    assert (key, details["ledger"], details["also"]) == (
        "LEDGER_UNFIT.cost_centre_required",
        "8100",
        "LEDGER_UNFIT.inactive",
    )


@pytest.mark.parametrize(
    ("facts", "key", "more"),
    [
        (
            {"function": AccountFunction.SALES_HIGH, "vat_rate_code": None},
            "OSS_LEDGER_RESTRICTION",
            {"expected": "SR", "found": "-"},
        ),
        (
            {"vat_rate_code": "RRH"},
            "OSS_LEDGER_RESTRICTION.vat_rate_code",
            {"expected": "SR", "found": "RRH"},
        ),
        ({"is_active": False}, "LEDGER_UNFIT.inactive", {"treatment": "oss.SR"}),
    ],
)
def test_a_ledger_that_snelstart_would_refuse_for_foreign_vat(
    facts: dict[str, Any], key: str, more: dict[str, str]
) -> None:
    books = replace(OSS_ON, ledgers={**OSS_ON.ledgers, 8177: ledger(8177, **facts)})

    given = case(BELGIAN_CONSUMER, administration=books, customer=BELGIAN)
    assert told(given) == (key, {**ON_8177, **more})


def test_a_cost_centre_that_does_not_exist() -> None:
    assert told(case(rules=rules(cost_centre=7))) == (
        "LEDGER_UNFIT.cost_centre_unknown",
        {"cost_centre": "7"},
    )


@pytest.mark.parametrize(
    ("changes", "key", "details"),
    [
        ({"total": "100.03"}, "OSS_LEDGER_RESTRICTION.rounding", {"difference": "0.03", "allowed": "0.01"}),
        (
            {"total": "100.06"},
            "TOTAL_MISMATCH",
            {"total": "100.06", "sum": "100.00", "difference": "0.06", "tolerance": "0.05"},
        ),
        (
            {
                "total": "95.00",
                "lines": (*BELGIAN_CONSUMER.lines, line("gift_card", ("-5.00", "-5.00", None))),
            },
            "OSS_LEDGER_RESTRICTION.outside_vat",
            {"kind": "gift_card", "amount": "-5.00", "ledger": "1760"},
        ),
        (
            {
                "vat_amounts": vat(("21.00", "17.40")),
                "lines": tuple(line("article", ("8.264463", "10.00", "21.00")) for _ in range(10)),
            },
            "OSS_LEDGER_RESTRICTION.vat_difference",
            {"vat": "17.40", "expected": "17.35", "allowed": "0.01"},
        ),
        (
            {
                "total": "112.00",
                "vat_amounts": vat(("13.00", "12.88")),
                "lines": (line("article", ("99.115044", "112.00", "13.00")),),
            },
            "UNKNOWN_VAT_RATE.foreign",
            {"rate": "13", "country": "BE", "date": "2026-03-02", "amount": "112.00"},
        ),
    ],
)
def test_foreign_vat_that_snelstart_would_refuse(
    changes: dict[str, Any], key: str, details: dict[str, str]
) -> None:
    given = case(replace(BELGIAN_CONSUMER, **changes), administration=OSS_ON, customer=BELGIAN)
    assert told(given) == (key, details)


def test_a_voucher_beside_foreign_vat_without_a_ledger_of_its_own() -> None:
    given = replace(
        BELGIAN_CONSUMER,
        total="105.00",
        lines=(*BELGIAN_CONSUMER.lines, line("article", ("5.00", "5.00", "0"), sku="gift")),
    )
    mapping = replace(MAPPING, gift_cards=None)

    found = told(case(given, administration=OSS_ON, customer=BELGIAN, rules=rules(ledgers=mapping)))
    assert found == (
        "OSS_LEDGER_RESTRICTION.outside_vat",
        {"kind": "gift_card", "amount": "5.00", "ledger": "-"},
    )


def test_a_country_without_any_known_rate() -> None:
    books = replace(OSS_ON, foreign_vat_rates=tuple(rate for rate in FOREIGN_RATES if rate.country != "BE"))
    details = {"rate": "21", "country": "BE", "date": "2026-03-02", "amount": "100.00"}

    given = case(BELGIAN_CONSUMER, administration=books, customer=BELGIAN)
    assert told(given) == ("UNKNOWN_VAT_RATE.foreign", details)
