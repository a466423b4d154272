"""What the console is told about an order's booking."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from booking_writer.domain.wording import line_description
from booking_writer.ports import BookingRow
from sconnect.contracts import (
    OrderChanged,
    OrderKey,
    SalesBookingWritten,
    SalesOrderCustomerResolved,
    WrittenLine,
    WrittenVatRow,
)
from sconnect.contracts.build import order_event, order_key

STAGE: Final = "booking-writer"
_UNKNOWN: Mapping[int, str] = MappingProxyType({})


def booking_written(
    source: SalesOrderCustomerResolved,
    row: BookingRow,
    *,
    by_this_attempt: bool,
    ledger_names: Mapping[int, str] = _UNKNOWN,
) -> SalesBookingWritten:
    """The booking of a row that is booked; a ledger that `ledger_names` does not know has no name."""
    booking = row.booking
    return order_event(
        SalesBookingWritten,
        source,
        OrderKey(uuid=row.order_uuid, number=row.order_number, revision=row.revision),
        occurred_at=row.booked_at or row.posting_since,
        outcome="written" if by_this_attempt else "already_written",
        booking_id=row.booking_id or "",
        invoice_number=booking.invoice_number,
        invoice_date=booking.invoice_date,
        total=str(booking.total),
        customer_number=booking.customer_number,
        vat_number_check=booking.vat_number_check,
        lines=tuple(
            WrittenLine(
                ledger_number=line.ledger_number,
                ledger_name=ledger_names.get(line.ledger_number) or None,
                amount=str(line.amount),
                vat_rate_band=line.band,
                description=line_description(line),
            )
            for line in booking.lines
        ),
        vat_rows=tuple(
            WrittenVatRow(category=row.category, amount=str(row.amount)) for row in booking.vat_rows
        ),
    )


def order_changed(
    source: SalesOrderCustomerResolved, row: BookingRow, fingerprints: dict[str, str]
) -> OrderChanged:
    """The shop shows other contents than those that were booked."""
    changed = sorted(name for name, found in fingerprints.items() if row.fingerprints.get(name) != found)
    return order_event(
        OrderChanged,
        source,
        order_key(source.order),
        occurred_at=source.occurred_at,
        stage=STAGE,
        changed_fields=tuple(changed),
    )
