"""Orders as JSON."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, TypeVar

from console.adapters.web.document import Document
from console.adapters.web.sentences import (
    call_words,
    event_sentence,
    explanation_words,
    standing_sentence,
)
from console.domain.standing import OrderRow, OrderStatus
from console.handlers.orders import OrderTrail
from sconnect.contracts import (
    CardChange,
    CustomerOrigin,
    Message,
    ResolvedCustomer,
    SalesBookingWritten,
    SalesOrder,
    SalesOrderCustomerResolved,
    SalesOrderReceived,
    TellsCalls,
    VendorCall,
    WrittenLine,
    WrittenVatRow,
)
from sconnect.contracts.build import order_key_of
from sconnect.texts import explanation_text

M = TypeVar("M", bound=Message)


class OrderDocument(Document):
    """One order as `orders list` shows it; `total` has two decimals."""

    order_number: str
    status: OrderStatus
    reason_code: str | None
    reason: str | None
    invoice_number: str | None
    total: str | None
    customer_number: int | None
    booking_id: str | None

    @classmethod
    def of(cls, row: OrderRow, language: str) -> "OrderDocument":
        return cls(**_order_fields(row, language))


class CallDocument(Document):
    """Calls to the shop or to SnelStart, alike and in a row; `system` and `answer` in the reader's words."""

    vendor: str
    system: str
    method: str
    path: str
    status: int | None
    outcome: str
    answer: str
    began_at: datetime
    duration_ms: int
    times: int

    @classmethod
    def of(cls, call: VendorCall, language: str) -> "CallDocument":
        system, answer = call_words(call, language)
        return cls(**call.model_dump(), system=system, answer=answer)


class EventDocument(Document):
    """One event of an order's trail; the order is in its `revision`th form, sent on `replay` times.

    `calls` are those that the attempt made which ended with this event.
    """

    at: datetime
    type: str
    text: str
    revision: int | None
    replay: int
    calls: tuple[CallDocument, ...]


class CustomerDocument(Document):
    """Why this customer, what does not agree, and what this order changed on the customer's card."""

    number: int
    origin: CustomerOrigin
    explanation: str
    differs: str
    changes: tuple[CardChange, ...]


class BookingDocument(Document):
    booking_id: str
    invoice_number: str
    invoice_date: date
    total: str
    customer_number: int
    lines: tuple[WrittenLine, ...]
    vat_rows: tuple[WrittenVatRow, ...]


class OrderTrailDocument(OrderDocument):
    """One order from shop to books: what came in, why this customer, how it is booked, all events."""

    profile: str
    order_uuid: str
    changed_in_shop: bool
    received: SalesOrder | None
    customer: CustomerDocument | None
    booking: BookingDocument | None
    trail: tuple[EventDocument, ...]

    @classmethod
    def of_trail(cls, trail: OrderTrail, language: str) -> "OrderTrailDocument":
        row = trail.row
        received = _last(SalesOrderReceived, trail.messages)
        resolved = _last(SalesOrderCustomerResolved, trail.messages)
        booked = _last(SalesBookingWritten, trail.messages)
        return cls(
            **_order_fields(row, language),
            profile=row.profile,
            order_uuid=row.order_uuid,
            changed_in_shop=row.standing.changed_in_shop,
            received=received.order if received else None,
            customer=_customer(resolved.customer, language) if resolved else None,
            booking=_booking(booked, _ledger_names(trail.messages)) if booked else None,
            trail=tuple(_event(message, language) for message in trail.messages),
        )


def _order_fields(row: OrderRow, language: str) -> dict[str, Any]:
    standing = row.standing
    return {
        "order_number": standing.order_number,
        "status": standing.status,
        "reason_code": standing.reason.code if standing.reason else None,
        "reason": standing_sentence(standing, language),
        "invoice_number": standing.booking.invoice_number if standing.booking else None,
        "total": standing.total,
        "customer_number": standing.customer_number,
        "booking_id": standing.booking.booking_id if standing.booking else None,
    }


def _customer(customer: ResolvedCustomer, language: str) -> CustomerDocument:
    return CustomerDocument(
        number=customer.number,
        origin=customer.origin,
        explanation=explanation_words(customer.explanation, language),
        differs=explanation_text(customer.differs, {}, language),
        changes=customer.changes,
    )


def _ledger_names(messages: Iterable[Message]) -> dict[int, str]:
    """What the books call the ledgers; a booking that is told for the second time may lack it."""
    written = [message for message in messages if isinstance(message, SalesBookingWritten)]
    return {
        line.ledger_number: line.ledger_name
        for message in written
        for line in message.lines
        if line.ledger_name is not None
    }


def _booking(message: SalesBookingWritten, ledger_names: Mapping[int, str]) -> BookingDocument:
    return BookingDocument(
        booking_id=message.booking_id,
        invoice_number=message.invoice_number,
        invoice_date=message.invoice_date,
        total=message.total,
        customer_number=message.customer_number,
        lines=tuple(
            line.model_copy(update={"ledger_name": ledger_names.get(line.ledger_number)})
            for line in message.lines
        ),
        vat_rows=message.vat_rows,
    )


def _event(message: Message, language: str) -> EventDocument:
    order = order_key_of(message)
    return EventDocument(
        at=message.occurred_at,
        type=message.type,
        text=event_sentence(message, language),
        revision=order.revision if order else None,
        replay=message.replay,
        calls=tuple(CallDocument.of(call, language) for call in _calls(message)),
    )


def _calls(message: Message) -> tuple[VendorCall, ...]:
    return message.calls if isinstance(message, TellsCalls) else ()


def _last(contract: type[M], messages: Iterable[Message]) -> M | None:
    found = [message for message in messages if isinstance(message, contract)]
    return found[-1] if found else None
