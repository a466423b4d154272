"""A booking-writer at its desk: books and rows in memory, and the claims that a stage would give it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from booking_writer.handlers.vat_numbers import VatNumbers
from booking_writer.handlers.watching import LedgerWatch
from booking_writer.handlers.writing import WriteBooking, WritingLimits
from booking_writer.ports import BookingState
from booking_writer_cases import administration
from factories import sales_order, stored_profile
from fakes_booking_writer import (
    FakeBookingRows,
    FakeBookkeeping,
    FakeLedgerFindings,
    FakeVatRegister,
)
from sconnect.clock import ManualClock
from sconnect.contracts import (
    CustomerOrigin,
    Message,
    ResolvedCustomer,
    SalesBookingWritten,
    SalesOrder,
    SalesOrderCustomerResolved,
)
from sconnect.contracts.build import new_message
from sconnect.errors import (
    MisconfiguredError,
    RateLimited,
    Reason,
    ReasonCode,
    RejectedError,
    UpstreamUnavailable,
)
from sconnect.messaging.memory import RecordingPublisher
from sconnect.stage import Claim

NOW = datetime(2026, 3, 2, 12, 31, 7, tzinfo=UTC)
UNAVAILABLE = Reason(code=ReasonCode.UPSTREAM_UNAVAILABLE, variant="timeout")
ANSWER_LOST = UpstreamUnavailable(UNAVAILABLE, outcome_unknown=True)
NO_CONNECTION = UpstreamUnavailable(UNAVAILABLE)
SLOW_DOWN = RateLimited(UNAVAILABLE, retry_after_seconds=5)
BLOCKED = RejectedError(Reason(code=ReasonCode.PERIOD_BLOCKED))
KEY_REFUSED = MisconfiguredError(Reason(code=ReasonCode.PROFILE_PAUSED, variant="connection_key"))
PROFILE = stored_profile(administration_id=administration().id)
CUSTOMER = ResolvedCustomer(
    relation_id="5a0e2b5e-6a8e-4c53-9b49-0d6f3b8d4a10",
    number=10412,
    origin=CustomerOrigin.MATCHED,
    explanation="e-mail",
    country_code="NL",
)


class Desk:
    """The writer with books and rows in memory, and the claims that a stage would give it."""

    def __init__(self) -> None:
        self.books = FakeBookkeeping(administration())
        self.rows = FakeBookingRows()
        self.publisher = RecordingPublisher()
        self.findings = FakeLedgerFindings()
        self.register = FakeVatRegister()
        clock = ManualClock(NOW)
        self.write = WriteBooking(
            books=self.books,
            rows=self.rows,
            watch=LedgerWatch(findings=self.findings, publisher=self.publisher, clock=clock),
            vat_numbers=VatNumbers(self.register),
            clock=clock,
            limits=WritingLimits(post_seconds_max=20, lease_margin_seconds=10),
        )

    async def run(self, **changes: Any) -> tuple[Message, ...]:
        return await self.write(claim(**changes))

    async def refused(self, **changes: Any) -> Reason:
        with pytest.raises(RejectedError) as refusal:
            await self.run(**changes)
        return refusal.value.reason

    def state(self, order: SalesOrder | None = None) -> BookingState | None:
        row = self.rows.rows.get((PROFILE.profile.name, (order or sales_order()).uuid))
        return None if row is None else row.state


def claim(
    order: SalesOrder | None = None,
    *,
    customer: ResolvedCustomer = CUSTOMER,
    lease_seconds: float = 120,
    replay: int = 0,
    **changes: Any,
) -> Claim:
    message = new_message(
        SalesOrderCustomerResolved,
        profile=PROFILE.profile.name,
        occurred_at=NOW,
        correlation_id="correlation",
        id_parts=(replay,),
        replay=replay,
        order=order or sales_order(),
        customer=customer,
    )
    facts: dict[str, Any] = {"message": message, "profile": PROFILE, "attempts": 1, "amendment": None}
    return Claim(**{**facts, **changes}, token="token", lease_seconds=lease_seconds)


def written(messages: tuple[Message, ...]) -> SalesBookingWritten:
    (message,) = messages
    assert isinstance(message, SalesBookingWritten)
    return message
