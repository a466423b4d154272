"""Sales without VAT as a whole: to EU businesses, outside the EU, and under the small business scheme."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from booking_writer.domain.cells import Postings, RatePosting
from booking_writer.domain.classification import Part
from booking_writer.domain.treatment import Treatment
from booking_writer.domain.vat import RateTotals
from sconnect.ledgers import LedgerColumn
from sconnect.money import ZERO

# No VAT row: SnelStart's row for reversed VAT is meant for domestic reverse charge.
POSTING_OF_TREATMENT: Mapping[Treatment, RatePosting] = MappingProxyType(
    {
        Treatment.EU_BUSINESS: RatePosting(columns=(LedgerColumn.EU_BUSINESS,)),
        Treatment.EXPORT: RatePosting(columns=(LedgerColumn.EXPORT,)),
        Treatment.SMALL_BUSINESS: RatePosting(columns=(LedgerColumn.KOR,)),
    }
)


def without_rate(parts: Sequence[Part]) -> tuple[Part, ...]:
    """The parts at 0 %: the shop may still print the rate that did not apply."""
    return tuple(replace(part, rate=ZERO) for part in parts)


def untaxed_postings(treatment: Treatment, totals: Sequence[RateTotals]) -> Postings:
    return {total.rate: POSTING_OF_TREATMENT[treatment] for total in totals}
