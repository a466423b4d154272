"""Random orders as a shop makes them, under every treatment of VAT, for hypothesis and for plain chance."""

import os
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any, Protocol, TypeVar

from hypothesis import strategies as st

from booking_writer.domain.case import Case
from booking_writer.domain.order import BookableOrder
from booking_writer.domain.rules import BookingRules
from booking_writer_cases import MAPPING, NUMBERS, administration, customer, rules
from sconnect.ledgers import LedgerColumn, LedgerMapping, LineKind
from shop_arithmetic import (
    Amount,
    ShopLine,
    charged,
    percentage_off,
    printed_lines,
    printed_vat,
    spread,
    sum_up,
    unit_net,
)

T = TypeVar("T")
NOW = date(2026, 3, 2)
ZERO_NUMBERS = {
    LineKind.REVENUE: (8140, 8120),
    LineKind.SHIPPING: (8304, 8120),
    LineKind.PAYMENT_COSTS: (8304, 8120),
    LineKind.DISCOUNT: (8324, 8120),
}
COMPLETE_MAPPING: LedgerMapping = replace(
    MAPPING,
    numbers={
        kind: {
            **NUMBERS[kind],
            LedgerColumn.NL_ZERO: zero,
            LedgerColumn.NL_OTHER: other,
            LedgerColumn.OSS_SRR: 8176,
            LedgerColumn.OSS_PR: 8175,
        }
        for kind, (zero, other) in ZERO_NUMBERS.items()
    },
)
EXEMPT_NUMBERS = {
    LineKind.REVENUE: 8199,
    LineKind.SHIPPING: 8309,
    LineKind.PAYMENT_COSTS: 8309,
    LineKind.DISCOUNT: 8329,
}
EXEMPT_MAPPING: LedgerMapping = replace(
    COMPLETE_MAPPING,
    numbers={
        kind: {
            column: number
            for column, number in (*numbers.items(), (LedgerColumn.NL_EXEMPT, EXEMPT_NUMBERS[kind]))
            if column is not LedgerColumn.NL_ZERO
        }
        for kind, numbers in COMPLETE_MAPPING.numbers.items()
    },
)
BOOKS = administration(invoices_foreign_vat=True)


class Pick(Protocol):
    """Where the choices come from."""

    def integer(self, low: int, high: int) -> int: ...

    def one_of(self, options: Sequence[T]) -> T: ...


class RandomPick:
    """Choices by chance, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def integer(self, low: int, high: int) -> int:
        return self._random.randint(low, high)

    def one_of(self, options: Sequence[T]) -> T:
        return self._random.choice(options)


class DrawnPick:
    """Choices by hypothesis, which makes them smaller when a test fails."""

    def __init__(self, draw: Callable[[st.SearchStrategy[Any]], Any]) -> None:
        self._draw = draw

    def integer(self, low: int, high: int) -> int:
        return int(self._draw(st.integers(low, high)))

    def one_of(self, options: Sequence[T]) -> T:
        return options[self.integer(0, len(options) - 1)]


@dataclass(frozen=True, kw_only=True)
class Market:
    """Where an order is sold: the rates that occur, and what the order and the customer look like."""

    rates: tuple[str, ...]
    order: dict[str, Any] = field(default_factory=dict)
    customer: dict[str, Any] = field(default_factory=dict)
    small_business: bool = False
    takes_vouchers: bool = True
    mapping: LedgerMapping = COMPLETE_MAPPING


def _abroad(country: str, *rates: str) -> Market:
    return Market(
        rates=rates,
        order={"tax_region": country, "destination_country": country},
        customer={"country_code": country},
        takes_vouchers=False,
    )


MARKETS = {
    "domestic": Market(rates=("21", "9")),
    "domestic_2012": Market(rates=("19", "6"), order={"placed_on": date(2012, 6, 1)}),
    "domestic_2018": Market(rates=("21", "6"), order={"placed_on": date(2018, 6, 1)}),
    "domestic_zero": Market(rates=("21", "9", "0")),
    "domestic_exempt": Market(rates=("0", "21"), mapping=EXEMPT_MAPPING),
    "domestic_abroad": Market(rates=("21", "9"), order={"destination_country": "CH"}),
    "eu_business": Market(
        rates=("0",),
        order={
            "tax_region": "BE",
            "destination_country": "BE",
            "tax_strategy": "reverse_charged_vat",
            "vat_number": "BE0123456749",
        },
        customer={"country_code": "BE", "vat_number": "BE0123456749"},
    ),
    "export": Market(
        rates=("0",),
        order={"tax_region": "CH", "destination_country": "CH", "tax_strategy": "zero_percent"},
        customer={"country_code": "CH"},
    ),
    "small_business": Market(rates=("0",), small_business=True),
    "oss_belgium": _abroad("BE", "21", "12", "6"),
    "oss_germany": _abroad("DE", "19", "7"),
    "oss_france": _abroad("FR", "20", "10", "5.5"),
    "oss_hungary": _abroad("HU", "27", "18", "5"),
    "oss_luxembourg": _abroad("LU", "17", "14", "8", "3"),
    "oss_spain": _abroad("ES", "21", "10", "4"),
}
TREATED = tuple(MARKETS)
DUTCH = tuple(name for name in MARKETS if name.startswith("domestic"))
FOREIGN = tuple(name for name in MARKETS if name.startswith("oss"))
UNTAXED = ("eu_business", "export", "small_business")


def no_other() -> "Sale":
    raise AssertionError("this sale was not drawn")


@dataclass(frozen=True, kw_only=True)
class Sale:
    """An order of a shop with all that its booking depends on, and what the shop computed it from.

    `another` makes the next one of the kind.
    """

    market: str
    case: Case
    lines: tuple[ShopLine, ...]
    another: "Callable[[], Sale]" = field(default=no_other, repr=False, compare=False)

    @property
    def order(self) -> BookableOrder:
        return self.case.order

    def with_order(self, order: BookableOrder) -> Case:
        return replace(self.case, order=order)


def make_sale(
    pick: Pick,
    markets: Sequence[str] = TREATED,
    *,
    prices_include_vat: bool | None = None,
    vouchers: bool = True,
    with_credits: bool = True,
    untold_rates: bool = False,
    lines_max: int = 6,
) -> Sale:
    """An order whose amounts are as consistent as a shop makes them; `untold_rates` has discounts without
    their rate, as the shop printed them before May 2019."""
    name = pick.one_of(markets)
    market = MARKETS[name]
    include = bool(pick.integer(0, 1)) if prices_include_vat is None else prices_include_vat
    lines = _basket(pick, market, lines_max=lines_max, include=include)
    if untold_rates:
        lines = [
            replace(line, rate_untold=line.kind == "discount" and bool(pick.integer(0, 1))) for line in lines
        ]
    if vouchers and market.takes_vouchers:
        lines += _vouchers(pick)
    sums = sum_up(lines, prices_include_vat=include, totals_by_gross=bool(pick.integer(0, 1)))
    # Some shops print the rows of 0 %, some print none for an order without VAT.
    vat = sums.vat if pick.integer(0, 3) else {rate: vat for rate, vat in sums.vat.items() if vat}
    sign, credit = _credit(pick, market, lines, include=include) if with_credits else (1, {})
    order = BookableOrder(
        number=str(pick.integer(1, 99_999)),
        currency="EUR",
        prices_include_vat=include,
        total=f"{sign * sums.total:.2f}",
        vat_amounts=printed_vat(vat, sign),
        lines=printed_lines(lines, sign),
        payment_method=pick.one_of(("mollie/ideal", "paypal/paypal", None)),
        **{"placed_on": NOW, "tax_region": "NL", "destination_country": "NL", **market.order, **credit},
    )
    settled: BookingRules = rules(ledgers=market.mapping, small_business_scheme=market.small_business)
    return Sale(
        market=name,
        case=Case(order=order, customer=customer(**market.customer), rules=settled, administration=BOOKS),
        lines=tuple(lines),
    )


def _basket(pick: Pick, market: Market, *, lines_max: int, include: bool) -> list[ShopLine]:
    goods = [_goods(pick, market, include=include) for _ in range(pick.integer(1, lines_max))]
    amounts = [amount for line in goods for amount in line.amounts]
    lines = [*goods, *_discounts(pick, amounts, include=include)]
    if pick.integer(0, 1):
        lines.append(_costs(pick, market, "shipping", amounts, include=include))
    if pick.integer(0, 1):
        lines.append(_costs(pick, market, pick.one_of(("payment", "surcharge")), amounts, include=include))
    return [line for line in lines if line.amounts]


def _goods(pick: Pick, market: Market, *, include: bool) -> ShopLine:
    """An article, or a line of free text; options change the price of a piece."""
    rate = Decimal(pick.one_of(market.rates))
    # An exporting shop takes the Dutch VAT out of its catalogue prices first.
    catalogue_rate = rate or Decimal(pick.one_of(("0", "21", "9")))
    unit = unit_net(_price(pick, 50_000), catalogue_rate, prices_include_vat=include)
    if not pick.integer(0, 3):
        unit += unit_net(_price(pick, 1_000), catalogue_rate, prices_include_vat=include)
    net = unit * pick.one_of((1, 1, 1, 2, 3, 5, 12, 100))
    kind = pick.one_of(("article", "article", "article", "custom"))
    return ShopLine(kind=kind, amounts=(charged(net, rate),), sku=pick.one_of((None, "BOEK-1", "MOK")))


def _price(pick: Pick, cents_max: int) -> Decimal:
    return Decimal(pick.integer(1, cents_max)) / 100


def _discounts(pick: Pick, goods: list[Amount], *, include: bool) -> list[ShopLine]:
    match pick.integer(0, 5):
        case 0:
            amounts = percentage_off(pick.one_of((5, 10, 15, 33, 50)), goods)
        case 1:
            off = min(_price(pick, 2_000), sum((amount.net for amount in goods), Decimal(0)))
            amounts = spread(-off, goods, prices_include_vat=include)
        case 2:
            part = pick.one_of(goods)
            amounts = (charged(-(part.net / 10).quantize(Decimal("0.01")), part.rate),)
            return [ShopLine(kind="custom", amounts=amounts)]
        case _:
            return []
    return [ShopLine(kind="discount", amounts=amounts)]


def _costs(pick: Pick, market: Market, kind: str, goods: list[Amount], *, include: bool) -> ShopLine:
    price = Decimal(pick.integer(0, 2_500)) / 100
    if pick.integer(0, 1):
        return ShopLine(kind=kind, amounts=spread(price, goods, prices_include_vat=include))
    rate = Decimal(market.rates[0])
    net = unit_net(price, rate, prices_include_vat=include)
    return ShopLine(kind=kind, amounts=(charged(net, rate),))


def _vouchers(pick: Pick) -> list[ShopLine]:
    match pick.integer(0, 7):
        case 0:
            return [_outside_vat("article", _price(pick, 10_000), sku="GIFT")]
        case 1:
            return [_outside_vat("gift_card", -_price(pick, 10_000))]
        case 2:
            return [_outside_vat("custom", Decimal("0.15") * pick.integer(1, 24), sku="STATIE")]
        case _:
            return []


def _outside_vat(kind: str, amount: Decimal, sku: str | None = None) -> ShopLine:
    amounts = (Amount(net=amount, gross=amount, rate=Decimal(0)),)
    return ShopLine(kind=kind, amounts=amounts, sku=sku, free_of_vat=True)


def _credit(
    pick: Pick, market: Market, lines: Sequence[ShopLine], *, include: bool
) -> tuple[int, dict[str, Any]]:
    """One in five is a credit order; without lines that run both ways it may be printed positive."""
    if pick.integer(0, 4):
        return 1, {}
    one_way = all(amount.gross >= 0 and amount.net >= 0 for line in lines for amount in line.amounts)
    sign = pick.one_of((1, -1)) if one_way else -1
    original = market.order.get("placed_on", NOW)
    fields = {"is_credit": True, "credited_number": "1001", "credited_placed_on": original}
    # The rate of 2018 is booked under another kind when its credit comes later.
    later = original != NOW and bool(pick.integer(0, 1))
    return sign, fields | ({"placed_on": NOW} if later else {})


def drawn_pick(draw: st.DrawFn) -> Pick:
    """Choices from one drawn seed, which costs a fifth; INVARIANTS=shrink draws each, so that a failing order
    becomes small."""
    if os.environ.get("INVARIANTS") == "shrink":
        return DrawnPick(draw)
    return RandomPick(draw(st.integers(0, 2**64 - 1)))


def drawn_sale(draw: st.DrawFn, make: Callable[[Pick], Sale]) -> Sale:
    pick = drawn_pick(draw)

    def another() -> Sale:
        return replace(make(pick), another=another)

    return another()


@st.composite
def sales(draw: st.DrawFn, /, **wishes: Any) -> Sale:
    """Consistent orders; `wishes` as for `make_sale`."""
    return drawn_sale(draw, lambda pick: make_sale(pick, **wishes))


def of_both_shops(strategy: Callable[..., st.SearchStrategy[Sale]], **wishes: Any) -> st.SearchStrategy[Sale]:
    """A strategy that a test asks for both kinds of shop, with prices including VAT and excluding it."""
    return st.one_of(*(strategy(prices_include_vat=include, **wishes) for include in (True, False)))
