"""The list of orders on SQLite and PostgreSQL: found, sorted, paged, counted by day."""

import asyncio
from datetime import date, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from console.adapters.sql import SqlReadModel, Transactions
from console.domain.search import DayFigures, OrderFilter, OrderPlace
from console.domain.standing import OrderStatus
from fakes_console import NOON, PROFILE, OrderStory
from sconnect.contracts import BuyerAddress, SalesOrderReceived
from sconnect.persistence.migrations import migrate

TODAY = date(2026, 3, 2)


def received(
    story: OrderStory, *, day: date = TODAY, name: str | None = None, company: str | None = None
) -> SalesOrderReceived:
    told = story.received()
    invoice = BuyerAddress(name=name, company=company)
    buyer = told.order.buyer.model_copy(update={"invoice": invoice})
    order = told.order.model_copy(update={"placed_on": day, "buyer": buyer})
    return told.model_copy(update={"order": order})


async def numbers(
    read_model: SqlReadModel, wanted: OrderFilter, *, at_most: int = 100, after: OrderPlace | None = None
) -> list[str]:
    found = await read_model.search(wanted, after=after, at_most=at_most)
    return [row.standing.order_number for _, row in found]


async def test_the_newest_come_first_and_numbers_sort_as_numbers(read_model: SqlReadModel) -> None:
    for number, days in (("999", 0), ("1000", 0), ("1001", 2), ("T-7", 2), ("1002", 1)):
        story = OrderStory(number=number)
        await read_model.record(received(story, day=TODAY - timedelta(days=days)))

    assert await numbers(read_model, OrderFilter()) == ["1000", "999", "1002", "T-7", "1001"]


async def test_unfinished_orders_are_counted_from_the_first_that_was_told(read_model: SqlReadModel) -> None:
    for number, at in (("1", 5), ("2", 3), ("3", 1), ("4", 1)):
        story = OrderStory(number=number)
        await read_model.record(story.received(at=at))
        await read_model.record(story.dead_lettered(at=at + 60))
    await read_model.record(OrderStory(number="5").received(at=9))
    await read_model.record(OrderStory(number="3").booked(at=100))

    unfinished = {group.status: group for group in await read_model.unfinished()}

    assert {status: group.count for status, group in unfinished.items()} == {
        "dead_lettered": 3,
        "in_progress": 1,
    }
    assert unfinished["dead_lettered"].reason_code is not None
    assert unfinished["dead_lettered"].oldest_since == NOON + timedelta(seconds=1)
    assert unfinished["in_progress"].oldest_since == NOON + timedelta(seconds=9)


async def test_each_filter_narrows_and_they_work_together(read_model: SqlReadModel) -> None:
    booked, letter, other = (OrderStory(number=number) for number in ("1001", "1002", "2001"))
    elsewhere = OrderStory(number="1003", profile="andere")
    for told in (
        received(booked, name="Zoë van den Voorbeelde", day=TODAY - timedelta(days=1)),
        booked.booked(),
        received(letter, name="Jan Proef", company="Proef & Zoon B.V."),
        letter.dead_lettered(),
        received(other, name="100% Katoen_"),
        received(elsewhere, name="Zoëlla"),
    ):
        await read_model.record(told)

    async def found(**wanted: object) -> set[str]:
        return set(await numbers(read_model, OrderFilter(**wanted)))  # type: ignore[arg-type]

    assert await found(text="zoe") == {"1001", "1003"}
    assert await found(text="ZOË VAN") == {"1001"}
    assert await found(text="voorb") == {"1001"}
    assert await found(text="oorb") == set()
    assert await found(text="proef & zoon") == {"1002"}
    assert await found(text="100") == {"1001", "1002", "1003", "2001"}
    assert await found(text="100%") == {"2001"}
    assert await found(text="1__1") == set()
    assert await found(profile="andere") == {"1003"}
    assert await found(status=OrderStatus.BOOKED) == {"1001"}
    assert await found(reason_code="AMBIGUOUS_CUSTOMER") == {"1002"}
    assert await found(last_day=TODAY - timedelta(days=1)) == {"1001"}
    assert await found(first_day=TODAY, text="100", profile=PROFILE) == {"1002", "2001"}
    assert await read_model.reason_codes() == ["AMBIGUOUS_CUSTOMER"]


async def test_page_after_page_shows_every_order_once_while_others_come_in(
    read_model: SqlReadModel,
) -> None:
    for number in range(1001, 1021):
        for profile in ("andere", PROFILE):
            story = OrderStory(number=str(number), profile=profile)
            await read_model.record(received(story, day=TODAY - timedelta(days=number % 3)))

    seen: list[str] = []
    after: OrderPlace | None = None
    while page := await read_model.search(OrderFilter(), after=after, at_most=7):
        seen += [f"{row.profile} {row.standing.order_number}" for _, row in page]
        after = page[-1][0]
        late = OrderStory(number=str(2000 + len(seen)))
        await read_model.record(received(late, day=TODAY + timedelta(days=1)))

    assert len(seen) == len(set(seen)) == 40


async def test_days_count_orders_and_booked_cents_exactly(read_model: SqlReadModel) -> None:
    amounts = ("0.10", "0.20", "-5.07", "1234567.89")
    for number, amount in enumerate(amounts, start=1001):
        story = OrderStory(number=str(number))
        await read_model.record(received(story))
        await read_model.record(story.booked().model_copy(update={"total": amount}))
    await read_model.record(received(OrderStory(number="2001"), day=TODAY - timedelta(days=3)))

    assert await read_model.days(TODAY - timedelta(days=10), TODAY) == [
        DayFigures(day=TODAY - timedelta(days=3), orders=1, booked=0, booked_cents=0),
        DayFigures(day=TODAY, orders=4, booked=4, booked_cents=10 + 20 - 507 + 123_456_789),
    ]


async def test_an_order_that_was_never_read_stands_on_the_day_it_was_heard_of(
    read_model: SqlReadModel,
) -> None:
    await read_model.record(OrderStory().waiting(stage="poller", code="STATUS_NOT_YET"))

    ((place, row),) = await read_model.search(OrderFilter(), after=None, at_most=10)

    assert place.ordered_on == NOON.date().isoformat()
    assert row.standing.buyer_name is None


async def test_orders_of_the_first_release_are_filled_in(
    database_url: str, database_engine: AsyncEngine
) -> None:
    """As the migration would find them: rows without what the list needs, and their events."""
    await asyncio.to_thread(migrate, database_url, "console", "0006")
    read_model = SqlReadModel(Transactions(database_engine))
    story, unread = OrderStory(number="1001"), OrderStory(number="1002")
    for told in (received(story, name="Zoë Proef"), story.booked(), unread.waiting(attempt=3)):
        await read_model.record(told)
    expected = await read_model.search(OrderFilter(), after=None, at_most=10)
    async with database_engine.begin() as connection:
        for index in ("newest", "newest_of_status", "newest_of_reason", "newest_of_profile", "by_day"):
            await connection.execute(text(f"DROP INDEX orders_{index}"))
        for column in ("ordered_on", "sort_number", "buyer_name", "search_text", "total_cents"):
            await connection.execute(text(f"ALTER TABLE orders DROP COLUMN {column}"))
        await connection.execute(text("UPDATE alembic_version_console SET version_num = '0005'"))

    await asyncio.to_thread(migrate, database_url, "console")

    assert await read_model.search(OrderFilter(), after=None, at_most=10) == expected
    assert await numbers(read_model, OrderFilter(text="zoe")) == ["1001"]
    figures = await read_model.days(TODAY, TODAY)
    assert [day.booked_cents for day in figures] == [6800]
