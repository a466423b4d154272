"""What was kept long enough is forgotten, and nothing else: on SQLite and PostgreSQL, years at a time."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest_asyncio
from sqlalchemy import MetaData, func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from booking_writer.adapters.sql_booking_rows import SqlBookingRows
from booking_writer.adapters.sql_forgetting import forget_bookings
from booking_writer.adapters.tables import bookings_table
from booking_writer.ports import BookingRow, BookingState
from booking_writer_cases import booked, case
from console.adapters.sql import SqlLetterJobs, SqlReadModel, Transactions
from console.domain.letter_jobs import ItemOutcome, JobKind, JobOrder, LetterJob, Selection
from console.domain.letters import DeadLetter
from console.domain.standing import ToldReason
from console.handlers.letters import discard_event
from customer_resolver.adapters.sql_forgetting import (
    forget_claims,
    forget_resolutions,
    forget_unused_mirrors,
)
from customer_resolver.adapters.sql_mirror import SqlCustomerMirror
from customer_resolver.adapters.sql_resolutions import SqlResolutions
from customer_resolver.adapters.tables import resolver_tables
from customer_resolver.domain.recognition import Candidates, Statistics, keys_of_relation
from customer_resolver.ports import OrderReference, Resolution
from customer_resolver_cases import relation
from fakes_console import NOON, PROFILE, OrderStory
from poller.adapters.forgetting import forget_documents
from poller.adapters.seen_orders import SqlSeenOrders
from poller.adapters.tables import seen_orders
from poller.domain.orders import OrderState, SeenOrder
from poller.ports import Record
from sconnect.clock import ManualClock
from sconnect.contracts import BuyerAddress, DeadLetterDiscarded, SalesOrderReceived
from sconnect.errors import Reason, ReasonCode, UpstreamUnavailable
from sconnect.persistence.migrations import migrate
from sconnect.service.retention import DailyPruning, Ends, Retention

RETENTION = Retention(trail_years=7, oss_years=10)
# The orders of these tests are of 2026: at home they may go in 2034, from abroad in 2037.
STILL, AT_HOME_MAY_GO = datetime(2033, 12, 31, 22, 59, tzinfo=UTC), datetime(2033, 12, 31, 23, tzinfo=UTC)
NOT_FROM_ABROAD, ALL_MAY_GO = datetime(2036, 12, 31, 22, 59, tzinfo=UTC), datetime(2037, 1, 1, tzinfo=UTC)


def ends(now: datetime) -> Ends:
    return RETENTION.ends(now)


Migrated = Callable[[str], AsyncEngine]


@pytest_asyncio.fixture
async def migrated(database_url: str, database_engine: AsyncEngine) -> AsyncIterator[Migrated]:
    def of(package: str) -> AsyncEngine:
        migrate(database_url, package)
        return database_engine

    yield of


async def test_a_year_counts_from_its_end_in_dutch_time() -> None:
    assert ends(STILL).trail == datetime(2026, 1, 1, tzinfo=UTC) - timedelta(hours=1)
    assert ends(AT_HOME_MAY_GO).trail == datetime(2027, 1, 1, tzinfo=UTC) - timedelta(hours=1)


async def test_a_trail_goes_with_its_letters_when_its_time_is_over(migrated: Migrated) -> None:
    engine = await asyncio.to_thread(migrated, "console")
    read_model = SqlReadModel(Transactions(engine))
    forget = read_model.forget
    home, abroad, letter, untold = (OrderStory(number=number) for number in ("1", "2", "3", "4"))
    for story, country in ((home, "NL"), (abroad, "BE"), (letter, "NL")):
        await read_model.record(to(story.received(), country))
        await read_model.record(story.dead_lettered())
    for story in (home, abroad, untold):
        await read_model.record(story.booked(at=200))

    async def left() -> set[str]:
        return {
            row.standing.order_number
            for row in await read_model.orders(PROFILE, await read_model.order_uuids(PROFILE))
        }

    assert await forget(ends(STILL)) == 0
    assert await left() == {"1", "2", "3", "4"}
    assert await forget(ends(AT_HOME_MAY_GO)) == 1
    assert await left() == {"2", "3", "4"}
    assert await read_model.trail(PROFILE, home.uuid) == []
    assert len(await read_model.trail(PROFILE, abroad.uuid)) == 3
    assert await forget(ends(NOT_FROM_ABROAD)) == 0
    assert await forget(ends(ALL_MAY_GO)) == 2
    # It waits for a person, however long that takes.
    assert await left() == {"3"}
    assert len(await read_model.letters(PROFILE)) == 1


async def test_a_job_over_many_letters_goes_with_the_last_of_its_orders(migrated: Migrated) -> None:
    engine = await asyncio.to_thread(migrated, "console")
    read_model, jobs = SqlReadModel(Transactions(engine)), SqlLetterJobs(Transactions(engine))
    home, abroad = OrderStory(number="1"), OrderStory(number="2")
    for story, country in ((home, "NL"), (abroad, "BE")):
        await read_model.record(to(story.received(), country))
        await read_model.record(story.dead_lettered())
    order = JobOrder(kind=JobKind.REPLAY, selection=Selection(profile=PROFILE), by="boekhouder")
    for job_id in ("finished", "open"):
        await jobs.add(LetterJob(id=job_id, order=order, requested_at=NOON))
    await jobs.finish("finished", NOON)
    for story in (home, abroad):
        await read_model.record(story.booked(at=200))

    async def left(job_id: str) -> list[str | None]:
        return [item.letter.order_number for item in await jobs.items(job_id, ItemOutcome.WAITING, limit=9)]

    await read_model.forget(ends(STILL))
    assert await left("open") == ["1", "2"]
    await read_model.forget(ends(AT_HOME_MAY_GO))
    assert await left("open") == await left("finished") == ["2"]
    assert await jobs.job("finished") is not None
    await read_model.forget(ends(ALL_MAY_GO))
    assert await jobs.job("finished") is None
    # Whoever runs it finds nothing left, and finishes it.
    assert await left("open") == []
    assert (await jobs.next_open()) is not None


async def test_a_letter_about_no_order_goes_once_it_was_decided_on_and_no_copy_is_left(
    migrated: Migrated,
) -> None:
    engine = await asyncio.to_thread(migrated, "console")
    read_model, jobs = SqlReadModel(Transactions(engine)), SqlLetterJobs(Transactions(engine))
    for letter_id in ("open", "copy held", "discarded", "sent on"):
        await read_model.add(about_no_order(letter_id))
    job = JobOrder(kind=JobKind.REPLAY, selection=Selection(profile=PROFILE), by="boekhouder")
    await jobs.add(LetterJob(id="job", order=job, requested_at=NOON))
    for letter_id in ("copy held", "discarded"):
        await read_model.record(discarded(letter_id))
    assert await read_model.begin_replay("sent on", None, None, NOON)
    await read_model.finish_replay("sent on")
    await read_model.note_copies(held=(), gone=("discarded", "sent on"))

    async def left() -> list[str]:
        return [item.letter.id for item in await jobs.items("job", ItemOutcome.WAITING, limit=9)]

    assert await read_model.forget(ends(STILL)) == 0
    assert len(await left()) == 4
    assert await read_model.forget(ends(AT_HOME_MAY_GO)) == 2
    assert await left() == ["copy held", "open"]
    assert await read_model.letter("discarded") is None
    assert await read_model.forget(ends(ALL_MAY_GO)) == 0


def about_no_order(letter_id: str) -> DeadLetter:
    return DeadLetter(
        id=letter_id,
        profile=PROFILE,
        order_uuid=None,
        order_number=None,
        version=None,
        service="customer-resolver",
        queue="customer-resolver.received",
        reason=ToldReason(code=ReasonCode.UNREADABLE_MESSAGE.value),
        attempts=1,
        since=NOON,
        copy_held=True,
    )


def discarded(letter_id: str) -> DeadLetterDiscarded:
    return discard_event(about_no_order(letter_id), None, why="Onleesbaar", by="boekhouder", now=NOON)


def to(message: SalesOrderReceived, country: str) -> SalesOrderReceived:
    buyer = message.order.buyer.model_copy(update={"invoice": BuyerAddress(country_code=country)})
    return message.model_copy(update={"order": message.order.model_copy(update={"buyer": buyer})})


async def test_the_poller_forgets_what_the_shop_told_and_not_that_it_was_handed_over(
    migrated: Migrated,
) -> None:
    engine = await asyncio.to_thread(migrated, "poller")
    orders, forget = SqlSeenOrders(engine), forget_documents(engine)
    for key, country in (("home", "NL"), ("abroad", "DE"), ("waiting", "NL"), ("odd", None)):
        state = OrderState.WAITING if key == "waiting" else OrderState.HANDED_OVER
        seen = SeenOrder(key=key, number="1001", state=state, status=3, contents="1:a", told=1, run_id="r")
        document = json.dumps({"debtor": {"address": {"invoice": {"country_code": country}}}})
        await orders.save("shop", [Record(seen=seen, document=document if country else "[]")])
    await at_noon(engine)

    async def kept() -> set[str]:
        return {key for key in ("home", "abroad", "waiting", "odd") if await orders.document("shop", key)}

    assert await forget(ends(STILL)) == 0
    assert await forget(ends(AT_HOME_MAY_GO)) == 1
    assert await kept() == {"abroad", "waiting", "odd"}
    assert await forget(ends(ALL_MAY_GO)) == 2
    assert await kept() == {"waiting"}
    found = await orders.find("shop", ["home", "abroad", "odd"])
    assert {seen.state for seen in found.values()} == {OrderState.HANDED_OVER}
    assert len(found) == 3


async def at_noon(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.execute(update(seen_orders).values(stored_at=NOON))


async def test_bookings_go_and_those_of_the_one_stop_shop_later(migrated: Migrated) -> None:
    engine = await asyncio.to_thread(migrated, "booking_writer")
    rows, forget = SqlBookingRows(engine), forget_bookings(engine)
    booking = booked(case())
    posting = BookingRow(
        profile="shop",
        order_uuid="home",
        order_number="1",
        revision=1,
        administration_id="a",
        booking=booking,
        fingerprints={},
        state=BookingState.POSTING,
        posting_since=NOON,
    )
    abroad = replace(posting, order_uuid="oss", booking=replace(booking, invoice_number="2"))
    for row in (
        posting,
        abroad,
        replace(posting, order_uuid="posting", booking=replace(booking, invoice_number="3")),
    ):
        await rows.begin_posting(row)
    for uuid in ("home", "oss"):
        await rows.record_booked("shop", uuid, booking_id=uuid, booked_at=NOON)
    await with_foreign_vat(engine, "oss")

    assert await forget(ends(STILL)) == 0
    assert await forget(ends(AT_HOME_MAY_GO)) == 1
    assert await rows.get("shop", "home") is None
    assert await rows.get("shop", "oss") is not None
    assert await forget(ends(ALL_MAY_GO)) == 1
    assert await rows.get("shop", "posting") is not None


async def with_foreign_vat(engine: AsyncEngine, uuid: str) -> None:
    """As a booking under the one-stop shop is remembered."""
    table = bookings_table(MetaData())
    async with engine.begin() as connection:
        payload = await connection.scalar(select(table.c.payload).where(table.c.order_uuid == uuid))
        document = json.loads(payload or "")
        document["lines"][-1]["kind"] = "foreign_vat"
        await connection.execute(
            update(table).where(table.c.order_uuid == uuid).values(payload=json.dumps(document))
        )


async def test_whose_an_order_was_goes_and_cards_that_were_made(migrated: Migrated) -> None:
    engine = await asyncio.to_thread(migrated, "customer_resolver")
    tables = resolver_tables(MetaData())
    resolutions, forget = SqlResolutions(engine, tables), forget_resolutions(engine, tables)
    answer = Resolution(
        order=OrderReference(profile="shop", uuid="home"),
        order_number="1",
        revision=1,
        replay=0,
        administration_id="a",
        relation_id="r",
        customer_number=1,
        origin="matched",
        explanation="email",
        vat_number=None,
        country_code="NL",
    )
    abroad = replace(answer, order=OrderReference(profile="shop", uuid="abroad"), country_code="BE")
    for each in (answer, abroad):
        await resolutions.save(each, NOON)

    assert await forget(ends(STILL)) == 0
    assert await forget(ends(AT_HOME_MAY_GO)) == 1
    assert await resolutions.find(answer.order) is None
    assert await resolutions.find(abroad.order) == abroad
    assert await forget(ends(ALL_MAY_GO)) == 1
    assert await forget_claims(engine, tables)(ends(ALL_MAY_GO)) == 0


async def test_a_mirror_that_nobody_reads_is_forgotten_and_begun_anew(migrated: Migrated) -> None:
    engine = await asyncio.to_thread(migrated, "customer_resolver")
    tables, clock = resolver_tables(MetaData()), ManualClock(NOON)
    mirror = SqlCustomerMirror(engine, tables)
    forget = forget_unused_mirrors(engine, tables, clock=clock, kept=timedelta(days=30))
    used, unused = relation(relation_id="r1", number=1), relation(relation_id="r2", number=2)
    for administration, card, read_at in (
        ("used", used, NOON),
        ("unused", unused, NOON - timedelta(days=31)),
    ):
        full_read = await mirror.begin_full_read(administration)
        await mirror.save(administration, [card])
        await mirror.finish_full_read(administration, full_read, read_at, Statistics())

    assert await forget(ends(NOON)) == 1

    assert await mirror.candidates("unused", keys_of_relation(unused, "unused")) == Candidates()
    freshness = await mirror.freshness("unused")
    assert freshness.read_at is None
    assert freshness.full_read_at is None
    assert (await mirror.candidates("used", keys_of_relation(used, "used"))).relations == (used,)
    async with engine.connect() as connection:
        assert await connection.scalar(select(func.count()).select_from(tables.relations)) == 1
        keys_left = await connection.scalar(select(func.count()).select_from(tables.relation_keys))
        assert keys_left == len(set(keys_of_relation(used, "used")))
    # What a reader who comes back saves is not removed by a second round.
    await mirror.begin_full_read("unused")
    await mirror.save("unused", [unused])
    assert await forget(ends(NOON)) == 0
    assert (await mirror.candidates("unused", keys_of_relation(unused, "unused"))).relations == (unused,)


async def test_a_database_in_trouble_puts_one_thing_off_and_not_the_others() -> None:
    done: list[Ends] = []

    async def troubled(_ends: Ends) -> int:
        raise UpstreamUnavailable(Reason(code=ReasonCode.UPSTREAM_UNAVAILABLE))

    async def fine(ends: Ends) -> int:
        done.append(ends)
        return 1

    pruning = DailyPruning(
        {"one": troubled, "other": fine}, retention=RETENTION, clock=ManualClock(ALL_MAY_GO)
    )
    await pruning.round()

    assert done == [ends(ALL_MAY_GO)]
