"""Forgets what the shop told of orders that were kept long enough; that they were handed over stays known."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from poller.adapters.tables import seen_orders
from poller.domain.orders import OrderState
from sconnect.persistence import reading, translate_database_errors
from sconnect.service.retention import Ends, Forget

HOME = "NL"
ROWS_AT_ONCE_MAX = 500
FORGOTTEN = ""


def forget_documents(engine: AsyncEngine) -> Forget:
    """The order as the shop had it; an order that waits is kept, and so is one that is not told of yet."""

    @translate_database_errors()
    async def forget(ends: Ends) -> int:
        count, after = 0, ("", "")
        while rows := await _page(engine, ends, after):
            after = (rows[-1].profile, rows[-1].order_key)
            gone = [row for row in rows if row.stored_at < ends.oss or not _went_abroad(row.document)]
            async with engine.begin() as connection:
                for row in gone:
                    is_it = (seen_orders.c.profile == row.profile) & (
                        seen_orders.c.order_key == row.order_key
                    )
                    as_found = is_it & (seen_orders.c.version == row.version)
                    await connection.execute(update(seen_orders).where(as_found).values(document=FORGOTTEN))
            count += len(gone)
        return count

    return forget


async def _page(engine: AsyncEngine, ends: Ends, after: tuple[str, str]) -> Sequence[Any]:
    table = seen_orders
    place = (table.c.profile > after[0]) | ((table.c.profile == after[0]) & (table.c.order_key > after[1]))
    statement = (
        select(table.c.profile, table.c.order_key, table.c.version, table.c.stored_at, table.c.document)
        .where(
            place,
            table.c.stored_at < ends.trail,
            table.c.state != OrderState.WAITING.value,
            table.c.outgoing_id.is_(None),
            table.c.document != FORGOTTEN,
        )
        .order_by(table.c.profile, table.c.order_key)
        .limit(ROWS_AT_ONCE_MAX)
    )
    async with reading(engine) as connection:
        rows: Sequence[Any] = (await connection.execute(statement)).all()
    return rows


def _went_abroad(document: str) -> bool:
    """True as well when that cannot be read: it may have been an order under the one-stop shop."""
    try:
        address = json.loads(document)["debtor"]["address"]
        places = [place for place in (address.get("delivery"), address.get("invoice")) if place]
        return any(str(place["country_code"]).upper() != HOME for place in places)
    except (AttributeError, KeyError, TypeError, ValueError):
        return True
