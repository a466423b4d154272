"""Transactions on the console's database."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from sconnect.persistence import READS_ONLY


class Transactions:
    """One for all that writes to a database in this process."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._reader = engine.execution_options(**{READS_ONLY: True})
        # SQLite lets one in at a time and is not fair: who waits longest may wait until its time-out.
        self._turn = asyncio.Lock() if engine.dialect.name == "sqlite" else nullcontext()

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        async with self._turn, self._engine.connect() as connection:
            yield connection
            await connection.commit()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """Sees one state of the database and waits for no writer."""
        async with self._reader.connect() as connection:
            yield connection
