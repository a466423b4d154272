"""The sales booking: what goes to the books, to the cent."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sconnect.errors import Reason
from sconnect.ledgers import LineKind, VatRateBand


class SalesVatCategory(StrEnum):
    """The kind of a VAT row; never mixed up with the band of a line, which SnelStart refuses (BOE-0082)."""

    SALES_LOW = "sales_low"
    SALES_HIGH = "sales_high"
    SALES_OTHER = "sales_other"


@dataclass(frozen=True, kw_only=True, slots=True)
class BookingLine:
    """`amount` excludes VAT; `rate` is None on lines that have nothing to do with VAT.

    On the line of a foreign VAT `amount` is that VAT, and `rate` its rate.
    """

    kind: LineKind
    ledger_number: int
    amount: Decimal
    band: VatRateBand
    rate: Decimal | None
    cost_centre: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class BookingVatRow:
    category: SalesVatCategory
    amount: Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class ComposedBooking:
    """A booking ready to be written: lines and VAT rows add up to `total`, which includes VAT.

    `vat_was_derived` tells that the shop printed no VAT, so that it was computed from the lines;
    `vat_number_check` how the VAT number of an EU business was checked: "form", or "vies" too.
    """

    invoice_number: str
    invoice_date: date
    relation_id: str
    customer_number: int
    total: Decimal
    lines: tuple[BookingLine, ...]
    vat_rows: tuple[BookingVatRow, ...]
    description: str
    payment_term_days: int | None
    mark_unread: bool
    vat_was_derived: bool = False
    vat_number_check: str | None = None

    def __post_init__(self) -> None:
        booked = sum(line.amount for line in self.lines) + sum(row.amount for row in self.vat_rows)
        if booked != self.total:
            raise AssertionError(f"composed {booked} for a total of {self.total}")

    def as_record(self) -> dict[str, Any]:
        """The booking as JSON-able values; amounts and dates are texts."""
        record: dict[str, Any] = _texts(asdict(self))
        return record

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> "ComposedBooking":
        """The booking that `as_record` wrote."""
        return cls(
            **dict(record)
            | {
                "invoice_date": date.fromisoformat(record["invoice_date"]),
                "total": Decimal(record["total"]),
                "lines": tuple(_line(line) for line in record["lines"]),
                "vat_rows": tuple(_vat_row(row) for row in record["vat_rows"]),
            }
        )


@dataclass(frozen=True, slots=True)
class SkippedOrder:
    """Nothing of this order belongs in the books."""

    reason: Reason


def _texts(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _texts(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_texts(inner) for inner in value]
    return str(value) if isinstance(value, Decimal | date | StrEnum) else value


def _line(record: Mapping[str, Any]) -> BookingLine:
    return BookingLine(
        **dict(record)
        | {
            "kind": LineKind(record["kind"]),
            "amount": Decimal(record["amount"]),
            "band": VatRateBand(record["band"]),
            "rate": None if record["rate"] is None else Decimal(record["rate"]),
        }
    )


def _vat_row(record: Mapping[str, Any]) -> BookingVatRow:
    return BookingVatRow(category=SalesVatCategory(record["category"]), amount=Decimal(record["amount"]))
