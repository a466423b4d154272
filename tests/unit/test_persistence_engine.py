"""Engines, instants and inserts, the same on both databases."""

import asyncio
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, UniqueConstraint, select, text, type_coerce
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from sconnect.errors import StartupError
from sconnect.persistence import Instant, create_engine, database_now_ms, insert_if_absent, upsert
from sconnect.persistence.engine import database_place, read_database_url

METADATA = MetaData()
PARCELS = Table(
    "parcels",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("shop", String(20), nullable=False),
    Column("number", String(20), nullable=False),
    Column("state", String(20)),
    Column("sent_at", Instant),
    UniqueConstraint("shop", "number"),
)
KEY = ["shop", "number"]
MOMENT = datetime(2026, 3, 29, 0, 59, 59, 123_000, tzinfo=UTC)


@pytest.fixture
async def engine(database_engine: AsyncEngine) -> AsyncEngine:
    async with database_engine.begin() as connection:
        await connection.run_sync(METADATA.create_all)
    return database_engine


async def databases_clock(connection: AsyncConnection) -> datetime:
    moment = await connection.scalar(select(type_coerce(database_now_ms(), Instant)))
    assert isinstance(moment, datetime)
    return moment


async def states(connection: AsyncConnection) -> list[tuple[str, str | None]]:
    rows = await connection.execute(select(PARCELS.c.number, PARCELS.c.state).order_by(PARCELS.c.number))
    return [(row.number, row.state) for row in rows]


async def test_an_instant_comes_back_in_utc_to_the_millisecond(engine: AsyncEngine) -> None:
    elsewhere = (MOMENT + timedelta(microseconds=999)).astimezone(timezone(timedelta(hours=5, minutes=30)))
    async with engine.begin() as connection:
        await connection.execute(insert_if_absent(PARCELS, shop="a", number="1", sent_at=elsewhere))
        read = await connection.scalar(select(PARCELS.c.sent_at).where(PARCELS.c.sent_at == MOMENT))
        stored = await connection.scalar(text("SELECT sent_at FROM parcels"))
    assert read == MOMENT
    assert read.tzinfo is UTC
    assert stored == 1_774_745_999_123


async def test_instants_before_1970_and_absent_ones_work_too(engine: AsyncEngine) -> None:
    early = datetime(1969, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC)
    async with engine.begin() as connection:
        await connection.execute(insert_if_absent(PARCELS, shop="a", number="1", sent_at=early))
        await connection.execute(insert_if_absent(PARCELS, shop="a", number="2", sent_at=None))
        rows = await connection.execute(select(PARCELS.c.sent_at).order_by(PARCELS.c.number))
    assert [row.sent_at for row in rows] == [early, None]


async def test_an_instant_without_a_time_zone_is_refused(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        with pytest.raises(StatementError, match="time zone"):
            await connection.execute(
                insert_if_absent(PARCELS, shop="a", number="1", sent_at=MOMENT.replace(tzinfo=None))
            )


async def test_the_databases_clock_runs_inside_a_transaction_and_tells_milliseconds(
    engine: AsyncEngine,
) -> None:
    async with engine.begin() as connection:
        first = await databases_clock(connection)
        deadline = asyncio.get_running_loop().time() + 5
        while (later := await databases_clock(connection)) == first:
            assert asyncio.get_running_loop().time() < deadline
    assert first < later
    assert later.microsecond % 1000 == 0
    assert abs(later - datetime.now(UTC)) < timedelta(seconds=5)


async def test_the_databases_clock_compares_with_instants(engine: AsyncEngine) -> None:
    now = datetime.now(UTC)
    async with engine.begin() as connection:
        for number, sent_at in (("past", now - timedelta(hours=1)), ("future", now + timedelta(hours=1))):
            await connection.execute(insert_if_absent(PARCELS, shop="a", number=number, sent_at=sent_at))
        due = await connection.scalars(
            select(PARCELS.c.number).where(PARCELS.c.sent_at <= database_now_ms() + 1_000)
        )
        assert due.all() == ["past"]


async def test_insert_if_absent_keeps_the_row_that_is_there(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        counts = [
            (await connection.execute(insert_if_absent(PARCELS, shop="a", number="1", state=state))).rowcount
            for state in ("new", "newer")
        ]
        assert counts == [1, 0]
        assert await states(connection) == [("1", "new")]


async def test_upsert_replaces_the_other_values_only(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.execute(upsert(PARCELS, KEY, shop="a", number="1", state="new", sent_at=MOMENT))
        await connection.execute(upsert(PARCELS, KEY, shop="a", number="2", state="new"))
        await connection.execute(upsert(PARCELS, KEY, shop="a", number="1", state="sent"))
        assert await states(connection) == [("1", "sent"), ("2", "new")]
        kept = await connection.scalar(select(PARCELS.c.sent_at).where(PARCELS.c.number == "1"))
        assert kept == MOMENT


async def test_upsert_of_a_bare_key_changes_nothing(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.execute(upsert(PARCELS, KEY, shop="a", number="1", state="new"))
        await connection.execute(upsert(PARCELS, KEY, shop="a", number="1"))
        assert await states(connection) == [("1", "new")]


async def test_of_many_inserts_of_one_key_at_once_one_wins(engine: AsyncEngine) -> None:
    async def insert(state: str) -> int:
        async with engine.begin() as connection:
            statement = insert_if_absent(PARCELS, shop="a", number="1", state=state)
            return (await connection.execute(statement)).rowcount

    counts = await asyncio.gather(*(insert(str(attempt)) for attempt in range(12)))
    assert sum(counts) == 1


async def test_a_transaction_that_fails_leaves_nothing(engine: AsyncEngine) -> None:
    async def insert_two() -> None:
        async with engine.begin() as connection:
            await connection.execute(upsert(PARCELS, KEY, shop="a", number="1"))
            await connection.execute(upsert(PARCELS, KEY, shop="a", number=None))

    with pytest.raises(IntegrityError):
        await insert_two()
    async with engine.connect() as connection:
        assert await states(connection) == []


async def test_an_error_does_not_show_the_values_of_its_statement(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        with pytest.raises(IntegrityError) as trouble:
            await connection.execute(upsert(PARCELS, KEY, shop=None, number="jan@example.nl"))
    assert "jan@example.nl" not in str(trouble.value).partition("DETAIL")[0]


async def test_sqlite_is_set_up_for_safety(sqlite_url: str) -> None:
    engine = create_engine(sqlite_url)
    async with engine.connect() as connection:
        found = {
            name: await connection.scalar(text(f"PRAGMA {name}"))
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    await engine.dispose()
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5_000}


@pytest.mark.postgres
async def test_postgresql_gives_up_in_time(postgres_url: str) -> None:
    engine = create_engine(postgres_url)
    async with engine.connect() as connection:
        found = {
            name: await connection.scalar(text(f"SHOW {name}"))
            for name in (
                "statement_timeout",
                "lock_timeout",
                "idle_in_transaction_session_timeout",
                "timezone",
            )
        }
    await engine.dispose()
    assert found == {
        "statement_timeout": "15s",
        "lock_timeout": "5s",
        "idle_in_transaction_session_timeout": "1min",
        "timezone": "UTC",
    }


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hunter2",
        "sqlite:///file.sqlite3",
        "sqlite+aiosqlite://",
        "sqlite+aiosqlite:///:memory:",
        "postgresql://connector:hunter2@localhost/orders",
        "postgresql+psycopg://connector:hunter2@localhost",
        "postgresql+psycopg://connector:hunter2@localhost:port/orders",
    ],
)
def test_other_addresses_are_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(StartupError, match="A database address is not usable") as refusal:
        create_engine(url)
    assert "hunter2" not in str(refusal.value)


def test_the_place_of_a_database_is_told_without_its_login(tmp_path: Path) -> None:
    address = read_database_url(
        "postgresql+psycopg://connector:hunter2@db.example.nl:5433/orders?sslkey=hunter2"
    )
    assert database_place(address) == "PostgreSQL database orders on db.example.nl:5433"
    file = read_database_url(f"sqlite+aiosqlite:///{tmp_path}/orders.sqlite3")
    assert database_place(file) == f"SQLite file {tmp_path}/orders.sqlite3"
