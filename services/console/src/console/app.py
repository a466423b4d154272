"""Builds the console: the only place where its parts meet."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from fastapi import FastAPI
from httpx import AsyncClient
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine

from console.adapters.argon2_passwords import Argon2Passwords
from console.adapters.neighbours import HttpNeighbours
from console.adapters.notices import Wording, open_channels
from console.adapters.own_health import database_check, own_problems
from console.adapters.rabbit_dead_letters import RabbitDeadLetterQueues, RabbitQueueDepths
from console.adapters.snelstart_administration import SnelstartAdministration
from console.adapters.sql import (
    SqlAccess,
    SqlLetterJobs,
    SqlLetterList,
    SqlNotices,
    SqlReadModel,
    Transactions,
)
from console.adapters.sql.tables import leases
from console.adapters.way_in import console_token, metrics_token, write_address
from console.adapters.web import Cookies, Desks, Doors, create_web
from console.adapters.webshop import Webshop
from console.handlers.access import AccessDesk
from console.handlers.audit import AuditDesk
from console.handlers.connections import ConnectionDesk, VendorLists
from console.handlers.customer_lookup import CustomerLookup
from console.handlers.events import EventConsumer
from console.handlers.examination import Examiner
from console.handlers.housekeeping import Housekeeping
from console.handlers.imports import ImportDesk
from console.handlers.ledger_assistant import LedgerAssistant
from console.handlers.ledger_choice import LedgerChoiceDesk
from console.handlers.letter_jobs import LetterJobDesk, LetterJobRunner
from console.handlers.letters import DeadLetterDesk
from console.handlers.links import LinkDesk
from console.handlers.measuring import Measuring
from console.handlers.needs import NeedsDesk
from console.handlers.notices import NoticeDesk, Notifier
from console.handlers.orders import OrderDesk
from console.handlers.people import PeopleDesk
from console.handlers.previews import PreviewDesk
from console.handlers.privacy import PrivacyDesk
from console.handlers.profile_checks import ProfileChecks
from console.handlers.profile_history import ProfileHistoryDesk
from console.handlers.profile_removal import ProfileRemoval
from console.handlers.profiles import ProfileDesk
from console.handlers.status import StatusDesk
from console.handlers.sweep import DeadLetterSweep, SweepLimits
from console.notice_ports import NoticeChannel
from console.ports import (
    Bookkeeping,
    DeadLetterQueues,
    Neighbours,
    Passwords,
    ProfilePast,
    ProfileShelf,
    Shop,
)
from console.settings import ConsoleSettings
from sconnect.clock import Clock, SystemClock
from sconnect.http import HttpLimits, create_http_client
from sconnect.messaging import Edge, EventPublisher, RabbitPublisher, SilentJournal, connect_broker, subscribe
from sconnect.messaging.rabbit import ServiceBroker
from sconnect.messaging.topology import CONSOLE_EVENTS, CONSOLE_PREVIEWS
from sconnect.persistence import Leases, create_engine, require_migrated
from sconnect.profiles import ProfileHistory, ProfileStore, read_keyring
from sconnect.service import CommonSettings, Service
from sconnect.service.retention import DailyPruning
from sconnect.snelstart import SnelstartSessions

NAME: Final = "console"
PACKAGE = "console"

Loop = Callable[[], Awaitable[None]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Outside:
    """Everything the console meets but does not own."""

    engine: AsyncEngine
    profiles: ProfileShelf
    past: ProfilePast
    shop: Shop
    bookkeeping: Bookkeeping
    neighbours: Neighbours
    publisher: EventPublisher
    queues: DeadLetterQueues
    passwords: Passwords
    clock: Clock
    channels: tuple[NoticeChannel, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Console:
    """The service without its broker and its web server."""

    read_model: SqlReadModel
    people: SqlAccess
    housekeeping: Housekeeping
    letter_jobs: LetterJobRunner
    notifier: Notifier
    previews: PreviewDesk
    desks: Desks
    web: FastAPI


def build_console(
    outside: Outside, settings: ConsoleSettings, *, token: SecretStr, language: str, allow_local_apis: bool
) -> Console:
    transactions = Transactions(outside.engine)
    read_model, people = SqlReadModel(transactions), SqlAccess(transactions)
    jobs = SqlLetterJobs(transactions)
    access = AccessDesk(
        people=people,
        sessions=people,
        passwords=outside.passwords,
        audit=people,
        clock=outside.clock,
        limits=settings.session_limits,
    )
    housekeeping = Housekeeping(
        sweep=_sweep(outside, read_model, settings),
        runs=read_model,
        access=access,
        audit=people,
        clock=outside.clock,
        interval_seconds=settings.sweep_interval_seconds,
        runs_kept=settings.runs_kept,
        actions_kept=settings.actions_kept,
    )
    runner = _job_runner(outside, jobs, housekeeping)
    desks = _desks(
        outside,
        settings,
        read_model,
        housekeeping,
        people=people,
        listed=SqlLetterList(transactions),
        letter_jobs=LetterJobDesk(jobs=jobs, clock=outside.clock, on_job=runner.wake),
        access=access,
        notices=SqlNotices(transactions),
        allow_local_apis=allow_local_apis,
    )
    doors = Doors(
        token=token,
        access=access,
        audit=desks.audit,
        cookies=Cookies(over_https=settings.over_https),
        language=language,
    )
    return Console(
        read_model=read_model,
        people=people,
        housekeeping=housekeeping,
        letter_jobs=runner,
        notifier=_notifier(outside, transactions, settings),
        previews=desks.previews,
        desks=desks,
        web=create_web(desks, doors),
    )


def _desks(
    outside: Outside,
    settings: ConsoleSettings,
    read_model: SqlReadModel,
    housekeeping: Housekeeping,
    *,
    people: SqlAccess,
    listed: SqlLetterList,
    letter_jobs: LetterJobDesk,
    access: AccessDesk,
    notices: SqlNotices,
    allow_local_apis: bool,
) -> Desks:
    examiner = Examiner(shop=outside.shop, bookkeeping=outside.bookkeeping, clock=outside.clock)
    profiles = _profile_desk(outside, read_model, examiner, allow_local_apis=allow_local_apis)
    previews = _preview_desk(outside, settings)
    lists = VendorLists(outside.shop, outside.bookkeeping, outside.clock)
    return Desks(
        profiles=profiles,
        checks=ProfileChecks(profiles=profiles, clock=outside.clock),
        history=ProfileHistoryDesk(profiles=profiles, past=outside.past),
        connections=ConnectionDesk(profiles=profiles, examiner=examiner, lists=lists),
        removal=ProfileRemoval(profiles=outside.profiles, orders=read_model),
        imports=ImportDesk(
            profiles=outside.profiles,
            orders=read_model,
            runs=read_model,
            publisher=outside.publisher,
            clock=outside.clock,
        ),
        previews=previews,
        assistant=LedgerAssistant(profiles=profiles, examiner=examiner, previews=previews),
        orders=OrderDesk(profiles=outside.profiles, orders=read_model, clock=outside.clock),
        letters=_letter_desk(outside, read_model, housekeeping),
        needs=NeedsDesk(letters=read_model, listed=listed, orders=read_model, clock=outside.clock),
        customers=CustomerLookup(profiles=profiles, bookkeeping=outside.bookkeeping),
        ledger_choice=LedgerChoiceDesk(
            profiles=profiles,
            bookkeeping=outside.bookkeeping,
            listed=listed,
            jobs=letter_jobs,
            clock=outside.clock,
        ),
        letter_jobs=letter_jobs,
        links=LinkDesk(
            profiles=outside.profiles, links=read_model, publisher=outside.publisher, clock=outside.clock
        ),
        status=StatusDesk(
            neighbours=outside.neighbours, profiles=outside.profiles, orders=read_model, runs=read_model
        ),
        access=access,
        people=PeopleDesk(people=people, passwords=outside.passwords, clock=outside.clock),
        audit=AuditDesk(log=people, clock=outside.clock),
        privacy=PrivacyDesk(read_model, outside.publisher, outside.clock),
        notices=NoticeDesk(
            channels=outside.channels, book=notices, clock=outside.clock, plan=settings.notice_plan
        ),
    )


def _sweep(outside: Outside, read_model: SqlReadModel, settings: ConsoleSettings) -> DeadLetterSweep:
    return DeadLetterSweep(
        letters=read_model,
        index=read_model,
        record=read_model,
        queues=outside.queues,
        publisher=outside.publisher,
        lease=Leases(outside.engine, leases),
        clock=outside.clock,
        limits=SweepLimits(
            discarded_kept=settings.discarded_kept, unknown_copy_patience=settings.unknown_copy_patience
        ),
    )


def _job_runner(outside: Outside, jobs: SqlLetterJobs, housekeeping: Housekeeping) -> LetterJobRunner:
    return LetterJobRunner(
        jobs=jobs,
        publisher=outside.publisher,
        lease=Leases(outside.engine, leases),
        clock=outside.clock,
        on_finished=housekeeping.wake,
    )


def _notifier(outside: Outside, transactions: Transactions, settings: ConsoleSettings) -> Notifier:
    return Notifier(
        channels=outside.channels,
        book=SqlNotices(transactions),
        lease=Leases(outside.engine, leases),
        clock=outside.clock,
        plan=settings.notice_plan,
    )


def _preview_desk(outside: Outside, settings: ConsoleSettings) -> PreviewDesk:
    return PreviewDesk(
        profiles=outside.profiles,
        neighbours=outside.neighbours,
        publisher=outside.publisher,
        clock=outside.clock,
        limits=settings.preview_limits,
    )


def _profile_desk(
    outside: Outside, read_model: SqlReadModel, examiner: Examiner, *, allow_local_apis: bool
) -> ProfileDesk:
    return ProfileDesk(
        profiles=outside.profiles,
        examiner=examiner,
        record=read_model,
        publisher=outside.publisher,
        clock=outside.clock,
        allow_local_apis=allow_local_apis,
    )


def _letter_desk(outside: Outside, read_model: SqlReadModel, housekeeping: Housekeeping) -> DeadLetterDesk:
    return DeadLetterDesk(
        letters=read_model,
        orders=read_model,
        record=read_model,
        publisher=outside.publisher,
        clock=outside.clock,
        on_decision=housekeeping.wake,
    )


async def build(common: CommonSettings, settings: ConsoleSettings) -> Service:
    """The service, not started; StartupError when its settings or its databases are not fit."""
    require_migrated(settings.database_url.get_secret_value(), PACKAGE)
    require_migrated(common.database_url.get_secret_value(), "sconnect.profiles")
    require_migrated(common.database_url.get_secret_value(), "sconnect.allowance")
    token = console_token(settings)
    clock = SystemClock()
    engine = create_engine(settings.database_url.get_secret_value())
    coordination = create_engine(common.database_url.get_secret_value())
    vendors = create_http_client(HttpLimits(), allow_local_apis=common.allow_local_apis)
    sessions = SnelstartSessions.within_limits(
        vendors, clock, coordination, total_timeout_seconds=common.http_total_timeout_seconds
    )
    # The other services live in the same private network as we do.
    neighbours = create_http_client(HttpLimits(), allow_local_apis=True)
    broker = connect_broker(
        common.amqp_url.get_secret_value(),
        connection_name=NAME,
        graceful_timeout_seconds=common.graceful_stop_seconds,
    )
    checks = {"database": database_check(engine), "profiles": database_check(coordination)}
    outside = Outside(
        engine=engine,
        profiles=ProfileStore(coordination, read_keyring(common.secrets_key, common.secrets_key_file)),
        past=ProfileHistory(coordination),
        shop=Webshop(vendors, total_timeout_seconds=common.http_total_timeout_seconds),
        bookkeeping=SnelstartAdministration(sessions),
        neighbours=HttpNeighbours(
            neighbours,
            settings.neighbour_urls,
            own_problems(broker, checks),
            instance=common.instance,
        ),
        publisher=RabbitPublisher(broker),
        queues=RabbitDeadLetterQueues(common.amqp_url),
        passwords=Argon2Passwords(),
        clock=clock,
        channels=_channels(common, settings, vendors),
    )
    console = build_console(
        outside,
        settings,
        token=token,
        language=common.language,
        allow_local_apis=common.allow_local_apis,
    )
    _consume_events(broker, console.read_model, outside, settings)
    subscribe(broker, CONSOLE_PREVIEWS, console.previews.take, prefetch_count=settings.prefetch_count)
    metrics = metrics_token(settings)
    write_address(settings)
    return Service(
        name=NAME,
        broker=broker,
        loops=_loops(console, common, settings),
        checks=checks,
        closers=(vendors.aclose, neighbours.aclose, sessions.close, engine.dispose, coordination.dispose),
        web_app=console.web,
        serves_metrics=metrics is not None,
        metrics_token=metrics,
    )


def _channels(
    common: CommonSettings, settings: ConsoleSettings, client: AsyncClient
) -> tuple[NoticeChannel, ...]:
    wording = Wording(common.language, settings.public_url)
    return open_channels(settings, client, SystemClock(), wording, allow_http=common.allow_local_apis)


def _loops(console: Console, common: CommonSettings, settings: ConsoleSettings) -> dict[str, Loop]:
    queues, trails, clock = RabbitQueueDepths(common.amqp_url), console.read_model, SystemClock()
    measuring = Measuring(queues, trails, clock, interval_seconds=settings.measure_interval_seconds)
    pruning = DailyPruning({"trails": trails.forget}, retention=common.retention, clock=clock)
    return {
        "housekeeping": console.housekeeping.run,
        "letter_jobs": console.letter_jobs.run,
        "measuring": measuring.run,
        "notices": console.notifier.run,
        "retention": pruning.run,
    }


def _consume_events(
    broker: ServiceBroker, read_model: SqlReadModel, outside: Outside, settings: ConsoleSettings
) -> None:
    edge = Edge(
        queue=CONSOLE_EVENTS,
        handler=EventConsumer(read_model),
        publisher=outside.publisher,
        clock=outside.clock,
        journal=SilentJournal(),
    )
    subscribe(broker, CONSOLE_EVENTS, edge, prefetch_count=settings.prefetch_count)
