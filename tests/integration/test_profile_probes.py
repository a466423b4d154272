"""A paused profile resumes by itself and its waiting orders go on at once, whatever the cause."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime

import pytest
import pytest_asyncio
from pydantic import SecretStr
from sqlalchemy import MetaData, update
from sqlalchemy.ext.asyncio import AsyncEngine

from factories import stored_profile
from sconnect.clock import SystemClock
from sconnect.contracts import Buyer, Message, ProfileResumed, SalesOrder, SalesOrderReceived, decode, encode
from sconnect.contracts.build import new_message
from sconnect.errors import MisconfiguredError, Reason, ReasonCode, RejectedError, UpstreamUnavailable
from sconnect.messaging import Delivery, Edge, RabbitPublisher, connect_broker
from sconnect.messaging.declaration import declare_topology
from sconnect.messaging.fuse import UnexpectedErrorFuse
from sconnect.messaging.topology import CONSOLE_EVENTS, RESOLVER_RECEIVED, WaitLevel
from sconnect.messaging.walking import QueueWalker
from sconnect.persistence import create_engine
from sconnect.profiles import StoredProfile
from sconnect.stage import Claim, Hands, OrderRows, OrderStage, ProfileHealth, stage_tables
from sconnect.stage.health import DEAD_LETTERS_IN_A_ROW_MAX
from sconnect.stage.probing import ProfileProbes

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
WRONG_KEY = MisconfiguredError(Reason(code=ReasonCode.PROFILE_PAUSED, variant="connection_key"))
WAITING = RESOLVER_RECEIVED.wait(WaitLevel.TEN_MINUTES)
DEADLINE_SECONDS = 20


class Stage:
    """One stage with its probes; `key_is_wrong` decides what orders and probes meet."""

    def __init__(self, engine: AsyncEngine, publisher: RabbitPublisher, walker: QueueWalker) -> None:
        self.engine = engine
        self.publisher = publisher
        self.walker = walker
        self.profiles = {name: stored_profile(name=name) for name in ("toys", "books")}
        self.wrong: set[str] = {"toys", "books"}
        self.probes_made: list[str] = []
        self.worked_on: list[str] = []
        self.tables = stage_tables(MetaData())
        clock = SystemClock()
        self.health = ProfileHealth(engine, self.tables, clock=clock)
        stage = OrderStage(
            stage="customer-resolver",
            handler=self._handle,
            rows=OrderRows(engine, self.tables, stage="customer-resolver", clock=clock),
            health=self.health,
            profiles=self,
            publisher=publisher,
            clock=clock,
            lease_seconds=60,
            fuse=UnexpectedErrorFuse(),
            on_fuse_blown=lambda: None,
            hands=Hands(4, slow_seconds=60),
        )
        self.edge = Edge(
            queue=RESOLVER_RECEIVED, handler=stage, publisher=publisher, clock=clock, journal=stage
        )
        self.probes = ProfileProbes(
            stage="customer-resolver",
            queue=RESOLVER_RECEIVED,
            probe=self._probe,
            health=self.health,
            profiles=self,
            waits=walker,
            publisher=publisher,
            clock=clock,
        )

    async def get(self, name: str) -> StoredProfile | None:
        return self.profiles.get(name)

    async def _handle(self, claim: Claim) -> tuple[Message, ...]:
        if claim.profile.profile.name in self.wrong:
            raise WRONG_KEY
        self.worked_on.append(claim.message.correlation_id)
        return ()

    async def _probe(self, stored: StoredProfile, reason: Reason) -> None:
        self.probes_made.append(stored.profile.name)
        if stored.profile.name in self.wrong:
            raise WRONG_KEY

    async def pause_with_orders(self, profile: str, *numbers: int) -> None:
        for number in numbers:
            await self.edge(delivery(profile, number))
        await self.wait_for_depth(WAITING, len(numbers))

    async def let_a_minute_pass(self) -> None:
        async with self.engine.begin() as connection:
            await connection.execute(update(self.tables.profile_health).values(next_probe_at_ms=0))

    async def numbers_in(self, queue: str) -> list[str]:
        found: list[str] = []

        async def note(copy: Delivery) -> bool:
            found.append(copy.message_id)
            return False

        await self.walker.walk(queue, told_as=queue, copies_max=1_000, remove=note)
        return found

    async def wait_for_depth(self, queue: str, depth: int) -> None:
        async with asyncio.timeout(DEADLINE_SECONDS):
            while await self.walker.depth(queue) < depth:
                await SystemClock().sleep(0.05)

    async def told(self, contract: type[Message]) -> int:
        """How many events of this kind wait for the console."""
        found = 0

        async def count(copy: Delivery) -> bool:
            nonlocal found
            found += contract.TYPE.encode() in copy.body
            return False

        await self.walker.walk(CONSOLE_EVENTS.name, told_as="", copies_max=1_000, remove=count)
        return found


def delivery(profile: str, number: int) -> Delivery:
    order = SalesOrder(uuid=f"u-{number}", number=str(number), placed_on=date(2026, 3, 2), buyer=Buyer())
    message = new_message(
        SalesOrderReceived,
        profile=profile,
        occurred_at=NOON,
        correlation_id=f"{profile}-{number}",
        id_parts=(order.uuid,),
        order=order,
    )
    return Delivery(
        queue=RESOLVER_RECEIVED.name,
        body=encode(message),
        message_id=f"{profile}-{number}",
        headers={"x-attempt": 3},
    )


@pytest_asyncio.fixture
async def stage(sqlite_url: str, rabbitmq_vhost_url: str) -> AsyncIterator[Stage]:
    metadata = MetaData()
    stage_tables(metadata)
    engine = create_engine(sqlite_url)
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    await declare_topology(rabbitmq_vhost_url)
    broker = connect_broker(rabbitmq_vhost_url, connection_name="test")
    await broker.connect()
    yield Stage(engine, RabbitPublisher(broker), QueueWalker(SecretStr(rabbitmq_vhost_url)))
    await broker.stop()
    await engine.dispose()


async def test_a_repaired_key_resumes_the_profile_and_its_orders_go_on_at_once(stage: Stage) -> None:
    await stage.pause_with_orders("toys", 1, 2, 3)
    await stage.let_a_minute_pass()

    await stage.probes.look()
    assert await stage.numbers_in(WAITING) == ["toys-1", "toys-2", "toys-3"]

    stage.wrong.clear()
    await stage.let_a_minute_pass()
    await stage.probes.look()
    await stage.probes.look()

    assert stage.probes_made == ["toys", "toys"]
    assert await stage.numbers_in(RESOLVER_RECEIVED.name) == ["toys-1", "toys-2", "toys-3"]
    assert await stage.numbers_in(WAITING) == []
    assert await stage.told(ProfileResumed) == 1


async def test_there_is_one_probe_a_minute_however_many_processes_look(stage: Stage) -> None:
    await stage.pause_with_orders("toys", 1)
    await stage.probes.look()
    assert stage.probes_made == []

    await stage.let_a_minute_pass()
    await asyncio.gather(*(stage.probes.look() for _ in range(4)))

    assert stage.probes_made == ["toys"]


async def test_other_profiles_keep_their_pause_and_their_place(stage: Stage) -> None:
    await stage.pause_with_orders("books", 1, 2)
    await stage.edge(delivery("toys", 3))
    await stage.edge(delivery("books", 4))
    await stage.wait_for_depth(WAITING, 4)
    stage.wrong.remove("toys")
    await stage.let_a_minute_pass()

    await stage.probes.look()

    assert await stage.numbers_in(WAITING) == ["books-1", "books-2", "books-4"]
    assert await stage.numbers_in(RESOLVER_RECEIVED.name) == ["toys-3"]


async def test_an_order_that_waits_for_another_reason_is_not_called_back(stage: Stage) -> None:
    down = UpstreamUnavailable(Reason(code=ReasonCode.UPSTREAM_UNAVAILABLE), retry_after_seconds=500)
    await stage.publisher.publish_to_wait(
        WAITING, delivery("toys", 9).body, headers={"x-attempt": 2}, message_id=str(down.retry_after_seconds)
    )
    await stage.pause_with_orders("toys", 1)
    stage.wrong.clear()
    await stage.wait_for_depth(WAITING, 2)
    await stage.let_a_minute_pass()

    await stage.probes.look()

    assert await stage.numbers_in(WAITING) == ["500"]


@pytest.mark.parametrize("change", ["saved anew", "deleted"])
async def test_a_profile_that_was_changed_is_not_waited_for(stage: Stage, change: str) -> None:
    await stage.pause_with_orders("toys", 1)
    if change == "deleted":
        del stage.profiles["toys"]
    else:
        stage.profiles["toys"] = stored_profile(name="toys", version=2)

    await stage.probes.look()

    assert await stage.numbers_in(RESOLVER_RECEIVED.name) == ["toys-1"]
    assert stage.probes_made == []


async def test_a_profile_that_is_switched_on_again_gets_its_orders_back(stage: Stage) -> None:
    stage.profiles["toys"] = stored_profile(name="toys", version=2, enabled=False)
    await stage.pause_with_orders("toys", 1)
    await stage.let_a_minute_pass()
    await stage.probes.look()
    assert await stage.numbers_in(WAITING) == ["toys-1"]
    assert stage.probes_made == []

    stage.profiles["toys"] = stored_profile(name="toys", version=3)
    await stage.probes.look()

    assert await stage.numbers_in(RESOLVER_RECEIVED.name) == ["toys-1"]


async def test_an_order_that_comes_late_to_its_wait_is_called_back_too(stage: Stage) -> None:
    await stage.pause_with_orders("toys", 1)
    stage.wrong.clear()
    await stage.let_a_minute_pass()
    await stage.probes.look()
    await stage.publisher.publish_to_wait(
        WAITING, delivery("toys", 2).body, headers={"x-waits-for-profile": 1}, message_id="toys-2"
    )
    await stage.wait_for_depth(WAITING, 1)

    await stage.probes.look()

    assert await stage.numbers_in(RESOLVER_RECEIVED.name) == ["toys-1", "toys-2"]


async def test_the_fuse_is_probed_by_one_order_at_a_time(stage: Stage) -> None:
    stage.wrong.clear()
    refused = RejectedError(Reason(code=ReasonCode.TOTAL_MISMATCH))
    for number in range(DEAD_LETTERS_IN_A_ROW_MAX):
        message = delivery("toys", 100 + number)
        await stage.edge._set_aside(decode(message.body), message, refused)
    await stage.pause_with_orders("toys", 1, 2, 3)
    await stage.let_a_minute_pass()

    await stage.probes.look()
    assert await stage.numbers_in(RESOLVER_RECEIVED.name) == ["toys-1"]
    assert stage.probes_made == []

    await stage.edge(delivery("toys", 1))
    await stage.probes.look()
    assert stage.worked_on == ["toys-1"]
    assert await stage.numbers_in(WAITING) == []
