"""The lines of a booking: one per kind, rate and ledger, sharing out the anchored nets to the cent."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from booking_writer.domain.booking import BookingLine, LineKind, SalesVatCategory, VatRateBand
from booking_writer.domain.case import Case
from booking_writer.domain.classification import Part
from booking_writer.domain.refusal import reason
from booking_writer.domain.rules import BookingRules, LedgerColumn, ledger_field
from sconnect.errors import Reason, ReasonCode
from sconnect.money import ZERO, allocate

# Kind, rate and ledger number: sortable, so that equal remainders are shared out the same way every time.
CellKey = tuple[LineKind, Decimal, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class RatePosting:
    """How one rate is booked: on which column of the ledgers, with which VAT on the line and in the rows."""

    column: LedgerColumn
    band: VatRateBand
    category: SalesVatCategory


@dataclass(frozen=True, kw_only=True, slots=True)
class Cells:
    """The exact net of every cell; `problems` names each kind and treatment that has no ledger."""

    nets: Mapping[CellKey, Decimal]
    problems: Sequence[Reason]


def fill_cells(parts: Iterable[Part], postings: Mapping[Decimal, RatePosting], case: Case) -> Cells:
    nets: dict[CellKey, Decimal] = {}
    unmapped: dict[tuple[LineKind, LedgerColumn], Reason] = {}
    for part in parts:
        column = postings[part.rate].column
        number = _ledger_number(part, column, case)
        if number is None:
            problem = reason(
                ReasonCode.LEDGER_UNMAPPED,
                field=ledger_field(part.kind, column),
                kind=part.kind,
                treatment=column,
            )
            unmapped.setdefault((part.kind, column), problem)
        else:
            key = (part.kind, part.rate, number)
            nets[key] = nets.get(key, ZERO) + part.net
    return Cells(nets=nets, problems=tuple(unmapped.values()))


def _ledger_number(part: Part, column: LedgerColumn, case: Case) -> int | None:
    ledgers = case.rules.ledgers
    for refinement in ledgers.refinements:
        if column in refinement.numbers and refinement.fits(
            kind=part.kind,
            sku=part.sku,
            payment_method=case.order.payment_method,
            country=case.order.destination_country,
        ):
            return refinement.numbers[column]
    return ledgers.numbers.get(part.kind, {}).get(column)


def lines_of_cells(
    cells: Cells,
    nets: Mapping[Decimal, Decimal],
    postings: Mapping[Decimal, RatePosting],
    rules: BookingRules,
) -> Iterator[BookingLine]:
    """A line per cell that is not zero, together exactly the anchored net of each rate."""
    for rate, net in sorted(nets.items()):
        shares = allocate(net, {key: exact for key, exact in cells.nets.items() if key[1] == rate})
        for (kind, _, number), amount in sorted(shares.items()):
            if amount:
                yield BookingLine(
                    kind=kind,
                    ledger_number=number,
                    amount=amount,
                    band=postings[rate].band,
                    rate=rate,
                    cost_centre=rules.cost_centre,
                )
