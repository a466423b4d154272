"""The lines and VAT rows of an order under its treatment."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from booking_writer.domain.anchor import Anchor, anchor_nets
from booking_writer.domain.booking import BookingLine, BookingVatRow
from booking_writer.domain.case import Case
from booking_writer.domain.cells import Cells, Postings, cells_far_off, fill_cells, lines_of_cells
from booking_writer.domain.classification import VAT_FREE_KINDS, Part
from booking_writer.domain.domestic import domestic_postings, domestic_vat_rows
from booking_writer.domain.ledgers import unfit_ledgers
from booking_writer.domain.one_stop_shop import (
    foreign_postings,
    foreign_vat_lines,
    vat_beyond_snelstart,
    vouchers_not_allowed,
    with_difference,
)
from booking_writer.domain.parts import OrderAmounts
from booking_writer.domain.refusal import percent, reason, refuse, refuse_if_any
from booking_writer.domain.treatment import TAXED_TREATMENTS, Treatment, foreign_country
from booking_writer.domain.untaxed import untaxed_postings, without_rate
from booking_writer.domain.vat import RateTotals, implausible_vat, total_by_rate
from booking_writer.domain.vat_free import (
    vat_free_amounts,
    vat_free_choices,
    vat_free_lines,
    vat_free_unmapped,
)
from sconnect.errors import Reason, ReasonCode
from sconnect.ledgers import LineKind
from sconnect.money import ZERO

KINDS_AS_READ = tuple(LineKind)

LinesAndRows = tuple[tuple[BookingLine, ...], tuple[BookingVatRow, ...]]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Sums:
    """An order reduced to what is booked: per rate, per cell, and what stands outside VAT."""

    totals: Sequence[RateTotals]
    postings: Postings
    anchor: Anchor
    cells: Cells
    vat_free: Sequence[Part]


def compose_lines(
    case: Case, treatment: Treatment, amounts: OrderAmounts, parts: Sequence[Part]
) -> LinesAndRows:
    """What adds up to the order's total; RejectedError when it does not, or stands on ledgers that are
    missing or unfit."""
    sums = _sum_up(case, treatment, amounts, parts)
    compose_for = _foreign_lines if treatment is Treatment.ONE_STOP_SHOP else _own_lines
    lines, vat_rows = compose_for(case, amounts, sums)
    return tuple(sorted(lines, key=_reading_order)), vat_rows


def _reading_order(line: BookingLine) -> tuple[int, Decimal, int]:
    """Revenue first, as people read an invoice; the higher rate before the lower."""
    return KINDS_AS_READ.index(line.kind), -(line.rate or ZERO), line.ledger_number


def _sum_up(case: Case, treatment: Treatment, amounts: OrderAmounts, parts: Sequence[Part]) -> _Sums:
    include_vat = case.order.prices_include_vat
    taxed: Sequence[Part] = [part for part in parts if part.kind not in VAT_FREE_KINDS]
    vat_free = [part for part in parts if part.kind in VAT_FREE_KINDS]
    vat_rows = amounts.vat_rows
    if treatment not in TAXED_TREATMENTS:
        taxed, vat_rows = without_rate(taxed), ()
    totals = total_by_rate(taxed, vat_rows, prices_include_vat=include_vat)
    postings, problems = _postings(case, treatment, totals)
    refuse_if_any([*problems, *implausible_vat(totals, vat_rows)])
    target = amounts.total - sum((part.gross for part in vat_free), ZERO)
    country = case.order.destination_country
    return _Sums(
        totals=totals,
        postings=postings,
        anchor=anchor_nets(totals, target, prices_include_vat=include_vat),
        cells=fill_cells(
            taxed,
            postings,
            case.rules,
            payment_method=case.order.payment_method,
            country=foreign_country(case) if treatment is Treatment.ONE_STOP_SHOP else country,
        ),
        vat_free=vat_free,
    )


def _postings(
    case: Case, treatment: Treatment, totals: Sequence[RateTotals]
) -> tuple[Postings, Sequence[Reason]]:
    match treatment:
        case Treatment.DOMESTIC:
            return domestic_postings(case, totals)
        case Treatment.ONE_STOP_SHOP:
            return foreign_postings(case, foreign_country(case), totals)
        case _:
            return untaxed_postings(treatment, totals), ()


def _own_lines(case: Case, amounts: OrderAmounts, sums: _Sums) -> LinesAndRows:
    """Dutch VAT, or none; the last cents stand on the rounding ledger."""
    outside_vat = vat_free_amounts(sums.vat_free, sums.anchor.difference)
    refuse_if_any(
        [
            *_difference_too_large(case, sums.anchor, amounts),
            *sums.cells.problems,
            *vat_free_unmapped(outside_vat, case.rules),
        ]
    )
    refuse_if_any(cells_far_off(sums.cells, sums.anchor.nets))
    choices = sums.cells.choices.union(vat_free_choices(outside_vat, case.rules))
    refuse_if_any(unfit_ledgers(choices, case.rules.cost_centre, case.administration))
    lines = (
        *lines_of_cells(sums.cells, sums.anchor.nets, sums.postings, case.rules),
        *vat_free_lines(outside_vat, case.rules),
    )
    refuse_if_any(_vat_without_lines(sums, lines))
    return lines, domestic_vat_rows(sums.totals, sums.postings, lines)


def _foreign_lines(case: Case, amounts: OrderAmounts, sums: _Sums) -> LinesAndRows:
    """VAT of another EU country, as lines of its own."""
    country = foreign_country(case)
    ledger = case.administration.foreign_vat_ledger
    if ledger is None:
        refuse(ReasonCode.OSS_NOT_ENABLED, "no_ledger", country=country)
    refuse_if_any(
        [
            *_difference_too_large(case, sums.anchor, amounts),
            *vouchers_not_allowed(sums.vat_free, case),
            *sums.cells.problems,
        ]
    )
    refuse_if_any(cells_far_off(sums.cells, sums.anchor.nets))
    refuse_if_any(unfit_ledgers(sums.cells.choices, case.rules.cost_centre, case.administration))
    shares = lines_of_cells(sums.cells, sums.anchor.nets, sums.postings, case.rules)
    lines, problems = with_difference(shares, sums.anchor.difference)
    refuse_if_any([*problems, *vat_beyond_snelstart(case, country, sums.cells, lines, sums.totals)])
    return (*lines, *foreign_vat_lines(sums.totals, ledger, case.rules.cost_centre)), ()


def _difference_too_large(case: Case, anchor: Anchor, amounts: OrderAmounts) -> Iterator[Reason]:
    if abs(anchor.difference) > case.rules.rounding_tolerance:
        yield reason(
            ReasonCode.TOTAL_MISMATCH,
            total=amounts.total,
            sum=amounts.total - anchor.difference,
            difference=anchor.difference,
            tolerance=case.rules.rounding_tolerance,
        )


def _vat_without_lines(sums: _Sums, lines: Sequence[BookingLine]) -> Iterator[Reason]:
    """SnelStart takes no VAT row of a kind that no line has (BOE-0069)."""
    bands = {line.band for line in lines}
    for total in sums.totals:
        if lines and total.vat and sums.postings[total.rate].band not in bands:
            yield reason(
                ReasonCode.VAT_MISMATCH,
                rate=percent(total.rate),
                vat=total.vat,
                expected=ZERO,
                gross=total.gross,
            )
