"""Whether the administration allows what the profile's mapping leads to."""

from collections.abc import Iterator, Sequence

from booking_writer.domain.booking import BookingLine
from booking_writer.domain.domestic import POSTING_OF_BAND
from booking_writer.domain.refusal import reason
from booking_writer.domain.rules import Administration, ledger_field
from sconnect.errors import Reason, ReasonCode


def unfit_ledgers(lines: Sequence[BookingLine], administration: Administration) -> Iterator[Reason]:
    """Each ledger and cost centre that SnelStart would refuse (BOE-0037, 0008, 0082, 0022, 0019, 0026)."""
    for line in lines:
        ledger = administration.ledgers.get(line.ledger_number)
        if ledger is None:
            yield _unfit(line, "unknown")
        elif not ledger.is_active:
            yield _unfit(line, "inactive")
        elif ledger.bands and line.band not in ledger.bands:
            yield _unfit(line, "vat_band")
        elif ledger.needs_cost_centre and line.cost_centre is None:
            yield _unfit(line, "cost_centre_required")
    for number in sorted({line.cost_centre for line in lines if line.cost_centre is not None}):
        if number not in administration.cost_centres:
            yield reason(ReasonCode.LEDGER_UNFIT, "cost_centre_unknown", cost_centre=number)


def _unfit(line: BookingLine, variant: str) -> Reason:
    return reason(
        ReasonCode.LEDGER_UNFIT,
        variant,
        ledger=line.ledger_number,
        field=_field(line),
        kind=line.kind,
        band=line.band,
    )


def _field(line: BookingLine) -> str:
    posting = POSTING_OF_BAND.get(line.band)
    return ledger_field(line.kind, None if posting is None else posting.column)
