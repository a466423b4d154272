"""The writer's memory in its database."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, MetaData, Row, bindparam, delete, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from booking_writer.adapters.tables import bookings_table
from booking_writer.domain.booking import ComposedBooking
from booking_writer.ports import BookingRow, BookingState, InvoiceNumberUsed
from sconnect.errors import ConcurrentChange, Reason, ReasonCode
from sconnect.persistence import execute_alone, insert_if_absent, reading, translate_database_errors


class SqlBookingRows:
    """BookingRows; every call is one short transaction."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._table = bookings_table(MetaData())
        # Made once: every booking needs these two.
        self._insert = insert_if_absent(self._table)
        self._record = update(self._table).where(
            self._table.c.profile == bindparam("of_profile"),
            self._table.c.order_uuid == bindparam("of_order"),
        )

    @translate_database_errors()
    async def get(self, profile: str, order_uuid: str) -> BookingRow | None:
        statement = select(self._table).where(self._of(profile, order_uuid))
        async with reading(self._engine) as connection:
            row = (await connection.execute(statement)).one_or_none()
        return None if row is None else _read(row)

    @translate_database_errors()
    async def with_invoice_number(self, administration_id: str, invoice_number: str) -> BookingRow | None:
        statement = select(self._table).where(
            self._table.c.administration_id == administration_id,
            self._table.c.invoice_number == invoice_number,
        )
        async with reading(self._engine) as connection:
            row = (await connection.execute(statement)).one_or_none()
        return None if row is None else _read(row)

    @translate_database_errors()
    async def begin_posting(self, row: BookingRow) -> None:
        if await execute_alone(self._engine, self._insert, _values(row)) == 1:
            return
        same_number = select(self._table.c.order_number, self._table.c.profile).where(
            self._table.c.administration_id == row.administration_id,
            self._table.c.invoice_number == row.booking.invoice_number,
            ~self._of(row.profile, row.order_uuid),
        )
        async with reading(self._engine) as connection:
            other = (await connection.execute(same_number)).one_or_none()
        if other is not None:
            raise InvoiceNumberUsed(other.order_number, other.profile)
        reason = Reason(code=ReasonCode.UPSTREAM_UNAVAILABLE, variant="held_by_another_worker")
        raise ConcurrentChange(reason)

    @translate_database_errors()
    async def record_booked(
        self, profile: str, order_uuid: str, *, booking_id: str, booked_at: datetime
    ) -> None:
        booked = {"state": BookingState.BOOKED, "booking_id": booking_id, "booked_at": booked_at}
        of = {"of_profile": profile, "of_order": order_uuid}
        await execute_alone(self._engine, self._record, of | booked)

    @translate_database_errors()
    async def forget_posting(self, profile: str, order_uuid: str) -> None:
        posting = self._of(profile, order_uuid) & (self._table.c.state == BookingState.POSTING)
        await execute_alone(self._engine, delete(self._table).where(posting))

    def _of(self, profile: str, order_uuid: str) -> ColumnElement[bool]:
        return (self._table.c.profile == profile) & (self._table.c.order_uuid == order_uuid)


def _values(row: BookingRow) -> dict[str, Any]:
    return {
        "profile": row.profile,
        "order_uuid": row.order_uuid,
        "order_number": row.order_number,
        "revision": row.revision,
        "administration_id": row.administration_id,
        "invoice_number": row.booking.invoice_number,
        "total": str(row.booking.total),
        "payload": json.dumps(row.booking.as_record(), ensure_ascii=False),
        "fingerprints": json.dumps(row.fingerprints),
        "state": row.state,
        "posting_since": row.posting_since,
        "booking_id": row.booking_id,
        "booked_at": row.booked_at,
    }


def _read(row: Row[Any]) -> BookingRow:
    return BookingRow(
        profile=row.profile,
        order_uuid=row.order_uuid,
        order_number=row.order_number,
        revision=row.revision,
        administration_id=row.administration_id,
        booking=ComposedBooking.from_record(json.loads(row.payload)),
        fingerprints=json.loads(row.fingerprints),
        state=BookingState(row.state),
        posting_since=row.posting_since,
        booking_id=row.booking_id,
        booked_at=row.booked_at,
    )
