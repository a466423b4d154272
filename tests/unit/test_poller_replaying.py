"""Sending one order on again."""

from datetime import timedelta

import pytest

from poller.domain.orders import key_without_uuid
from poller.handlers.replay_journal import ReplayJournal
from poller_world import DELIVERY, NEW, PAID, PROFILE, START, PollerWorld, order, uuid_of
from sconnect.clock import ManualClock
from sconnect.contracts import (
    Amendment,
    ImportRequested,
    Mode,
    OrderDeadLettered,
    OrderSkipped,
    OrderWaiting,
    SalesOrderReceived,
    encode,
)
from sconnect.contracts.build import new_message
from sconnect.errors import (
    ConcurrentChange,
    ProfileUnavailable,
    Reason,
    ReasonCode,
    RejectedError,
    UpstreamUnavailable,
)
from sconnect.messaging import Delivery
from sconnect.messaging.memory import RecordingPublisher
from sconnect.messaging.retry import decide_retry
from sconnect.messaging.topology import POLLER_REPLAY_REQUESTED

QUARTER = timedelta(minutes=15)
SHOP_DOWN = UpstreamUnavailable(Reason(code=ReasonCode.UPSTREAM_UNAVAILABLE, variant="shop"))
BROKER_DOWN = UpstreamUnavailable(Reason(code=ReasonCode.UPSTREAM_UNAVAILABLE, variant="broker"))
DECISION = Amendment(kind="use_customer", value="10412", decided_by="beheer", at=START, replay=1)


@pytest.fixture
def world() -> PollerWorld:
    return PollerWorld()


@pytest.fixture
async def handed_over(world: PollerWorld) -> PollerWorld:
    """A poller that handed order 1001 over, and whose publisher forgot that."""
    world.shop.orders = [order(1001)]
    await world.poll()
    world.forget_what_was_told()
    return world


async def test_an_order_is_read_again_and_goes_on_with_the_decision(handed_over: PollerWorld):
    world = handed_over
    world.shop.change(1001, status=NEW, comments={"internal": "klant 10412"})
    await world.replay(1001, 1, amendment=DECISION)
    (received,) = world.told(SalesOrderReceived)
    assert (received.replay, received.amendment, received.order.revision) == (1, DECISION, 1)
    assert received.order.internal_comment == "klant 10412"
    assert received.run_id is None


async def test_a_replay_of_other_contents_is_a_new_revision(handed_over: PollerWorld):
    world = handed_over
    world.shop.change(1001, price={"tax": [], "total": "1.00"})
    await world.replay(1001, 1)
    (received,) = world.told(SalesOrderReceived)
    assert (received.order.revision, received.replay, received.order.total) == (2, 1, "1.00")


async def test_a_command_that_comes_twice_sends_one_message(handed_over: PollerWorld):
    await handed_over.replay(1001, 1)
    await handed_over.replay(1001, 1)
    assert len(handed_over.told(SalesOrderReceived)) == 1
    await handed_over.replay(1001, 2)
    assert len({message.id for message in handed_over.told(SalesOrderReceived)}) == 2


async def test_a_later_run_says_nothing_new_after_a_replay(handed_over: PollerWorld):
    await handed_over.replay(1001, 1)
    await handed_over.poll(after=QUARTER)
    assert handed_over.told_of_orders() == [("1001", "received")]


async def test_a_revision_after_a_replay_keeps_the_replay_number(handed_over: PollerWorld):
    await handed_over.replay(1001, 1)
    handed_over.shop.change(1001, currency="GBP")
    await handed_over.poll(after=QUARTER)
    last = handed_over.told(SalesOrderReceived)[-1]
    assert (last.order.revision, last.replay, last.amendment) == (2, 1, None)


async def test_when_the_broker_is_away_the_stored_message_goes_out_with_the_next_round(
    handed_over: PollerWorld,
):
    world = handed_over
    world.publisher.failures = [BROKER_DOWN]
    with pytest.raises(UpstreamUnavailable):
        await world.replay(1001, 1, amendment=DECISION)
    await world.replay(1001, 1, amendment=DECISION)
    assert world.told(SalesOrderReceived) == []
    await world.poll()
    (received,) = world.told(SalesOrderReceived)
    assert (received.replay, received.amendment) == (1, DECISION)


async def test_an_order_that_is_gone_from_the_shop_goes_on_as_it_was_kept(handed_over: PollerWorld):
    world = handed_over
    kept = world.shop.orders.pop()
    await world.replay(1001, 1)
    (received,) = world.told(SalesOrderReceived)
    assert (received.order.total, received.replay) == (kept["price"]["total"], 1)


async def test_another_order_under_the_same_number_is_not_this_one(handed_over: PollerWorld):
    world = handed_over
    world.shop.change(1001, uuid="another-uuid", price={"total": "1.00"})
    await world.replay(1001, 1)
    (received,) = world.told(SalesOrderReceived)
    assert received.order.uuid == uuid_of(1001)
    assert received.order.total != "1.00"


async def test_an_order_that_neither_shop_nor_memory_knows_needs_a_person(world: PollerWorld):
    await world.replay(1001, 3)
    (letter,) = world.told(OrderDeadLettered)
    assert letter.order is not None
    assert (letter.order.number, letter.replay) == ("1001", 3)
    assert (letter.reason.code, letter.reason.variant) == ("UNREADABLE_ORDER", "not_found")


async def test_a_poller_that_lost_its_memory_goes_on_from_the_revision_in_the_command(world: PollerWorld):
    world.shop.orders = [order(1001)]
    await world.replay(1001, 2, revision=3)
    (received,) = world.told(SalesOrderReceived)
    assert (received.order.revision, received.replay) == (3, 2)


async def test_an_unreadable_order_is_tried_again(world: PollerWorld):
    world.shop.oddities = [order(1001, date=None)]
    await world.poll()
    world.shop.oddities, world.shop.orders = [], [order(1001, date=None)]
    world.forget_what_was_told()
    await world.replay(1001, 1)
    assert world.told_of_orders() == [("1001", "dead-lettered")]
    world.shop.change(1001, date="2026-03-09", status=PAID)
    await world.replay(1001, 2)
    assert world.told_of_orders()[-1] == ("1001", "received")
    assert world.told(SalesOrderReceived)[-1].replay == 2


async def test_each_replay_that_fails_is_a_dead_letter_of_its_own(world: PollerWorld):
    await world.replay(1001, 1)
    await world.replay(1001, 2)
    first, second = world.told(OrderDeadLettered)
    assert first.dead_letter_id != second.dead_letter_id


async def test_an_unreadable_order_that_turns_out_to_wait_is_told_to_wait(world: PollerWorld):
    world.shop.oddities = [order(1001, date=None)]
    await world.poll()
    world.shop.oddities, world.shop.orders = [], [order(1001, status=NEW)]
    await world.replay(1001, 1)
    (waiting,) = world.told(OrderWaiting)
    assert (waiting.replay, waiting.reason.code) == (1, "STATUS_NOT_YET")


async def test_an_order_without_a_uuid_goes_on_under_the_one_it_gets(world: PollerWorld):
    world.shop.oddities = [order(1001, uuid=None)]
    await world.poll()
    world.shop.oddities, world.shop.orders = [], [order(1001)]
    world.forget_what_was_told()
    await world.replay(1001, 1, uuid=key_without_uuid("1001"))
    (skipped,), (received,) = world.told(OrderSkipped), world.told(SalesOrderReceived)
    assert (skipped.order.uuid, skipped.reason.variant) == (key_without_uuid("1001"), "replaced")
    assert (received.order.uuid, received.replay) == (uuid_of(1001), 1)


async def test_trouble_of_the_shop_is_raised_and_nothing_is_stored(handed_over: PollerWorld):
    handed_over.shop.failures = {"order": [SHOP_DOWN]}
    with pytest.raises(UpstreamUnavailable):
        await handed_over.replay(1001, 1)
    await handed_over.replay(1001, 1)
    assert len(handed_over.told(SalesOrderReceived)) == 1


async def test_a_refused_token_makes_the_replay_wait_without_using_up_attempts(handed_over: PollerWorld):
    handed_over.shop.token_is_valid = False
    with pytest.raises(ProfileUnavailable) as caught:
        await handed_over.replay(1001, 1)
    assert caught.value.reason.variant == "shop_token"
    assert (caught.value.retry_after_seconds, caught.value.counts_as_attempt) == (600, False)


async def test_a_profile_that_is_off_makes_the_replay_wait(handed_over: PollerWorld):
    handed_over.set_profile(enabled=False)
    with pytest.raises(ProfileUnavailable) as caught:
        await handed_over.replay(1001, 1)
    assert caught.value.reason.variant == "disabled"


async def test_a_profile_that_is_gone_sets_the_replay_aside(handed_over: PollerWorld):
    with pytest.raises(RejectedError) as caught:
        await handed_over.replay(1001, 1, profile="weg")
    assert caught.value.reason.text_key == "UNREADABLE_MESSAGE.profile_unknown"


async def test_a_message_of_another_kind_is_refused(world: PollerWorld):
    replay = world.replay_command(1001, 1)
    request = new_message(
        ImportRequested,
        profile=PROFILE,
        occurred_at=START,
        correlation_id="run-1",
        id_parts=("run-1",),
        run_id="run-1",
        requested_by="beheer",
    )
    preview = replay.model_copy(update={"mode": Mode.PREVIEW})
    for handler, message in (
        (world.poller.requests, replay),
        (world.poller.replays, request),
        (world.poller.replays, preview),
    ):
        with pytest.raises(RejectedError) as caught:
            await handler(message, DELIVERY)
        assert caught.value.reason.text_key == "UNREADABLE_MESSAGE.wrong_queue"


async def test_a_replay_that_waits_is_told(world: PollerWorld):
    publisher = RecordingPublisher()
    journal = ReplayJournal(publisher, ManualClock(START))
    command = world.replay_command(1001, 2)
    delivery = Delivery(queue=POLLER_REPLAY_REQUESTED.name, body=encode(command), message_id=command.id)
    await journal.waiting(command, delivery, SHOP_DOWN, decide_retry(SHOP_DOWN, attempt=1))
    (waiting,) = publisher.events
    assert isinstance(waiting, OrderWaiting)
    assert (waiting.order, waiting.replay, waiting.stage) == (command.order, 2, "poller")
    assert (waiting.reason.variant, waiting.retry_at) == ("shop", START + timedelta(seconds=5))


async def test_a_row_that_someone_else_stored_first_is_no_news(world: PollerWorld):
    publisher = RecordingPublisher()
    journal = ReplayJournal(publisher, ManualClock(START))
    command = world.replay_command(1001, 1)
    error = ConcurrentChange(Reason(code=ReasonCode.UPSTREAM_UNAVAILABLE, variant="held_by_another_worker"))
    await journal.waiting(command, DELIVERY, error, decide_retry(error, attempt=1))
    assert publisher.events == []


@pytest.mark.parametrize("readable", [True, False])
async def test_a_replay_that_is_set_aside_is_told(world: PollerWorld, readable: bool):
    publisher = RecordingPublisher()
    journal = ReplayJournal(publisher, ManualClock(START))
    command = world.replay_command(1001, 1) if readable else None
    body = b"geen json" if command is None else encode(command)
    delivery = Delivery(queue=POLLER_REPLAY_REQUESTED.name, body=body, message_id="id")
    error = RejectedError(Reason(code=ReasonCode.UNEXPECTED, details={"error": "KeyError"}))
    dead_letter_id = await journal.set_aside(command, delivery, error)
    (letter,) = publisher.events
    assert isinstance(letter, OrderDeadLettered)
    assert (letter.dead_letter_id, letter.queue) == (dead_letter_id, POLLER_REPLAY_REQUESTED.name)
    assert (letter.order is not None, letter.message is not None) == (readable, readable)
