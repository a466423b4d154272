"""What can be wrong with an order: a cent off, VAT doubled, pieces missing, signs and words that lie."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from booking_writer.domain.order import BookableOrder, OrderedLine, OrderedPrice, PrintedVat
from order_strategies import Pick, Sale, drawn_sale, make_sale

Noise = Callable[[BookableOrder, Pick], BookableOrder]

NONSENSE = (
    "NaN",
    "Infinity",
    "",
    " ",
    "-",
    "1e9",
    "1.000,00",
    "12,50",
    "abc",
    "999999999999999",
    "\u0663",
    "0x10",
)


def total_a_cent_off(order: BookableOrder, pick: Pick) -> BookableOrder:
    return replace(order, total=_plus(order.total, _cents(pick)))


def vat_a_cent_off(order: BookableOrder, pick: Pick) -> BookableOrder:
    return _with_vat(order, pick, lambda row: replace(row, amount=_plus(row.amount, _cents(pick))))


def vat_shifted_between_rates(order: BookableOrder, _pick: Pick) -> BookableOrder:
    """As in the documented example: right together, a cent off per rate."""
    if len(order.vat_amounts) < 2:
        return order
    first, second, *others = order.vat_amounts
    first = replace(first, amount=_plus(first.amount, Decimal("0.01")))
    second = replace(second, amount=_plus(second.amount, Decimal("-0.01")))
    return replace(order, vat_amounts=(first, second, *others))


def total_a_few_cents_off(order: BookableOrder, pick: Pick) -> BookableOrder:
    return replace(order, total=_plus(order.total, Decimal(pick.integer(-12, 12)) / 100))


def total_far_off(order: BookableOrder, pick: Pick) -> BookableOrder:
    return replace(order, total=_plus(order.total, Decimal(pick.integer(1, 100_000)) / 10))


def vat_doubled(order: BookableOrder, _pick: Pick) -> BookableOrder:
    doubled = (replace(row, amount=_times_two(row.amount)) for row in order.vat_amounts)
    return replace(order, vat_amounts=tuple(doubled))


def vat_row_missing(order: BookableOrder, pick: Pick) -> BookableOrder:
    return replace(order, vat_amounts=order.vat_amounts[pick.integer(0, 1) :])


def vat_rows_missing(order: BookableOrder, _pick: Pick) -> BookableOrder:
    return replace(order, vat_amounts=())


def vat_row_of_no_line(order: BookableOrder, pick: Pick) -> BookableOrder:
    row = PrintedVat(
        rate=pick.one_of(("13.00", "21.00", "0.00", None, "")), amount=pick.one_of(("0.00", "1.00"))
    )
    return replace(order, vat_amounts=(*order.vat_amounts, row))


def net_missing(order: BookableOrder, pick: Pick) -> BookableOrder:
    return _with_price(order, pick, lambda price: replace(price, net=None))


def gross_missing(order: BookableOrder, pick: Pick) -> BookableOrder:
    return _with_price(order, pick, lambda price: replace(price, gross=None))


def rate_missing(order: BookableOrder, pick: Pick) -> BookableOrder:
    return _with_price(order, pick, lambda price: replace(price, rate=pick.one_of((None, "", " "))))


def gross_off(order: BookableOrder, pick: Pick) -> BookableOrder:
    return _with_price(order, pick, lambda price: replace(price, gross=_plus(price.gross, _cents(pick))))


def price_missing(order: BookableOrder, pick: Pick) -> BookableOrder:
    return _with_price(order, pick, lambda _: OrderedPrice())


def other_kind(order: BookableOrder, pick: Pick) -> BookableOrder:
    kind = pick.one_of(("", "insurance", "store_credit", "gift_card", "discount", "SHIPPING", "custom"))
    return _with_line(order, pick, lambda line: replace(line, kind=kind))


def line_gone(order: BookableOrder, pick: Pick) -> BookableOrder:
    gone = pick.integer(0, max(len(order.lines) - 1, 0))
    return replace(order, lines=order.lines[:gone] + order.lines[gone + 1 :])


def nonsense(order: BookableOrder, pick: Pick) -> BookableOrder:
    text = pick.one_of(NONSENSE)
    match pick.integer(0, 4):
        case 0:
            return replace(order, total=text)
        case 1:
            return _with_vat(order, pick, lambda row: replace(row, amount=text))
        case 2:
            return _with_vat(order, pick, lambda row: replace(row, rate=text))
        case 3:
            return _with_price(order, pick, lambda price: replace(price, net=text))
        case _:
            return _with_price(order, pick, lambda price: replace(price, gross=text, rate=text))


def other_circumstances(order: BookableOrder, pick: Pick) -> BookableOrder:
    changes: Sequence[dict[str, Any]] = (
        {"currency": "GBP"},
        {"currency": None},
        {"total": None},
        {"tax_region": None},
        {"tax_region": "BE"},
        {"tax_region": "US"},
        {"destination_country": None},
        {"tax_strategy": "zero_percent"},
        {"tax_strategy": "reverse_charged_vat"},
        {"tax_strategy": "margin"},
        {"is_credit": True},
        {"lines": ()},
        {"lines": order.lines * 40},
        {"number": ""},
        {"number": "9" * 40},
    )
    return replace(order, **pick.one_of(changes))


NOISES: tuple[Noise, ...] = (
    total_a_cent_off,
    vat_a_cent_off,
    vat_shifted_between_rates,
    total_a_few_cents_off,
    total_far_off,
    vat_doubled,
    vat_row_missing,
    vat_rows_missing,
    vat_row_of_no_line,
    net_missing,
    gross_missing,
    rate_missing,
    gross_off,
    price_missing,
    other_kind,
    line_gone,
    nonsense,
    other_circumstances,
)
SLIGHT_NOISES: tuple[Noise, ...] = (
    total_a_cent_off,
    vat_a_cent_off,
    vat_shifted_between_rates,
    total_a_few_cents_off,
    vat_rows_missing,
    net_missing,
    gross_missing,
    gross_off,
)


def make_noisy_sale(pick: Pick, noises: Sequence[Noise] = NOISES, **wishes: Any) -> Sale:
    """A sale with up to three things wrong; `lines` of it no longer tell what the order says."""
    sale = make_sale(pick, **wishes)
    order = sale.order
    for _ in range(pick.integer(0, 3)):
        order = pick.one_of(noises)(order, pick)
    return replace(sale, case=replace(sale.case, order=order))


@st.composite
def noisy_sales(draw: st.DrawFn, /, **wishes: Any) -> Sale:
    """Orders with something wrong, or nothing; `wishes` as for `make_noisy_sale`."""
    return drawn_sale(draw, lambda pick: make_noisy_sale(pick, **wishes))


def _cents(pick: Pick) -> Decimal:
    return Decimal(pick.one_of((-1, 1))) / 100


def _plus(text: str | None, amount: Decimal) -> str | None:
    """The sum; text that is no number stays as it is."""
    try:
        return f"{Decimal(text or '') + amount:.2f}"
    except ArithmeticError:
        return text


def _times_two(text: str | None) -> str | None:
    try:
        return _plus(text, Decimal(text or ""))
    except ArithmeticError:
        return text


def _with_vat(order: BookableOrder, pick: Pick, change: Callable[[PrintedVat], PrintedVat]) -> BookableOrder:
    if not order.vat_amounts:
        return order
    rows = list(order.vat_amounts)
    place = pick.integer(0, len(rows) - 1)
    rows[place] = change(rows[place])
    return replace(order, vat_amounts=tuple(rows))


def _with_line(
    order: BookableOrder, pick: Pick, change: Callable[[OrderedLine], OrderedLine]
) -> BookableOrder:
    if not order.lines:
        return order
    lines = list(order.lines)
    place = pick.integer(0, len(lines) - 1)
    lines[place] = change(lines[place])
    return replace(order, lines=tuple(lines))


def _with_price(
    order: BookableOrder, pick: Pick, change: Callable[[OrderedPrice], OrderedPrice]
) -> BookableOrder:
    def with_price(line: OrderedLine) -> OrderedLine:
        prices = list(line.prices)
        if prices:
            place = pick.integer(0, len(prices) - 1)
            prices[place] = change(prices[place])
        return replace(line, prices=tuple(prices))

    return _with_line(order, pick, with_price)
