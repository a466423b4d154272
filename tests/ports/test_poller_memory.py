"""The poller's memory: the fakes and the tables, on both databases, keep the same promises."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio

from factories import sales_order
from fakes_poller import fake_memory
from migrated_tables import differences_from_migrations
from poller.adapters.tables import metadata
from poller.app import PACKAGE, sql_memory
from poller.domain.orders import OrderState, SeenOrder
from poller.domain.schedule import Pause, PollState
from poller.handlers.importing import Memory
from poller.handlers.messages import (
    Occasion,
    order_held_back,
    order_received,
    profile_paused,
    profile_resumed,
    run_finished,
)
from poller.ports import ImportRun, Record
from sconnect.contracts import Message
from sconnect.errors import ConcurrentChange, Reason, ReasonCode, UpstreamUnavailable
from sconnect.persistence import create_engine
from sconnect.persistence.migrations import migrate

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SHOP, OTHER_SHOP = "voorbeeldwinkel", "andere-winkel"
OCCASION = Occasion(profile=SHOP, occurred_at=NOON, run_id="run-1")
NOT_YET = Reason(code=ReasonCode.STATUS_NOT_YET, details={"status": "1"})
BAD_TOKEN = Reason(code=ReasonCode.PROFILE_PAUSED, variant="shop_token", details={"status": "401"})


@pytest_asyncio.fixture(params=["fake", "sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def memory(request: pytest.FixtureRequest) -> AsyncIterator[Memory]:
    if request.param == "fake":
        yield fake_memory()
        return
    url: str = request.getfixturevalue(f"{request.param}_url")
    migrate(url, PACKAGE)
    engine = create_engine(url)
    yield sql_memory(engine)
    await engine.dispose()


def seen(number: str = "1001", **changes: object) -> SeenOrder:
    values: dict[str, object] = {
        "key": f"uuid-{number}",
        "number": number,
        "state": OrderState.HANDED_OVER,
        "status": 3,
        "contents": "1:aaa",
        "told": 1,
        "run_id": "run-1",
    }
    return SeenOrder(**(values | changes))  # type: ignore[arg-type]


def waiting(number: str = "1001", **changes: object) -> SeenOrder:
    return seen(number, **({"state": OrderState.WAITING, "reason": NOT_YET} | changes))


def record(order: SeenOrder, *, told: bool = True, document: str = '{"number": "1001"}') -> Record:
    message: Message | None = None
    if told and order.state is OrderState.HANDED_OVER:
        contract = sales_order(uuid=order.key, number=order.number)
        message = order_received(OCCASION, order, contract)
    elif told:
        message = order_held_back(OCCASION, order)
    return Record(seen=order, document=document, message=message)


async def found(memory: Memory, key: str = "uuid-1001") -> SeenOrder:
    return (await memory.orders.find(SHOP, [key]))[key]


async def test_an_unknown_order_is_not_found(memory: Memory):
    assert await memory.orders.find(SHOP, ["uuid-1001"]) == {}
    assert await memory.orders.document(SHOP, "uuid-1001") is None


async def test_an_order_is_found_as_it_was_stored(memory: Memory):
    stored = waiting(revision=3, replay=2, told=5)
    await memory.orders.save(SHOP, [record(stored, document='{"naam": "Renée"}')])
    again = await found(memory)
    assert again == waiting(revision=3, replay=2, told=5, version=1)
    assert await memory.orders.document(SHOP, "uuid-1001") == '{"naam": "Renée"}'


async def test_profiles_have_memories_of_their_own(memory: Memory):
    await memory.orders.save(SHOP, [record(seen())])
    assert await memory.orders.find(OTHER_SHOP, ["uuid-1001"]) == {}
    assert await memory.orders.highest_number(OTHER_SHOP) is None
    assert await memory.orders.outgoing(OTHER_SHOP, limit=10) == []


async def test_an_order_without_a_number_or_contents_can_be_stored(memory: Memory):
    reason = Reason(code=ReasonCode.UNREADABLE_ORDER, details={"field": "number"})
    unreadable = seen(
        key="uuid-x", number="", state=OrderState.UNREADABLE, reason=reason, status=None, contents=None
    )
    await memory.orders.save(SHOP, [record(unreadable)])
    again = await found(memory, "uuid-x")
    assert (again.number, again.status, again.contents, again.reason) == ("", None, None, reason)
    assert await memory.orders.highest_number(SHOP) is None


async def test_who_stores_an_order_that_someone_else_stored_since_is_told(memory: Memory):
    await memory.orders.save(SHOP, [record(waiting())])
    mine, theirs = await found(memory), await found(memory)
    await memory.orders.save(SHOP, [record(theirs)])
    with pytest.raises(ConcurrentChange):
        await memory.orders.save(SHOP, [record(mine)])


async def test_two_who_meet_an_order_first_do_not_both_store_it(memory: Memory):
    await memory.orders.save(SHOP, [record(seen())])
    with pytest.raises(ConcurrentChange):
        await memory.orders.save(SHOP, [record(seen())])


async def test_all_orders_of_a_page_are_stored_or_none(memory: Memory):
    await memory.orders.save(SHOP, [record(seen("1002"))])
    with pytest.raises(ConcurrentChange):
        await memory.orders.save(SHOP, [record(seen("1001")), record(seen("1002"))])
    assert await memory.orders.find(SHOP, ["uuid-1001"]) == {}
    assert [each.key for each in await memory.orders.outgoing(SHOP, limit=10)] == ["uuid-1002"]


async def test_messages_go_out_by_ascending_number_and_once(memory: Memory):
    orders = [record(seen(number)) for number in ("1010", "999", "1009")]
    test_order = seen("T-1", state=OrderState.SKIPPED, reason=Reason(code=ReasonCode.TEST_ORDER))
    await memory.orders.save(SHOP, [record(test_order), *orders])
    first = await memory.orders.outgoing(SHOP, limit=2)
    assert [each.key for each in first] == ["uuid-999", "uuid-1009"]
    await memory.orders.confirm(SHOP, first)
    second = await memory.orders.outgoing(SHOP, limit=10)
    assert [each.key for each in second] == ["uuid-1010", "uuid-T-1"]
    await memory.orders.confirm(SHOP, second)
    assert await memory.orders.outgoing(SHOP, limit=10) == []


async def test_a_message_comes_out_as_it_went_in(memory: Memory):
    one = record(seen())
    await memory.orders.save(SHOP, [one])
    (outgoing,) = await memory.orders.outgoing(SHOP, limit=10)
    assert outgoing.message == one.message


async def test_profiles_with_something_to_tell(memory: Memory):
    assert await memory.orders.profiles_with_outgoing() == frozenset()
    await memory.orders.save(SHOP, [record(seen())])
    await memory.orders.save(OTHER_SHOP, [record(seen(), told=False)])
    assert await memory.orders.profiles_with_outgoing() == {SHOP}


async def test_a_newer_message_takes_the_place_of_one_that_was_not_sent(memory: Memory):
    await memory.orders.save(SHOP, [record(waiting())])
    old = await memory.orders.outgoing(SHOP, limit=10)
    now = await found(memory)
    await memory.orders.save(SHOP, [record(seen(told=2, version=now.version))])
    await memory.orders.confirm(SHOP, old)
    (outgoing,) = await memory.orders.outgoing(SHOP, limit=10)
    assert outgoing.message.type == "sales-order.received.v1"


async def test_what_is_stored_without_news_leaves_the_message_waiting(memory: Memory):
    await memory.orders.save(SHOP, [record(seen())])
    now = await found(memory)
    await memory.orders.save(SHOP, [record(seen(status=2, version=now.version), told=False)])
    assert (await found(memory)).status == 2
    assert len(await memory.orders.outgoing(SHOP, limit=10)) == 1


async def test_numbers_are_compared_as_numbers(memory: Memory):
    numbers = ["999", "1000", "1003", "1010", "T-5000"]
    await memory.orders.save(SHOP, [record(seen(number)) for number in numbers])
    assert await memory.orders.highest_number(SHOP) == 1010
    assert await memory.orders.number_gaps(SHOP, limit=10) == [(1003, 1010), (1000, 1003)]
    assert await memory.orders.number_gaps(SHOP, limit=1) == [(1003, 1010)]


async def test_two_orders_with_one_number_leave_no_gap(memory: Memory):
    await memory.orders.save(SHOP, [record(seen("1001")), record(seen("1001", key="uuid-b"))])
    assert await memory.orders.number_gaps(SHOP, limit=10) == []


async def test_a_run_met_what_it_changed_and_what_still_waits(memory: Memory):
    orders = [
        seen("1001", run_id="run-0"),
        seen("1002", run_id="run-1"),
        waiting("1003", run_id="run-0"),
        waiting("1004", run_id="run-1"),
    ]
    await memory.orders.save(SHOP, [record(order) for order in orders])
    met = await memory.orders.met_in_runs(SHOP, ["run-1"], limit=10)
    assert met == ["uuid-1004", "uuid-1003", "uuid-1002"]
    assert await memory.orders.met_in_runs(SHOP, ["run-1"], limit=2) == ["uuid-1004", "uuid-1003"]
    both = await memory.orders.met_in_runs(SHOP, ["run-1", "run-0"], limit=10)
    assert both == [*met, "uuid-1001"]


async def test_a_profile_that_was_never_polled_has_a_blank_state(memory: Memory):
    assert await memory.states.get(SHOP) == PollState()
    assert await memory.states.all() == {}


@pytest.mark.parametrize("accepted", [None, frozenset[int](), frozenset({2, 3, 10})])
async def test_a_state_is_found_as_it_was_stored(memory: Memory, accepted: frozenset[int] | None):
    state = PollState(
        read_from=NOON,
        start_number=1001,
        accepted=accepted,
        looked_back_on=NOON.date(),
        started_at=NOON + timedelta(minutes=1),
        failures=2,
        not_before=NOON + timedelta(minutes=2),
        pause=Pause(reason=BAD_TOKEN, profile_version=4, probed_at=NOON),
    )
    await memory.states.save(SHOP, PollState(failures=7))
    await memory.states.save(SHOP, state)
    assert await memory.states.get(SHOP) == state
    assert await memory.states.all() == {SHOP: state}


async def test_a_pause_is_told_and_a_later_change_leaves_that_waiting(memory: Memory):
    paused = profile_paused(SHOP, BAD_TOKEN, occurred_at=NOON)
    await memory.states.save(SHOP, PollState(failures=1), paused)
    await memory.states.save(SHOP, PollState(failures=2))
    (outgoing,) = await memory.states.outgoing(SHOP, limit=10)
    assert outgoing.message == paused
    resumed = profile_resumed(SHOP, occurred_at=NOON + timedelta(minutes=1))
    await memory.states.save(SHOP, PollState(), resumed)
    await memory.states.confirm(SHOP, [outgoing])
    assert [each.message for each in await memory.states.outgoing(SHOP, limit=10)] == [resumed]
    assert await memory.states.profiles_with_outgoing() == {SHOP}


def run(run_id: str, *, minute: int = 0, profile: str = SHOP) -> ImportRun:
    return ImportRun(
        run_id=run_id, profile=profile, requested_at=NOON + timedelta(minutes=minute), requested_by="beheer"
    )


async def finish(memory: Memory, done: ImportRun, *, at: datetime = NOON, failure: Reason | None = None):
    message = run_finished(done, started_at=NOON, occurred_at=at, failure=failure)
    await memory.runs.finish(done, started_at=NOON, at=at, failure=failure, message=message)


async def test_runs_are_open_oldest_first_until_they_are_finished(memory: Memory):
    assert await memory.runs.next_open(SHOP) is None
    later, earlier = run("run-a", minute=1), run("run-b")
    await memory.runs.request(later)
    await memory.runs.request(earlier)
    assert await memory.runs.open_profiles() == {SHOP}
    assert await memory.runs.next_open(SHOP) == earlier
    await finish(memory, earlier)
    assert await memory.runs.next_open(SHOP) == later
    await finish(memory, later, failure=BAD_TOKEN)
    assert await memory.runs.next_open(SHOP) is None
    assert await memory.runs.open_profiles() == frozenset()


async def test_runs_that_finished_since_a_moment(memory: Memory):
    for name, minute, profile in (("early", 0, SHOP), ("late", 2, SHOP), ("other", 2, OTHER_SHOP)):
        await memory.runs.request(run(name, profile=profile))
        await finish(memory, run(name, profile=profile), at=NOON + timedelta(minutes=minute))
    await memory.runs.request(run("open"))
    assert await memory.runs.finished_since(SHOP, NOON + timedelta(minutes=2)) == ["late"]


async def test_runs_that_did_not_read_everything_since_the_last_that_did(memory: Memory):
    down = Reason(code=ReasonCode.UPSTREAM_UNAVAILABLE, variant="shop")
    assert await memory.runs.unfinished(SHOP) == frozenset()
    for minute, (name, failure) in enumerate(
        [("failed-before", down), ("good", None), ("failed-since", down), ("again", down)]
    ):
        await memory.runs.request(run(name))
        await finish(memory, run(name), at=NOON + timedelta(minutes=minute), failure=failure)
    await memory.runs.request(run("open"))
    await memory.runs.request(run("of-another", profile=OTHER_SHOP))
    assert await memory.runs.unfinished(SHOP) == {"failed-since", "again", "open"}
    await finish(memory, run("open"), at=NOON + timedelta(minutes=9))
    assert await memory.runs.unfinished(SHOP) == frozenset()


async def test_a_run_that_is_requested_twice_is_performed_once(memory: Memory):
    await memory.runs.request(run("run-a"))
    await finish(memory, run("run-a"))
    await memory.runs.request(run("run-a", minute=5))
    assert await memory.runs.next_open(SHOP) is None


async def test_runs_of_another_profile_are_not_mine(memory: Memory):
    await memory.runs.request(run("run-a", profile=OTHER_SHOP))
    assert await memory.runs.next_open(SHOP) is None
    assert await memory.runs.open_profiles() == {OTHER_SHOP}


async def test_a_finished_run_is_told(memory: Memory):
    await memory.runs.request(run("run-a"))
    await finish(memory, run("run-a"))
    (outgoing,) = await memory.runs.outgoing(SHOP, limit=10)
    assert (outgoing.key, outgoing.message.type) == ("run-a", "import-run.finished.v1")
    await memory.runs.confirm(SHOP, [outgoing])
    assert await memory.runs.outgoing(SHOP, limit=10) == []


async def test_old_runs_are_forgotten_once_they_are_told(memory: Memory):
    for name, at in (("old", NOON), ("untold", NOON), ("new", NOON + timedelta(days=1))):
        await memory.runs.request(run(name))
        await finish(memory, run(name), at=at)
    outgoing = await memory.runs.outgoing(SHOP, limit=10)
    await memory.runs.confirm(SHOP, [each for each in outgoing if each.key != "untold"])
    await memory.runs.forget_finished_before(NOON + timedelta(hours=1))
    for name in ("old", "untold", "new"):
        await memory.runs.request(run(name))
    assert await memory.runs.next_open(SHOP) == run("old")
    await finish(memory, run("old"))
    assert await memory.runs.next_open(SHOP) is None


async def test_the_migrations_make_these_tables(database_url: str):
    migrate(database_url, PACKAGE)
    engine = create_engine(database_url)
    assert await differences_from_migrations(engine, PACKAGE, metadata) == []
    await engine.dispose()


async def test_a_database_that_is_away_is_a_trouble_that_passes():
    engine = create_engine("postgresql+psycopg://nobody:nothing@127.0.0.1:1/nowhere")
    memory = sql_memory(engine)
    for call in (memory.states.get(SHOP), memory.orders.highest_number(SHOP), memory.runs.next_open(SHOP)):
        with pytest.raises(UpstreamUnavailable):
            await call
    await engine.dispose()
