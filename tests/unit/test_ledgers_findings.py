"""What the findings about a ledger mapping say, to the last detail, and where they begin."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from booking_writer_cases import FOREIGN_RATES, FUNCTION_OF_NUMBER, MAPPING, NUMBERS, VAT_PERIODS, ledger
from sconnect.ledgers import (
    Account,
    AccountFunction,
    Books,
    Finding,
    LedgerColumn,
    LedgerMapping,
    LedgerRefinement,
    LineKind,
    MappingSettings,
    SeenSale,
    Severity,
    ShopTerms,
    SoldLine,
    SoldOrder,
    TaxedRegion,
    VatRateBand,
    check_mapping,
    sales_of_orders,
    sales_of_regions,
)

HIGH = "bookings.ledgers.revenue.nl_high"
ROUNDING = "bookings.ledgers.rounding"


def books(*changed: Account, **changes: Any) -> Books:
    accounts = {number: ledger(number) for number in FUNCTION_OF_NUMBER}
    facts: dict[str, Any] = {
        "accounts": accounts | {account.number: account for account in changed},
        "cost_centres": frozenset({1}),
        "invoices_foreign_vat": True,
        "foreign_vat_ledger": 1690,
    }
    return Books(**facts | changes)


def error(code: str, field: str, **details: str) -> Finding:
    return Finding(severity=Severity.ERROR, code=code, details={"field": field, **details})


def warning(code: str, field: str, **details: str) -> Finding:
    return Finding(severity=Severity.WARNING, code=code, details={"field": field, **details})


def without_shipping() -> LedgerMapping:
    numbers: dict[LineKind, dict[LedgerColumn, int]] = {
        kind: found for kind, found in NUMBERS.items() if kind is not LineKind.SHIPPING
    }
    return replace(MAPPING, numbers=numbers)


@pytest.mark.parametrize(
    ("given", "settings", "expected"),
    [
        (books(ledger(8100, is_active=False)), {}, [error("ledger_inactive", HIGH, ledger="8100")]),
        (
            books(ledger(8179, vat_rate_code="RRH")),
            {"mapping": replace(MAPPING, numbers={LineKind.REVENUE: {LedgerColumn.OSS_RRL: 8179}})},
            [
                error(
                    "ledger_vat_rate_code",
                    "bookings.ledgers.revenue.oss.RRL",
                    ledger="8179",
                    expected="RRL",
                    found="RRH",
                ),
                *(
                    error("one_stop_shop_incomplete", f"bookings.ledgers.{kind}.oss.RRL", rate_code="RRL")
                    for kind in ("shipping", "payment_costs", "discount")
                ),
            ],
        ),
        (
            books(
                ledger(8310, function=AccountFunction.COSTS_OF_ANY_VAT, bands=frozenset(VatRateBand)),
            ),
            {},
            [warning("ledger_for_costs", "bookings.ledgers.payment_costs.nl_high", ledger="8310")],
        ),
        (books(), {"unconfirmed": {HIGH}}, [warning("ledger_unconfirmed", HIGH, ledger="8100")]),
        (
            books(),
            {"cost_centre": 9},
            [error("cost_centre_unknown", "bookings.cost_centre", cost_centre="9")],
        ),
        (books(), {"rounding_tolerance": Decimal("1.00")}, []),
        (books(), {"rounding_tolerance": Decimal(0)}, []),
        (
            books(),
            {"rounding_tolerance": Decimal("1.01")},
            [
                error(
                    "rounding_tolerance",
                    "bookings.rounding_tolerance",
                    tolerance="1.01",
                    tolerance_max="1.00",
                )
            ],
        ),
        (
            books(),
            {"mapping": replace(MAPPING, rounding=None)},
            [warning("rounding_ledger_missing", ROUNDING, tolerance="0.05")],
        ),
        (books(), {"mapping": replace(MAPPING, rounding=None), "rounding_tolerance": Decimal(0)}, []),
        (
            books(foreign_vat_ledger=None),
            {},
            [error("foreign_vat_ledger_missing", "bookings.ledgers.revenue.oss.SR")],
        ),
    ],
)
def test_findings(given: Books, settings: dict[str, Any], expected: list[Finding]) -> None:
    found = check_mapping(MappingSettings(**{"mapping": MAPPING, **settings}), given)
    assert list(found) == expected


def test_a_code_that_no_ledger_has_is_shown_as_a_dash() -> None:
    given = books(ledger(8179, vat_rate_code=None))
    found = next(iter(check_mapping(MappingSettings(mapping=MAPPING), given)))
    assert (found.details["expected"], found.details["found"]) == ("RRL", "-")


def test_a_refinement_of_payment_costs_may_stand_on_a_ledger_for_costs() -> None:
    costs = ledger(8310, function=AccountFunction.COSTS_OF_ANY_VAT)
    costs = replace(costs, bands=frozenset(VatRateBand))
    refined = LedgerRefinement(
        kind=LineKind.PAYMENT_COSTS,
        payment_method="paypal/paypal",
        numbers={LedgerColumn.NL_LOW: costs.number},
    )
    settings = MappingSettings(mapping=replace(MAPPING, refinements=(refined,)))
    fields = [(finding.code, finding.details["field"]) for finding in check_mapping(settings, books(costs))]
    assert ("ledger_for_costs", "bookings.ledgers.refinements[0].nl_low") in fields
    assert all(code == "ledger_for_costs" for code, _ in fields)


def test_vat_that_was_not_seen_is_not_held_against_the_small_business_scheme() -> None:
    settings = MappingSettings(mapping=MAPPING, small_business_scheme=True)
    assert check_mapping(settings, books()) == ()


def test_a_kind_without_any_ledger_misses_each_code_of_the_one_stop_shop() -> None:
    found = check_mapping(MappingSettings(mapping=without_shipping()), books())
    assert [finding.details["field"] for finding in found] == [
        f"bookings.ledgers.shipping.oss.{code}" for code in ("SR", "RRH", "RRL")
    ]


@pytest.mark.parametrize(
    ("sale", "field"),
    [
        (SeenSale(kind=LineKind.REVENUE, columns=(LedgerColumn.NL_HIGH,)), None),
        (SeenSale(kind=LineKind.REVENUE, columns=()), None),
        (
            SeenSale(kind=LineKind.SHIPPING, columns=(LedgerColumn.NL_ZERO, LedgerColumn.NL_EXEMPT)),
            "bookings.ledgers.shipping.nl_zero",
        ),
        (SeenSale(kind=LineKind.REVENUE, columns=(LedgerColumn.NL_ZERO,), sku="BOEK-1"), None),
        (
            SeenSale(kind=LineKind.REVENUE, columns=(LedgerColumn.NL_ZERO,), sku="MOK"),
            "bookings.ledgers.revenue.nl_zero",
        ),
        (SeenSale(kind=LineKind.SHIPPING, columns=(LedgerColumn.NL_ZERO,), country="CH"), None),
        (SeenSale(kind=LineKind.PAYMENT_COSTS, columns=(LedgerColumn.NL_ZERO,), payment_method="a/b"), None),
        (SeenSale(kind=LineKind.GIFT_CARD, columns=()), None),
        (SeenSale(kind=LineKind.DEPOSIT, columns=()), "bookings.ledgers.deposits"),
    ],
)
def test_what_was_sold_and_has_no_ledger(sale: SeenSale, field: str | None) -> None:
    refinements = (
        LedgerRefinement(kind=LineKind.REVENUE, sku="BOEK-*", numbers={LedgerColumn.NL_ZERO: 8140}),
        LedgerRefinement(kind=LineKind.SHIPPING, country="CH", numbers={LedgerColumn.NL_ZERO: 8304}),
        LedgerRefinement(
            kind=LineKind.PAYMENT_COSTS, payment_method="a/b", numbers={LedgerColumn.NL_ZERO: 8304}
        ),
    )
    mapping = replace(MAPPING, deposits=None, refinements=refinements)
    found = check_mapping(MappingSettings(mapping=mapping), books(), seen=[sale])

    assert [(each.code, each.details["field"]) for each in found] == (
        [("ledger_unmapped", field)] if field else []
    )


@pytest.mark.parametrize(
    ("pattern", "sku", "fits"),
    [("BOEK-*", "boek-1", True), ("BOEK-*", "BOEK", False), ("*", None, True), ("X*", None, False)],
)
def test_a_pattern_of_article_codes(pattern: str, sku: str | None, fits: bool) -> None:
    refinement = LedgerRefinement(kind=LineKind.REVENUE, sku=pattern, numbers={})
    assert refinement.fits(kind=LineKind.REVENUE, sku=sku, payment_method=None, country=None) is fits


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        (LineKind.GIFT_CARD, 1760),
        (LineKind.DEPOSIT, 1765),
        (LineKind.ROUNDING, 8990),
        (LineKind.REVENUE, None),
        (LineKind.FOREIGN_VAT, None),
    ],
)
def test_the_ledgers_outside_vat(kind: LineKind, number: int | None) -> None:
    assert MAPPING.number_outside_vat(kind) == number


HIGH_RATE = Decimal(21)
DUTCH = ShopTerms(home_country="NL", gift_card_skus=frozenset({"gift"}))
READ = books(vat_periods=VAT_PERIODS, foreign_vat_rates=FOREIGN_RATES)


def sold(sku: str | None = None, **order: Any) -> SoldOrder:
    line = SoldLine(word="article", rates=frozenset({HIGH_RATE}), sku=sku)
    return SoldOrder(**{"placed_on": date(2026, 3, 2), "lines": (line,), **order})


@pytest.mark.parametrize(
    ("order", "given", "expected"),
    [
        (
            sold("BOEK-1", payment_method="a/b", destination="DE"),
            READ,
            SeenSale(
                kind=LineKind.REVENUE,
                columns=(LedgerColumn.NL_HIGH,),
                sku="BOEK-1",
                payment_method="a/b",
                country="DE",
            ),
        ),
        (sold("GIFT"), READ, SeenSale(kind=LineKind.GIFT_CARD, columns=())),
        (
            sold(tax_region="BE", placed_on=date(2021, 7, 1)),
            READ,
            SeenSale(kind=LineKind.REVENUE, columns=(LedgerColumn.OSS_SR,), country="BE"),
        ),
        (
            sold(tax_region="BE", placed_on=date(2021, 6, 30)),
            READ,
            SeenSale(kind=LineKind.REVENUE, columns=(), country="BE"),
        ),
        (
            sold(tax_region="BE"),
            replace(READ, invoices_foreign_vat=False),
            SeenSale(kind=LineKind.REVENUE, columns=(), country="BE"),
        ),
        (
            sold(tax_region="GB"),
            replace(READ, foreign_vat_rates=(replace(FOREIGN_RATES[0], country="GB"),)),
            SeenSale(kind=LineKind.REVENUE, columns=(), country="GB"),
        ),
    ],
)
def test_a_line_of_an_order_and_where_it_may_stand(
    order: SoldOrder, given: Books, expected: SeenSale
) -> None:
    assert list(sales_of_orders([order], DUTCH, given)) == [expected]


def test_a_region_of_the_vat_settings_and_where_its_lines_may_stand() -> None:
    rates = frozenset({HIGH_RATE})
    region = TaxedRegion(country="BE", goods=rates, shipping=rates, payment_costs=frozenset())
    assert list(sales_of_regions([region], DUTCH, READ, date(2026, 3, 2))) == [
        SeenSale(kind=kind, columns=(LedgerColumn.OSS_SR,), country="BE")
        for kind in (LineKind.REVENUE, LineKind.SHIPPING, LineKind.DISCOUNT)
    ]
