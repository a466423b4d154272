"""The writer's part of a preview: the booking that would be sent, line by line."""

from collections.abc import AsyncIterator
from dataclasses import replace

from booking_writer.domain.booking import BookingLine, ComposedBooking, SkippedOrder
from booking_writer.domain.order import BookedCustomer
from booking_writer.domain.refusal import percent, refuse_number_of_others, refuse_number_of_ours
from booking_writer.domain.rules import Administration
from booking_writer.domain.wording import line_description
from booking_writer.handlers.composing import compose_for
from booking_writer.handlers.messages import STAGE
from booking_writer.handlers.vat_numbers import VatNumbers
from booking_writer.ports import BookingRow, BookingRows, BookingState, Bookkeeping, Books
from sconnect.clock import Clock
from sconnect.contracts import (
    Message,
    PreviewCustomerFound,
    PreviewedBooking,
    PreviewedCustomer,
    PreviewedLine,
    WrittenVatRow,
)
from sconnect.errors import RejectedError
from sconnect.profiles import StoredProfile
from sconnect.stage.previews import previewed, wrong_queue
from sconnect.stage.runner import wire_reason

# A customer who is not made yet has no number; nothing of a booking depends on it.
NO_NUMBER = 0


class PreviewBooking:
    """A PreviewWork that reads our rows and the books, and writes neither."""

    def __init__(self, *, books: Books, rows: BookingRows, vat_numbers: VatNumbers, clock: Clock) -> None:
        self._books = books
        self._rows = rows
        self._vat_numbers = vat_numbers
        self._clock = clock

    async def __call__(self, message: Message, profile: StoredProfile) -> AsyncIterator[Message]:
        if not isinstance(message, PreviewCustomerFound):
            raise wrong_queue(message)
        books = self._books(profile)
        customer = _booked_customer(message.customer)
        composed = await self._compose(profile, message, customer, books)
        if isinstance(composed, SkippedOrder):
            reason = wire_reason(composed.reason)
            yield previewed(message, self._clock, stage=STAGE, outcome="skipped", reason=reason)
            return
        row = await self._rows.get(message.profile, message.order.uuid)
        # Who tries other ledgers asks about the ledgers: that spares calls for every order.
        if row is None and message.ticket.ledgers is None:
            await self._require_free_number(composed.invoice_number, profile, books)
        yield previewed(
            message,
            self._clock,
            stage=STAGE,
            outcome="already_booked" if _is_booked(row) else "booked",
            booking=_shown(composed, await books.administration()),
        )

    async def _compose(
        self,
        profile: StoredProfile,
        message: PreviewCustomerFound,
        customer: BookedCustomer,
        books: Bookkeeping,
    ) -> ComposedBooking | SkippedOrder:
        try:
            composed = await compose_for(profile, message.order, customer, books)
            if isinstance(composed, ComposedBooking) and message.ticket.ledgers is None:
                await self._vat_numbers.check(profile.profile, message.order, customer)
        except RejectedError as refusal:
            if message.customer.number is not None:
                raise
            # The card that a sentence would name has no number yet.
            details = {
                name: text for name, text in refusal.reason.details.items() if name != "customer_number"
            }
            raise RejectedError(replace(refusal.reason, details=details)) from None
        return composed

    async def _require_free_number(
        self, invoice_number: str, profile: StoredProfile, books: Bookkeeping
    ) -> None:
        """Ours is in our rows; only SnelStart knows what was booked there by hand."""
        other = await self._rows.with_invoice_number(profile.administration_id, invoice_number)
        if other is not None:
            refuse_number_of_ours(invoice_number, other.order_number, other.profile)
        if await books.find_booking_by_invoice_number(invoice_number) is not None:
            refuse_number_of_others(invoice_number)


def _is_booked(row: BookingRow | None) -> bool:
    return row is not None and row.state is BookingState.BOOKED


def _booked_customer(customer: PreviewedCustomer) -> BookedCustomer:
    return BookedCustomer(
        relation_id=customer.relation_id or "",
        number=customer.number or NO_NUMBER,
        vat_number=customer.vat_number,
        country_code=customer.country_code,
    )


def _shown(booking: ComposedBooking, administration: Administration) -> PreviewedBooking:
    return PreviewedBooking(
        invoice_number=booking.invoice_number,
        invoice_date=booking.invoice_date,
        total=str(booking.total),
        description=booking.description,
        payment_term_days=booking.payment_term_days,
        mark_unread=booking.mark_unread,
        vat_was_derived=booking.vat_was_derived,
        lines=tuple(_line(line, administration) for line in booking.lines),
        vat_rows=tuple(
            WrittenVatRow(category=row.category, amount=str(row.amount)) for row in booking.vat_rows
        ),
    )


def _line(line: BookingLine, administration: Administration) -> PreviewedLine:
    account = administration.ledgers.get(line.ledger_number)
    return PreviewedLine(
        kind=line.kind,
        ledger_number=line.ledger_number,
        ledger_name=None if account is None else account.name,
        description=line_description(line),
        vat_rate_band=line.band,
        vat_rate=None if line.rate is None else percent(line.rate),
        amount=str(line.amount),
        cost_centre=line.cost_centre,
    )
