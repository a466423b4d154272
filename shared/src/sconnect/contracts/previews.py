"""What travels for a preview: the way of an order, on which nothing is written.

These are messages of their own, so that no mistake in a queue can turn a preview into a booking.
"""

from datetime import date, datetime
from typing import Any, ClassVar, Literal

from sconnect.contracts.base import Message, OrderKey, Wire
from sconnect.contracts.customers import CustomerOrigin
from sconnect.contracts.events import StageName, WireReason, WrittenVatRow
from sconnect.contracts.orders import SalesOrder


class PreviewTicket(Wire):
    """Which preview a message belongs to, and until when somebody waits for its answer.

    `ledgers` is a profile's section `bookings.ledgers` as JSON, taken instead of the profile's own.
    """

    preview_id: str
    expires_at: datetime
    ledgers: dict[str, Any] | None = None


class PreviewSelection(Wire):
    """One order by its number, those placed from one day to another (both included), or the `last` ones.

    More orders than `orders_max` are not previewed at all.
    """

    order_number: str | None = None
    placed_from: date | None = None
    placed_to: date | None = None
    last: int | None = None
    orders_max: int


class PreviewHeldBack(Wire):
    """Why the poller would not hand the order over now; the preview goes on as if it did."""

    outcome: Literal["waiting", "skipped"]
    reason: WireReason


class PreviewedCard(Wire):
    """The card that would be made; what is None or absent stays empty on it."""

    name: str
    email: str | None = None
    phone: str | None = None
    vat_number: str | None = None
    iban: str | None = None
    contact: str | None = None
    street: str | None = None
    postcode: str | None = None
    city: str | None = None
    country_code: str | None = None


class PreviewedCustomer(Wire):
    """The customer that the order would get; `new_card` instead of id and number when one would be made."""

    origin: CustomerOrigin
    explanation: str
    name: str
    relation_id: str | None = None
    number: int | None = None
    vat_number: str | None = None
    country_code: str | None = None
    new_card: PreviewedCard | None = None


class PreviewedLine(Wire):
    """`amount` excludes VAT; `vat_rate` is a percentage, None outside VAT."""

    kind: str
    ledger_number: int
    ledger_name: str | None
    description: str
    vat_rate_band: str
    vat_rate: str | None
    amount: str
    cost_centre: int | None = None


class PreviewedBooking(Wire):
    """The booking as it would be sent; `vat_was_derived`: the shop printed none, it was computed."""

    invoice_number: str
    invoice_date: date
    total: str
    description: str
    payment_term_days: int | None
    mark_unread: bool
    vat_was_derived: bool
    lines: tuple[PreviewedLine, ...]
    vat_rows: tuple[WrittenVatRow, ...]


PreviewOutcome = Literal[
    "booked", "already_booked", "waiting", "skipped", "dead_lettered", "not_found", "not_previewed"
]


class PreviewRequested(Message):
    """Command: read these orders from the shop and send them along the way of previews."""

    TYPE: ClassVar[str] = "poller.preview-requested.v1"
    ticket: PreviewTicket
    selection: PreviewSelection
    requested_by: str


class PreviewOrdersFound(Message):
    """The orders whose answers are to come; none when there are `too_many`, or for a `failure`."""

    TYPE: ClassVar[str] = "preview.orders-found.v1"
    preview_id: str
    orders: tuple[OrderKey, ...] = ()
    too_many: bool = False
    failure: WireReason | None = None


class PreviewOrderRead(Message):
    TYPE: ClassVar[str] = "preview.order-read.v1"
    ticket: PreviewTicket
    order: SalesOrder
    held_back: PreviewHeldBack | None = None


class PreviewCustomerFound(Message):
    TYPE: ClassVar[str] = "preview.customer-found.v1"
    ticket: PreviewTicket
    order: SalesOrder
    customer: PreviewedCustomer
    held_back: PreviewHeldBack | None = None


class SalesBookingPreviewed(Message):
    """What would become of one order now; `stage` is where that was decided, None if nowhere.

    `booked` comes with the booking, `already_booked` too: as it would be composed today, although nothing is
    rebooked. `waiting`, `skipped` and `dead_lettered` come with the reason, `not_found` is an order that the
    shop does not have, `not_previewed` one that could not be looked at now. `held_back` outranks all of it.
    """

    TYPE: ClassVar[str] = "sales-booking.previewed.v1"
    preview_id: str
    order: OrderKey
    outcome: PreviewOutcome
    stage: StageName | None
    reason: WireReason | None = None
    suggestions: tuple[dict[str, str], ...] = ()
    held_back: PreviewHeldBack | None = None
    received: SalesOrder | None = None
    customer: PreviewedCustomer | None = None
    booking: PreviewedBooking | None = None
