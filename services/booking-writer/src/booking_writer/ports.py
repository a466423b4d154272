"""What the writer needs of the world: the books of an administration, and a memory of what it posted."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from booking_writer.domain.booking import ComposedBooking
from booking_writer.domain.comparison import ExistingBooking
from booking_writer.domain.rules import Administration
from sconnect.errors import SConnectError
from sconnect.ledgers import Finding
from sconnect.profiles import StoredProfile


class InvoiceNumberTaken(SConnectError):
    """The books hold a booking with this invoice number already (SnelStart BOE-0021)."""


class Bookkeeping(Protocol):
    """The books of one administration.

    All raise UpstreamUnavailable, RateLimited or MisconfiguredError.
    """

    async def administration(self) -> Administration:
        """What the administration allows; read anew when what is known is old."""

    async def reread_administration(self) -> Administration:
        """The same, read anew unless that was done a moment ago."""

    async def post_booking(self, booking: ComposedBooking) -> ExistingBooking:
        """Write a booking; the answer is what the books made of it.

        Raises InvoiceNumberTaken, or RejectedError with the reason why the books refuse it; an
        UpstreamUnavailable with `outcome_unknown` when it may have been written all the same.
        """

    async def find_booking_by_invoice_number(self, invoice_number: str) -> ExistingBooking | None: ...


class Books(Protocol):
    def __call__(self, profile: StoredProfile) -> Bookkeeping:
        """The books that a profile writes to."""


class BookingState(StrEnum):
    """POSTING: it was or is being sent, and what came of it is not known."""

    POSTING = "posting"
    BOOKED = "booked"


@dataclass(frozen=True, kw_only=True, slots=True)
class BookingRow:
    """One booking of ours; `fingerprints` are hashes of the order's fields, to tell what changed since.

    `booking_id` and `booked_at` are set once it is booked.
    """

    profile: str
    order_uuid: str
    order_number: str
    revision: int
    administration_id: str
    booking: ComposedBooking
    fingerprints: dict[str, str]
    state: BookingState
    posting_since: datetime
    booking_id: str | None = None
    booked_at: datetime | None = None


class InvoiceNumberUsed(SConnectError):
    """Another order of ours has this invoice number in the same administration."""

    def __init__(self, order_number: str, profile: str) -> None:
        super().__init__(f"order {order_number} of {profile} has this invoice number")
        self.order_number = order_number
        self.profile = profile


class BookingRows(Protocol):
    """A row per order that was posted; all raise UpstreamUnavailable when the database is away."""

    async def get(self, profile: str, order_uuid: str) -> BookingRow | None: ...

    async def with_invoice_number(self, administration_id: str, invoice_number: str) -> BookingRow | None:
        """The order of ours that has this number there; of any profile."""

    async def begin_posting(self, row: BookingRow) -> None:
        """Remember durably that this booking is about to be sent.

        Raises InvoiceNumberUsed, or ConcurrentChange when the order has a row already.
        """

    async def record_booked(
        self, profile: str, order_uuid: str, *, booking_id: str, booked_at: datetime
    ) -> None: ...

    async def forget_posting(self, profile: str, order_uuid: str) -> None:
        """It certainly was not written: the next attempt is a first one. A booked row stays."""


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownFindings:
    """What stopped orders at the last look at the books, under that version of the profile."""

    version: int
    findings: tuple[Finding, ...]


class LedgerFindings(Protocol):
    """The memory of what was told about a profile's ledgers; raises UpstreamUnavailable."""

    async def get(self, profile: str) -> KnownFindings | None: ...

    async def remember(self, profile: str, found: KnownFindings) -> None: ...
