"""Puts the parts of a stage together, so that a service's `app.py` only names what is its own."""

from collections.abc import Callable

from sqlalchemy import MetaData
from sqlalchemy.ext.asyncio import AsyncEngine

from sconnect.clock import Clock
from sconnect.contracts.events import StageName
from sconnect.errors import StartupError
from sconnect.messaging import Edge, EventPublisher, subscribe
from sconnect.messaging.fuse import UnexpectedErrorFuse
from sconnect.messaging.topology import WorkQueue
from sconnect.profiles import StoredProfile
from sconnect.service import Service
from sconnect.stage.claims import StageHandler
from sconnect.stage.hands import Hands
from sconnect.stage.health import ProfileHealth
from sconnect.stage.probing import Probe, ProfileProbes, WaitQueues
from sconnect.stage.rows import OrderRows
from sconnect.stage.runner import OrderStage, ProfileSource
from sconnect.stage.tables import stage_tables


def any_number_of_calls(_profile: StoredProfile) -> None:
    """For a stage that cannot know beforehand whether an order takes a call."""


def consume_orders(
    service: Service,
    queue: WorkQueue,
    handler: StageHandler,
    *,
    stage: StageName,
    engine: AsyncEngine,
    profiles: ProfileSource,
    publisher: EventPublisher,
    clock: Clock,
    lease_seconds: float,
    slow_seconds: float,
    prefetch_count: int,
    probe: Probe,
    waits: WaitQueues,
    require_calls: Callable[[StoredProfile], None] = any_number_of_calls,
) -> None:
    """Let the service work on the orders in that queue, at most `prefetch_count` at once, of an
    administration that takes longer than `slow_seconds` for one at most one less.

    The service gets a loop more, which lets paused profiles resume, and gives back what a stop cuts off.
    """
    if service.broker is None:
        raise StartupError(f"{service.name} has no broker to take orders from.")
    tables = stage_tables(MetaData())
    health = ProfileHealth(engine, tables, clock=clock)
    orders = OrderStage(
        stage=stage,
        handler=handler,
        rows=OrderRows(engine, tables, stage=stage, clock=clock),
        health=health,
        profiles=profiles,
        publisher=publisher,
        clock=clock,
        lease_seconds=lease_seconds,
        fuse=UnexpectedErrorFuse(),
        on_fuse_blown=service.trip,
        hands=Hands(prefetch_count, slow_seconds=slow_seconds),
        require_calls=require_calls,
    )
    edge = Edge(queue=queue, handler=orders, publisher=publisher, clock=clock, journal=orders)
    subscribe(service.broker, queue, edge, prefetch_count=prefetch_count)
    probes = ProfileProbes(
        stage=stage,
        queue=queue,
        probe=probe,
        health=health,
        profiles=profiles,
        waits=waits,
        publisher=publisher,
        clock=clock,
    )
    service.loops = {**service.loops, "probes": probes.run}
    service.returns = (*service.returns, orders.return_orders)
