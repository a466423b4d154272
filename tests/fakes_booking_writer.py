"""In-memory books and rows for the booking-writer; they pass the same suites as the real ones."""

from collections import deque
from dataclasses import replace
from datetime import datetime
from uuid import uuid4

from booking_writer.domain.booking import ComposedBooking
from booking_writer.domain.comparison import ExistingBooking, ExistingLine, ExistingVatRow
from booking_writer.domain.rules import Administration
from booking_writer.ports import (
    BookingRow,
    BookingState,
    InvoiceNumberTaken,
    InvoiceNumberUsed,
    KnownFindings,
)
from sconnect.errors import ConcurrentChange, Reason, ReasonCode, SConnectError
from sconnect.profiles import StoredProfile
from sconnect.vat_numbers import EuVatNumber


class FakeBookkeeping:
    """Books that keep what is posted; a number is taken once, whatever its capitals.

    `failures` happen to the next posts, one each: before the booking is kept, or after it when `committed`.
    """

    def __init__(self, administration: Administration) -> None:
        self.known = administration
        self.actual = administration
        self._by_number: dict[str, ExistingBooking] = {}
        self.failures: deque[tuple[SConnectError, bool]] = deque()
        self.posts = 0
        self.looks = 0

    def __call__(self, profile: StoredProfile) -> "FakeBookkeeping":
        return self

    @property
    def bookings(self) -> tuple[ExistingBooking, ...]:
        return tuple(self._by_number.values())

    def keep(self, booking: ExistingBooking) -> None:
        """Put a booking there, as the bookkeeper does by hand."""
        self._by_number[booking.invoice_number.casefold()] = booking

    def fail_next_post(self, error: SConnectError, *, committed: bool = False) -> None:
        self.failures.append((error, committed))

    async def administration(self) -> Administration:
        return self.known

    async def reread_administration(self) -> Administration:
        self.known = self.actual
        return self.known

    async def post_booking(self, booking: ComposedBooking) -> ExistingBooking:
        self.posts += 1
        error, committed = self.failures.popleft() if self.failures else (None, True)
        if error is not None and not committed:
            raise error
        if self._find(booking.invoice_number) is not None:
            raise InvoiceNumberTaken(booking.invoice_number)
        posted = as_existing(booking)
        self.keep(posted)
        if error is not None:
            raise error
        return posted

    async def find_booking_by_invoice_number(self, invoice_number: str) -> ExistingBooking | None:
        self.looks += 1
        return self._find(invoice_number)

    def _find(self, invoice_number: str) -> ExistingBooking | None:
        return self._by_number.get(invoice_number.casefold())


def as_existing(booking: ComposedBooking) -> ExistingBooking:
    """What the books show of a booking of ours."""
    return ExistingBooking(
        booking_id=str(uuid4()),
        invoice_number=booking.invoice_number,
        invoice_date=booking.invoice_date,
        relation_id=booking.relation_id,
        total=booking.total,
        lines=tuple(
            ExistingLine(ledger=str(line.ledger_number), amount=line.amount, band=line.band)
            for line in booking.lines
        ),
        vat_rows=tuple(ExistingVatRow(category=row.category, amount=row.amount) for row in booking.vat_rows),
    )


class FakeBookingRows:
    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], BookingRow] = {}
        self._by_number: dict[tuple[str, str], BookingRow] = {}

    async def get(self, profile: str, order_uuid: str) -> BookingRow | None:
        return self.rows.get((profile, order_uuid))

    async def with_invoice_number(self, administration_id: str, invoice_number: str) -> BookingRow | None:
        return self._by_number.get((administration_id, invoice_number))

    async def begin_posting(self, row: BookingRow) -> None:
        other = self._by_number.get(_number(row))
        if other is not None and (other.profile, other.order_uuid) != (row.profile, row.order_uuid):
            raise InvoiceNumberUsed(other.order_number, other.profile)
        if (row.profile, row.order_uuid) in self.rows:
            raise ConcurrentChange(Reason(code=ReasonCode.UPSTREAM_UNAVAILABLE))
        self._keep(row)

    async def record_booked(
        self, profile: str, order_uuid: str, *, booking_id: str, booked_at: datetime
    ) -> None:
        row = self.rows[profile, order_uuid]
        self._keep(replace(row, state=BookingState.BOOKED, booking_id=booking_id, booked_at=booked_at))

    async def forget_posting(self, profile: str, order_uuid: str) -> None:
        row = self.rows.get((profile, order_uuid))
        if row is not None and row.state is BookingState.POSTING:
            self._drop(row)

    def forget_booked_before(self, instant: datetime) -> int:
        """How many rows that was."""
        gone = [row for row in self.rows.values() if row.booked_at is not None and row.booked_at < instant]
        for row in gone:
            self._drop(row)
        return len(gone)

    def clear(self) -> None:
        """As a database that was lost."""
        self.rows.clear()
        self._by_number.clear()

    def _keep(self, row: BookingRow) -> None:
        self.rows[row.profile, row.order_uuid] = self._by_number[_number(row)] = row

    def _drop(self, row: BookingRow) -> None:
        del self.rows[row.profile, row.order_uuid]
        del self._by_number[_number(row)]


class FakeVatRegister:
    """Knows every number but those in `unknown`; `failures` happen to the next questions, one each."""

    def __init__(self) -> None:
        self.unknown: set[str] = set()
        self.failures: deque[SConnectError] = deque()
        self.asked: list[str] = []

    async def is_registered(self, number: EuVatNumber) -> bool:
        self.asked.append(number.letters + number.digits)
        if self.failures:
            raise self.failures.popleft()
        return self.asked[-1] not in self.unknown


class FakeLedgerFindings:
    def __init__(self) -> None:
        self.known: dict[str, KnownFindings] = {}

    async def get(self, profile: str) -> KnownFindings | None:
        return self.known.get(profile)

    async def remember(self, profile: str, found: KnownFindings) -> None:
        self.known[profile] = found


def _number(row: BookingRow) -> tuple[str, str]:
    return row.administration_id, row.booking.invoice_number
