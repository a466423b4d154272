"""Which troubles of a database pass by themselves, provoked on real databases."""

import asyncio
import sqlite3
import sys
import threading
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine

from sconnect.errors import ReasonCode, UpstreamUnavailable
from sconnect.persistence import create_engine, translate_database_errors

SHORT_WAIT_MS = 50
# Another process writes as fast as it can; each of its transactions reads first, as ours do.
RIVAL = """
import asyncio, sys
from sqlalchemy import text
from sconnect.persistence import create_engine

async def main(url, times):
    engine = create_engine(url)
    for _ in range(times):
        async with engine.begin() as connection:
            count = await connection.scalar(text("SELECT count FROM tally"))
            await connection.execute(text("UPDATE tally SET count = :count"), {"count": count + 1})
    await engine.dispose()

asyncio.run(main(sys.argv[1], int(sys.argv[2])))
"""


@pytest.fixture
async def impatient(sqlite_url: str) -> AsyncIterator[AsyncEngine]:
    """A SQLite engine that waits for a lock only briefly."""
    engine = create_engine(sqlite_url)

    def shorten(connection: sqlite3.Connection, _entry: object) -> None:
        connection.execute(f"PRAGMA busy_timeout = {SHORT_WAIT_MS}").close()

    event.listen(engine.sync_engine, "connect", shorten)
    yield engine
    await engine.dispose()


@translate_database_errors()
async def execute(engine: AsyncEngine, *statements: str) -> None:
    async with engine.begin() as connection:
        for statement in statements:
            await connection.execute(text(statement))


async def expect_a_wait(engine: AsyncEngine, *statements: str) -> None:
    with pytest.raises(UpstreamUnavailable) as trouble:
        await execute(engine, *statements)
    assert trouble.value.reason.code is ReasonCode.UPSTREAM_UNAVAILABLE
    assert trouble.value.reason.variant == "database"
    assert isinstance(trouble.value.__cause__, DBAPIError)


async def test_a_sqlite_file_that_another_process_writes_passes(
    impatient: AsyncEngine, tmp_path: Path
) -> None:
    async with impatient.begin() as connection:
        await connection.execute(text("CREATE TABLE parcels (number INTEGER)"))
    other = sqlite3.connect(tmp_path / "test.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    await expect_a_wait(impatient)
    other.execute("COMMIT")
    other.close()
    async with translate_database_errors(), impatient.begin() as connection:
        await connection.execute(text("INSERT INTO parcels VALUES (1)"))


async def test_a_sqlite_folder_that_is_away_passes(tmp_path: Path) -> None:
    threads = set(threading.enumerate())
    engine = create_engine(f"sqlite+aiosqlite:///{tmp_path}/not-mounted/test.sqlite3")
    await expect_a_wait(engine)
    await engine.dispose()
    # aiosqlite does not wait for its thread when it could not connect; the thread must not outlive the loop.
    for thread in set(threading.enumerate()) - threads:
        await asyncio.to_thread(thread.join, 5)


async def test_processes_that_read_and_then_write_never_lose_a_change(sqlite_url: str) -> None:
    engine = create_engine(sqlite_url)
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE tally (count INTEGER)"))
        await connection.execute(text("INSERT INTO tally VALUES (0)"))
    arguments = (sys.executable, "-W", "error", "-c", RIVAL, sqlite_url, "40")
    rivals = [await asyncio.create_subprocess_exec(*arguments, stderr=PIPE) for _ in range(3)]
    answers = [await rival.communicate() for rival in rivals]
    assert [rival.returncode for rival in rivals] == [0, 0, 0], answers
    async with engine.connect() as connection:
        assert await connection.scalar(text("SELECT count FROM tally")) == 120
    await engine.dispose()


async def test_a_server_that_does_not_answer_passes() -> None:
    engine = create_engine("postgresql+psycopg://connector:made-up@127.0.0.1:1/orders")
    await expect_a_wait(engine)
    await engine.dispose()


@pytest.mark.postgres
async def test_a_connection_that_the_server_ends_passes_and_the_next_one_works(postgres_url: str) -> None:
    engine = create_engine(postgres_url)

    @translate_database_errors()
    async def work_on_a_connection_that_ends() -> None:
        async with engine.begin() as connection:
            own = await connection.scalar(text("SELECT pg_backend_pid()"))
            await end_connection(postgres_url, own)
            await connection.execute(text("SELECT 1"))

    with pytest.raises(UpstreamUnavailable):
        await work_on_a_connection_that_ends()
    async with translate_database_errors(), engine.connect() as connection:
        assert await connection.scalar(text("SELECT 1")) == 1
    await engine.dispose()


async def end_connection(postgres_url: str, pid: int | None) -> None:
    engine = create_engine(postgres_url)
    async with engine.connect() as connection:
        await connection.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
    await engine.dispose()


@pytest.mark.postgres
async def test_a_lock_that_another_holds_for_long_passes(postgres_url: str) -> None:
    engine = create_engine(postgres_url)
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE parcels (number INTEGER)"))
    async with engine.begin() as holder:
        await holder.execute(text("LOCK TABLE parcels"))
        await expect_a_wait(engine, "SET LOCAL lock_timeout = '50ms'", "INSERT INTO parcels VALUES (1)")
    await engine.dispose()


@pytest.mark.parametrize("statement", ["SELECT * FROM no_such_table", "SELEKT 1", "SELECT no_such_column"])
async def test_a_wrong_statement_is_a_bug_and_no_wait(database_engine: AsyncEngine, statement: str) -> None:
    with pytest.raises(DBAPIError):
        await execute(database_engine, statement)


async def test_it_guards_a_block_as_well_as_a_function() -> None:
    with pytest.raises(UpstreamUnavailable):
        async with translate_database_errors():
            raise PoolTimeoutError
