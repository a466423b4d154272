"""One stage with a handler that ends as a test tells it, on a database that several may share."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from sqlalchemy import MetaData, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from factories import stored_profile
from sconnect.calls import note_call
from sconnect.clock import ManualClock
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
    write: Callable[[], Awaitable[None]] | None = None
    hands: Hands = field(default_factory=lambda: Hands(4, slow_seconds=60))
    calls: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.gate.set()
        self.clock = ManualClock(NOON)
        self.tables = stage_tables(MetaData())
        self.stage = OrderStage(
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
        async with self.engine.connect() as connection:
            return str((await connection.execute(select(self.tables.order_rows.c.state))).scalar_one())


async def _awaited(write: Awaitable[None]) -> None:
    await write


MakeBench = Callable[[], Bench]


async def bench_maker(engine: AsyncEngine) -> MakeBench:
    """Makes benches that share this database, whose tables are made here."""
    metadata = MetaData()
    stage_tables(metadata)
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    profiles = Profiles({name: stored_profile(name=name) for name in ("toys", "books", "tea")})
    return lambda: Bench(engine, profiles)


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
    async with bench.engine.begin() as connection:
        await connection.execute(update(bench.tables.order_rows).values(lease_until_ms=0))
