"""One transaction per thing that is told or decided, so that rows and trail never disagree."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from console.adapters.sql import erasures, forgetting, ledgers, letters, links, order_list, orders, runs
from console.adapters.sql.transactions import Transactions
from console.domain.letter_list import LetterPlace
from console.domain.letters import DeadLetter, LetterMark
from console.domain.links import LinkPlace, RememberedLink
from console.domain.privacy import Erasure, KeptOrders
from console.domain.runs import ImportRun, RunSummary
from console.domain.search import DayFigures, OrderFilter, OrderPlace
from console.domain.standing import Discard, OrderRow, OrderStatus, Standing
from console.handlers.letters import letter_of
from console.handlers.news import news_of
from console.ports import LedgerTrouble, Outgoing, Pause, PendingReplay
from sconnect.contracts import (
    DeadLetterDiscarded,
    ImportRunFinished,
    Message,
    OrderDeadLettered,
    OrderKey,
    OrderReplayRequested,
    ProfileLedgersChecked,
)
from sconnect.contracts.build import order_key_of
from sconnect.metrics import UnfinishedOrders
from sconnect.persistence import translate_database_errors
from sconnect.service.retention import Ends


class SqlReadModel:
    """EventRecord, OrderBook, LetterBox, LetterIndex, LinkBook and RunLog of console.ports."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    @translate_database_errors()
    async def record(self, message: Message) -> None:
        async with self._transaction() as connection:
            await record_in(connection, message)

    @translate_database_errors()
    async def order_uuids(self, profile: str) -> list[str]:
        async with self._transactions.reading() as connection:
            return await orders.uuids_of_profile(connection, profile)

    @translate_database_errors()
    async def orders(self, profile: str, uuids: Sequence[str]) -> list[OrderRow]:
        async with self._transactions.reading() as connection:
            return await orders.by_uuids(connection, profile, uuids)

    @translate_database_errors()
    async def order(self, profile: str, number: str) -> OrderRow | None:
        async with self._transactions.reading() as connection:
            return await orders.by_number(connection, profile, number)

    @translate_database_errors()
    async def trail(self, profile: str, uuid: str) -> list[Message]:
        async with self._transactions.reading() as connection:
            return await orders.trail(connection, profile, uuid)

    @translate_database_errors()
    async def status_counts(self) -> Mapping[str, Mapping[OrderStatus, int]]:
        async with self._transactions.reading() as connection:
            return await orders.status_counts(connection)

    @translate_database_errors()
    async def unfinished(self) -> list[UnfinishedOrders]:
        async with self._transactions.reading() as connection:
            return await orders.unfinished(connection)

    @translate_database_errors()
    async def search(
        self, wanted: OrderFilter, *, after: OrderPlace | None, at_most: int
    ) -> list[tuple[OrderPlace, OrderRow]]:
        async with self._transactions.reading() as connection:
            return await order_list.search(connection, wanted, after=after, at_most=at_most)

    @translate_database_errors()
    async def days(self, first: date, last: date) -> list[DayFigures]:
        async with self._transactions.reading() as connection:
            return await order_list.days(connection, first, last)

    @translate_database_errors()
    async def reason_codes(self) -> list[str]:
        async with self._transactions.reading() as connection:
            return await order_list.reason_codes(connection)

    @translate_database_errors()
    async def letters(
        self, profile: str | None, *, after: LetterPlace | None = None, at_most: int | None = None
    ) -> list[DeadLetter]:
        async with self._transactions.reading() as connection:
            return await letters.open_ones(connection, profile, after, at_most)

    @translate_database_errors()
    async def letter(self, letter_id: str) -> DeadLetter | None:
        async with self._transactions.reading() as connection:
            return await letters.find(connection, letter_id)

    @translate_database_errors()
    async def begin_replay(
        self, letter_id: str, request: OrderReplayRequested | None, outgoing: Outgoing | None, at: datetime
    ) -> bool:
        async with self._transaction() as connection:
            if request is not None:
                # The order before its letters, as everywhere: two transactions never wait for each other.
                await orders.record(connection, request, request.order)
            begun = await letters.begin_replay(connection, letter_id, outgoing, at)
            if not begun:
                await connection.rollback()
            return begun

    @translate_database_errors()
    async def pending_replays(self) -> list[PendingReplay]:
        async with self._transaction() as connection:
            return await letters.pending_replays(connection)

    @translate_database_errors()
    async def finish_replay(self, letter_id: str) -> None:
        async with self._transaction() as connection:
            await letters.finish_replay(connection, letter_id)

    @translate_database_errors()
    async def expected(self, queue: str) -> Mapping[str, LetterMark]:
        async with self._transactions.reading() as connection:
            return await letters.expected(connection, queue)

    @translate_database_errors()
    async def mark(self, letter_id: str) -> LetterMark | None:
        async with self._transactions.reading() as connection:
            return await letters.mark(connection, letter_id)

    @translate_database_errors()
    async def add(self, letter: DeadLetter) -> None:
        async with self._transaction() as connection:
            await letters.add(connection, letter)

    @translate_database_errors()
    async def reopen(self, letter_id: str) -> None:
        async with self._transaction() as connection:
            await letters.reopen(connection, letter_id)

    @translate_database_errors()
    async def note_copies(self, *, held: Collection[str], gone: Collection[str]) -> None:
        async with self._transaction() as connection:
            await letters.note_copies(connection, held, held=True)
            await letters.note_copies(connection, gone, held=False)

    @translate_database_errors()
    async def forget_discarded(self, decided_before: datetime) -> None:
        async with self._transaction() as connection:
            await letters.forget_discarded(connection, decided_before)

    @translate_database_errors()
    async def links_part(
        self, profile: str, *, after: LinkPlace | None, at_most: int
    ) -> list[RememberedLink]:
        async with self._transactions.reading() as connection:
            return await links.part(connection, profile, after=after, at_most=at_most)

    @translate_database_errors()
    async def link(self, link_id: str) -> RememberedLink | None:
        async with self._transaction() as connection:
            return await links.find(connection, link_id)

    @translate_database_errors()
    async def request(self, run: ImportRun) -> None:
        async with self._transaction() as connection:
            await runs.request(connection, run)

    @translate_database_errors()
    async def run(self, run_id: str) -> ImportRun | None:
        async with self._transactions.reading() as connection:
            return await runs.find(connection, run_id)

    @translate_database_errors()
    async def summary(self, run_id: str, *, shown_max: int) -> RunSummary | None:
        async with self._transactions.reading() as connection:
            return await runs.summary(connection, run_id, shown_max)

    @translate_database_errors()
    async def last_runs(self) -> Mapping[str, ImportRun]:
        async with self._transactions.reading() as connection:
            return await runs.last_finished(connection)

    @translate_database_errors()
    async def pauses(self) -> list[Pause]:
        async with self._transactions.reading() as connection:
            return await runs.pauses(connection)

    @translate_database_errors()
    async def ledger_troubles(self) -> Mapping[str, LedgerTrouble]:
        async with self._transaction() as connection:
            return await ledgers.troubles(connection)

    @translate_database_errors()
    async def forget_runs(self, finished_before: datetime) -> None:
        async with self._transaction() as connection:
            await runs.forget(connection, finished_before)

    @translate_database_errors()
    async def forget(self, ends: Ends) -> int:
        """The trails that were kept long enough."""
        return await forgetting.forget_trails(self._transactions, ends)

    @translate_database_errors()
    async def kept_orders(self, email: str) -> KeptOrders:
        async with self._transactions.reading() as connection:
            return await erasures.kept_orders(connection, email)

    @translate_database_errors()
    async def request_erasure(self, erasure: Erasure) -> None:
        async with self._transaction() as connection:
            await erasures.request(connection, erasure)

    @translate_database_errors()
    async def erasure(self, erasure_id: str) -> Erasure | None:
        async with self._transactions.reading() as connection:
            return await erasures.find(connection, erasure_id)

    def _transaction(self) -> AbstractAsyncContextManager[AsyncConnection]:
        return self._transactions.writing()


async def record_in(connection: AsyncConnection, message: Message) -> None:
    """Take a message into the read model, in the caller's transaction."""
    await runs.note_state(connection, message)
    await links.note(connection, message)
    await erasures.note(connection, message)
    if isinstance(message, ImportRunFinished):
        await runs.finish(connection, message)
    if isinstance(message, ProfileLedgersChecked):
        await ledgers.note(connection, message)
    order = order_key_of(message)
    standing = None
    if order is not None and news_of(message) is not None:
        standing = await orders.record(connection, message, order)
    if isinstance(message, OrderDeadLettered):
        await letters.add(connection, letter_of(message))
    if isinstance(message, DeadLetterDiscarded):
        discard = Discard(by=message.discarded_by, why=message.why)
        await letters.discard(connection, message.dead_letter_id, discard, message.occurred_at)
    if order is not None and standing is not None:
        await _bring_letters_up_to_date(connection, message, order, standing)


async def _bring_letters_up_to_date(
    connection: AsyncConnection, message: Message, order: OrderKey, standing: Standing
) -> None:
    await letters.overtake(connection, message.profile, order.uuid, standing)
    if isinstance(message, OrderDeadLettered) and standing.discard is not None:
        # The discard was heard of before the letter that it is about.
        await letters.discard(connection, message.dead_letter_id, standing.discard, standing.updated_at)
