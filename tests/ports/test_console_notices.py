"""What there is to tell and what was told, on SQLite and PostgreSQL."""

import asyncio
from datetime import timedelta

import pytest_asyncio
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from console.adapters.sql import SqlNotices, SqlReadModel, Transactions
from console.adapters.sql.tables import notices_told
from console.domain.notices import ChannelMemory, SubjectKind, Untold
from console.notice_ports import NotDelivered
from console.ports import Outgoing
from fakes_console import NOON, PROFILE, OrderStory, paused, resumed
from sconnect.contracts import ProfileLedgersChecked, WireLedgerFinding
from sconnect.contracts.build import new_message
from sconnect.persistence.migrations import migrate

STORY = OrderStory()


class Desk:
    """The read model and the notices, on one database."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        transactions = Transactions(engine)
        self.read_model = SqlReadModel(transactions)
        self.notices = SqlNotices(transactions)

    async def keys(self, channel: str = "mail") -> list[str]:
        return [subject.key for subject in await self.notices.news(channel)]

    async def tell_all(self, channel: str = "mail") -> None:
        await self.notices.note_sent(channel, await self.keys(channel), NOON, None)


@pytest_asyncio.fixture
async def desk(database_url: str, database_engine: AsyncEngine) -> Desk:
    await asyncio.to_thread(migrate, database_url, "console")
    return Desk(database_engine)


def ledgers_checked(*codes: str, at: int) -> ProfileLedgersChecked:
    findings = tuple(
        WireLedgerFinding(code=code, details={"field": "nl_high", "ledger": "8100"}) for code in codes
    )
    return new_message(
        ProfileLedgersChecked,
        profile=PROFILE,
        occurred_at=NOON + timedelta(seconds=at),
        correlation_id="ledgers",
        id_parts=(at,),
        stage="booking-writer",
        version=1,
        new=findings,
        findings=findings,
    )


async def test_a_dead_letter_is_news_until_it_was_told_over_that_channel(desk: Desk) -> None:
    await desk.read_model.record(STORY.dead_lettered(at=5))

    assert await desk.notices.untold("mail") == Untold(count=1, oldest=NOON + timedelta(seconds=5))
    (subject,) = await desk.notices.news("mail")
    assert (subject.kind, subject.profile, subject.order_number) == (SubjectKind.LETTER, PROFILE, "1001")
    assert subject.reason is not None
    assert subject.reason.code == "AMBIGUOUS_CUSTOMER"

    await desk.tell_all()

    assert await desk.notices.untold("mail") == Untold(count=0, oldest=None)
    assert await desk.keys() == []
    assert len(await desk.keys("webhook")) == 1
    assert await desk.notices.letters_open() == 1


async def test_what_is_solved_is_no_news_and_what_comes_back_is(desk: Desk) -> None:
    await desk.read_model.record(STORY.dead_lettered())
    await desk.tell_all()
    letter_id = STORY.dead_letter_id()
    outgoing = Outgoing(queue="customer-resolver.sales-order-received", message_id="again", body=b"{}")
    await desk.read_model.begin_replay(letter_id, None, outgoing, NOON)
    await desk.read_model.finish_replay(letter_id)
    await desk.notices.forget_what_is_over()
    assert await desk.keys() == []

    await desk.read_model.reopen(letter_id)
    assert len(await desk.keys()) == 1


async def test_what_stands_is_not_forgotten(desk: Desk) -> None:
    for message in (STORY.dead_lettered(), paused("poller", at=1), ledgers_checked("ledger_inactive", at=1)):
        await desk.read_model.record(message)
    assert len(await desk.keys()) == 3
    await desk.tell_all()

    await desk.notices.forget_what_is_over()

    assert await desk.keys() == []


async def test_a_profile_that_stops_again_is_news_again(desk: Desk) -> None:
    await desk.read_model.record(paused("booking-writer", at=1))
    (subject,) = await desk.notices.news("mail")
    assert (subject.kind, subject.stage) == (SubjectKind.PAUSE, "booking-writer")
    await desk.tell_all()
    assert await desk.keys() == []

    await desk.read_model.record(resumed("booking-writer", at=2))
    await desk.notices.forget_what_is_over()
    assert await desk.keys() == []
    await desk.read_model.record(paused("booking-writer", at=3))
    assert len(await desk.keys()) == 1


async def test_the_same_ledgers_are_told_once_and_others_again(desk: Desk) -> None:
    await desk.read_model.record(ledgers_checked("ledger_inactive", at=1))
    (subject,) = await desk.notices.news("mail")
    assert subject.kind is SubjectKind.LEDGERS
    assert [finding.text_key for finding in subject.findings] == ["ledgers.ledger_inactive"]
    await desk.tell_all()

    await desk.read_model.record(ledgers_checked("ledger_inactive", at=600))
    assert await desk.keys() == []
    await desk.read_model.record(ledgers_checked("ledger_unknown", at=1200))
    assert len(await desk.keys()) == 1
    await desk.read_model.record(ledgers_checked(at=1800))
    assert await desk.keys() == []


async def test_thousands_are_told_and_forgotten(desk: Desk) -> None:
    await desk.read_model.record(STORY.dead_lettered())
    (standing,) = await desk.keys()
    solved = [f"letter:{number}" for number in range(1200)]

    await desk.notices.note_sent("mail", [*solved, standing], NOON, None)
    await desk.notices.forget_what_is_over()

    assert (await desk.notices.memory("mail")).last_count == 1201
    async with desk.engine.connect() as connection:
        told = await connection.scalars(select(notices_told.c.subject))
    assert list(told) == [standing]


async def test_a_channel_is_remembered_with_its_trouble_until_it_works(desk: Desk) -> None:
    notices = desk.notices
    assert await notices.memory("mail") == ChannelMemory()
    later = NOON + timedelta(minutes=2)
    await notices.begin_attempt("mail", 2, later)
    await notices.note_failure("mail", NOON, NotDelivered("mail.timeout", {"host": "mail.example.nl"}), later)
    assert await notices.memory("mail") == ChannelMemory(
        attempts=2,
        next_attempt_at=later,
        trouble_at=NOON,
        trouble_key="mail.timeout",
        trouble_details={"host": "mail.example.nl"},
    )
    assert await notices.memory("webhook") == ChannelMemory()

    await notices.note_sent("mail", [], later, None)
    assert await notices.memory("mail") == ChannelMemory(last_sent_at=later)
