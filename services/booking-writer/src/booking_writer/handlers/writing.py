"""An order becomes a booking, exactly once, also when an answer is lost or the process dies."""

from dataclasses import dataclass, replace

import structlog

from booking_writer.domain.booking import ComposedBooking, SkippedOrder
from booking_writer.domain.comparison import ExistingBooking, first_difference
from booking_writer.domain.refusal import (
    reason,
    refuse,
    refuse_number_of_others,
    refuse_number_of_ours,
)
from booking_writer.domain.rules import Administration
from booking_writer.handlers.composing import compose_for
from booking_writer.handlers.messages import STAGE, booking_written, order_changed
from booking_writer.handlers.translation import bookable_order, booked_customer, fingerprints
from booking_writer.handlers.vat_numbers import VatNumbers
from booking_writer.handlers.watching import LedgerWatch
from booking_writer.ports import (
    BookingRow,
    BookingRows,
    BookingState,
    Bookkeeping,
    Books,
    InvoiceNumberTaken,
    InvoiceNumberUsed,
)
from sconnect.clock import Clock
from sconnect.contracts import Message, OrderSkipped, SalesOrderCustomerResolved, WireReason
from sconnect.contracts.build import order_event, order_key
from sconnect.errors import (
    ConcurrentChange,
    MisconfiguredError,
    ReasonCode,
    RejectedError,
    TransientError,
    UpstreamUnavailable,
)
from sconnect.stage import Claim

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class WritingLimits:
    """The longest a POST may take, and what must be left of the lease beside it before one is begun."""

    post_seconds_max: float
    lease_margin_seconds: float


class WriteBooking:
    """The handler of the writer's stage.

    Safe to run twice: the row is written before the POST, so that every later attempt looks in the books
    first. Half-done when it dies: a row in `posting`; the next attempt, which the lease keeps away until a
    late POST has come to its end, finds the booking or sends it again under the same invoice number, which
    SnelStart takes once (BOE-0021). The operator sees the order in progress, then waiting.
    """

    def __init__(
        self,
        *,
        books: Books,
        rows: BookingRows,
        watch: LedgerWatch,
        vat_numbers: VatNumbers,
        clock: Clock,
        limits: WritingLimits,
    ) -> None:
        self._books = books
        self._rows = rows
        self._watch = watch
        self._vat_numbers = vat_numbers
        self._clock = clock
        self._limits = limits

    async def __call__(self, claim: Claim) -> tuple[Message, ...]:
        source = claim.message
        if not isinstance(source, SalesOrderCustomerResolved):
            refuse(ReasonCode.UNREADABLE_MESSAGE, "not_an_order", type=source.type)
        books = self._books(claim.profile)
        # What was never worked on has no row; should it have one all the same, begin_posting refuses.
        row = None if claim.is_first else await self._rows.get(source.profile, source.order.uuid)
        if row is None:
            return await self._write(claim, source, books)
        if row.state is BookingState.POSTING:
            row = await self._settle(claim, row, books)
            return (booking_written(source, row, by_this_attempt=False), *_changes(source, row))
        return _changes(source, row) or (booking_written(source, row, by_this_attempt=False),)

    async def _write(
        self, claim: Claim, source: SalesOrderCustomerResolved, books: Bookkeeping
    ) -> tuple[Message, ...]:
        booking = await self._compose(claim, source, books)
        if isinstance(booking, SkippedOrder):
            return (_skipped(source, booking),)
        customer = booked_customer(source.customer)
        checked = await self._vat_numbers.check(claim.profile.profile, source.order, customer)
        booking = replace(booking, vat_number_check=checked)
        # Asked before the POST: nothing that comes after it may keep its outcome from being told.
        ledger_names = _names(await books.administration(), booking)
        row = BookingRow(
            profile=source.profile,
            order_uuid=source.order.uuid,
            order_number=source.order.number,
            revision=source.order.revision,
            administration_id=claim.profile.administration_id,
            booking=booking,
            fingerprints=fingerprints(bookable_order(source.order)),
            state=BookingState.POSTING,
            posting_since=self._clock.now(),
        )
        self._require_lease(claim)
        try:
            await self._rows.begin_posting(row)
        except InvoiceNumberUsed as other:
            refuse_number_of_ours(booking.invoice_number, other.order_number, other.profile)
        try:
            row = await claim.undisturbed(self._post_first(row, books))
        except RejectedError as refusal:
            if refusal.reason.code is ReasonCode.LEDGER_UNFIT:
                # SnelStart says that a ledger is wrong; what was changed about which one, the books tell.
                await books.reread_administration()
                await self._compose(claim, source, books)
            raise
        return (booking_written(source, row, by_this_attempt=True, ledger_names=ledger_names),)

    async def _compose(
        self, claim: Claim, source: SalesOrderCustomerResolved, books: Bookkeeping
    ) -> ComposedBooking | SkippedOrder:
        customer = booked_customer(source.customer)
        try:
            composed = await compose_for(claim.profile, source.order, customer, books)
        except RejectedError:
            await self._watch.look(claim.profile, await books.administration())
            raise
        await self._watch.look(claim.profile, await books.administration())
        return composed

    def _require_lease(self, claim: Claim) -> None:
        needed = self._limits.post_seconds_max + self._limits.lease_margin_seconds
        if claim.lease_seconds_left() < needed:
            raise ConcurrentChange(reason(ReasonCode.UPSTREAM_UNAVAILABLE, "lease_too_short"))

    async def _post_first(self, row: BookingRow, books: Bookkeeping) -> BookingRow:
        """Send a booking that was never sent before: whatever stands under its number is not ours."""
        try:
            posted = await books.post_booking(row.booking)
        except InvoiceNumberTaken:
            await self._rows.forget_posting(row.profile, row.order_uuid)
            refuse_number_of_others(row.booking.invoice_number)
        except (TransientError, RejectedError, MisconfiguredError) as error:
            if not _may_have_been_written(error):
                await self._rows.forget_posting(row.profile, row.order_uuid)
            raise
        return await self._record(row, posted)

    async def _settle(self, claim: Claim, row: BookingRow, books: Bookkeeping) -> BookingRow:
        """Find out what came of a booking that was sent, and send it again only if it is not there."""
        found = await books.find_booking_by_invoice_number(row.booking.invoice_number)
        if found is not None:
            return await self._record(row, found)
        self._require_lease(claim)
        log.info("posting_again", invoice_number=row.booking.invoice_number)
        return await claim.undisturbed(self._post_again(row, books))

    async def _post_again(self, row: BookingRow, books: Bookkeeping) -> BookingRow:
        try:
            posted = await books.post_booking(row.booking)
        except InvoiceNumberTaken:
            # The earlier POST came through after all, between our look and now.
            found = await books.find_booking_by_invoice_number(row.booking.invoice_number)
            if found is None:
                unknown = reason(ReasonCode.UPSTREAM_UNAVAILABLE, "outcome")
                raise UpstreamUnavailable(unknown, outcome_unknown=True) from None
            posted = found
        except RejectedError:
            await self._rows.forget_posting(row.profile, row.order_uuid)
            raise
        return await self._record(row, posted)

    async def _record(self, row: BookingRow, posted: ExistingBooking) -> BookingRow:
        """Store that the booking is in the books, once they say exactly what was sent."""
        difference = first_difference(row.booking, posted)
        if difference is not None:
            refuse(
                ReasonCode.CONFLICTS_WITH_EXISTING,
                "different",
                invoice_number=row.booking.invoice_number,
                field=difference.field,
                ours=difference.ours,
                theirs=difference.theirs,
            )
        booked_at = self._clock.now()
        await self._rows.record_booked(
            row.profile, row.order_uuid, booking_id=posted.booking_id, booked_at=booked_at
        )
        log.info("booking_written", order_number=row.order_number, booking_id=posted.booking_id)
        return replace(row, state=BookingState.BOOKED, booking_id=posted.booking_id, booked_at=booked_at)


def _names(administration: Administration, booking: ComposedBooking) -> dict[int, str]:
    """What the books call the ledgers of a booking."""
    numbers = {line.ledger_number for line in booking.lines}
    accounts = administration.ledgers
    return {number: accounts[number].name for number in numbers if number in accounts}


def _may_have_been_written(error: Exception) -> bool:
    return isinstance(error, UpstreamUnavailable) and error.outcome_unknown


def _changes(source: SalesOrderCustomerResolved, row: BookingRow) -> tuple[Message, ...]:
    if row.revision == source.order.revision:
        return ()
    return (order_changed(source, row, fingerprints(bookable_order(source.order))),)


def _skipped(source: SalesOrderCustomerResolved, skipped: SkippedOrder) -> OrderSkipped:
    return order_event(
        OrderSkipped,
        source,
        order_key(source.order),
        occurred_at=source.occurred_at,
        stage=STAGE,
        reason=WireReason(
            code=skipped.reason.code, variant=skipped.reason.variant, details=dict(skipped.reason.details)
        ),
    )
