"""Builds the service: the only place where its parts meet."""

from typing import Final

from sqlalchemy import MetaData
from sqlalchemy.ext.asyncio import AsyncEngine

from booking_writer.adapters.snelstart_bookkeeping import SnelstartBooks
from booking_writer.adapters.sql_booking_rows import SqlBookingRows
from booking_writer.handlers.previewing import PreviewBooking
from booking_writer.handlers.writing import WriteBooking, WritingLimits
from booking_writer.ports import Books
from booking_writer.settings import BookingWriterSettings
from sconnect.clock import Clock, SystemClock
from sconnect.errors import StartupError
from sconnect.http import HttpLimits, create_http_client
from sconnect.messaging import Edge, RabbitPublisher, connect_broker, subscribe
from sconnect.messaging.fuse import UnexpectedErrorFuse
from sconnect.messaging.topology import WRITER_PREVIEWS, WRITER_RESOLVED
from sconnect.persistence import create_engine, require_migrated
from sconnect.profiles import ProfileStore, read_keyring
from sconnect.service import CommonSettings, Service
from sconnect.snelstart import SnelstartSessions
from sconnect.stage import OrderRows, OrderStage, ProfileHealth, consume_previews, stage_tables

NAME: Final = "booking-writer"
PACKAGE = "booking_writer"


def build_writer(
    engine: AsyncEngine, books: Books, clock: Clock, common: CommonSettings, settings: BookingWriterSettings
) -> WriteBooking:
    """The service without its broker and its stage."""
    limits = WritingLimits(
        post_seconds_max=common.http_total_timeout_seconds,
        lease_margin_seconds=settings.lease_margin_seconds,
    )
    return WriteBooking(books=books, rows=SqlBookingRows(engine), clock=clock, limits=limits)


async def build(common: CommonSettings, settings: BookingWriterSettings) -> Service:
    """The service, not started; StartupError when its settings or its databases are not fit."""
    _check(common, settings)
    clock = SystemClock()
    coordination = create_engine(common.database_url.get_secret_value())
    engine = create_engine(settings.database_url.get_secret_value())
    client = create_http_client(HttpLimits(), allow_local_apis=common.allow_local_apis)
    sessions = SnelstartSessions(client, clock, total_timeout_seconds=common.http_total_timeout_seconds)
    books = SnelstartBooks(sessions, clock)
    writer = build_writer(engine, books, clock, common, settings)
    profiles = ProfileStore(coordination, read_keyring(common.secrets_key, common.secrets_key_file))
    broker = connect_broker(
        common.amqp_url.get_secret_value(),
        connection_name=NAME,
        graceful_timeout_seconds=common.graceful_stop_seconds,
    )
    service = Service(
        name=NAME,
        broker=broker,
        closers=(writer.finish, client.aclose, engine.dispose, coordination.dispose),
    )
    publisher = RabbitPublisher(broker)
    tables = stage_tables(MetaData())
    stage = OrderStage(
        stage=NAME,
        handler=writer,
        rows=OrderRows(engine, tables, stage=NAME, clock=clock),
        health=ProfileHealth(engine, tables, clock=clock),
        profiles=profiles,
        publisher=publisher,
        clock=clock,
        lease_seconds=common.lease_seconds,
        fuse=UnexpectedErrorFuse(),
        on_fuse_blown=service.trip,
    )
    consume_previews(
        broker,
        WRITER_PREVIEWS,
        stage=NAME,
        work=PreviewBooking(books=books, rows=SqlBookingRows(engine), clock=clock),
        profiles=profiles,
        publisher=publisher,
        clock=clock,
    )
    edge = Edge(queue=WRITER_RESOLVED, handler=stage, publisher=publisher, clock=clock, journal=stage)
    subscribe(broker, WRITER_RESOLVED, edge, prefetch_count=settings.prefetch_count)
    return service


def _check(common: CommonSettings, settings: BookingWriterSettings) -> None:
    needed = common.http_total_timeout_seconds + settings.lease_margin_seconds
    if common.lease_seconds <= needed:
        raise StartupError(
            "SCONNECT_LEASE_SECONDS must be more than SCONNECT_HTTP_TOTAL_TIMEOUT_SECONDS and"
            " BOOKING_WRITER_LEASE_MARGIN_SECONDS together."
        )
    require_migrated(settings.database_url.get_secret_value(), PACKAGE)
    require_migrated(common.database_url.get_secret_value(), "sconnect.profiles")
