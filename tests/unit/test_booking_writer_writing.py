"""An order with a known customer becomes a booking and is told; conflicts and changes go to a person."""

from dataclasses import replace
from decimal import Decimal

import pytest

from booking_writer.domain.booking import ComposedBooking
from booking_writer.domain.comparison import ExistingBooking
from booking_writer.ports import BookingState
from booking_writer_cases import administration
from booking_writer_desk import (
    NOW,
    PROFILE,
    Desk,
    written,
)
from factories import sales_order
from sconnect.contracts import (
    OrderSkipped,
    SalesOrderReceived,
)
from sconnect.contracts.build import new_message
from sconnect.errors import (
    MisconfiguredError,
)


@pytest.fixture
def desk() -> Desk:
    return Desk()


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


async def test_a_booking_is_told_with_the_names_of_its_ledgers(desk: Desk) -> None:
    known = desk.books.known
    nameless = replace(known.ledgers[8300], name="")
    desk.books.known = replace(known, ledgers={**known.ledgers, 8300: nameless})

    told = written(await desk.run())

    assert [(line.ledger_number, line.ledger_name) for line in told.lines] == [
        (8100, "Grootboek 8100"),
        (8300, None),
    ]


async def test_the_same_message_again_tells_the_same_booking(desk: Desk) -> None:
    first, second = written(await desk.run()), written(await desk.run())

    assert desk.books.posts == 1
    assert second.outcome == "already_written"
    # But for the names of the ledgers: a repeat asks the books for nothing.
    nameless = tuple(line.model_copy(update={"ledger_name": None}) for line in first.lines)
    assert second == first.model_copy(update={"outcome": "already_written", "lines": nameless})


async def test_a_replay_of_a_booked_order_books_nothing(desk: Desk) -> None:
    first, replayed = written(await desk.run()), written(await desk.run(replay=1))

    assert desk.books.posts == 1
    assert (replayed.outcome, replayed.booking_id) == ("already_written", first.booking_id)
    assert replayed.id != first.id


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


@pytest.mark.parametrize("is_equal", [True, False])
async def test_a_number_that_someone_else_took_is_a_conflict_even_when_equal(
    desk: Desk, is_equal: bool
) -> None:
    other = Desk()
    await other.run()
    theirs = other.books.bookings[0]
    desk.books.keep(theirs if is_equal else replace(theirs, total=Decimal(1)))

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
