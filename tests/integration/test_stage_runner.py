"""The stage keeps row, events and queues in step: on both databases, with every way a handler can end."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

import pytest
import pytest_asyncio
from sqlalchemy import MetaData, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from factories import stored_profile
from sconnect.clock import ManualClock
from sconnect.contracts import (
    Amendment,
    Buyer,
    Message,
    OrderChanged,
    OrderDeadLettered,
    OrderWaiting,
    ProfilePaused,
    ProfileResumed,
    SalesOrder,
    SalesOrderReceived,
    encode,
)
from sconnect.contracts.build import new_message, order_event
from sconnect.errors import (
    MisconfiguredError,
    Reason,
    ReasonCode,
    RejectedError,
    UpstreamUnavailable,
)
from sconnect.messaging import Delivery, Edge
from sconnect.messaging.edge import DELIVERY_COUNT_MAX
from sconnect.messaging.fuse import UnexpectedErrorFuse
from sconnect.messaging.memory import RecordingPublisher
from sconnect.messaging.topology import RESOLVER_RECEIVED
from sconnect.profiles import StoredProfile
from sconnect.stage import Claim, OrderRows, OrderStage, ProfileHealth, stage_tables
from sconnect.stage.health import DEAD_LETTERS_IN_A_ROW_MAX

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DOWN = Reason(code=ReasonCode.UPSTREAM_UNAVAILABLE, variant="snelstart")
AMBIGUOUS = RejectedError(
    Reason(code=ReasonCode.AMBIGUOUS_CUSTOMER), suggestions=({"customer_number": "10412"},)
)
WRONG_KEY = MisconfiguredError(Reason(code=ReasonCode.PROFILE_PAUSED, variant="connection_key"))


@dataclass
class Profiles:
    known: dict[str, StoredProfile]

    async def get(self, name: str) -> StoredProfile | None:
        return self.known.get(name)


@dataclass
class Bench:
    """One stage with a handler that ends as it is told; several benches may share a database."""

    engine: AsyncEngine
    profiles: Profiles
    publisher: RecordingPublisher = field(default_factory=RecordingPublisher)
    outcomes: list[Exception | None] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    started: asyncio.Event = field(default_factory=asyncio.Event)
    blown: bool = False
    lease_seconds: float = 60.0

    def __post_init__(self) -> None:
        self.gate.set()
        self.clock = ManualClock(NOON)
        self.tables = stage_tables(MetaData())
        stage = OrderStage(
            stage="customer-resolver",
            handler=self._handle,
            rows=OrderRows(self.engine, self.tables, stage="customer-resolver", clock=self.clock),
            health=ProfileHealth(self.engine, self.tables, clock=self.clock),
            profiles=self.profiles,
            publisher=self.publisher,
            clock=self.clock,
            lease_seconds=self.lease_seconds,
            fuse=UnexpectedErrorFuse(),
            on_fuse_blown=self._blow,
        )
        self.edge = Edge(
            queue=RESOLVER_RECEIVED,
            handler=stage,
            publisher=self.publisher,
            clock=self.clock,
            journal=stage,
        )

    def _blow(self) -> None:
        self.blown = True

    async def _handle(self, claim: Claim) -> tuple[Message, ...]:
        self.claims.append(claim)
        self.started.set()
        outcome = self.outcomes.pop(0) if self.outcomes else None
        await self.gate.wait()
        if outcome is not None:
            raise outcome
        assert isinstance(claim.message, SalesOrderReceived)
        order = claim.message.order
        event = order_event(OrderChanged, claim.message, order, occurred_at=NOON, stage="customer-resolver")
        return (event,)

    def events(self, contract: type[Message]) -> list[Message]:
        return [event for event in self.publisher.events if isinstance(event, contract)]

    async def state(self) -> str:
        async with self.engine.connect() as connection:
            return str((await connection.execute(select(self.tables.order_rows.c.state))).scalar_one())


MakeBench = Callable[[], Bench]


@pytest_asyncio.fixture
async def make_bench(database_engine: AsyncEngine) -> MakeBench:
    metadata = MetaData()
    stage_tables(metadata)
    async with database_engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    profiles = Profiles({name: stored_profile(name=name) for name in ("toys", "books", "tea")})
    return lambda: Bench(database_engine, profiles)


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    return make_bench()


def delivery(
    *,
    profile: str = "toys",
    number: int = 1001,
    revision: int = 1,
    replay: int = 0,
    amendment: Amendment | None = None,
    attempt: int = 1,
) -> Delivery:
    order = SalesOrder(
        uuid=f"u-{number}",
        number=str(number),
        revision=revision,
        placed_on=date(2026, 3, 2),
        buyer=Buyer(),
    )
    message = new_message(
        SalesOrderReceived,
        profile=profile,
        occurred_at=NOON,
        correlation_id=f"c-{number}",
        id_parts=(order.uuid, revision),
        replay=replay,
        amendment=amendment,
        order=order,
    )
    return Delivery(
        queue=RESOLVER_RECEIVED.name,
        body=encode(message),
        message_id=message.id,
        headers={"x-attempt": attempt},
    )


async def test_what_follows_from_the_work_is_published_once(bench: Bench) -> None:
    await bench.edge(delivery())
    await bench.edge(delivery())
    assert len(bench.claims) == 1
    assert len(bench.events(OrderChanged)) == 1


async def test_follow_ups_that_were_not_confirmed_are_published_by_the_redelivery(bench: Bench) -> None:
    bench.publisher.failures = [UpstreamUnavailable(DOWN)]
    await bench.edge(delivery())
    assert bench.events(OrderChanged) == []
    await bench.edge(delivery(attempt=2))
    assert len(bench.claims) == 1
    assert len(bench.events(OrderChanged)) == 1
    assert await bench.state() == "done"


async def test_two_workers_never_hold_the_same_order(make_bench: MakeBench) -> None:
    first, second = make_bench(), make_bench()
    first.gate.clear()
    working = asyncio.create_task(first.edge(delivery()))
    async with asyncio.timeout(10):
        await first.started.wait()
    await second.edge(delivery())
    assert second.claims == []
    assert [copy.headers["x-attempt"] for copy in second.publisher.waiting] == [1]
    assert second.events(OrderWaiting) == []
    first.gate.set()
    await working
    assert len(first.events(OrderChanged)) == 1


async def test_an_order_of_a_dead_worker_is_taken_over_when_its_lease_ends(bench: Bench) -> None:
    bench.gate.clear()
    dying = asyncio.create_task(bench.edge(delivery()))
    async with asyncio.timeout(10):
        await bench.started.wait()
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    bench.gate.set()
    await bench.edge(delivery())
    assert len(bench.claims) == 1
    await _end_leases(bench)
    await bench.edge(delivery())
    assert [claim.attempts for claim in bench.claims] == [1, 2]
    assert len(bench.events(OrderChanged)) == 1


async def test_a_worker_that_outlived_its_lease_tells_nobody(make_bench: MakeBench) -> None:
    frozen, other = make_bench(), make_bench()
    frozen.gate.clear()
    working = asyncio.create_task(frozen.edge(delivery()))
    async with asyncio.timeout(10):
        await frozen.started.wait()
    await _end_leases(frozen)
    await other.edge(delivery())
    frozen.gate.set()
    await working
    assert frozen.events(OrderChanged) == []
    assert len(other.events(OrderChanged)) == 1


async def test_a_worker_that_outlived_its_lease_sets_nothing_aside(make_bench: MakeBench) -> None:
    frozen, other = make_bench(), make_bench()
    frozen.outcomes = [AMBIGUOUS]
    frozen.gate.clear()
    working = asyncio.create_task(frozen.edge(delivery()))
    async with asyncio.timeout(10):
        await frozen.started.wait()
    await _end_leases(frozen)
    other.gate.clear()
    going_on = asyncio.create_task(other.edge(delivery()))
    async with asyncio.timeout(10):
        await other.started.wait()
    frozen.gate.set()
    await working
    other.gate.set()
    await going_on
    assert frozen.publisher.dead_letters == []
    assert frozen.events(OrderDeadLettered) == []
    assert await other.state() == "done"
    assert len(other.events(OrderChanged)) == 1


async def test_a_copy_that_cannot_be_worked_on_is_no_dead_letter_once_its_order_is_done(bench: Bench) -> None:
    await bench.edge(delivery())
    again = delivery()
    await bench.edge(replace(again, headers={**again.headers, "x-delivery-count": DELIVERY_COUNT_MAX}))
    assert bench.publisher.dead_letters == []
    assert bench.events(OrderDeadLettered) == []
    assert await bench.state() == "done"


async def test_an_order_that_is_done_but_was_never_told_of_is_a_dead_letter(bench: Bench) -> None:
    bench.publisher.failures = [UpstreamUnavailable(DOWN)]
    await bench.edge(delivery())
    again = delivery()
    await bench.edge(replace(again, headers={**again.headers, "x-delivery-count": DELIVERY_COUNT_MAX}))
    assert len(bench.publisher.dead_letters) == 1
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
    async with bench.engine.begin() as connection:
        await connection.execute(update(bench.tables.profile_health).values(next_probe_at_ms=0))
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


async def _end_leases(bench: Bench) -> None:
    async with bench.engine.begin() as connection:
        await connection.execute(update(bench.tables.order_rows).values(lease_until_ms=0))
