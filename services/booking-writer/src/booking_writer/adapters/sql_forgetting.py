"""Forgets bookings that were kept long enough; SnelStart keeps its own, and still refuses their numbers."""

import json

from sqlalchemy import MetaData, delete, select
from sqlalchemy.ext.asyncio import AsyncEngine

from booking_writer.adapters.tables import bookings_table
from booking_writer.ports import BookingState
from sconnect.ledgers import LineKind
from sconnect.persistence import translate_database_errors
from sconnect.service.retention import Ends, Forget

ROWS_AT_ONCE_MAX = 500


def forget_bookings(engine: AsyncEngine) -> Forget:
    """A booking under the one-stop shop is known by its line of foreign VAT."""
    table = bookings_table(MetaData())

    @translate_database_errors()
    async def forget(ends: Ends) -> int:
        count, after = 0, ("", "")
        while True:
            place = (table.c.profile > after[0]) | (
                (table.c.profile == after[0]) & (table.c.order_uuid > after[1])
            )
            statement = (
                select(table.c.profile, table.c.order_uuid, table.c.payload, table.c.booked_at)
                .where(place, table.c.state == BookingState.BOOKED, table.c.booked_at < ends.trail)
                .order_by(table.c.profile, table.c.order_uuid)
                .limit(ROWS_AT_ONCE_MAX)
            )
            async with engine.begin() as connection:
                rows = (await connection.execute(statement)).all()
                for row in rows:
                    if row.booked_at < ends.oss or not _is_oss(row.payload):
                        is_it = (table.c.profile == row.profile) & (table.c.order_uuid == row.order_uuid)
                        count += (await connection.execute(delete(table).where(is_it))).rowcount
            if not rows:
                return count
            after = (rows[-1].profile, rows[-1].order_uuid)

    return forget


def _is_oss(payload: str) -> bool:
    return any(line["kind"] == LineKind.FOREIGN_VAT for line in json.loads(payload)["lines"])
