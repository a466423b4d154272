"""How a shop turns a basket into the amounts of an order, as the vendor's documented example shows it.

The shop keeps the net price of a piece at six decimals, cut off and not rounded (1.95 with 9 % VAT is
1.788990), and multiplies that; what the buyer pays has two. Costs and discounts that are spread over the
rates follow the value of the goods. Written apart from the booking-writer, so that the two can disagree.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

from booking_writer.domain.order import OrderedLine, OrderedPrice, PrintedVat

MICRO = Decimal("0.000001")
CENT = Decimal("0.01")


@dataclass(frozen=True, kw_only=True, slots=True)
class Amount:
    """A whole line at one rate (percent)."""

    net: Decimal
    gross: Decimal
    rate: Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class ShopLine:
    """A line with its amounts; `free_of_vat` lines are vouchers and deposits, those with `rate_untold` are
    printed as one price without a rate."""

    kind: str
    amounts: tuple[Amount, ...]
    sku: str | None = None
    free_of_vat: bool = False
    rate_untold: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ShopSums:
    """What stands below the lines."""

    total: Decimal
    vat: Mapping[Decimal, Decimal]


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def cut_off(amount: Decimal) -> Decimal:
    return amount.quantize(MICRO, ROUND_DOWN)


def charged(net: Decimal, rate: Decimal) -> Amount:
    return Amount(net=net, gross=cents(net * (1 + rate / 100)), rate=rate)


def unit_net(price: Decimal, catalogue_rate: Decimal, *, prices_include_vat: bool) -> Decimal:
    """The net price of one piece, as the shop keeps it; an option adds its own."""
    return cut_off(price / (1 + catalogue_rate / 100)) if prices_include_vat else price


def spread(price: Decimal, goods: Iterable[Amount], *, prices_include_vat: bool) -> tuple[Amount, ...]:
    """An amount over the rates of the goods, in proportion to their value; nothing where there is none."""
    values: dict[Decimal, Decimal] = {}
    for amount in goods:
        values[amount.rate] = values.get(amount.rate, Decimal(0)) + amount.net
    whole = sum(net * (1 + rate / 100) if prices_include_vat else net for rate, net in values.items())
    if not whole:
        return ()
    shares = ((rate, cut_off(net * price / whole)) for rate, net in sorted(values.items()))
    return tuple(charged(net, rate) for rate, net in shares)


def percentage_off(percentage: int, goods: Iterable[Amount]) -> tuple[Amount, ...]:
    values: dict[Decimal, Decimal] = {}
    for amount in goods:
        values[amount.rate] = values.get(amount.rate, Decimal(0)) + amount.net
    return tuple(charged(cut_off(-net * percentage / 100), rate) for rate, net in sorted(values.items()))


def sum_up(lines: Sequence[ShopLine], *, prices_include_vat: bool, totals_by_gross: bool) -> ShopSums:
    """The VAT rows and the total.

    A shop with prices including VAT takes the VAT out of the gross sums. One without adds it to the net sums,
    and its total is either that or the sum of its gross lines.
    """
    nets: dict[Decimal, Decimal] = {}
    grosses: dict[Decimal, Decimal] = {}
    outside = Decimal(0)
    for line in lines:
        for amount in line.amounts:
            if line.free_of_vat:
                outside += amount.gross
            else:
                nets[amount.rate] = nets.get(amount.rate, Decimal(0)) + amount.net
                grosses[amount.rate] = grosses.get(amount.rate, Decimal(0)) + amount.gross
    by_gross = prices_include_vat or totals_by_gross
    vat = {
        rate: cents(grosses[rate] * rate / (100 + rate) if by_gross else nets[rate] * rate / 100)
        for rate in sorted(nets)
    }
    sold = sum(grosses.values()) if by_gross else sum(map(cents, nets.values())) + sum(vat.values())
    return ShopSums(total=cents(sold + outside), vat=vat)


def printed_lines(lines: Iterable[ShopLine], sign: int = 1) -> tuple[OrderedLine, ...]:
    """The lines in the form of an order; with sign -1 as the shop prints a credit."""
    return tuple(
        OrderedLine(kind=line.kind, sku=line.sku, prices=tuple(_printed_prices(line, sign))) for line in lines
    )


def _printed_prices(line: ShopLine, sign: int) -> Iterator[OrderedPrice]:
    if line.rate_untold:
        gross = sum((amount.gross for amount in line.amounts), Decimal(0))
        yield OrderedPrice(gross=f"{sign * gross:.2f}", rate="")
        return
    for amount in line.amounts:
        yield OrderedPrice(
            net=f"{sign * amount.net:.6f}", gross=f"{sign * amount.gross:.2f}", rate=f"{amount.rate:.2f}"
        )


def printed_vat(vat: Mapping[Decimal, Decimal], sign: int = 1) -> tuple[PrintedVat, ...]:
    return tuple(
        PrintedVat(rate=f"{rate:.2f}", amount=f"{sign * amount:.2f}") for rate, amount in vat.items()
    )
