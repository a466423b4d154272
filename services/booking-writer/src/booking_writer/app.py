"""Builds the service: the only place where its parts meet."""

from datetime import timedelta
from typing import Final

import httpx
from sqlalchemy.ext.asyncio import AsyncEngine

from booking_writer.adapters.snelstart_bookkeeping import SnelstartBooks
from booking_writer.adapters.sql_booking_rows import SqlBookingRows
from booking_writer.adapters.sql_forgetting import forget_bookings
from booking_writer.adapters.sql_ledger_findings import SqlLedgerFindings
from booking_writer.handlers.previewing import PreviewBooking
from booking_writer.handlers.vat_numbers import VatNumbers, VatRegister
from booking_writer.handlers.watching import LedgerWatch
from booking_writer.handlers.writing import WriteBooking, WritingLimits
from booking_writer.ports import Books
from booking_writer.settings import BookingWriterSettings
from sconnect.clock import Clock, SystemClock
from sconnect.errors import StartupError
from sconnect.http import HttpLimits, create_http_client
from sconnect.messaging import EventPublisher, RabbitPublisher, connect_broker
from sconnect.messaging.topology import WRITER_PREVIEWS, WRITER_RESOLVED
from sconnect.messaging.walking import QueueWalker
from sconnect.persistence import create_engine, require_migrated
from sconnect.profiles import ProfileStore, read_keyring
from sconnect.service import CommonSettings, Service
from sconnect.service.retention import DailyPruning
from sconnect.snelstart import SnelstartSessions
from sconnect.stage import consume_orders, consume_previews
from sconnect.stage.forgetting import forget_order_rows
from sconnect.vat_numbers import Vies

NAME: Final = "booking-writer"
PACKAGE = "booking_writer"


def build_writer(
    engine: AsyncEngine,
    books: Books,
    register: VatRegister,
    publisher: EventPublisher,
    *,
    clock: Clock,
    limits: WritingLimits,
) -> WriteBooking:
    """The service without its broker and its stage."""
    watch = LedgerWatch(findings=SqlLedgerFindings(engine), publisher=publisher, clock=clock)
    return WriteBooking(
        books=books,
        rows=SqlBookingRows(engine),
        watch=watch,
        vat_numbers=VatNumbers(register),
        clock=clock,
        limits=limits,
    )


async def build(common: CommonSettings, settings: BookingWriterSettings) -> Service:
    """The service, not started; StartupError when its settings or its databases are not fit."""
    _check(common, settings)
    clock = SystemClock()
    coordination = create_engine(common.database_url.get_secret_value())
    engine = create_engine(settings.database_url.get_secret_value())
    client = create_http_client(HttpLimits(), allow_local_apis=common.allow_local_apis)
    sessions = SnelstartSessions.within_limits(
        client, clock, coordination, total_timeout_seconds=common.http_total_timeout_seconds
    )
    books = SnelstartBooks(sessions, clock)
    profiles = ProfileStore(coordination, read_keyring(common.secrets_key, common.secrets_key_file))
    broker = connect_broker(
        common.amqp_url.get_secret_value(),
        connection_name=NAME,
        graceful_timeout_seconds=common.graceful_stop_seconds,
    )
    publisher = RabbitPublisher(broker)
    limits = WritingLimits(
        post_seconds_max=common.http_total_timeout_seconds,
        lease_margin_seconds=settings.lease_margin_seconds,
    )
    register = _vat_register(client, clock, common, settings)
    writer = build_writer(engine, books, register, publisher, clock=clock, limits=limits)
    forgets = {"bookings": forget_bookings(engine), "order rows": forget_order_rows(engine)}
    pruning = DailyPruning(forgets, retention=common.retention, clock=clock)
    service = Service(
        name=NAME,
        broker=broker,
        loops={"retention": pruning.run},
        closers=(client.aclose, sessions.close, engine.dispose, coordination.dispose),
    )
    consume_orders(
        service,
        WRITER_RESOLVED,
        writer,
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
        require_calls=sessions.require_calls,
    )
    consume_previews(
        broker,
        WRITER_PREVIEWS,
        stage=NAME,
        work=PreviewBooking(
            books=books, rows=SqlBookingRows(engine), vat_numbers=VatNumbers(register), clock=clock
        ),
        profiles=profiles,
        publisher=publisher,
        clock=clock,
    )
    return service


def _vat_register(
    client: httpx.AsyncClient, clock: Clock, common: CommonSettings, settings: BookingWriterSettings
) -> Vies:
    return Vies(
        client,
        clock,
        url=settings.vies_url,
        total_timeout_seconds=common.http_total_timeout_seconds,
        kept=timedelta(hours=settings.vies_kept_hours),
    )


def _check(common: CommonSettings, settings: BookingWriterSettings) -> None:
    needed = common.http_total_timeout_seconds + settings.lease_margin_seconds
    if common.lease_seconds <= needed:
        raise StartupError(
            "SCONNECT_LEASE_SECONDS must be more than SCONNECT_HTTP_TOTAL_TIMEOUT_SECONDS and"
            " BOOKING_WRITER_LEASE_MARGIN_SECONDS together."
        )
    require_migrated(settings.database_url.get_secret_value(), PACKAGE)
    require_migrated(common.database_url.get_secret_value(), "sconnect.profiles")
    require_migrated(common.database_url.get_secret_value(), "sconnect.allowance")
