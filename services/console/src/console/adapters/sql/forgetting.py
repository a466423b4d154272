"""Forgets the trail of orders that came to their end, when it was kept long enough."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, Table, and_, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from console.adapters.sql import orders as trails
from console.adapters.sql.letters import IDS_PER_STATEMENT_MAX
from console.adapters.sql.tables import dead_letters, letter_job_items, letter_jobs, order_events, orders
from console.adapters.sql.transactions import Transactions
from console.domain.letters import LetterState
from console.domain.standing import UNFINISHED
from sconnect.contracts import Message, SalesOrderCustomerResolved, SalesOrderReceived
from sconnect.service.retention import Ends

HOME = "NL"
ORDERS_AT_ONCE_MAX = 200
Place = tuple[str, str]


async def forget_trails(transactions: Transactions, ends: Ends) -> int:
    """Row, events and letters of an order, and its part in jobs over many letters; letters about no order.

    What waits for anybody is kept, however old it is.
    """
    count, after = 0, ("", "")
    while True:
        async with transactions.writing() as connection:
            page = await _page(connection, ends, after)
            gone = [
                row for row in page if row.updated_at < ends.oss or not await _went_abroad(connection, row)
            ]
            await _forget(connection, gone)
            count += len(gone)
        if not page:
            break
        after = (page[-1].profile, page[-1].order_uuid)
    async with transactions.writing() as connection:
        count += await _forget_letters_about_no_order(connection, ends)
        await _forget_jobs(connection, ends)
    return count


async def _page(connection: AsyncConnection, ends: Ends, after: Place) -> Sequence[Any]:
    place = (orders.c.profile > after[0]) | (
        (orders.c.profile == after[0]) & (orders.c.order_uuid > after[1])
    )
    statement = (
        select(orders.c.profile, orders.c.order_uuid, orders.c.updated_at)
        .where(
            place,
            orders.c.updated_at < ends.trail,
            orders.c.status.not_in([status.value for status in UNFINISHED]),
        )
        .order_by(orders.c.profile, orders.c.order_uuid)
        .limit(ORDERS_AT_ONCE_MAX)
    )
    rows: Sequence[Any] = (await connection.execute(statement)).all()
    return rows


async def _went_abroad(connection: AsyncConnection, row: Row[Any]) -> bool:
    """True as well for an order of which nobody told where it went."""
    told = await trails.trail(connection, row.profile, row.order_uuid)
    countries = [country for message in told for country in _countries(message)]
    return not countries or any(country != HOME for country in countries)


def _countries(message: Message) -> list[str]:
    if not isinstance(message, SalesOrderReceived | SalesOrderCustomerResolved):
        return []
    buyer = message.order.buyer
    places = (
        buyer.invoice.country_code,
        buyer.delivery.country_code if buyer.delivery is not None else None,
        message.order.shipping_country,
    )
    return [place.upper() for place in places if place]


async def _forget(connection: AsyncConnection, gone: Sequence[Row[Any]]) -> None:
    letter_ids: list[str] = []
    for row in gone:
        letters = select(dead_letters.c.id).where(_is_of(dead_letters, row))
        letter_ids.extend((await connection.scalars(letters)).all())
        for table in (order_events, orders):
            await connection.execute(delete(table).where(_is_of(table, row)))
    await _forget_letters(connection, letter_ids)


def _is_of(table: Table, order: Row[Any]) -> ColumnElement[bool]:
    return and_(table.c.profile == order.profile, table.c.order_uuid == order.order_uuid)


async def _forget_letters_about_no_order(connection: AsyncConnection, ends: Ends) -> int:
    """Those that were decided on as long ago, once no copy of them is left in a queue."""
    columns = dead_letters.c
    is_decided = columns.state.in_([LetterState.DISCARDED.value, LetterState.REPLAYED.value])
    is_over = is_decided & ~columns.copy_held & (columns.decided_at < ends.trail)
    letters = select(columns.id).where(columns.order_uuid.is_(None), is_over)
    letter_ids = (await connection.scalars(letters)).all()
    await _forget_letters(connection, letter_ids)
    return len(letter_ids)


async def _forget_letters(connection: AsyncConnection, letter_ids: Sequence[str]) -> None:
    """With their part in jobs: a job that is still to come to such a letter would not find it."""
    for start in range(0, len(letter_ids), IDS_PER_STATEMENT_MAX):
        part = letter_ids[start : start + IDS_PER_STATEMENT_MAX]
        await connection.execute(delete(letter_job_items).where(letter_job_items.c.letter_id.in_(part)))
        await connection.execute(delete(dead_letters).where(dead_letters.c.id.in_(part)))


async def _forget_jobs(connection: AsyncConnection, ends: Ends) -> None:
    """Jobs that were finished as long ago, once nothing is left of what they took."""
    items = select(letter_job_items.c.job_id).where(letter_job_items.c.job_id == letter_jobs.c.id)
    is_over = (letter_jobs.c.finished_at < ends.trail) & ~items.exists()
    await connection.execute(delete(letter_jobs).where(is_over))
