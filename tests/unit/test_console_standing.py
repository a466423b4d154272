"""Where an order stands depends on what was told, never on the order or the number of times it was told."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.standing import OrderStatus, Standing, conclude
from console.handlers.news import news_of
from fakes_console import OrderStory
from sconnect.contracts import Message, Mode

STORY = OrderStory()
EVERYTHING: tuple[Message, ...] = (
    STORY.waiting(stage="poller", attempt=0, code="STATUS_NOT_YET", at=0),
    STORY.received(),
    STORY.waiting(stage="customer-resolver", attempt=1),
    STORY.waiting(stage="customer-resolver", attempt=3, at=5),
    STORY.dead_lettered(at=6),
    STORY.discarded(at=7),
    STORY.replay_requested(at=8),
    STORY.received(at=9, replay=1),
    STORY.resolved(at=9, replay=1),
    STORY.dead_lettered(stage="booking-writer", code="TOTAL_MISMATCH", replay=1, at=10),
    STORY.received(at=11, revision=2, replay=1),
    STORY.skipped(at=12),
    STORY.booked(at=13, replay=1),
    STORY.changed(at=14),
)
tellings = st.lists(st.sampled_from(EVERYTHING), min_size=1, max_size=20)


def standing_after(*messages: Message) -> Standing:
    return conclude(news for message in messages if (news := news_of(message)) is not None)


@given(told=tellings, shuffled=st.randoms())
def test_any_order_and_any_repeats_give_the_same_standing(told: list[Message], shuffled: Random) -> None:
    again = [*told, *shuffled.sample(told, len(told) // 2)]
    shuffled.shuffle(again)

    assert standing_after(*again) == standing_after(*told)


@given(told=tellings)
def test_a_booking_is_final_whatever_else_is_told(told: list[Message]) -> None:
    standing = standing_after(*told, STORY.booked(at=3))

    assert standing.status is OrderStatus.BOOKED
    assert standing.reason is None
    assert standing.booking is not None


@given(told=tellings)
def test_every_status_that_asks_for_a_reason_has_one(told: list[Message]) -> None:
    standing = standing_after(*told)

    without = {OrderStatus.BOOKED, OrderStatus.IN_PROGRESS}
    assert (standing.reason is None) == (standing.status in without)


@pytest.mark.parametrize(
    ("messages", "status", "code"),
    [
        ([STORY.received()], OrderStatus.IN_PROGRESS, None),
        ([STORY.received(), STORY.resolved()], OrderStatus.IN_PROGRESS, None),
        ([STORY.waiting(attempt=1)], OrderStatus.IN_PROGRESS, None),
        ([STORY.waiting(attempt=2)], OrderStatus.IN_PROGRESS, None),
        ([STORY.waiting(attempt=3)], OrderStatus.WAITING, "UPSTREAM_UNAVAILABLE"),
        ([STORY.waiting(attempt=0, code="PROFILE_PAUSED")], OrderStatus.WAITING, "PROFILE_PAUSED"),
        (
            [STORY.waiting(stage="poller", attempt=0, code="STATUS_NOT_YET")],
            OrderStatus.WAITING,
            "STATUS_NOT_YET",
        ),
        ([STORY.skipped()], OrderStatus.SKIPPED, "ZERO_TOTAL"),
        ([STORY.dead_lettered()], OrderStatus.DEAD_LETTERED, "AMBIGUOUS_CUSTOMER"),
        ([STORY.dead_lettered(), STORY.discarded()], OrderStatus.SKIPPED, "AMBIGUOUS_CUSTOMER"),
        ([STORY.discarded()], OrderStatus.IN_PROGRESS, None),
        ([STORY.dead_lettered(), STORY.replay_requested()], OrderStatus.IN_PROGRESS, None),
        ([STORY.booked(), STORY.changed()], OrderStatus.BOOKED, None),
    ],
)
def test_status_and_reason(messages: list[Message], status: OrderStatus, code: str | None) -> None:
    standing = standing_after(*messages)

    assert (standing.status, standing.reason.code if standing.reason else None) == (status, code)


def test_a_later_stage_counts_even_when_its_clock_runs_behind() -> None:
    standing = standing_after(
        STORY.dead_lettered(stage="booking-writer", code="TOTAL_MISMATCH", at=1),
        STORY.waiting(stage="customer-resolver", attempt=3, at=30),
    )

    assert standing.reason is not None
    assert standing.reason.code == "TOTAL_MISMATCH"


def test_a_newer_revision_puts_an_older_dead_letter_aside() -> None:
    standing = standing_after(STORY.dead_lettered(at=50), STORY.received(revision=2, at=10))

    assert standing.status is OrderStatus.IN_PROGRESS
    assert standing.overtakes((1, 0))
    assert not standing.overtakes((2, 0))


def test_a_requested_replay_overtakes_nothing_until_a_service_tells_of_it() -> None:
    requested = standing_after(STORY.dead_lettered(), STORY.replay_requested())
    heard = standing_after(STORY.dead_lettered(), STORY.replay_requested(), STORY.received(replay=1))

    assert not requested.overtakes((1, 0))
    assert heard.overtakes((1, 0))


def test_the_total_is_the_shops_until_it_is_booked() -> None:
    assert standing_after(STORY.received()).total == "68.00"
    assert standing_after(OrderStory(total="elf en dertig").received()).total is None
    assert standing_after(OrderStory(total="9.99").received(), STORY.booked()).total == "68.00"


def test_the_customer_is_known_from_the_resolver_on() -> None:
    assert standing_after(STORY.received()).customer_number is None
    assert standing_after(STORY.received(), STORY.resolved(customer=7)).customer_number == 7


def test_the_same_thing_told_anew_counts_with_its_last_moment() -> None:
    paused = STORY.waiting(attempt=0, code="PROFILE_PAUSED", at=1)
    transient = STORY.waiting(attempt=1, at=2)
    paused_again = STORY.waiting(attempt=0, code="PROFILE_PAUSED", at=3)

    assert standing_after(paused_again, paused, transient).status is OrderStatus.WAITING


def test_a_change_after_the_booking_is_only_remembered() -> None:
    standing = standing_after(STORY.booked(), STORY.changed())

    assert standing.changed_in_shop
    assert not standing_after(STORY.booked()).changed_in_shop


def test_a_preview_leaves_no_trace() -> None:
    assert news_of(STORY.received().model_copy(update={"mode": Mode.PREVIEW})) is None
