"""What a person decides about dead letters, and what the sweep makes of it; the broker is in memory."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio

from console.adapters.sql.tables import leases
from console.domain.letters import LetterState
from console.domain.refusals import NotKnown, NotNow
from console.domain.standing import OrderStatus
from console.handlers import sweep as sweep_handler
from console.handlers.letters import DeadLetterDesk, Decision
from console_telling import tell
from console_world import World, running_console
from fakes_console import NOON, PROFILE, OrderStory, copy_of, unreadable
from sconnect.contracts import (
    OrderDeadLettered,
    OrderReplayRequested,
    SalesOrderCustomerResolved,
    SalesOrderReceived,
    decode,
)
from sconnect.errors import Reason, ReasonCode, UpstreamUnavailable
from sconnect.messaging import Delivery
from sconnect.messaging.topology import (
    CONSOLE_EVENTS,
    POLLER_IMPORT_REQUESTED,
    POLLER_REPLAY_REQUESTED,
    RESOLVER_RECEIVED,
    WRITER_RESOLVED,
)
from sconnect.persistence import Leases, create_engine

STORY = OrderStory()
BROKER_AWAY = UpstreamUnavailable(Reason(code=ReasonCode.UPSTREAM_UNAVAILABLE, variant="broker"))
BY = "administrator"


@pytest_asyncio.fixture
async def world(sqlite_url: str) -> AsyncIterator[World]:
    async with running_console(sqlite_url) as world:
        yield world


@pytest.fixture
def desk(world: World) -> DeadLetterDesk:
    return DeadLetterDesk(
        letters=world.read_model,
        orders=world.read_model,
        record=world.read_model,
        publisher=world.publisher,
        clock=world.clock,
        on_decision=world.console.housekeeping.wake,
    )


async def state_of(world: World, letter_id: str) -> LetterState:
    letter = await world.read_model.letter(letter_id)
    assert letter is not None
    return letter.state


async def sweep(world: World) -> None:
    await world.console.housekeeping.round()


def ids_in(world: World, queue: str) -> list[str]:
    return [str(copy.headers.get("x-dead-letter-id")) for copy in world.queues.copies.get(queue, [])]


async def test_by_default_the_order_is_read_from_the_shop_again(world: World, desk: DeadLetterDesk) -> None:
    await tell(world.read_model, STORY.received(), STORY.dead_lettered())

    await desk.replay(STORY.dead_letter_id(), decision=None, as_received=False, by=BY)

    (copy,) = world.publisher.queued
    request = decode(copy.body)
    assert copy.queue == POLLER_REPLAY_REQUESTED.name
    assert isinstance(request, OrderReplayRequested)
    assert (request.order, request.replay, request.amendment) == (STORY.key(), 1, None)
    assert copy.message_id == request.id


async def test_a_decision_travels_with_the_replay(world: World, desk: DeadLetterDesk) -> None:
    await tell(world.read_model, STORY.received(replay=2), STORY.dead_lettered(replay=2))
    decision = Decision(kind="use_customer", value="10412")

    await desk.replay(STORY.dead_letter_id(replay=2), decision=decision, as_received=False, by=BY)

    request = decode(world.publisher.queued[0].body)
    assert request.replay == 3
    assert request.amendment is not None
    assert (request.amendment.kind, request.amendment.value) == ("use_customer", "10412")
    assert (request.amendment.replay, request.amendment.decided_by) == (3, BY)


async def test_as_received_sends_on_what_was_set_aside(world: World, desk: DeadLetterDesk) -> None:
    await tell(world.read_model, STORY.received(), STORY.dead_lettered(stage="booking-writer"))

    await desk.replay(STORY.dead_letter_id(stage="booking-writer"), decision=None, as_received=True, by=BY)

    (copy,) = world.publisher.queued
    sent = decode(copy.body)
    assert copy.queue == WRITER_RESOLVED.name
    assert isinstance(sent, SalesOrderCustomerResolved)
    assert (sent.replay, sent.order) == (1, STORY.order())
    assert sent.id == copy.message_id != STORY.resolved().id


async def test_a_customer_for_the_writers_letter_goes_back_to_the_resolver(
    world: World, desk: DeadLetterDesk
) -> None:
    await tell(world.read_model, STORY.received(), STORY.dead_lettered(stage="booking-writer"))

    await desk.replay(
        STORY.dead_letter_id(stage="booking-writer"),
        decision=Decision(kind="create_customer"),
        as_received=True,
        by=BY,
    )

    (copy,) = world.publisher.queued
    sent = decode(copy.body)
    assert copy.queue == RESOLVER_RECEIVED.name
    assert isinstance(sent, SalesOrderReceived)
    assert sent.order == STORY.order()
    assert sent.amendment is not None
    assert sent.amendment.kind == "create_customer"


async def test_an_unread_order_of_the_poller_can_only_be_read_again(
    world: World, desk: DeadLetterDesk
) -> None:
    await tell(world.read_model, STORY.dead_lettered(stage="poller", code="UNREADABLE_ORDER"))
    letter_id = STORY.dead_letter_id(stage="poller")

    with pytest.raises(NotNow, match="message_not_kept"):
        await desk.replay(letter_id, decision=None, as_received=True, by=BY)
    await desk.replay(letter_id, decision=None, as_received=False, by=BY)

    assert world.publisher.queued[0].queue == POLLER_REPLAY_REQUESTED.name


async def test_each_replay_has_a_number_of_its_own(world: World, desk: DeadLetterDesk) -> None:
    await tell(world.read_model, STORY.received(), STORY.dead_lettered())
    for _ in range(3):
        world.clock.advance(timedelta(seconds=10))
        await desk.replay(STORY.dead_letter_id(), decision=None, as_received=False, by=BY)

    assert [decode(copy.body).replay for copy in world.publisher.queued] == [1, 2, 3]
    assert len({copy.message_id for copy in world.publisher.queued}) == 3


async def test_what_has_moved_on_is_not_offered_again(world: World, desk: DeadLetterDesk) -> None:
    await tell(world.read_model, STORY.received(), STORY.dead_lettered(), STORY.booked())

    with pytest.raises(NotNow, match="letter_overtaken"):
        await desk.replay(STORY.dead_letter_id(), decision=None, as_received=False, by=BY)
    with pytest.raises(NotNow, match="letter_overtaken"):
        await desk.discard(STORY.dead_letter_id(), why="x", by=BY)
    with pytest.raises(NotKnown):
        await desk.replay("unknown", decision=None, as_received=False, by=BY)
    assert world.publisher.queued == []


async def test_a_replay_begun_while_the_broker_is_away_is_published_later(
    world: World, desk: DeadLetterDesk
) -> None:
    await tell(world.read_model, STORY.received(), STORY.dead_lettered())
    world.publisher.failures.append(BROKER_AWAY)

    letter = await desk.replay(STORY.dead_letter_id(), decision=None, as_received=False, by=BY)
    assert letter.state is LetterState.REPLAYING
    with pytest.raises(NotNow, match="letter_replaying"):
        await desk.replay(STORY.dead_letter_id(), decision=None, as_received=False, by=BY)

    await sweep(world)
    assert await state_of(world, STORY.dead_letter_id()) is LetterState.REPLAYED
    assert len(world.publisher.queued) == 1


async def test_the_copy_of_a_replayed_order_leaves_once_its_next_version_is_heard_of(
    world: World, desk: DeadLetterDesk
) -> None:
    letter = STORY.dead_lettered()
    await tell(world.read_model, STORY.received(), letter)
    world.queues.put(copy_of(letter))
    await desk.replay(letter.dead_letter_id, decision=None, as_received=False, by=BY)

    await sweep(world)
    assert ids_in(world, RESOLVER_RECEIVED.name) == [letter.dead_letter_id]

    await tell(world.read_model, STORY.received(replay=1, at=9))
    await sweep(world)
    assert ids_in(world, RESOLVER_RECEIVED.name) == []


async def test_the_sweep_removes_what_is_booked_and_second_copies_and_keeps_the_order(world: World) -> None:
    stories = [OrderStory(number=str(number)) for number in range(1, 5)]
    letters = [story.dead_lettered() for story in stories]
    await tell(world.read_model, *letters, stories[1].booked())
    for letter in (*letters, letters[0]):
        world.queues.put(copy_of(letter))

    await sweep(world)

    kept = [letters[0], letters[2], letters[3]]
    assert ids_in(world, RESOLVER_RECEIVED.name) == [letter.dead_letter_id for letter in kept]


async def test_a_settled_letter_is_asked_about_only_when_a_copy_turns_up(world: World) -> None:
    letter = STORY.dead_lettered()
    await tell(world.read_model, letter, STORY.booked(at=9))
    world.queues.put(copy_of(letter))
    await sweep(world)
    assert await world.read_model.expected(RESOLVER_RECEIVED.name) == {}

    world.queues.put(copy_of(letter))  # a publish that was repeated after a lost confirm
    await sweep(world)
    assert ids_in(world, RESOLVER_RECEIVED.name) == []
    assert await state_of(world, letter.dead_letter_id) is LetterState.OVERTAKEN
    world.clock.advance(timedelta(seconds=60))
    await sweep(world)
    assert world.publisher.events == []


async def test_a_queue_in_order_is_not_walked(world: World) -> None:
    letter = STORY.dead_lettered()
    await tell(world.read_model, letter)
    world.queues.put(copy_of(letter))

    await sweep(world)
    assert world.queues.walks == []

    world.queues.put(copy_of(letter))
    await sweep(world)
    await sweep(world)
    assert world.queues.walks == [RESOLVER_RECEIVED.name]


async def test_a_letter_whose_copy_is_gone_stays_and_is_not_searched_for_ever(world: World) -> None:
    await tell(world.read_model, STORY.dead_lettered())

    await sweep(world)
    await sweep(world)

    assert world.queues.walks == [RESOLVER_RECEIVED.name]
    assert await state_of(world, STORY.dead_letter_id()) is LetterState.OPEN


async def test_a_copy_without_a_row_gets_one_after_a_while(world: World) -> None:
    letter = STORY.dead_lettered(code="NO_EMAIL")
    world.queues.put(copy_of(letter))

    await sweep(world)
    assert await world.read_model.letters(None) == []

    world.clock.advance(timedelta(seconds=60))
    await sweep(world)

    (found,) = await world.read_model.letters(None)
    assert (found.id, found.reason.code, found.order_number) == (letter.dead_letter_id, "NO_EMAIL", "1001")
    row = await world.read_model.order(PROFILE, "1001")
    assert row is not None
    assert row.standing.status is OrderStatus.DEAD_LETTERED
    (event,) = world.publisher.events
    assert isinstance(event, OrderDeadLettered)
    assert len(world.queues.copies[letter.queue or ""]) == 1


async def test_a_copy_that_the_broker_set_aside_itself_says_so(world: World) -> None:
    body = copy_of(STORY.dead_lettered()).body
    world.queues.put(
        Delivery(queue=RESOLVER_RECEIVED.name, body=body, message_id="m", headers={"x-delivery-count": 20})
    )

    await sweep(world)
    world.clock.advance(timedelta(seconds=60))
    await sweep(world)

    (found,) = await world.read_model.letters(None)
    assert (found.reason.code, found.reason.details) == ("DELIVERY_LIMIT", {"deliveries": "20"})


async def test_an_unreadable_message_is_sent_on_by_the_sweep_and_can_come_back(
    world: World, desk: DeadLetterDesk
) -> None:
    letter, copy = unreadable(RESOLVER_RECEIVED.name, b"no json")
    await tell(world.read_model, letter)
    world.queues.put(copy)
    with pytest.raises(NotNow, match="letter_without_order"):
        await desk.replay(
            letter.dead_letter_id, decision=Decision(kind="create_customer"), as_received=False, by=BY
        )

    await desk.replay(letter.dead_letter_id, decision=None, as_received=False, by=BY)
    assert world.publisher.queued == []
    await sweep(world)

    (sent,) = world.publisher.queued
    assert (sent.queue, sent.body) == (RESOLVER_RECEIVED.name, b"no json")
    assert ids_in(world, RESOLVER_RECEIVED.name) == []
    assert await state_of(world, letter.dead_letter_id) is LetterState.REPLAYED

    world.queues.put(copy)
    await sweep(world)
    assert await state_of(world, letter.dead_letter_id) is LetterState.OPEN
    assert ids_in(world, RESOLVER_RECEIVED.name) == [letter.dead_letter_id]


async def test_a_copy_that_cannot_be_sent_on_stays(world: World, desk: DeadLetterDesk) -> None:
    letter, copy = unreadable(RESOLVER_RECEIVED.name, b"no json")
    await tell(world.read_model, letter)
    world.queues.put(copy)
    await desk.replay(letter.dead_letter_id, decision=None, as_received=False, by=BY)
    world.publisher.failures.append(BROKER_AWAY)

    await sweep(world)

    assert ids_in(world, RESOLVER_RECEIVED.name) == [letter.dead_letter_id]
    assert await state_of(world, letter.dead_letter_id) is LetterState.REPLAYING


@pytest.mark.parametrize("queue", [CONSOLE_EVENTS.name, POLLER_IMPORT_REQUESTED.name])
async def test_copies_that_are_no_orders_work_are_indexed_too(world: World, queue: str) -> None:
    body = copy_of(STORY.dead_lettered()).body if queue == CONSOLE_EVENTS.name else b"no json"
    world.queues.put(Delivery(queue=queue, body=body, message_id="m", headers={}))

    await sweep(world)
    world.clock.advance(timedelta(seconds=60))
    await sweep(world)

    (found,) = await world.read_model.letters(None)
    assert (found.service, found.order_uuid) == (queue.partition(".")[0], None)
    assert await world.read_model.order_uuids(PROFILE) == []


async def test_a_discard_is_kept_for_its_days_and_then_removed(world: World, desk: DeadLetterDesk) -> None:
    letter = STORY.dead_lettered()
    await tell(world.read_model, letter)
    world.queues.put(copy_of(letter))
    await desk.discard(letter.dead_letter_id, why="Boek ik zelf", by=BY)

    world.clock.advance(timedelta(days=29))
    await sweep(world)
    assert ids_in(world, RESOLVER_RECEIVED.name) == [letter.dead_letter_id]

    world.clock.advance(timedelta(days=1))
    await sweep(world)
    assert ids_in(world, RESOLVER_RECEIVED.name) == []
    with pytest.raises(NotNow, match="message_not_kept"):
        await desk.replay(letter.dead_letter_id, decision=None, as_received=True, by=BY)
    undone = await desk.replay(letter.dead_letter_id, decision=None, as_received=False, by=BY)
    assert undone.state is LetterState.REPLAYED


async def test_only_one_sweeps_at_a_time(world: World) -> None:
    world.queues.put(copy_of(STORY.dead_lettered()))
    engine = create_engine(world.database_url)
    other = Leases(engine, leases)
    token = await other.take("dead-letter-sweep", 60)
    assert token is not None

    await sweep(world)
    assert world.queues.walks == []

    await other.release("dead-letter-sweep", token)
    await engine.dispose()
    await sweep(world)
    assert world.queues.walks == [RESOLVER_RECEIVED.name]


async def test_a_sweep_that_lost_its_turn_stops(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep_handler, "COPIES_PER_RENEWAL", 1)
    letter = STORY.dead_lettered()
    await tell(world.read_model, letter, STORY.booked())
    engine = create_engine(world.database_url)

    async def meanwhile() -> None:
        async with engine.begin() as connection:
            await connection.execute(leases.delete())

    world.queues.put(copy_of(letter))
    world.queues.before_each_copy = meanwhile
    await sweep(world)
    await engine.dispose()

    assert ids_in(world, RESOLVER_RECEIVED.name) == [letter.dead_letter_id]


async def test_a_decision_wakes_the_housekeeping(world: World, desk: DeadLetterDesk) -> None:
    await tell(world.read_model, STORY.received(), STORY.dead_lettered())
    assert not world.console.housekeeping._woken.is_set()

    await desk.replay(STORY.dead_letter_id(), decision=None, as_received=False, by=BY)

    assert world.console.housekeeping._woken.is_set()
    assert world.clock.now() == NOON
