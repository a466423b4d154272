"""The lines of a booking: one per kind, rate and ledger, sharing out the anchored nets to the cent."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from booking_writer.domain.booking import BookingLine, SalesVatCategory
from booking_writer.domain.classification import Part
from booking_writer.domain.refusal import percent, reason
from booking_writer.domain.rules import BookingRules
from sconnect.errors import Reason, ReasonCode
from sconnect.ledgers import (
    LedgerChoice,
    LedgerColumn,
    LineKind,
    VatRateBand,
    choose_ledger,
    ledger_field,
)
from sconnect.money import CENT, ZERO, allocate, r2

# Kind, rate and ledger number: sortable, so that equal remainders are shared out the same way every time.
CellKey: TypeAlias = tuple[LineKind, Decimal, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class RatePosting:
    """How one rate is booked: on which columns of the ledgers (the first that has one), with which VAT on the
    line and, when `category` is given, in the rows."""

    columns: tuple[LedgerColumn, ...]
    band: VatRateBand = VatRateBand.NONE
    category: SalesVatCategory | None = None
    unmapped: ReasonCode = ReasonCode.LEDGER_UNMAPPED


Postings: TypeAlias = Mapping[Decimal, RatePosting]


@dataclass(slots=True)
class Cell:
    """All parts of one cell: `net` is exact, `gross` what the shop made of it."""

    choice: LedgerChoice
    net: Decimal = ZERO
    gross: Decimal = ZERO
    parts_count: int = 0

    def add(self, part: Part) -> None:
        self.net += part.net
        self.gross += part.gross
        self.parts_count += 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Cells:
    """The cells of an order; `problems` names each kind and treatment that has no ledger."""

    by_key: Mapping[CellKey, Cell]
    problems: Sequence[Reason]

    @property
    def choices(self) -> frozenset[LedgerChoice]:
        return frozenset(cell.choice for cell in self.by_key.values())

    def of_rate(self, rate: Decimal) -> dict[CellKey, Cell]:
        return {key: cell for key, cell in self.by_key.items() if key[1] == rate}


def fill_cells(
    parts: Iterable[Part],
    postings: Postings,
    rules: BookingRules,
    *,
    payment_method: str | None,
    country: str | None,
) -> Cells:
    """The parts by the ledgers they belong on; `country` is the one whose refined ledgers hold."""
    cells: dict[CellKey, Cell] = {}
    unmapped: dict[tuple[LineKind, LedgerColumn], Reason] = {}
    for part in parts:
        posting = postings[part.rate]
        choice = choose_ledger(
            rules.ledgers,
            part.kind,
            posting.columns,
            sku=part.sku,
            payment_method=payment_method,
            country=country,
        )
        if choice is None:
            unmapped.setdefault((part.kind, posting.columns[0]), _unmapped(part, posting))
        else:
            cells.setdefault((part.kind, part.rate, choice.number), Cell(choice)).add(part)
    return Cells(by_key=cells, problems=tuple(unmapped.values()))


def _unmapped(part: Part, posting: RatePosting) -> Reason:
    column = posting.columns[0]
    return reason(
        posting.unmapped,
        field=ledger_field(part.kind, column),
        kind=part.kind,
        treatment=column,
        amount=part.gross,
    )


def lines_of_cells(
    cells: Cells, nets: Mapping[Decimal, Decimal], postings: Postings, rules: BookingRules
) -> tuple[BookingLine, ...]:
    """A line per cell that is not zero, together exactly the anchored net of each rate."""
    return tuple(
        BookingLine(
            kind=kind,
            ledger_number=number,
            amount=amount,
            band=postings[rate].band,
            rate=rate,
            cost_centre=rules.cost_centre,
        )
        for rate, net in sorted(nets.items())
        for (kind, _, number), amount in sorted(_shares(net, cells.of_rate(rate)).items())
        if amount
    )


def cells_far_off(cells: Cells, nets: Mapping[Decimal, Decimal]) -> Iterator[Reason]:
    """Each cell whose share is further from its parts than rounding explains: a cent, and one per part."""
    for rate, net in sorted(nets.items()):
        of_rate = cells.of_rate(rate)
        shares = _shares(net, of_rate)
        for key, cell in sorted(of_rate.items()):
            if abs(shares[key] - cell.net) > CENT * (1 + cell.parts_count):
                yield reason(
                    ReasonCode.LINE_AMOUNT_MISMATCH,
                    rate=percent(rate),
                    kind=cell.choice.kind,
                    net=r2(cell.net),
                    expected=shares[key],
                )


def _shares(net: Decimal, cells: Mapping[CellKey, Cell]) -> dict[CellKey, Decimal]:
    """The net of a rate over its cells, by their exact nets.

    When more is left over than a cent for each, the shop's rounding of many gross amounts has added up, and
    the grosses tell where.
    """
    ideals = {key: cell.net for key, cell in cells.items()}
    left = net - sum((r2(ideal) for ideal in ideals.values()), ZERO)
    if abs(left) > CENT * len(cells):
        ideals = {key: cell.gross / (1 + key[1] / 100) for key, cell in cells.items()}
    return allocate(net, ideals)
