"""The Dutch treatment: every rate in its band, with a VAT row for each band that has a line."""

from collections.abc import Sequence
from decimal import Decimal
from types import MappingProxyType

from booking_writer.domain.booking import BookingLine, BookingVatRow, SalesVatCategory
from booking_writer.domain.case import Case
from booking_writer.domain.cells import Postings, RatePosting
from booking_writer.domain.refusal import percent, reason
from booking_writer.domain.vat import RateTotals
from sconnect.errors import Reason, ReasonCode
from sconnect.ledgers import ZERO_COLUMNS, LedgerColumn, VatRateBand, band_of
from sconnect.money import ZERO

POSTING_OF_BAND = MappingProxyType(
    {
        VatRateBand.HIGH: RatePosting(
            columns=(LedgerColumn.NL_HIGH,), band=VatRateBand.HIGH, category=SalesVatCategory.SALES_HIGH
        ),
        VatRateBand.LOW: RatePosting(
            columns=(LedgerColumn.NL_LOW,), band=VatRateBand.LOW, category=SalesVatCategory.SALES_LOW
        ),
        VatRateBand.OTHER: RatePosting(
            columns=(LedgerColumn.NL_OTHER,), band=VatRateBand.OTHER, category=SalesVatCategory.SALES_OTHER
        ),
    }
)
# No VAT row belongs to 0 %; SnelStart would take one for domestic reverse charge.
POSTING_OF_ZERO = RatePosting(columns=ZERO_COLUMNS, unmapped=ReasonCode.ZERO_RATE_UNMAPPED)


def domestic_postings(case: Case, totals: Sequence[RateTotals]) -> tuple[Postings, Sequence[Reason]]:
    """How each rate is booked, and what keeps a rate from being booked."""
    postings: dict[Decimal, RatePosting] = {}
    problems: list[Reason] = []
    for total in totals:
        band = band_of(
            total.rate,
            case.administration.vat_periods,
            supplied_on=case.supplied_on,
            booked_on=case.invoice_date,
        )
        if not total.rate:
            postings[total.rate] = POSTING_OF_ZERO
        elif band is None:
            rate = percent(total.rate)
            problems.append(
                reason(ReasonCode.UNKNOWN_VAT_RATE, rate=rate, date=case.supplied_on, amount=total.gross)
            )
        else:
            postings[total.rate] = POSTING_OF_BAND[band]
    return postings, problems


def domestic_vat_rows(
    totals: Sequence[RateTotals], postings: Postings, lines: Sequence[BookingLine]
) -> tuple[BookingVatRow, ...]:
    """A row for each band that has a line, 0.00 included: without it SnelStart misses one (BOE-0082)."""
    bands_with_lines = {line.band for line in lines}
    amounts: dict[SalesVatCategory, Decimal] = {}
    for total in totals:
        posting = postings[total.rate]
        if posting.category is not None and (total.vat or posting.band in bands_with_lines):
            amounts[posting.category] = amounts.get(posting.category, ZERO) + total.vat
    return tuple(
        BookingVatRow(category=category, amount=amount) for category, amount in sorted(amounts.items())
    )
