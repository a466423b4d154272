"""The dead letters as the pages list them, on SQLite and PostgreSQL."""

import asyncio

import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncEngine

from console.adapters.sql import SqlLetterJobs, SqlLetterList, SqlReadModel, Transactions
from console.domain.letter_jobs import JobKind, JobOrder, LetterJob, Selection
from console.domain.letter_list import LedgerWait, LetterCount, LetterFilter, LetterPlace
from fakes_console import NOON, OrderStory
from sconnect.contracts import OrderDeadLettered, WireReason
from sconnect.persistence.migrations import migrate

WRITER = "booking-writer"


class Shelf:
    """The parts of one database."""

    def __init__(self, engine: AsyncEngine) -> None:
        transactions = Transactions(engine)
        self.read_model = SqlReadModel(transactions)
        self.listed = SqlLetterList(transactions)
        self.jobs = SqlLetterJobs(transactions)

    async def tell(self, number: int, code: str, *, profile: str = "a", field: str | None = None) -> None:
        story = OrderStory(number=str(number), profile=profile)
        await self.read_model.record(story.received(at=number))
        await self.read_model.record(letter(story, code, at=number + 1, field=field))


def letter(story: OrderStory, code: str, *, at: int, field: str | None = None) -> OrderDeadLettered:
    told = story.dead_lettered(at=at, stage=WRITER, code=code)
    details = {} if field is None else {"field": f"bookings.ledgers.{field}"}
    return told.model_copy(update={"reason": WireReason(code=code, details=details)})


@pytest_asyncio.fixture
async def shelf(database_url: str, database_engine: AsyncEngine) -> Shelf:
    await asyncio.to_thread(migrate, database_url, "console")
    return Shelf(database_engine)


async def test_what_waits_is_counted_by_profile_and_reason(shelf: Shelf) -> None:
    await shelf.tell(1, "TOTAL_MISMATCH")
    await shelf.tell(2, "TOTAL_MISMATCH", profile="b")
    await shelf.tell(3, "TOTAL_MISMATCH", profile="b")
    await shelf.tell(4, "PERIOD_BLOCKED")
    await shelf.read_model.record(OrderStory(number="4", profile="a").booked(at=90))

    counts = await shelf.listed.counts()

    assert sorted(counts, key=lambda each: each.profile) == [
        LetterCount(profile="a", reason_code="TOTAL_MISMATCH", message_kept=True, letters=1),
        LetterCount(profile="b", reason_code="TOTAL_MISMATCH", message_kept=True, letters=2),
    ]


async def test_the_parts_together_are_every_letter_once_the_oldest_first(shelf: Shelf) -> None:
    for number in range(1, 8):
        await shelf.tell(number, "TOTAL_MISMATCH", profile="ab"[number % 2])
    await shelf.tell(9, "PERIOD_BLOCKED")

    async def numbers(wanted: LetterFilter) -> list[str | None]:
        seen: list[str | None] = []
        after: LetterPlace | None = None
        while part := await shelf.listed.waiting(wanted, after=after, at_most=2):
            seen += [each.order_number for each in part]
            assert all(each.message for each in part)
            after = LetterPlace(at=part[-1].since, letter_id=part[-1].id)
        return seen

    assert await numbers(LetterFilter(reason_code="TOTAL_MISMATCH")) == ["1", "2", "3", "4", "5", "6", "7"]
    assert await numbers(LetterFilter(reason_code="TOTAL_MISMATCH", profile="a")) == ["2", "4", "6"]
    assert await numbers(LetterFilter()) == ["1", "2", "3", "4", "5", "6", "7", "9"]


async def test_what_waits_for_a_ledger_is_told_by_its_place_and_taken_by_a_job(shelf: Shelf) -> None:
    await shelf.tell(1, "LEDGER_UNMAPPED", field="revenue.nl_low")
    await shelf.tell(2, "LEDGER_UNMAPPED", field="revenue.nl_low")
    await shelf.tell(3, "LEDGER_UNMAPPED", field="shipping.nl_low")
    await shelf.tell(4, "LEDGER_UNMAPPED", profile="b", field="revenue.nl_low")
    await shelf.tell(5, "LEDGER_UNFIT", field="nonsense")

    assert await shelf.listed.ledger_waits() == [
        LedgerWait(profile="a", field="revenue.nl_low", reason_code="LEDGER_UNMAPPED", letters=2),
        LedgerWait(profile="a", field="shipping.nl_low", reason_code="LEDGER_UNMAPPED", letters=1),
        LedgerWait(profile="b", field="revenue.nl_low", reason_code="LEDGER_UNMAPPED", letters=1),
    ]
    order = JobOrder(
        kind=JobKind.REPLAY, selection=Selection(profile="a", ledger_field="revenue.nl_low"), by="jan"
    )
    await shelf.jobs.add(LetterJob(id="job", order=order, requested_at=NOON))
    results = await shelf.jobs.results("job", after=0, at_most=10)
    assert [(each.position, each.order_number) for each in results] == [(1, "1"), (2, "2")]
    assert all(each.row is not None for each in results)
    assert await shelf.jobs.results("job", after=2, at_most=10) == []
    found = await shelf.jobs.job("job")
    assert found is not None
    assert found.order == order


async def test_what_was_put_away_and_lately_decided_is_told_the_latest_first(shelf: Shelf) -> None:
    for number in (1, 2, 3):
        await shelf.tell(number, "TOTAL_MISMATCH")
    for number in (1, 2):
        story = OrderStory(number=str(number), profile="a")
        await shelf.read_model.record(story.discarded(at=100 + number, stage=WRITER))

    away = await shelf.listed.put_away(after=None, at_most=1)
    assert [each.order_number for each in away] == ["2"]
    assert away[0].decided_at is not None
    rest = await shelf.listed.put_away(
        after=LetterPlace(at=away[0].decided_at, letter_id=away[0].id), at_most=5
    )
    assert [each.order_number for each in rest] == ["1"]
    assert rest[0].message is None
    assert [each.order_number for each in await shelf.listed.decided_since(NOON, at_most=5)] == ["2", "1"]
    assert await shelf.listed.decided_since(away[0].decided_at, at_most=5) == []
