"""The short kinds of transaction: one that only reads, one statement alone, a row locked and the clock read.

A transaction costs two trips more than its statements, its BEGIN and its COMMIT: over the network to
PostgreSQL, to another thread and back for SQLite. A statement sent without them is a transaction of its own.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.sql.base import Executable

from sconnect.persistence.engine import EACH_ALONE
from sconnect.persistence.instants import database_now_ms


@asynccontextmanager
async def reading(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A connection for statements that write nothing; each sees what was committed before it.

    They neither wait for a writer nor make one wait.
    """
    async with engine.connect() as connection:
        await connection.execution_options(**{EACH_ALONE: True})
        async with connection.begin():
            yield connection


async def execute_alone(
    engine: AsyncEngine, statement: Executable, parameters: Mapping[str, Any] | None = None
) -> int:
    """Run one statement as a transaction of its own; returns the number of rows it wrote."""
    async with engine.connect() as connection:
        await connection.execution_options(**{EACH_ALONE: True})
        async with connection.begin():
            return (await connection.execute(statement, parameters)).rowcount


def locked_with_clock(statement: Select[Any]) -> Select[Any]:
    """The same rows, each locked until the transaction ends, and the database's clock as `now_ms`.

    The clock is read after the lock was granted: neither database merges a query with the locking one
    inside it. A wait for the lock does not make anything look younger, or a lease longer.
    """
    locked = statement.with_for_update().subquery("locked")
    return select(locked, database_now_ms().label("now_ms"))
