"""Builds the service: the only place where its parts meet."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import MetaData
from sqlalchemy.ext.asyncio import AsyncEngine

from customer_resolver.adapters.snelstart_customers import SnelstartDirectories
from customer_resolver.adapters.sql_card_updates import SqlCardUpdates
from customer_resolver.adapters.sql_claims import SqlClaims
from customer_resolver.adapters.sql_erasing import SqlPersonEraser
from customer_resolver.adapters.sql_forgetting import (
    forget_claims,
    forget_resolutions,
    forget_unused_mirrors,
)
from customer_resolver.adapters.sql_links import SqlLinkMemory
from customer_resolver.adapters.sql_mirror import SqlCustomerMirror
from customer_resolver.adapters.sql_resolutions import SqlResolutions
from customer_resolver.adapters.tables import resolver_tables
from customer_resolver.handlers.administrations import Administrations
from customer_resolver.handlers.creating import CardMaker
from customer_resolver.handlers.erasing import ErasePerson
from customer_resolver.handlers.mirroring import MirrorKeeper
from customer_resolver.handlers.nightly import NightlyReads
from customer_resolver.handlers.previewing import PreviewCustomer
from customer_resolver.handlers.remembering import Remembering
from customer_resolver.handlers.resolving import ResolveCustomer
from customer_resolver.handlers.telling import ForgetLink, LinkTeller
from customer_resolver.handlers.updating import CardUpdater
from customer_resolver.ports import Directories
from customer_resolver.settings import CustomerResolverSettings
from sconnect.clock import Clock, SystemClock
from sconnect.http import HttpLimits, create_http_client
from sconnect.messaging import Edge, RabbitPublisher, SilentJournal, connect_broker, subscribe
from sconnect.messaging.rabbit import ServiceBroker
from sconnect.messaging.topology import (
    RESOLVER_ERASE_PERSON,
    RESOLVER_FORGET_LINK,
    RESOLVER_PREVIEWS,
    RESOLVER_RECEIVED,
)
from sconnect.messaging.walking import QueueWalker
from sconnect.persistence import Leases, create_engine, lease_table, require_migrated
from sconnect.profiles import ProfileStore, read_keyring
from sconnect.service import CommonSettings, Service
from sconnect.service.retention import DailyPruning
from sconnect.snelstart import SnelstartSessions
from sconnect.stage import consume_orders, consume_previews
from sconnect.stage.forgetting import forget_order_rows

NAME: Final = "customer-resolver"
PACKAGE = "customer_resolver"


@dataclass(frozen=True, kw_only=True, slots=True)
class Resolver:
    """The service without its broker: what it does with an order, and what keeps its mirrors."""

    resolve: ResolveCustomer
    memory: SqlLinkMemory
    eraser: SqlPersonEraser
    keeper: MirrorKeeper
    administrations: Administrations


def build_resolver(
    engine: AsyncEngine,
    directories: Directories,
    clock: Clock,
    settings: CustomerResolverSettings,
    *,
    lease_seconds: float,
) -> Resolver:
    """Everything on one database; `lease_seconds` is how long the stage holds an order."""
    metadata = MetaData()
    tables = resolver_tables(metadata)
    mirror = SqlCustomerMirror(engine, tables)
    administrations = Administrations(directories)
    leases = Leases(engine, lease_table(metadata))
    keeper = MirrorKeeper(
        mirror=mirror,
        leases=leases,
        clock=clock,
        age_seconds_max=settings.mirror_max_age_seconds,
        full_read_hour=settings.mirror_full_read_hour,
        first_read_wait_seconds=settings.mirror_first_read_wait_seconds,
    )
    claim_lease_seconds = lease_seconds + settings.claim_lease_margin_seconds
    claims = SqlClaims(engine, tables, lease_seconds=claim_lease_seconds)
    memory = SqlLinkMemory(engine, tables)
    resolve = ResolveCustomer(
        administrations=administrations,
        keeper=keeper,
        mirror=mirror,
        maker=CardMaker(claims=claims, mirror=mirror, clock=clock),
        updater=CardUpdater(updates=SqlCardUpdates(engine, tables), mirror=mirror, leases=leases),
        remembering=Remembering(memory=memory, mirror=mirror),
        resolutions=SqlResolutions(engine, tables),
        clock=clock,
    )
    return Resolver(
        resolve=resolve,
        memory=memory,
        eraser=SqlPersonEraser(engine, tables, memory),
        keeper=keeper,
        administrations=administrations,
    )


async def build(common: CommonSettings, settings: CustomerResolverSettings) -> Service:
    """The service, not started; StartupError when its settings or its databases are not fit."""
    _require_tables(common, settings)
    clock = SystemClock()
    coordination = create_engine(common.database_url.get_secret_value())
    engine = create_engine(settings.database_url.get_secret_value())
    profiles = ProfileStore(coordination, read_keyring(common.secrets_key, common.secrets_key_file))
    client = create_http_client(HttpLimits(), allow_local_apis=common.allow_local_apis)
    sessions = SnelstartSessions.within_limits(
        client, clock, coordination, total_timeout_seconds=common.http_total_timeout_seconds
    )
    resolver = build_resolver(
        engine, SnelstartDirectories(sessions), clock, settings, lease_seconds=common.lease_seconds
    )
    broker = connect_broker(
        common.amqp_url.get_secret_value(),
        connection_name=NAME,
        graceful_timeout_seconds=common.graceful_stop_seconds,
    )
    publisher = RabbitPublisher(broker)
    service = Service(
        name=NAME,
        broker=broker,
        loops={
            "nightly_reads": _nightly_reads(resolver, profiles, clock, settings).run,
            "link_news": _teller(resolver, publisher, clock, settings).run,
            "retention": _pruning(engine, common, clock, settings).run,
        },
        closers=(resolver.keeper.close, client.aclose, sessions.close, engine.dispose, coordination.dispose),
    )
    consume_orders(
        service,
        RESOLVER_RECEIVED,
        resolver.resolve,
        stage=NAME,
        engine=engine,
        profiles=profiles,
        publisher=publisher,
        clock=clock,
        lease_seconds=common.lease_seconds,
        slow_seconds=common.slow_administration_seconds,
        prefetch_count=settings.prefetch_count,
        probe=sessions.require_access,
        waits=QueueWalker(common.amqp_url),
    )
    consume_previews(
        broker,
        RESOLVER_PREVIEWS,
        stage=NAME,
        work=PreviewCustomer(resolver.resolve, clock),
        profiles=profiles,
        publisher=publisher,
        clock=clock,
    )
    _consume_wishes_to_forget(broker, resolver, publisher, clock)
    return service


def _pruning(
    engine: AsyncEngine, common: CommonSettings, clock: Clock, settings: CustomerResolverSettings
) -> DailyPruning:
    tables = resolver_tables(MetaData())
    mirror_kept = timedelta(days=settings.mirror_kept_days)
    forgets = {
        "order rows": forget_order_rows(engine),
        "resolutions": forget_resolutions(engine, tables),
        "card claims": forget_claims(engine, tables),
        "mirrored relations": forget_unused_mirrors(engine, tables, clock=clock, kept=mirror_kept),
    }
    return DailyPruning(forgets, retention=common.retention, clock=clock)


def _nightly_reads(
    resolver: Resolver, profiles: ProfileStore, clock: Clock, settings: CustomerResolverSettings
) -> NightlyReads:
    return NightlyReads(
        profiles=profiles,
        administrations=resolver.administrations,
        keeper=resolver.keeper,
        clock=clock,
        check_interval_seconds=settings.mirror_check_interval_seconds,
    )


def _teller(
    resolver: Resolver, publisher: RabbitPublisher, clock: Clock, settings: CustomerResolverSettings
) -> LinkTeller:
    return LinkTeller(
        memory=resolver.memory,
        publisher=publisher,
        clock=clock,
        interval_seconds=settings.links_told_interval_seconds,
    )


def _consume_wishes_to_forget(
    broker: ServiceBroker, resolver: Resolver, publisher: RabbitPublisher, clock: Clock
) -> None:
    edge = Edge(
        queue=RESOLVER_FORGET_LINK,
        handler=ForgetLink(resolver.memory),
        publisher=publisher,
        clock=clock,
        journal=SilentJournal(),
    )
    subscribe(broker, RESOLVER_FORGET_LINK, edge, prefetch_count=1)
    erasures = Edge(
        queue=RESOLVER_ERASE_PERSON,
        handler=ErasePerson(resolver.eraser, publisher, clock),
        publisher=publisher,
        clock=clock,
        journal=SilentJournal(),
    )
    subscribe(broker, RESOLVER_ERASE_PERSON, erasures, prefetch_count=1)


def _require_tables(common: CommonSettings, settings: CustomerResolverSettings) -> None:
    require_migrated(settings.database_url.get_secret_value(), PACKAGE)
    for package in ("sconnect.profiles", "sconnect.allowance"):
        require_migrated(common.database_url.get_secret_value(), package)
