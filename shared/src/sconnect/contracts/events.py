"""Every event and command on the wire. Inside a version fields are only ever added."""

from datetime import date, datetime
from typing import ClassVar, Literal

from pydantic import Field

from sconnect.contracts.base import Message, OrderKey, Wire
from sconnect.contracts.customers import ResolvedCustomer
from sconnect.contracts.orders import SalesOrder

StageName = Literal["poller", "customer-resolver", "booking-writer"]


class WireReason(Wire):
    """A reason code with the facts of its sentence; the console renders it in the reader's language."""

    code: str
    variant: str | None = None
    details: dict[str, str] = Field(default_factory=dict)


class VendorCall(Wire):
    """A call to the shop or to SnelStart; `path` has no query, for that may hold keys and names.

    `status` when an answer came, `outcome` how it ended (`sconnect.metrics.CallOutcome`); `times` the same
    call was made in a row, from `began_at`, together in `duration_ms`.
    """

    vendor: str
    method: str
    path: str
    status: int | None = None
    outcome: str
    began_at: datetime
    duration_ms: int
    times: int = 1


class TellsCalls(Message):
    """Base of what tells how far an order came, with the calls that the attempt made to get there."""

    TYPE: ClassVar[str]
    calls: tuple[VendorCall, ...] = ()


class ImportRequested(Message):
    """Command: poll this profile now; `run_id` is how the console recognises the run."""

    TYPE: ClassVar[str] = "poller.import-requested.v1"
    run_id: str
    requested_by: str


class OrderReplayRequested(Message):
    """Command: read the order from the shop again and send it on with this replay number and amendment."""

    TYPE: ClassVar[str] = "poller.order-replay-requested.v1"
    order: OrderKey
    requested_by: str


class SalesOrderReceived(TellsCalls):
    TYPE: ClassVar[str] = "sales-order.received.v1"
    order: SalesOrder
    run_id: str | None = None


class SalesOrderCustomerResolved(TellsCalls):
    TYPE: ClassVar[str] = "sales-order.customer-resolved.v1"
    order: SalesOrder
    customer: ResolvedCustomer


class WrittenLine(Wire):
    """`ledger_name` as the books call it; None when it was not known any more when the booking was told."""

    ledger_number: int
    ledger_name: str | None = None
    amount: str
    vat_rate_band: str
    description: str


class WrittenVatRow(Wire):
    category: str
    amount: str


class SalesBookingWritten(TellsCalls):
    """The booking is in SnelStart; `outcome` tells whether this attempt or an earlier one put it there.

    `vat_number_check`: how the VAT number of an EU business was checked, "form" or "vies"; None for others.
    """

    TYPE: ClassVar[str] = "sales-booking.written.v1"
    order: OrderKey
    outcome: Literal["written", "already_written"]
    booking_id: str
    invoice_number: str
    invoice_date: date
    total: str
    customer_number: int
    lines: tuple[WrittenLine, ...]
    vat_rows: tuple[WrittenVatRow, ...]
    vat_number_check: str | None = None


class OrderWaiting(TellsCalls):
    """The order comes back by itself; `attempt` counts the waits at this stage, 0 while it is not offered."""

    TYPE: ClassVar[str] = "sales-order.waiting.v1"
    order: OrderKey
    stage: StageName
    reason: WireReason
    attempt: int = 0
    retry_at: datetime | None = None


class OrderSkipped(TellsCalls):
    TYPE: ClassVar[str] = "sales-order.skipped.v1"
    order: OrderKey
    stage: StageName
    reason: WireReason


class OrderChanged(Message):
    """The shop shows other contents than those that were booked; nothing is rebooked."""

    TYPE: ClassVar[str] = "sales-order.changed.v1"
    order: OrderKey
    stage: StageName
    changed_fields: tuple[str, ...] = ()


class OrderDeadLettered(TellsCalls):
    """The order waits for a person; `message` is the body that was set aside, `queue` where it came from."""

    TYPE: ClassVar[str] = "sales-order.dead-lettered.v1"
    dead_letter_id: str
    order: OrderKey | None
    stage: StageName
    queue: str | None
    reason: WireReason
    suggestions: tuple[dict[str, str], ...] = ()
    attempts: int
    message: str | None = None


class DeadLetterDiscarded(Message):
    TYPE: ClassVar[str] = "sales-order.discarded.v1"
    dead_letter_id: str
    order: OrderKey | None
    discarded_by: str
    why: str


class ImportRunFinished(Message):
    """A run of the poller is over; `order_uuids` are the orders it met, `failure` why it could not finish."""

    TYPE: ClassVar[str] = "import-run.finished.v1"
    run_id: str
    started_at: datetime
    order_uuids: tuple[str, ...]
    next_order_number: int | None = None
    missing_numbers: tuple[int, ...] = ()
    failure: WireReason | None = None


class ProfilePaused(Message):
    TYPE: ClassVar[str] = "profile.paused.v1"
    stage: StageName
    reason: WireReason


class ProfileResumed(Message):
    TYPE: ClassVar[str] = "profile.resumed.v1"
    stage: StageName


class ProfileChanged(Message):
    TYPE: ClassVar[str] = "profile.changed.v1"
    version: int
    changed_by: str


class WireLedgerFinding(Wire):
    """What is wrong with one place of a profile's ledgers; text key `ledgers.<code>`, `field` in details."""

    code: str
    details: dict[str, str] = Field(default_factory=dict)


class ProfileLedgersChecked(Message):
    """The books were read anew, and what stops orders is not what it was: `findings` is all of it now, none
    when everything fits again, and `new` what was not there before. `version` is the profile's."""

    TYPE: ClassVar[str] = "profile.ledgers-checked.v1"
    stage: StageName
    version: int
    findings: tuple[WireLedgerFinding, ...]
    new: tuple[WireLedgerFinding, ...]
