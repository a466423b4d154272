"""What a shop sells, as far as it tells which ledgers are needed: its orders, and its VAT settings.

It looks at kinds, rates and regions only and never at amounts: an order that the booking-writer would refuse
for another reason still shows which ledgers it will need.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType

from sconnect.ledgers.checks import TREATED_KINDS, Books, SeenSale
from sconnect.ledgers.rates import band_of, foreign_rates
from sconnect.ledgers.words import OSS_COLUMNS, LedgerColumn, LineKind, VatRateBand

# The shop's words for its lines; its API documents article and custom, the others were seen.
LINE_KINDS: Mapping[str, LineKind] = MappingProxyType(
    {
        "article": LineKind.REVENUE,
        "custom": LineKind.REVENUE,
        "shipping": LineKind.SHIPPING,
        "payment": LineKind.PAYMENT_COSTS,
        "surcharge": LineKind.PAYMENT_COSTS,
        "discount": LineKind.DISCOUNT,
        "gift_card": LineKind.GIFT_CARD,
        "store_credit": LineKind.GIFT_CARD,
    }
)
# What the shop writes when its ordinary rates do not apply.
REVERSE_CHARGED = "reverse_charged_vat"
ZERO_PERCENT = "zero_percent"

# One scheme for consumer sales in the whole EU; SnelStart applies it from the same day.
OSS_FIRST_DAY = date(2021, 7, 1)

# fmt: off
EU_COUNTRIES = frozenset({
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU",
    "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
})
# fmt: on

COLUMN_OF_BAND: Mapping[VatRateBand, LedgerColumn] = MappingProxyType(
    {
        VatRateBand.HIGH: LedgerColumn.NL_HIGH,
        VatRateBand.LOW: LedgerColumn.NL_LOW,
        VatRateBand.OTHER: LedgerColumn.NL_OTHER,
    }
)
# The shop has one word for both, 0 %: what is exempt rather than zero-rated, only the mapping knows.
ZERO_COLUMNS = (LedgerColumn.NL_ZERO, LedgerColumn.NL_EXEMPT)


@dataclass(frozen=True, kw_only=True, slots=True)
class SoldLine:
    """A line of an order with the rates (percent) of its prices; a price of nothing, and a rate that is no
    number, are left out. `runs_against` the order: it takes off what the order charges."""

    word: str
    rates: frozenset[Decimal]
    sku: str | None = None
    description: str = ""
    runs_against: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class SoldOrder:
    """An order of the shop without its amounts; countries have two letters, empty when not told."""

    placed_on: date
    lines: tuple[SoldLine, ...]
    tax_region: str = ""
    tax_strategy: str = ""
    destination: str = ""
    payment_method: str | None = None
    has_vat: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class TaxedRegion:
    """A region of the shop's VAT settings: the rates (percent) of its goods, and those that shipping and
    payment costs can have there."""

    country: str
    goods: frozenset[Decimal]
    shipping: frozenset[Decimal]
    payment_costs: frozenset[Decimal]


@dataclass(frozen=True, kw_only=True, slots=True)
class ShopSales:
    """What is known of a shop; `regions` is empty when it does not show its VAT settings."""

    orders: tuple[SoldOrder, ...] = ()
    regions: tuple[TaxedRegion, ...] = ()

    @property
    def vat_was_seen(self) -> bool:
        return any(order.has_vat for order in self.orders)


@dataclass(frozen=True, kw_only=True, slots=True)
class ShopTerms:
    """Where the shop is, whether it charges no VAT (KOR), and what it sells as gift cards and deposits; the
    SKUs are casefolded."""

    home_country: str
    small_business_scheme: bool = False
    gift_card_skus: frozenset[str] = frozenset()
    gift_card_description: re.Pattern[str] | None = None
    deposit_skus: frozenset[str] = frozenset()


def sales_of_orders(orders: Iterable[SoldOrder], terms: ShopTerms, books: Books) -> Iterator[SeenSale]:
    """Every line that needs a ledger, with the columns that it may stand in."""
    for order in orders:
        country = _country_of_ledgers(order, terms)
        for line in order.lines:
            kind = _kind(line, terms)
            if kind is not None and kind not in TREATED_KINDS:
                yield SeenSale(kind=kind, columns=())
            elif kind is not None:
                for rate in sorted(line.rates):
                    yield SeenSale(
                        kind=kind,
                        columns=_columns(order, rate, terms, books),
                        sku=line.sku,
                        payment_method=order.payment_method,
                        country=country,
                    )


def sales_of_regions(
    regions: Iterable[TaxedRegion], terms: ShopTerms, books: Books, today: date
) -> Iterator[SeenSale]:
    """The lines that the shop's VAT settings lead to today; a discount may come with every rate of goods."""
    for region in regions:
        rates_of_kind = {
            LineKind.REVENUE: region.goods,
            LineKind.SHIPPING: region.shipping,
            LineKind.PAYMENT_COSTS: region.payment_costs,
            LineKind.DISCOUNT: region.goods,
        }
        for kind, rates in rates_of_kind.items():
            for rate in sorted(rates):
                order = SoldOrder(placed_on=today, lines=(), tax_region=region.country)
                yield SeenSale(kind=kind, columns=_columns(order, rate, terms, books), country=region.country)


def foreign_vat_countries(orders: Iterable[SoldOrder], terms: ShopTerms) -> tuple[str, ...]:
    """The other EU countries whose VAT the orders carry."""
    regions = {order.tax_region for order in orders if not order.tax_strategy and order.has_vat}
    return tuple(sorted(regions & (EU_COUNTRIES - {terms.home_country})))


def _kind(line: SoldLine, terms: ShopTerms) -> LineKind | None:
    sku, pattern = (line.sku or "").casefold(), terms.gift_card_description
    if sku in terms.gift_card_skus or (pattern is not None and pattern.search(line.description)):
        return LineKind.GIFT_CARD
    if sku in terms.deposit_skus:
        return LineKind.DEPOSIT
    word = line.word.strip().lower()
    if word == "custom" and line.runs_against:
        return LineKind.DISCOUNT
    return LINE_KINDS.get(word)


def _columns(order: SoldOrder, rate: Decimal, terms: ShopTerms, books: Books) -> tuple[LedgerColumn, ...]:
    """Where a line at this rate may stand; nothing when it stands nowhere, whatever the mapping says."""
    strategy = order.tax_strategy.strip()
    if strategy == REVERSE_CHARGED:
        return (LedgerColumn.EU_BUSINESS,)
    if strategy == ZERO_PERCENT:
        return (LedgerColumn.EXPORT,)
    return () if strategy else _ordinary_columns(order, rate, terms, books)


def _ordinary_columns(
    order: SoldOrder, rate: Decimal, terms: ShopTerms, books: Books
) -> tuple[LedgerColumn, ...]:
    if terms.small_business_scheme:
        return (LedgerColumn.KOR,)
    region = order.tax_region or terms.home_country
    if region == terms.home_country:
        if not rate:
            return ZERO_COLUMNS
        day = order.placed_on
        band = band_of(rate, books.vat_periods, supplied_on=day, booked_on=day)
        return () if band is None else (COLUMN_OF_BAND[band],)
    if region not in EU_COUNTRIES or not books.invoices_foreign_vat or order.placed_on < OSS_FIRST_DAY:
        return ()
    codes = foreign_rates(books.foreign_vat_rates, region, order.placed_on)
    return tuple(column for code, column in OSS_COLUMNS.items() if codes.get(code) == rate)


def _country_of_ledgers(order: SoldOrder, terms: ShopTerms) -> str:
    """The country whose refined ledgers hold: that of foreign VAT, else the destination."""
    is_foreign = not order.tax_strategy and order.tax_region not in ("", terms.home_country)
    return order.tax_region if is_foreign else order.destination
