"""Every order once in the books: what the writer does after an answer was lost, late or cut off."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from booking_writer.domain.booking import ComposedBooking
from booking_writer.domain.comparison import ExistingBooking
from booking_writer.ports import BookingState
from booking_writer_desk import (
    ANSWER_LOST,
    BLOCKED,
    KEY_REFUSED,
    NO_CONNECTION,
    SLOW_DOWN,
    Desk,
    claim,
    written,
)
from factories import sales_order
from sconnect.contracts import (
    OrderChanged,
    SalesBookingWritten,
)
from sconnect.errors import (
    ConcurrentChange,
    RateLimited,
    ReasonCode,
    SConnectError,
    TransientError,
    UpstreamUnavailable,
)


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def test_a_later_change_is_told_and_not_rebooked(desk: Desk) -> None:
    await desk.run()
    changed = sales_order(revision=2, total="70.00", tax_region="BE")
    (told,) = await desk.run(order=changed)

    assert isinstance(told, OrderChanged)
    assert told.changed_fields == ("tax_region", "total")
    assert told.order.revision == 2
    assert desk.books.posts == 1


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


async def test_a_booking_that_was_changed_while_its_answer_was_lost_is_a_conflict(desk: Desk) -> None:
    desk.books.fail_next_post(ANSWER_LOST, committed=True)
    with pytest.raises(UpstreamUnavailable):
        await desk.run()
    original = desk.books.bookings[0]
    desk.books.keep(replace(original, total=Decimal("68.01")))

    reason = await desk.refused()
    assert reason.text_key == "CONFLICTS_WITH_EXISTING.different"
    assert reason.details == {"invoice_number": "1001", "field": "total", "ours": "68.00", "theirs": "68.01"}

    desk.books.keep(original)
    assert written(await desk.run(replay=1)).outcome == "already_written"


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
    first = claim()
    running = asyncio.create_task(desk.write(first))
    await sent.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert desk.state() is BookingState.POSTING

    finishing = asyncio.create_task(first.writes_are_known())
    answer.set()
    assert await finishing

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
    first = claim()
    running = asyncio.create_task(desk.write(first))
    await sent.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    fail.set()
    assert await first.writes_are_known()

    assert desk.state() is None


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
