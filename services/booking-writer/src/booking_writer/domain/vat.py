"""The VAT per rate, and whether what the shop printed can be true."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from booking_writer.domain.classification import Part
from booking_writer.domain.parts import VatRow
from booking_writer.domain.refusal import percent, reason
from sconnect.errors import Reason, ReasonCode
from sconnect.money import CENT, ZERO, r2

HALF_CENT = Decimal("0.005")


@dataclass(frozen=True, kw_only=True, slots=True)
class RateTotals:
    """All parts of one rate: `net` as exact as the shop gave it, `gross` and `vat` in cents."""

    rate: Decimal
    net: Decimal
    gross: Decimal
    vat: Decimal
    parts_count: int


def vat_inside(gross: Decimal, rate: Decimal) -> Decimal:
    """The VAT in an amount that includes it, not rounded."""
    return gross * rate / (100 + rate)


def vat_on_top(net: Decimal, rate: Decimal) -> Decimal:
    """The VAT over an amount that excludes it, not rounded."""
    return net * rate / 100


def total_by_rate(
    parts: Iterable[Part], vat_rows: Sequence[VatRow], *, prices_include_vat: bool
) -> tuple[RateTotals, ...]:
    """The totals of every rate that has parts, by rate; without any VAT row the VAT is derived from them."""
    printed = {row.rate: row.amount for row in vat_rows}
    parts_of: dict[Decimal, list[Part]] = {}
    for part in parts:
        parts_of.setdefault(part.rate, []).append(part)
    totals = []
    for rate, members in sorted(parts_of.items()):
        net = sum((part.net for part in members), ZERO)
        gross = r2(sum((part.gross for part in members), ZERO))
        derived = vat_inside(gross, rate) if prices_include_vat else vat_on_top(net, rate)
        vat = printed.get(rate, ZERO) if printed else r2(derived)
        totals.append(RateTotals(rate=rate, net=net, gross=gross, vat=vat, parts_count=len(members)))
    return tuple(totals)


def implausible_vat(totals: Iterable[RateTotals], vat_rows: Sequence[VatRow]) -> Iterator[Reason]:
    """What contradicts itself in the VAT that the shop printed.

    The bounds: the shop may have rounded per line or per rate (half a cent for each part), and its own
    figure may be a cent off per rate while the total is right.
    """
    totals = tuple(totals)
    rates = {total.rate for total in totals}
    for row in vat_rows:
        if row.amount and row.rate not in rates:
            yield reason(ReasonCode.VAT_RATE_MISMATCH, rate=percent(row.rate), vat=row.amount)
    printed_rates = {row.rate for row in vat_rows}
    for total in totals:
        yield from _implausible(total, is_printed=not vat_rows or total.rate in printed_rates)


def _implausible(total: RateTotals, *, is_printed: bool) -> Iterator[Reason]:
    inside, on_top = vat_inside(total.gross, total.rate), vat_on_top(total.net, total.rate)
    if not is_printed and r2(inside):
        yield reason(ReasonCode.VAT_RATE_MISMATCH, "no_row", rate=percent(total.rate), gross=total.gross)
        return
    drift = CENT + HALF_CENT * total.parts_count if total.rate else ZERO
    if min(abs(total.vat - inside), abs(total.vat - on_top)) > drift:
        yield reason(
            ReasonCode.VAT_MISMATCH,
            rate=percent(total.rate),
            vat=total.vat,
            expected=r2(inside),
            gross=total.gross,
        )
    elif abs(total.gross - total.vat - total.net) > CENT * (1 + total.parts_count):
        yield reason(
            ReasonCode.LINE_AMOUNT_MISMATCH,
            rate=percent(total.rate),
            gross=total.gross,
            vat=total.vat,
            net=r2(total.net),
            expected=total.gross - total.vat,
        )
