"""Which ledgers the orders and the VAT settings of a shop need."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from booking_writer_cases import FOREIGN_RATES, VAT_PERIODS
from sconnect.ledgers import (
    Books,
    LedgerColumn,
    LineKind,
    SeenSale,
    ShopTerms,
    SoldLine,
    SoldOrder,
    TaxedRegion,
    foreign_vat_countries,
    sales_of_orders,
    sales_of_regions,
)

TODAY = date(2026, 3, 2)
DUTCH = ShopTerms(home_country="NL")
HIGH, LOW, NOTHING = Decimal(21), Decimal(9), Decimal(0)
ZERO_COLUMNS = (LedgerColumn.NL_ZERO, LedgerColumn.NL_EXEMPT)


def books(*, foreign_vat: bool = True) -> Books:
    rates = FOREIGN_RATES if foreign_vat else ()
    return Books(
        accounts={}, vat_periods=VAT_PERIODS, invoices_foreign_vat=foreign_vat, foreign_vat_rates=rates
    )


def sold(word: str = "article", *rates: Decimal, placed_on: date = TODAY, **order: Any) -> SoldOrder:
    return SoldOrder(
        placed_on=placed_on, lines=(SoldLine(word=word, rates=frozenset(rates or {HIGH})),), **order
    )


def columns(order: SoldOrder, terms: ShopTerms = DUTCH, **given: Any) -> tuple[LedgerColumn, ...]:
    (sale,) = sales_of_orders([order], terms, books(**given))
    return sale.columns


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (sold("article", HIGH), (LedgerColumn.NL_HIGH,)),
        (sold("article", LOW, tax_region="NL"), (LedgerColumn.NL_LOW,)),
        (sold("article", Decimal(6), placed_on=date(2018, 12, 31)), (LedgerColumn.NL_LOW,)),
        (sold("article", Decimal(6)), ()),
        (sold("article", NOTHING), ZERO_COLUMNS),
        (sold("article", NOTHING, tax_strategy="reverse_charged_vat"), (LedgerColumn.EU_BUSINESS,)),
        (sold("article", HIGH, tax_strategy="zero_percent"), (LedgerColumn.EXPORT,)),
        (sold("article", HIGH, tax_strategy="something_new"), ()),
        (sold("article", HIGH, tax_region="BE"), (LedgerColumn.OSS_SR,)),
        (sold("article", Decimal(12), tax_region="BE"), (LedgerColumn.OSS_RRH, LedgerColumn.OSS_PR)),
        (sold("article", HIGH, tax_region="BE", placed_on=date(2021, 6, 30)), ()),
        (sold("article", HIGH, tax_region="CH"), ()),
    ],
)
def test_the_columns_of_a_line(order: SoldOrder, expected: tuple[LedgerColumn, ...]) -> None:
    assert columns(order) == expected


def test_the_small_business_scheme_has_one_column_for_every_rate() -> None:
    kor = ShopTerms(home_country="NL", small_business_scheme=True)
    assert columns(sold("article", NOTHING), kor) == (LedgerColumn.KOR,)
    assert columns(sold("article", NOTHING, tax_strategy="zero_percent"), kor) == (LedgerColumn.EXPORT,)


def test_foreign_vat_stands_nowhere_while_the_books_do_not_know_it() -> None:
    assert columns(sold("article", HIGH, tax_region="BE"), foreign_vat=False) == ()


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (SoldLine(word=" Shipping ", rates=frozenset({HIGH})), LineKind.SHIPPING),
        (SoldLine(word="custom", rates=frozenset({HIGH})), LineKind.REVENUE),
        (SoldLine(word="custom", rates=frozenset({HIGH}), runs_against=True), LineKind.DISCOUNT),
        (SoldLine(word="article", rates=frozenset({NOTHING}), sku="Gift"), LineKind.GIFT_CARD),
        (SoldLine(word="article", rates=frozenset(), description="Cadeaubon 25"), LineKind.GIFT_CARD),
        (SoldLine(word="article", rates=frozenset({NOTHING}), sku="STATIE"), LineKind.DEPOSIT),
    ],
)
def test_the_kind_of_a_line(line: SoldLine, kind: LineKind) -> None:
    terms = ShopTerms(
        home_country="NL",
        gift_card_skus=frozenset({"gift"}),
        gift_card_description=re.compile("(?i)cadeaubon"),
        deposit_skus=frozenset({"statie"}),
    )
    (sale,) = sales_of_orders([SoldOrder(placed_on=TODAY, lines=(line,))], terms, books())
    assert sale.kind is kind


def test_a_line_of_an_unknown_kind_or_without_any_rate_tells_nothing() -> None:
    lines = (
        SoldLine(word="surprise", rates=frozenset({HIGH})),
        SoldLine(word="article", rates=frozenset()),
    )
    order = SoldOrder(placed_on=TODAY, lines=lines)
    assert list(sales_of_orders([order], DUTCH, books())) == []


def test_refined_ledgers_are_looked_up_as_the_writer_does() -> None:
    order = sold(destination="DE", tax_region="NL", payment_method="mollie/ideal")
    (sale,) = sales_of_orders([order], DUTCH, books())
    assert (sale.country, sale.payment_method) == ("DE", "mollie/ideal")
    (sale,) = sales_of_orders([sold(destination="DE", tax_region="BE")], DUTCH, books())
    assert sale.country == "BE"


def test_the_vat_settings_tell_every_kind_at_every_rate_it_can_have() -> None:
    region = TaxedRegion(
        country="NL",
        goods=frozenset({HIGH, LOW}),
        shipping=frozenset({HIGH}),
        payment_costs=frozenset({HIGH, LOW}),
    )
    found = sales_of_regions([region], DUTCH, books(), TODAY)
    by_kind: dict[LineKind, set[tuple[LedgerColumn, ...]]] = {}
    for sale in found:
        by_kind.setdefault(sale.kind, set()).add(sale.columns)
    both = {(LedgerColumn.NL_HIGH,), (LedgerColumn.NL_LOW,)}
    assert by_kind == {
        LineKind.REVENUE: both,
        LineKind.SHIPPING: {(LedgerColumn.NL_HIGH,)},
        LineKind.PAYMENT_COSTS: both,
        LineKind.DISCOUNT: both,
    }
    assert all(isinstance(sale, SeenSale) for sale in found)


def test_countries_of_foreign_vat() -> None:
    orders = [
        sold(tax_region="BE", has_vat=True),
        sold(tax_region="DE", has_vat=True),
        sold(tax_region="NL", has_vat=True),
        sold(tax_region="CH", has_vat=True),
        sold(tax_region="FR"),
        sold(tax_region="IT", tax_strategy="reverse_charged_vat", has_vat=True),
    ]
    assert foreign_vat_countries(orders, DUTCH) == ("BE", "DE")
