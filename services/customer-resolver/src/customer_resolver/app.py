"""Builds the service: the only place where its parts meet."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import MetaData
from sqlalchemy.ext.asyncio import AsyncEngine

from customer_resolver.adapters.snelstart_customers import SnelstartDirectories
from customer_resolver.adapters.sql_claims import SqlClaims
from customer_resolver.adapters.sql_mirror import SqlCustomerMirror
from customer_resolver.adapters.sql_resolutions import SqlResolutions
from customer_resolver.adapters.tables import resolver_tables
from customer_resolver.handlers.administrations import Administrations
from customer_resolver.handlers.creating import CardMaker
from customer_resolver.handlers.mirroring import MirrorKeeper
from customer_resolver.handlers.nightly import NightlyReads
from customer_resolver.handlers.previewing import PreviewCustomer
from customer_resolver.handlers.resolving import ResolveCustomer
from customer_resolver.ports import Directories
from customer_resolver.settings import CustomerResolverSettings
from sconnect.clock import Clock, SystemClock
from sconnect.http import HttpLimits, create_http_client
from sconnect.messaging import RabbitPublisher, connect_broker
from sconnect.messaging.topology import RESOLVER_PREVIEWS, RESOLVER_RECEIVED
from sconnect.persistence import Leases, create_engine, lease_table, require_migrated
from sconnect.profiles import ProfileStore, read_keyring
from sconnect.service import CommonSettings, Service
from sconnect.snelstart import SnelstartSessions
from sconnect.stage import consume_orders, consume_previews

NAME: Final = "customer-resolver"
PACKAGE = "customer_resolver"


@dataclass(frozen=True, kw_only=True, slots=True)
class Resolver:
    """The service without its broker: what it does with an order, and what keeps its mirrors."""

    resolve: ResolveCustomer
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
    keeper = MirrorKeeper(
        mirror=mirror,
        leases=Leases(engine, lease_table(metadata)),
        clock=clock,
        age_seconds_max=settings.mirror_max_age_seconds,
        full_read_hour=settings.mirror_full_read_hour,
        first_read_wait_seconds=settings.mirror_first_read_wait_seconds,
    )
    claim_lease_seconds = lease_seconds + settings.claim_lease_margin_seconds
    claims = SqlClaims(engine, tables, lease_seconds=claim_lease_seconds)
    resolve = ResolveCustomer(
        administrations=administrations,
        keeper=keeper,
        mirror=mirror,
        maker=CardMaker(claims=claims, mirror=mirror, clock=clock),
        resolutions=SqlResolutions(engine, tables),
        clock=clock,
    )
    return Resolver(resolve=resolve, keeper=keeper, administrations=administrations)


async def build(common: CommonSettings, settings: CustomerResolverSettings) -> Service:
    """The service, not started; StartupError when its settings or its databases are not fit."""
    require_migrated(settings.database_url.get_secret_value(), PACKAGE)
    for package in ("sconnect.profiles", "sconnect.allowance"):
        require_migrated(common.database_url.get_secret_value(), package)
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
    service = Service(
        name=NAME,
        broker=broker,
        loops={"nightly_reads": _nightly_reads(resolver, profiles, clock, settings).run},
        closers=(
            resolver.keeper.close,
            client.aclose,
            sessions.close,
            engine.dispose,
            coordination.dispose,
        ),
    )
    publisher = RabbitPublisher(broker)
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
        prefetch_count=settings.prefetch_count,
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
    return service


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
