"""The net per rate, anchored so that net and VAT add up to what the customer paid."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from booking_writer.domain.vat import RateTotals, vat_on_top
from sconnect.money import ZERO, allocate, r2


@dataclass(frozen=True, kw_only=True, slots=True)
class Anchor:
    """The net to book per rate, and what is then left of the total (zero for a consistent order)."""

    nets: Mapping[Decimal, Decimal]
    difference: Decimal


def anchor_nets(totals: Sequence[RateTotals], target: Decimal, *, prices_include_vat: bool) -> Anchor:
    """Find the nets that make `target` (the total less what carries no VAT), without re-rounding the VAT.

    A shop with prices including VAT rounds the gross of its lines, one without rounds net sums: the own way
    goes first; when neither reaches the target, the own way stands and leaves a difference.
    """
    vat = sum((total.vat for total in totals), ZERO)
    ways = [_nets_by_gross(totals), _nets_by_net(totals, target, vat)]
    if not prices_include_vat:
        ways.reverse()
    anchors = [Anchor(nets=nets, difference=target - sum(nets.values(), ZERO) - vat) for nets in ways]
    return next((anchor for anchor in anchors if not anchor.difference), anchors[0])


def _nets_by_gross(totals: Iterable[RateTotals]) -> dict[Decimal, Decimal]:
    return {total.rate: total.gross - total.vat for total in totals}


def _nets_by_net(totals: Sequence[RateTotals], target: Decimal, vat: Decimal) -> dict[Decimal, Decimal]:
    nets = {total.rate: total.net for total in totals}
    net = sum(nets.values(), ZERO)
    exact_vat = sum((vat_on_top(total.net, total.rate) for total in totals), ZERO)
    totals_a_shop_prints = (
        sum((r2(part) for part in nets.values()), ZERO) + vat,
        r2(net) + vat,
        r2(net + exact_vat),
    )
    if nets and target in totals_a_shop_prints:
        return allocate(target - vat, nets)
    return {rate: r2(part) for rate, part in nets.items()}
