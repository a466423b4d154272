"""Forgets the trail of orders that came to their end, when it was kept long enough."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from console.adapters.sql import orders as trails
from console.adapters.sql.tables import dead_letters, letter_job_items, letter_jobs, order_events, orders
from console.adapters.sql.transactions import Transactions
from console.domain.standing import UNFINISHED
from sconnect.contracts import Message, SalesOrderCustomerResolved, SalesOrderReceived
from sconnect.service.retention import Ends

HOME = "NL"
ORDERS_AT_ONCE_MAX = 200
Place = tuple[str, str]


async def forget_trails(transactions: Transactions, ends: Ends) -> int:
    """Row, events and letters of an order, and its part in jobs over many letters.

    An order that waits for anybody is kept, however old it is.
    """
    count, after = 0, ("", "")
    while True:
        async with transactions.writing() as connection:
            page = await _page(connection, ends, after)
            for row in page:
                if row.updated_at < ends.oss or not await _went_abroad(connection, row):
                    await _forget(connection, row)
                    count += 1
        if not page:
            break
        after = (page[-1].profile, page[-1].order_uuid)
    async with transactions.writing() as connection:
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


async def _forget(connection: AsyncConnection, row: Row[Any]) -> None:
    of_order = (dead_letters.c.profile == row.profile) & (dead_letters.c.order_uuid == row.order_uuid)
    letter_ids = (await connection.scalars(select(dead_letters.c.id).where(of_order))).all()
    if letter_ids:
        # Or a job that is still to come to such a letter would not find it.
        of_letters = letter_job_items.c.letter_id.in_(letter_ids)
        await connection.execute(delete(letter_job_items).where(of_letters))
    for table in (order_events, dead_letters, orders):
        is_of_order = (table.c.profile == row.profile) & (table.c.order_uuid == row.order_uuid)
        await connection.execute(delete(table).where(is_of_order))


async def _forget_jobs(connection: AsyncConnection, ends: Ends) -> None:
    """Jobs that were finished as long ago, once nothing is left of what they took."""
    items = select(letter_job_items.c.job_id).where(letter_job_items.c.job_id == letter_jobs.c.id)
    is_over = (letter_jobs.c.finished_at < ends.trail) & ~items.exists()
    await connection.execute(delete(letter_jobs).where(is_over))
