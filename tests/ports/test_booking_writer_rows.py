"""The writer's memory keeps the same promises in a process and in both databases."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from sqlalchemy import MetaData

from booking_writer.adapters.sql_booking_rows import SqlBookingRows
from booking_writer.adapters.tables import bookings_table, ledger_findings_table
from booking_writer.ports import BookingRow, BookingRows, BookingState, InvoiceNumberUsed
from booking_writer_cases import booked, case, order
from fakes_booking_writer import FakeBookingRows
from migrated_tables import differences_from_migrations
from sconnect.errors import ConcurrentChange
from sconnect.persistence import create_engine
from sconnect.persistence.migrations import migrate
from sconnect.stage import stage_tables

POSTING_SINCE = datetime(2026, 3, 2, 12, 31, 7, 250_000, tzinfo=UTC)
POSTING = BookingRow(
    profile="houten-speelgoed",
    order_uuid="af88e19b-a57b-4aae-a92b-f7078454d1e3",
    order_number="1001",
    revision=1,
    administration_id="7b1f6f2c-3d52-4f54-9d0b-1a6d6e0b8c01",
    booking=booked(case()),
    fingerprints={"total": "abc"},
    state=BookingState.POSTING,
    posting_since=POSTING_SINCE,
)
KEY = (POSTING.profile, POSTING.order_uuid)
BOOKED_AT = POSTING_SINCE + timedelta(seconds=2)


@pytest_asyncio.fixture(params=["fake", "sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def rows(request: pytest.FixtureRequest) -> AsyncIterator[BookingRows]:
    if request.param == "fake":
        yield FakeBookingRows()
        return
    url = request.getfixturevalue(f"{request.param}_url")
    migrate(url, "booking_writer")
    engine = create_engine(url)
    yield SqlBookingRows(engine)
    await engine.dispose()


async def test_an_order_that_was_never_posted_has_no_row(rows: BookingRows) -> None:
    assert await rows.get(*KEY) is None


async def test_what_is_about_to_be_posted_is_remembered_whole(rows: BookingRows) -> None:
    await rows.begin_posting(POSTING)

    assert await rows.get(*KEY) == POSTING
    assert await rows.get("another-profile", POSTING.order_uuid) is None


async def test_a_booked_row_has_its_booking(rows: BookingRows) -> None:
    await rows.begin_posting(POSTING)
    await rows.record_booked(*KEY, booking_id="0d5ff6a9-33f4-4a3e-8f0e-1a2b3c4d5e6f", booked_at=BOOKED_AT)

    assert await rows.get(*KEY) == replace(
        POSTING,
        state=BookingState.BOOKED,
        booking_id="0d5ff6a9-33f4-4a3e-8f0e-1a2b3c4d5e6f",
        booked_at=BOOKED_AT,
    )


async def test_a_posting_can_be_forgotten_and_begun_anew(rows: BookingRows) -> None:
    await rows.begin_posting(POSTING)
    await rows.forget_posting(*KEY)
    assert await rows.get(*KEY) is None

    later = replace(POSTING, revision=2)
    await rows.begin_posting(later)
    assert await rows.get(*KEY) == later


async def test_a_booked_row_cannot_be_forgotten(rows: BookingRows) -> None:
    await rows.begin_posting(POSTING)
    await rows.record_booked(*KEY, booking_id="0d5ff6a9-33f4-4a3e-8f0e-1a2b3c4d5e6f", booked_at=BOOKED_AT)
    await rows.forget_posting(*KEY)

    found = await rows.get(*KEY)
    assert found is not None
    assert found.state is BookingState.BOOKED


async def test_an_order_is_posted_by_one_worker_only(rows: BookingRows) -> None:
    await rows.begin_posting(POSTING)
    with pytest.raises(ConcurrentChange):
        await rows.begin_posting(replace(POSTING, booking=booked(case(order(number="1002")))))

    assert await rows.get(*KEY) == POSTING


async def test_an_invoice_number_is_used_once_in_an_administration(rows: BookingRows) -> None:
    await rows.begin_posting(POSTING)
    other = replace(POSTING, profile="tuinwinkel", order_uuid="another-order", order_number="T1001")
    with pytest.raises(InvoiceNumberUsed) as used:
        await rows.begin_posting(other)

    assert (used.value.order_number, used.value.profile) == ("1001", "houten-speelgoed")
    await rows.begin_posting(replace(other, administration_id="another-administration"))


async def test_who_has_an_invoice_number_can_be_asked(rows: BookingRows) -> None:
    number = POSTING.booking.invoice_number
    assert await rows.with_invoice_number(POSTING.administration_id, number) is None
    await rows.begin_posting(POSTING)

    assert await rows.with_invoice_number(POSTING.administration_id, number) == POSTING
    assert await rows.with_invoice_number("another-administration", number) is None


async def test_the_migrations_make_the_tables_that_the_code_uses(database_url: str) -> None:
    metadata = MetaData()
    stage_tables(metadata)
    bookings_table(metadata)
    ledger_findings_table(metadata)
    migrate(database_url, "booking_writer")
    engine = create_engine(database_url)

    assert await differences_from_migrations(engine, "booking_writer", metadata) == []
    await engine.dispose()
