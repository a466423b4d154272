"""One stage with a handler that ends as a test tells it, on a database that several may share."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Protocol

from sqlalchemy import MetaData, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from factories import stored_profile
from fakes_stage import FakeOrderRows, FakeProfileHealth, StageMemory
from sconnect.calls import note_call
from sconnect.clock import Clock, ManualClock
from sconnect.contracts import (
    Amendment,
    Buyer,
    Message,
    OrderChanged,
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
)
from sconnect.messaging import Delivery, Edge
from sconnect.messaging.fuse import UnexpectedErrorFuse
from sconnect.messaging.memory import RecordingPublisher
from sconnect.messaging.topology import RESOLVER_RECEIVED
from sconnect.profiles import StoredProfile
from sconnect.stage import Claim, Hands, OrderRows, OrderStage, ProfileHealth, stage_tables

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


class Storage(Protocol):
    """Where a stage keeps its rows, and what a test looks at or puts right there."""

    def rows(self, clock: Clock) -> OrderRows: ...

    def health(self, clock: Clock) -> ProfileHealth: ...

    async def state(self) -> str:
        """Of the only order."""

    async def end_leases(self) -> None: ...

    async def make_probes_due(self) -> None: ...


@dataclass
class SqlStorage:
    engine: AsyncEngine

    def __post_init__(self) -> None:
        self._tables = stage_tables(MetaData())

    def rows(self, clock: Clock) -> OrderRows:
        return OrderRows(self.engine, self._tables, stage="customer-resolver", clock=clock)

    def health(self, clock: Clock) -> ProfileHealth:
        return ProfileHealth(self.engine, self._tables, clock=clock)

    async def state(self) -> str:
        async with self.engine.connect() as connection:
            return str((await connection.execute(select(self._tables.order_rows.c.state))).scalar_one())

    async def end_leases(self) -> None:
        async with self.engine.begin() as connection:
            await connection.execute(update(self._tables.order_rows).values(lease_until_ms=0))

    async def make_probes_due(self) -> None:
        async with self.engine.begin() as connection:
            await connection.execute(update(self._tables.profile_health).values(next_probe_at_ms=0))


class MemoryStorage:
    def __init__(self) -> None:
        self._memory = StageMemory()

    def rows(self, clock: Clock) -> OrderRows:
        return FakeOrderRows(self._memory, stage="customer-resolver", clock=clock)

    def health(self, clock: Clock) -> ProfileHealth:
        return FakeProfileHealth(self._memory, clock=clock)

    async def state(self) -> str:
        (row,) = self._memory.rows.values()
        return row.state.value

    async def end_leases(self) -> None:
        for row in self._memory.rows.values():
            row.lease_until = None

    async def make_probes_due(self) -> None:
        for health in self._memory.health.values():
            health.next_probe_at = None


@dataclass
class Bench:
    """One stage with a handler that ends as it is told; several benches may share their storage."""

    storage: Storage
    profiles: Profiles
    publisher: RecordingPublisher = field(default_factory=RecordingPublisher)
    outcomes: list[Exception | None] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    started: asyncio.Event = field(default_factory=asyncio.Event)
    blown: bool = False
    lease_seconds: float = 60.0
    write: Callable[[], Awaitable[None]] | None = None
    hands: Hands = field(default_factory=lambda: Hands(4, slow_seconds=60))
    calls: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.gate.set()
        self.clock = ManualClock(NOON)
        self.stage = OrderStage(
            stage="customer-resolver",
            handler=self._handle,
            rows=self.storage.rows(self.clock),
            health=self.storage.health(self.clock),
            profiles=self.profiles,
            publisher=self.publisher,
            clock=self.clock,
            lease_seconds=self.lease_seconds,
            fuse=UnexpectedErrorFuse(),
            on_fuse_blown=self._blow,
            hands=self.hands,
        )
        self.edge = Edge(
            queue=RESOLVER_RECEIVED,
            handler=self.stage,
            publisher=self.publisher,
            clock=self.clock,
            journal=self.stage,
        )

    def _blow(self) -> None:
        self.blown = True

    async def _handle(self, claim: Claim) -> tuple[Message, ...]:
        self.claims.append(claim)
        self.started.set()
        for path in self.calls:
            note_call("snelstart", "GET", path, "success", status=200, seconds=0.1)
        outcome = self.outcomes.pop(0) if self.outcomes else None
        if self.write is not None:
            await claim.undisturbed(_awaited(self.write()))
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
        return await self.storage.state()


async def _awaited(write: Awaitable[None]) -> None:
    await write


MakeBench = Callable[[], Bench]


def bench_maker(storage: Storage) -> MakeBench:
    """Makes benches that share this storage."""
    profiles = Profiles({name: stored_profile(name=name) for name in ("toys", "books", "tea")})
    return lambda: Bench(storage, profiles)


async def sql_storage(engine: AsyncEngine) -> SqlStorage:
    """A database with the tables of a stage, which are made here."""
    metadata = MetaData()
    stage_tables(metadata)
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    return SqlStorage(engine)


def delivery(
    *,
    profile: str = "toys",
    number: int = 1001,
    revision: int = 1,
    replay: int = 0,
    amendment: Amendment | None = None,
    attempt: int = 1,
    deliveries: int = 0,
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
        headers={"x-attempt": attempt, "x-delivery-count": deliveries},
    )


async def end_leases(bench: Bench) -> None:
    await bench.storage.end_leases()
