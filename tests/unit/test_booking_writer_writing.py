"""Every order once in the books: what the writer does after each thing that can go wrong."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from booking_writer.domain.booking import ComposedBooking
from booking_writer.domain.comparison import ExistingBooking
from booking_writer.handlers.writing import WriteBooking, WritingLimits
from booking_writer.ports import BookingState
from booking_writer_cases import administration
from factories import sales_order, stored_profile
from fakes_booking_writer import FakeBookingRows, FakeBookkeeping
from sconnect.clock import ManualClock
from sconnect.contracts import (
    CustomerOrigin,
    Message,
    OrderChanged,
    OrderSkipped,
    ResolvedCustomer,
    SalesBookingWritten,
    SalesOrder,
    SalesOrderCustomerResolved,
    SalesOrderReceived,
)
from sconnect.contracts.build import new_message
from sconnect.errors import (
    ConcurrentChange,
    MisconfiguredError,
    RateLimited,
    Reason,
    ReasonCode,
    RejectedError,
    SConnectError,
    TransientError,
    UpstreamUnavailable,
)
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
        self.write = WriteBooking(
            books=self.books,
            rows=self.rows,
            clock=ManualClock(NOW),
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


@pytest.fixture
def desk() -> Desk:
    return Desk()


def claim(
    order: SalesOrder | None = None, *, lease_seconds: float = 120, replay: int = 0, **changes: Any
) -> Claim:
    message = new_message(
        SalesOrderCustomerResolved,
        profile=PROFILE.profile.name,
        occurred_at=NOW,
        correlation_id="correlation",
        id_parts=(replay,),
        replay=replay,
        order=order or sales_order(),
        customer=CUSTOMER,
    )
    facts: dict[str, Any] = {"message": message, "profile": PROFILE, "attempts": 1, "amendment": None}
    return Claim(**{**facts, **changes}, token="token", lease_seconds=lease_seconds)


def written(messages: tuple[Message, ...]) -> SalesBookingWritten:
    (message,) = messages
    assert isinstance(message, SalesBookingWritten)
    return message


async def test_an_order_is_booked_and_told(desk: Desk) -> None:
    told = written(await desk.run())

    (posted,) = desk.books.bookings
    assert desk.books.looks == 0
    assert (told.outcome, told.booking_id) == ("written", posted.booking_id)
    assert (told.invoice_number, told.total, told.customer_number) == ("1001", "68.00", 10412)
    assert [(line.ledger_number, line.amount, line.description) for line in told.lines] == [
        (8100, "50.00", "Omzet 21%"),
        (8300, "6.20", "Verzendkosten 21%"),
    ]
    assert [(row.category, row.amount) for row in told.vat_rows] == [("sales_high", "11.80")]
    assert told.order.revision == 1
    assert desk.state() is BookingState.BOOKED


async def test_the_same_message_again_tells_the_same_booking(desk: Desk) -> None:
    first, second = written(await desk.run()), written(await desk.run())

    assert desk.books.posts == 1
    assert second.outcome == "already_written"
    assert second.model_copy(update={"outcome": "written"}) == first


async def test_a_replay_of_a_booked_order_books_nothing(desk: Desk) -> None:
    first, replayed = written(await desk.run()), written(await desk.run(replay=1))

    assert desk.books.posts == 1
    assert (replayed.outcome, replayed.booking_id) == ("already_written", first.booking_id)
    assert replayed.id != first.id


async def test_a_later_change_is_told_and_not_rebooked(desk: Desk) -> None:
    await desk.run()
    changed = sales_order(revision=2, total="70.00", tax_region="BE")
    (told,) = await desk.run(order=changed)

    assert isinstance(told, OrderChanged)
    assert told.changed_fields == ("tax_region", "total")
    assert told.order.revision == 2
    assert desk.books.posts == 1


async def test_a_zero_order_is_skipped(desk: Desk) -> None:
    (told,) = await desk.run(order=sales_order(total="0.00", vat_amounts=(), lines=()))

    assert isinstance(told, OrderSkipped)
    assert told.reason.code == "ZERO_TOTAL"
    assert desk.books.posts == 0
    assert desk.state() is None


async def test_the_intent_is_kept_before_anything_is_sent(desk: Desk) -> None:
    kept: list[BookingState | None] = []
    post = desk.books.post_booking

    async def watched(booking: ComposedBooking) -> ExistingBooking:
        kept.append(desk.state())
        return await post(booking)

    desk.books.post_booking = watched  # type: ignore[method-assign]
    await desk.run()

    assert kept == [BookingState.POSTING]


@pytest.mark.parametrize("committed", [True, False])
async def test_a_lost_answer_is_looked_up_before_anything_is_sent_again(desk: Desk, committed: bool) -> None:
    desk.books.fail_next_post(ANSWER_LOST, committed=committed)
    with pytest.raises(UpstreamUnavailable) as lost:
        await desk.run()
    assert lost.value.outcome_unknown
    assert desk.state() is BookingState.POSTING

    told = written(await desk.run())

    assert told.outcome == "already_written"
    assert [told.booking_id] == [booking.booking_id for booking in desk.books.bookings]
    assert desk.books.posts == (1 if committed else 2)


async def test_a_post_that_comes_through_late_is_found_after_the_number_is_refused(desk: Desk) -> None:
    desk.books.fail_next_post(ANSWER_LOST, committed=True)
    with pytest.raises(UpstreamUnavailable):
        await desk.run()
    look = desk.books.find_booking_by_invoice_number
    answers = [None]

    async def late(invoice_number: str) -> ExistingBooking | None:
        return answers.pop() if answers else await look(invoice_number)

    desk.books.find_booking_by_invoice_number = late  # type: ignore[method-assign]
    told = written(await desk.run())

    assert told.booking_id == desk.books.bookings[0].booking_id
    assert len(desk.books.bookings) == 1


async def test_a_number_that_is_refused_but_never_found_waits(desk: Desk) -> None:
    desk.books.fail_next_post(ANSWER_LOST, committed=True)
    with pytest.raises(UpstreamUnavailable):
        await desk.run()

    async def nothing(invoice_number: str) -> None:
        return None

    desk.books.find_booking_by_invoice_number = nothing  # type: ignore[method-assign]
    with pytest.raises(UpstreamUnavailable) as unknown:
        await desk.run()

    assert unknown.value.outcome_unknown
    assert unknown.value.reason.text_key == "UPSTREAM_UNAVAILABLE.outcome"
    assert desk.state() is BookingState.POSTING


@pytest.mark.parametrize("error", [NO_CONNECTION, SLOW_DOWN, BLOCKED, KEY_REFUSED])
async def test_what_was_certainly_not_written_is_a_first_attempt_again(
    desk: Desk, error: SConnectError
) -> None:
    desk.books.fail_next_post(error)
    with pytest.raises(type(error)):
        await desk.run()
    assert desk.state() is None

    assert written(await desk.run()).outcome == "written"
    assert desk.books.looks == 0


async def test_an_order_that_changed_between_two_first_attempts_is_booked_as_it_is_now(desk: Desk) -> None:
    desk.books.fail_next_post(BLOCKED)
    await desk.refused()
    cheaper = sales_order(revision=2, total="60.50", vat_amounts=(), lines=sales_order().lines[:1])

    assert written(await desk.run(order=cheaper)).total == "60.50"


@pytest.mark.parametrize("is_equal", [True, False])
async def test_a_number_that_someone_else_took_is_a_conflict_even_when_equal(
    desk: Desk, is_equal: bool
) -> None:
    other = Desk()
    await other.run()
    theirs = other.books.bookings[0]
    desk.books.bookings.append(theirs if is_equal else replace(theirs, total=Decimal(1)))

    reason = await desk.refused()

    assert reason.text_key == "CONFLICTS_WITH_EXISTING.number_taken"
    assert reason.details == {"invoice_number": "1001"}
    assert len(desk.books.bookings) == 1
    assert desk.state() is None


async def test_a_number_of_another_order_of_ours_is_a_conflict(desk: Desk) -> None:
    await desk.run()
    reason = await desk.refused(order=sales_order(uuid="another-order"))

    assert reason.text_key == "CONFLICTS_WITH_EXISTING.used_by_us"
    assert reason.details["order_number"] == "1001"
    assert desk.books.posts == 1


async def test_a_booking_that_was_changed_while_its_answer_was_lost_is_a_conflict(desk: Desk) -> None:
    desk.books.fail_next_post(ANSWER_LOST, committed=True)
    with pytest.raises(UpstreamUnavailable):
        await desk.run()
    original = desk.books.bookings[0]
    desk.books.bookings[0] = replace(original, total=Decimal("68.01"))

    reason = await desk.refused()
    assert reason.text_key == "CONFLICTS_WITH_EXISTING.different"
    assert reason.details == {"invoice_number": "1001", "field": "total", "ours": "68.00", "theirs": "68.01"}

    desk.books.bookings[0] = original
    assert written(await desk.run(replay=1)).outcome == "already_written"


async def test_an_answer_that_says_something_else_than_was_sent_is_a_conflict(desk: Desk) -> None:
    post = desk.books.post_booking

    async def rounding(booking: ComposedBooking) -> ExistingBooking:
        posted = await post(booking)
        return replace(posted, lines=(replace(posted.lines[0], amount=Decimal("50.01")), *posted.lines[1:]))

    desk.books.post_booking = rounding  # type: ignore[method-assign]
    reason = await desk.refused()

    assert reason.text_key == "CONFLICTS_WITH_EXISTING.different"
    assert reason.details["field"] == "ledger 8100 high"
    assert desk.state() is BookingState.POSTING


async def test_an_order_that_changed_while_its_answer_was_lost_is_booked_as_sent_and_told(desk: Desk) -> None:
    desk.books.fail_next_post(ANSWER_LOST, committed=True)
    with pytest.raises(UpstreamUnavailable):
        await desk.run()

    told, changed = await desk.run(order=sales_order(revision=2, total="70.00"))

    assert isinstance(told, SalesBookingWritten)
    assert (told.order.revision, told.total) == (1, "68.00")
    assert isinstance(changed, OrderChanged)
    assert changed.order.revision == 2


async def test_a_refusal_of_the_second_sending_makes_the_next_one_a_first(desk: Desk) -> None:
    desk.books.fail_next_post(ANSWER_LOST)
    with pytest.raises(UpstreamUnavailable):
        await desk.run()
    desk.books.fail_next_post(BLOCKED)

    assert (await desk.refused()).code is ReasonCode.PERIOD_BLOCKED
    assert desk.state() is None


async def test_a_limited_second_sending_is_still_looked_up(desk: Desk) -> None:
    desk.books.fail_next_post(ANSWER_LOST)
    desk.books.fail_next_post(SLOW_DOWN)
    for error in (UpstreamUnavailable, RateLimited):
        with pytest.raises(error):
            await desk.run()

    assert desk.state() is BookingState.POSTING
    assert written(await desk.run()).outcome == "already_written"
    assert desk.books.looks == 2


@pytest.mark.parametrize("is_first", [True, False])
async def test_nothing_is_sent_when_the_lease_could_end_before_the_answer(desk: Desk, is_first: bool) -> None:
    if not is_first:
        desk.books.fail_next_post(ANSWER_LOST)
        with pytest.raises(UpstreamUnavailable):
            await desk.run()
    posts = desk.books.posts
    with pytest.raises(ConcurrentChange):
        await desk.run(lease_seconds=29.9)

    assert desk.books.posts == posts
    assert desk.state() is (None if is_first else BookingState.POSTING)
    assert written(await desk.run(lease_seconds=31))


async def test_a_cut_off_handler_leaves_the_post_alone_and_its_result_is_kept(desk: Desk) -> None:
    answer = asyncio.Event()
    sent = asyncio.Event()
    post = desk.books.post_booking

    async def slow(booking: ComposedBooking) -> ExistingBooking:
        sent.set()
        await answer.wait()
        return await post(booking)

    desk.books.post_booking = slow  # type: ignore[method-assign]
    running = asyncio.create_task(desk.run())
    await sent.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert desk.state() is BookingState.POSTING

    finishing = asyncio.create_task(desk.write.finish())
    answer.set()
    await finishing

    assert desk.state() is BookingState.BOOKED
    assert written(await desk.run()).outcome == "already_written"
    assert desk.books.posts == 1


async def test_a_post_that_fails_after_its_handler_was_cut_off_is_nobodys_surprise(desk: Desk) -> None:
    sent = asyncio.Event()
    fail = asyncio.Event()

    async def failing(booking: ComposedBooking) -> ExistingBooking:
        sent.set()
        await fail.wait()
        raise NO_CONNECTION

    desk.books.post_booking = failing  # type: ignore[method-assign]
    running = asyncio.create_task(desk.run())
    await sent.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    fail.set()
    await desk.write.finish()

    assert desk.state() is None


async def test_ledgers_that_were_put_right_since_they_were_read_are_found(desk: Desk) -> None:
    ledgers = dict(administration().ledgers)
    del ledgers[8100]
    desk.books.known = administration(ledgers=ledgers)

    assert written(await desk.run()).total == "68.00"


async def test_a_ledger_that_stays_unknown_is_named(desk: Desk) -> None:
    ledgers = dict(administration().ledgers)
    del ledgers[8100]
    desk.books.known = desk.books.actual = administration(ledgers=ledgers)

    assert (await desk.refused()).text_key == "LEDGER_UNFIT.unknown"
    assert desk.state() is None


async def test_a_key_of_another_administration_pauses_the_profile(desk: Desk) -> None:
    desk.books.known = desk.books.actual = administration(id="another-administration")
    with pytest.raises(MisconfiguredError) as error:
        await desk.run()

    assert error.value.reason.text_key == "PROFILE_PAUSED.other_administration"
    assert desk.books.posts == 0


async def test_a_message_of_another_kind_is_refused(desk: Desk) -> None:
    received = new_message(
        SalesOrderReceived,
        profile=PROFILE.profile.name,
        occurred_at=NOW,
        correlation_id="correlation",
        id_parts=(),
        order=sales_order(),
    )

    assert (await desk.refused(message=received)).text_key == "UNREADABLE_MESSAGE.not_an_order"


@pytest.mark.parametrize(
    "trouble",
    [
        lambda: (ANSWER_LOST, True),
        lambda: (ANSWER_LOST, False),
        lambda: (NO_CONNECTION, False),
        lambda: (SLOW_DOWN, False),
    ],
)
async def test_any_run_of_transient_trouble_ends_with_one_booking(
    desk: Desk, trouble: Callable[[], tuple[SConnectError, bool]]
) -> None:
    for _ in range(3):
        error, committed = trouble()
        desk.books.fail_next_post(error, committed=committed)
    for _ in range(5):
        try:
            told = written(await desk.run())
        except TransientError:
            continue
        assert told.booking_id == desk.books.bookings[0].booking_id

    assert desk.state() is BookingState.BOOKED
    assert len(desk.books.bookings) == 1
