"""Our booking against one that is in the books already: the same, or the first field in which they differ."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from booking_writer.domain.booking import ComposedBooking, SalesVatCategory
from sconnect.ledgers import VatRateBand
from sconnect.money import ZERO


@dataclass(frozen=True, kw_only=True, slots=True)
class ExistingLine:
    """`ledger` is the account's number as text, or its id when the administration does not list it."""

    ledger: str
    amount: Decimal
    band: VatRateBand


@dataclass(frozen=True, kw_only=True, slots=True)
class ExistingVatRow:
    """`category` is None for a kind that no booking of ours has."""

    category: SalesVatCategory | None
    amount: Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class ExistingBooking:
    """A booking as it stands in the books; `booking_id` is empty for an invoice without a booking."""

    booking_id: str
    invoice_number: str
    invoice_date: date
    relation_id: str
    total: Decimal
    lines: tuple[ExistingLine, ...]
    vat_rows: tuple[ExistingVatRow, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    field: str
    ours: str
    theirs: str


def first_difference(ours: ComposedBooking, theirs: ExistingBooking) -> Difference | None:
    """None when the books say what we would write: customer, date, total, sums per ledger and band, VAT.

    Marking, description and payment term do not count: people change them. Nor does the number: what was
    found was looked for by it, and if a POST's answer had another, refusing it would let a replay post again.
    """
    if ours.relation_id.lower() != theirs.relation_id.lower():
        return Difference("customer", ours.relation_id, theirs.relation_id or "-")
    if ours.invoice_date != theirs.invoice_date:
        return Difference("invoice_date", str(ours.invoice_date), str(theirs.invoice_date))
    if ours.total != theirs.total:
        return Difference("total", str(ours.total), str(theirs.total))
    return _first_unequal(
        "ledger",
        _sums((f"{line.ledger_number} {line.band}", line.amount) for line in ours.lines),
        _sums((f"{line.ledger} {line.band}", line.amount) for line in theirs.lines),
    ) or _first_unequal(
        "vat",
        _sums((str(row.category), row.amount) for row in ours.vat_rows),
        _sums((str(row.category or "-"), row.amount) for row in theirs.vat_rows),
    )


def _sums(amounts: Iterable[tuple[str, Decimal]]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for key, amount in amounts:
        sums[key] = sums.get(key, ZERO) + amount
    return sums


def _first_unequal(field: str, ours: dict[str, Decimal], theirs: dict[str, Decimal]) -> Difference | None:
    for key in sorted(ours.keys() | theirs.keys()):
        mine, others = ours.get(key, ZERO), theirs.get(key, ZERO)
        if mine != others:
            return Difference(f"{field} {key}", str(mine), str(others))
    return None
