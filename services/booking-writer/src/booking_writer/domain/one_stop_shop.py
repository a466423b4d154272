"""VAT of other EU countries (OSS): no VAT rows; the VAT is a line of its own on the ledger SnelStart names.

SnelStart (developer portal, OSS) wants every line on a ledger for distance sales with the code of its rate,
or on that of the foreign VAT, whose sum may differ a cent per line from what the codes' rates lead to.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from booking_writer.domain.booking import BookingLine
from booking_writer.domain.case import Case
from booking_writer.domain.cells import Cells, Postings, RatePosting
from booking_writer.domain.classification import Part
from booking_writer.domain.refusal import percent, reason
from booking_writer.domain.vat import RateTotals, vat_on_top
from sconnect.errors import Reason, ReasonCode
from sconnect.ledgers import OSS_COLUMNS, LineKind, VatRateBand, foreign_rates
from sconnect.money import CENT, ZERO, r2


def foreign_postings(
    case: Case, country: str, totals: Sequence[RateTotals]
) -> tuple[Postings, Sequence[Reason]]:
    """How each rate is booked, and the rates that the country did not have when the goods were supplied."""
    rates = foreign_rates(case.administration.foreign_vat_rates, country, case.supplied_on)
    postings: dict[Decimal, RatePosting] = {}
    problems: list[Reason] = []
    for total in totals:
        # Two codes may have the same rate (a reduced and a parking rate): either ledger will do.
        columns = tuple(column for code, column in OSS_COLUMNS.items() if rates.get(code) == total.rate)
        if columns:
            postings[total.rate] = RatePosting(columns=columns)
        else:
            problems.append(
                reason(
                    ReasonCode.UNKNOWN_VAT_RATE,
                    "foreign",
                    rate=percent(total.rate),
                    country=country,
                    date=case.supplied_on,
                    amount=total.gross,
                )
            )
    return postings, problems


def vouchers_not_allowed(vat_free: Sequence[Part], case: Case) -> Iterator[Reason]:
    for part in vat_free:
        number = case.rules.ledgers.number_outside_vat(part.kind)
        yield reason(
            ReasonCode.OSS_LEDGER_RESTRICTION,
            "outside_vat",
            kind=part.kind,
            amount=part.gross,
            ledger=number or "-",
        )


def with_difference(
    lines: Sequence[BookingLine], difference: Decimal
) -> tuple[tuple[BookingLine, ...], Sequence[Reason]]:
    """The lines with the last cents of the total in the largest line of revenue: a rounding ledger is not
    allowed here."""
    if not difference:
        return tuple(lines), ()
    if abs(difference) > CENT * len(lines):
        problem = reason(
            ReasonCode.OSS_LEDGER_RESTRICTION,
            "rounding",
            difference=difference,
            allowed=CENT * len(lines),
        )
        return tuple(lines), (problem,)
    largest = max(lines, key=_by_size)
    changed = (replace(line, amount=line.amount + difference) if line is largest else line for line in lines)
    return tuple(line for line in changed if line.amount), ()


def _by_size(line: BookingLine) -> tuple[bool, Decimal, Decimal, int]:
    return line.kind is LineKind.REVENUE, abs(line.amount), line.rate or ZERO, line.ledger_number


def foreign_vat_lines(
    totals: Sequence[RateTotals], ledger_number: int, cost_centre: int | None
) -> tuple[BookingLine, ...]:
    return tuple(
        BookingLine(
            kind=LineKind.FOREIGN_VAT,
            ledger_number=ledger_number,
            amount=total.vat,
            band=VatRateBand.NONE,
            rate=total.rate,
            cost_centre=cost_centre,
        )
        for total in totals
        if total.vat
    )


def vat_beyond_snelstart(
    case: Case, country: str, cells: Cells, lines: Sequence[BookingLine], totals: Sequence[RateTotals]
) -> Iterator[Reason]:
    """The VAT when it differs more from SnelStart's own than a cent per line (BOE-0069).

    SnelStart takes the rates of the day of booking, also for a credit of an order at an older one.
    """
    rates = foreign_rates(case.administration.foreign_vat_rates, country, case.invoice_date)
    expected = ZERO
    for line in lines:
        choice = cells.by_key[(line.kind, line.rate or ZERO, line.ledger_number)].choice
        code = "" if choice.column is None else choice.column.vat_rate_code or ""
        expected += r2(vat_on_top(line.amount, rates.get(code, ZERO)))
    vat = sum((total.vat for total in totals), ZERO)
    if abs(vat - expected) > CENT * len(lines):
        yield reason(
            ReasonCode.OSS_LEDGER_RESTRICTION,
            "vat_difference",
            vat=vat,
            expected=expected,
            allowed=CENT * len(lines),
        )
