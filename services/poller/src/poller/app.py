"""Builds the service: the only place where its parts meet."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from poller.adapters.forgetting import forget_documents
from poller.adapters.import_runs import SqlImportRuns
from poller.adapters.poll_states import SqlPollStates
from poller.adapters.profile_leases import SqlProfileLeases
from poller.adapters.seen_orders import SqlSeenOrders
from poller.adapters.shop_source import ShopLimits, ShopOrderSources
from poller.adapters.tables import leases
from poller.handlers.importing import Importer, Memory
from poller.handlers.polling import Polling, PollingLimits
from poller.handlers.post import Post
from poller.handlers.previewing import PreviewOrders
from poller.handlers.replay_journal import ReplayJournal
from poller.handlers.replaying import Replays
from poller.handlers.requests import ImportRequests
from poller.ports import OrderSources, ProfileLeases, Profiles
from poller.settings import PollerSettings
from sconnect.clock import Clock, SystemClock
from sconnect.http import HttpLimits, create_http_client
from sconnect.messaging import (
    Edge,
    EventPublisher,
    RabbitPublisher,
    SilentJournal,
    connect_broker,
    subscribe,
)
from sconnect.messaging.topology import (
    POLLER_IMPORT_REQUESTED,
    POLLER_PREVIEWS,
    POLLER_REPLAY_REQUESTED,
)
from sconnect.persistence import Leases, create_engine, require_migrated
from sconnect.profiles import ProfileStore, read_keyring
from sconnect.service import CommonSettings, Service
from sconnect.service.retention import DailyPruning
from sconnect.stage import consume_previews

NAME: Final = "poller"
PACKAGE = "poller"


@dataclass(frozen=True, kw_only=True, slots=True)
class Poller:
    """The service without its broker: the polling, and the handlers of the two commands."""

    polling: Polling
    requests: ImportRequests
    replays: Replays


def sql_memory(engine: AsyncEngine) -> Memory:
    return Memory(orders=SqlSeenOrders(engine), states=SqlPollStates(engine), runs=SqlImportRuns(engine))


def build_poller(
    *,
    profiles: Profiles,
    memory: Memory,
    profile_leases: ProfileLeases,
    sources: OrderSources,
    publisher: EventPublisher,
    clock: Clock,
    limits: PollingLimits,
) -> Poller:
    # Pauses first, then orders, then the runs they belong to.
    post = Post(publisher, (memory.states, memory.orders, memory.runs))
    return Poller(
        polling=Polling(
            profiles=profiles,
            memory=memory,
            leases=profile_leases,
            importer=Importer(sources=sources, memory=memory, post=post, clock=clock),
            post=post,
            clock=clock,
            limits=limits,
        ),
        requests=ImportRequests(memory.runs, clock),
        replays=Replays(profiles=profiles, sources=sources, orders=memory.orders, post=post, clock=clock),
    )


async def build(common: CommonSettings, settings: PollerSettings) -> Service:
    """The service, not started; StartupError when its settings or its databases are not fit."""
    require_migrated(settings.database_url.get_secret_value(), PACKAGE)
    require_migrated(common.database_url.get_secret_value(), "sconnect.profiles")
    clock = SystemClock()
    coordination = create_engine(common.database_url.get_secret_value())
    engine = create_engine(settings.database_url.get_secret_value())
    client = create_http_client(HttpLimits(), allow_local_apis=common.allow_local_apis)
    broker = connect_broker(
        common.amqp_url.get_secret_value(),
        connection_name=NAME,
        graceful_timeout_seconds=common.graceful_stop_seconds,
    )
    publisher = RabbitPublisher(broker)
    profiles = ProfileStore(coordination, read_keyring(common.secrets_key, common.secrets_key_file))
    sources = ShopOrderSources(client, clock, _shop_limits(common, settings))
    poller = build_poller(
        profiles=profiles,
        memory=sql_memory(engine),
        profile_leases=SqlProfileLeases(Leases(engine, leases), lease_seconds=settings.lease_seconds),
        sources=sources,
        publisher=publisher,
        clock=clock,
        limits=PollingLimits(
            round_seconds=settings.round_seconds, profiles_at_once_max=settings.profiles_at_once_max
        ),
    )
    requests = Edge(
        queue=POLLER_IMPORT_REQUESTED,
        handler=poller.requests,
        publisher=publisher,
        clock=clock,
        journal=SilentJournal(),
    )
    replays = Edge(
        queue=POLLER_REPLAY_REQUESTED,
        handler=poller.replays,
        publisher=publisher,
        clock=clock,
        journal=ReplayJournal(publisher, clock),
    )
    subscribe(broker, POLLER_IMPORT_REQUESTED, requests, prefetch_count=settings.prefetch_count)
    subscribe(broker, POLLER_REPLAY_REQUESTED, replays, prefetch_count=settings.prefetch_count)
    consume_previews(
        broker,
        POLLER_PREVIEWS,
        stage=NAME,
        work=PreviewOrders(sources=sources, clock=clock),
        profiles=profiles,
        publisher=publisher,
        clock=clock,
    )
    return Service(
        name=NAME,
        broker=broker,
        loops={"polling": poller.polling.run, "retention": _pruning(engine, common, clock).run},
        checks={"polling": poller.polling.check},
        closers=(client.aclose, engine.dispose, coordination.dispose),
    )


def _pruning(engine: AsyncEngine, common: CommonSettings, clock: Clock) -> DailyPruning:
    forgets = {"order documents": forget_documents(engine)}
    return DailyPruning(forgets, retention=common.retention, clock=clock)


def _shop_limits(common: CommonSettings, settings: PollerSettings) -> ShopLimits:
    return ShopLimits(
        requests_per_second_max=settings.shop_requests_per_second_max,
        total_timeout_seconds=common.http_total_timeout_seconds,
        attempts_max=settings.shop_attempts_max,
        wait_seconds_max=settings.shop_wait_seconds_max,
    )
