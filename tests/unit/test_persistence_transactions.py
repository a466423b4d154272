"""Short transactions and the connections they run on, the same on both databases."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from sconnect.persistence import (
    create_engine,
    database_now_ms,
    execute_alone,
    insert_if_absent,
    liveness,
    locked_with_clock,
    reading,
)

METADATA = MetaData()
PARCELS = Table("parcels", METADATA, Column("number", Integer, primary_key=True), Column("state", String(20)))
THE_PARCEL = select(PARCELS.c.state).where(PARCELS.c.number == 1)


@pytest.fixture
async def engine(database_engine: AsyncEngine) -> AsyncEngine:
    async with database_engine.begin() as connection:
        await connection.run_sync(METADATA.create_all)
        await connection.execute(insert_if_absent(PARCELS, number=1, state="new"))
    return database_engine


async def state(engine: AsyncEngine) -> str | None:
    async with reading(engine) as connection:
        return await connection.scalar(THE_PARCEL)


async def test_a_statement_alone_is_done_for_all_to_see_and_tells_its_rows(engine: AsyncEngine) -> None:
    sent = update(PARCELS).values(state="sent")
    assert await execute_alone(engine, sent.where(PARCELS.c.number == 1)) == 1
    assert await execute_alone(engine, sent.where(PARCELS.c.number == 2)) == 0
    assert await execute_alone(engine, insert_if_absent(PARCELS, number=1, state="other")) == 0
    assert await state(engine) == "sent"


async def test_a_statement_alone_that_fails_leaves_the_connection_fit_for_a_transaction(
    engine: AsyncEngine,
) -> None:
    with pytest.raises(IntegrityError):
        await execute_alone(engine, PARCELS.insert().values(number=1, state="other"))

    async def change_and_fail() -> None:
        async with engine.begin() as connection:
            await connection.execute(update(PARCELS).values(state="lost"))
            raise LookupError

    with pytest.raises(LookupError):
        await change_and_fail()
    assert await state(engine) == "new"


async def test_a_statement_alone_waits_for_a_transaction_that_holds_its_row(engine: AsyncEngine) -> None:
    async with engine.begin() as holder:
        await holder.execute(update(PARCELS).values(state="held"))
        other = update(PARCELS).where(PARCELS.c.number == 1).values(state="sent")
        waiting = asyncio.create_task(execute_alone(engine, other))
        await until_it_waits(engine, waiting)
    assert await waiting == 1
    assert await state(engine) == "sent"


async def test_each_statement_of_a_reader_sees_what_was_committed_before_it(engine: AsyncEngine) -> None:
    async with reading(engine) as reader:
        assert await reader.scalar(THE_PARCEL) == "new"
        await execute_alone(engine, update(PARCELS).values(state="sent"))
        assert await reader.scalar(THE_PARCEL) == "sent"


async def test_the_clock_of_a_locked_row_is_read_after_the_wait_for_it(engine: AsyncEngine) -> None:
    async with engine.begin() as holder:
        await holder.execute(locked_with_clock(THE_PARCEL))
        waiting = asyncio.create_task(clock_of_the_locked_row(engine))
        await until_it_waits(engine, waiting)
        let_go_at: int = await holder.scalar(select(database_now_ms())) or 0
    assert await waiting >= let_go_at


async def clock_of_the_locked_row(engine: AsyncEngine) -> int:
    async with engine.begin() as connection:
        now_ms: int = (await connection.execute(locked_with_clock(THE_PARCEL))).one().now_ms
        return now_ms


async def until_it_waits(engine: AsyncEngine, task: "asyncio.Task[int]") -> None:
    """SQLite cannot be asked; there the second transaction cannot even begin before the first is over."""
    if engine.dialect.name == "sqlite":
        return
    waits = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    async with asyncio.timeout(10), reading(engine) as connection:
        while not await connection.scalar(waits):
            assert not task.done()


@pytest.mark.postgres
async def test_a_connection_that_the_server_ended_is_replaced_unnoticed(postgres_url: str) -> None:
    engine, other = create_engine(postgres_url), create_engine(postgres_url)
    ended = await backend_of(engine)
    async with other.connect() as connection:
        await connection.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": ended})
    assert await backend_of(engine) != ended
    await engine.dispose()
    await other.dispose()


@pytest.mark.postgres
async def test_a_connection_in_use_is_not_asked_before_each_use_and_an_idle_one_is(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = create_engine(postgres_url)
    asked = counted_pings(engine, monkeypatch)
    first = await backend_of(engine)
    assert (await backend_of(engine), asked()) == (first, 0)
    monkeypatch.setattr(liveness, "ASKED_AFTER_IDLE_SECONDS", -1.0)
    assert (await backend_of(engine), asked()) == (first, 1)
    await engine.dispose()


def counted_pings(engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    pings: list[Any] = []
    ping = engine.dialect.do_ping

    def counted(connection: Any) -> bool:
        pings.append(connection)
        return ping(connection)

    monkeypatch.setattr(engine.dialect, "do_ping", counted)
    return lambda: len(pings)


async def backend_of(engine: AsyncEngine) -> int | None:
    async with engine.connect() as connection:
        pid: int | None = await connection.scalar(text("SELECT pg_backend_pid()"))
        return pid
