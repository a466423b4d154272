"""The stage keeps row, events and queues in step, wherever its rows are, with every way a handler can end."""

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from factories import stored_profile
from sconnect.contracts import (
    Amendment,
    OrderChanged,
    OrderDeadLettered,
    OrderWaiting,
    ProfilePaused,
    ProfileResumed,
)
from sconnect.errors import (
    UpstreamUnavailable,
)
from sconnect.stage.health import DEAD_LETTERS_IN_A_ROW_MAX
from stage_bench import (
    AMBIGUOUS,
    DOWN,
    NOON,
    WRONG_KEY,
    Bench,
    MakeBench,
    delivery,
)


async def test_what_follows_from_the_work_is_published_once(bench: Bench) -> None:
    await bench.edge(delivery())
    await bench.edge(delivery())
    assert len(bench.claims) == 1
    assert len(bench.events(OrderChanged)) == 1


async def test_an_order_that_goes_well_costs_four_transactions_of_one_statement(
    sql_bench: Bench, database_engine: AsyncEngine
) -> None:
    """Is its profile paused, take it, finish, told: one more, and every order pays for it."""
    transactions: list[object] = []
    statements: list[object] = []
    sync_engine = database_engine.sync_engine
    event.listen(sync_engine, "begin", transactions.append)
    event.listen(sync_engine, "after_execute", lambda *executed: statements.append(executed))
    await sql_bench.edge(delivery())
    assert len(sql_bench.events(OrderChanged)) == 1
    assert (len(transactions), len(statements)) == (4, 4)


async def test_follow_ups_that_were_not_confirmed_are_published_by_the_redelivery(bench: Bench) -> None:
    bench.publisher.failures = [UpstreamUnavailable(DOWN)]
    await bench.edge(delivery())
    assert bench.events(OrderChanged) == []
    await bench.edge(delivery(attempt=2))
    assert len(bench.claims) == 1
    assert len(bench.events(OrderChanged)) == 1
    assert await bench.state() == "done"


async def test_transient_trouble_waits_and_is_told(bench: Bench) -> None:
    bench.outcomes = [UpstreamUnavailable(DOWN), None]
    await bench.edge(delivery())
    (event,) = bench.events(OrderWaiting)
    assert isinstance(event, OrderWaiting)
    assert (event.reason.code, event.reason.variant, event.attempt) == (
        "UPSTREAM_UNAVAILABLE",
        "snelstart",
        1,
    )
    assert await bench.state() == "waiting"
    await bench.edge(delivery(attempt=2))
    assert await bench.state() == "done"


async def test_what_the_attempt_called_is_told_with_what_it_came_to(bench: Bench) -> None:
    bench.calls = ["/v2/relaties"]
    bench.outcomes = [UpstreamUnavailable(DOWN), AMBIGUOUS]
    await bench.edge(delivery())
    bench.calls = ["/v2/landen"]
    await bench.edge(delivery(attempt=2))
    (waiting,) = bench.events(OrderWaiting)
    (aside,) = bench.events(OrderDeadLettered)
    assert isinstance(waiting, OrderWaiting)
    assert isinstance(aside, OrderDeadLettered)
    assert [call.path for call in waiting.calls] == ["/v2/relaties"]
    assert [call.path for call in aside.calls] == ["/v2/landen"]


async def test_an_unknown_outcome_keeps_the_order_for_the_rest_of_the_lease(make_bench: MakeBench) -> None:
    first, second = make_bench(), make_bench()
    first.outcomes = [UpstreamUnavailable(DOWN, outcome_unknown=True)]
    await first.edge(delivery())
    assert first.publisher.waiting[0].queue.endswith(".wait.2m")
    await second.edge(delivery())
    assert second.claims == []


async def test_a_dead_letter_has_a_row_an_event_and_a_copy(bench: Bench) -> None:
    bench.outcomes = [AMBIGUOUS]
    await bench.edge(delivery())
    (event,) = bench.events(OrderDeadLettered)
    assert isinstance(event, OrderDeadLettered)
    assert event.suggestions == ({"customer_number": "10412"},)
    assert event.message == delivery().body.decode()
    assert bench.publisher.dead_letters[0].headers["x-dead-letter-id"] == event.dead_letter_id
    assert await bench.state() == "dead_lettered"


async def test_a_second_delivery_of_a_dead_letter_adds_nothing(bench: Bench) -> None:
    bench.outcomes = [AMBIGUOUS]
    await bench.edge(delivery())
    await bench.edge(delivery())
    assert len(bench.publisher.dead_letters) == 1
    assert len(bench.claims) == 1


async def test_a_dead_letter_whose_copy_did_not_arrive_is_sent_again_without_new_work(bench: Bench) -> None:
    bench.outcomes = [AMBIGUOUS]
    bench.publisher.failures = [UpstreamUnavailable(DOWN)]
    await bench.edge(delivery())
    assert len(bench.claims) == 1
    assert len(bench.publisher.dead_letters) == 1
    assert len({event.id for event in bench.events(OrderDeadLettered)}) == 1


async def test_a_replay_takes_up_a_dead_letter_with_the_person_s_decision(bench: Bench) -> None:
    bench.outcomes = [AMBIGUOUS, None]
    decision = Amendment(kind="use_customer", value="10412", decided_by="anna", at=NOON, replay=1)
    await bench.edge(delivery())
    await bench.edge(delivery(replay=1, amendment=decision))
    assert bench.claims[1].amendment == decision
    assert await bench.state() == "done"


async def test_a_decision_outlives_a_change_in_the_shop(bench: Bench) -> None:
    bench.outcomes = [AMBIGUOUS, UpstreamUnavailable(DOWN), None]
    decision = Amendment(kind="use_customer", value="10412", decided_by="anna", at=NOON, replay=1)
    await bench.edge(delivery())
    await bench.edge(delivery(replay=1, amendment=decision))
    await bench.edge(delivery(revision=2))
    assert bench.claims[2].amendment == decision


async def test_an_older_version_is_void(bench: Bench) -> None:
    await bench.edge(delivery(revision=2))
    await bench.edge(delivery(revision=1))
    await bench.edge(delivery(revision=1, replay=7))
    assert len(bench.claims) == 1


async def test_a_wrong_key_pauses_its_profile_and_no_other(bench: Bench) -> None:
    bench.outcomes = [WRONG_KEY, None]
    await bench.edge(delivery())
    await bench.edge(delivery(number=1002))
    await bench.edge(delivery(profile="books", number=1))
    assert [claim.message.profile for claim in bench.claims] == ["toys", "books"]
    assert len(bench.events(ProfilePaused)) == 1
    waits = [(copy.queue.rsplit(".", 1)[1], copy.headers["x-attempt"]) for copy in bench.publisher.waiting]
    assert waits == [("10m", 1), ("10m", 1)]
    assert bench.publisher.dead_letters == []


async def test_a_paused_profile_resumes_by_its_probe(bench: Bench) -> None:
    bench.outcomes = [WRONG_KEY, None]
    await bench.edge(delivery())
    await bench.storage.make_probes_due()
    await bench.edge(delivery(number=1002))
    await bench.edge(delivery())
    assert len(bench.claims) == 3
    assert len(bench.events(ProfileResumed)) == 1


async def test_a_paused_profile_resumes_when_it_is_saved_anew(bench: Bench) -> None:
    bench.outcomes = [WRONG_KEY, None]
    await bench.edge(delivery())
    bench.profiles.known["toys"] = stored_profile(name="toys", version=2)
    await bench.edge(delivery())
    assert await bench.state() == "done"
    assert len(bench.events(ProfileResumed)) == 1


async def test_a_profile_that_is_switched_off_keeps_its_orders(bench: Bench) -> None:
    bench.profiles.known["toys"] = stored_profile(name="toys", enabled=False)
    await bench.edge(delivery())
    assert bench.claims == []
    assert bench.publisher.waiting[0].queue.endswith(".wait.10m")
    (event,) = bench.events(OrderWaiting)
    assert isinstance(event, OrderWaiting)
    assert (event.reason.code, event.attempt) == ("PROFILE_PAUSED", 0)


async def test_a_message_for_a_profile_that_is_gone_is_set_aside_and_says_so(bench: Bench) -> None:
    await bench.edge(delivery(profile="sold"))
    (event,) = bench.events(OrderDeadLettered)
    assert isinstance(event, OrderDeadLettered)
    assert (event.reason.variant, event.reason.details) == ("profile_unknown", {"profile": "sold"})


async def test_dead_letters_in_a_row_pause_the_profile(bench: Bench) -> None:
    bench.outcomes = [AMBIGUOUS] * DEAD_LETTERS_IN_A_ROW_MAX
    for number in range(DEAD_LETTERS_IN_A_ROW_MAX + 1):
        await bench.edge(delivery(number=number))
    assert len(bench.publisher.dead_letters) == DEAD_LETTERS_IN_A_ROW_MAX
    (event,) = bench.events(ProfilePaused)
    assert isinstance(event, ProfilePaused)
    assert event.reason.variant == "fuse"


async def test_bugs_in_one_profile_stop_nothing_and_in_three_they_stop_the_consumer(bench: Bench) -> None:
    bench.outcomes = [ZeroDivisionError()] * 5
    for number in range(3):
        await bench.edge(delivery(number=number))
    assert not bench.blown
    await bench.edge(delivery(profile="books", number=1))
    await bench.edge(delivery(profile="tea", number=1))
    assert bench.blown
