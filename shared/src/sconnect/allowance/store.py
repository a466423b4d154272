"""The accounts in the coordination database, on its clock: one short transaction for a block of permits."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

from sqlalchemy import MetaData, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from sconnect.allowance.counting import Account, Demand, Grant, Holder, Timing, grant, pause, release
from sconnect.allowance.tables import call_allowances_table
from sconnect.persistence import insert_if_absent, locked_with_clock, translate_database_errors

DEFAULT_TIMING = Timing()


class AllowanceBook(Protocol):
    """Every administration's account; all raise UpstreamUnavailable when it cannot be reached."""

    async def ask(self, administration_id: str, demand: Demand) -> Grant: ...

    async def pause(self, administration_id: str, seconds: float | None) -> float:
        """Nobody calls this administration for so long; returns the seconds that are left."""

    async def release(self, administration_id: str, demand: Demand) -> None: ...


class AllowanceStore:
    """AllowanceBook in SQLite or PostgreSQL."""

    def __init__(self, engine: AsyncEngine, *, timing: Timing = DEFAULT_TIMING) -> None:
        self.timing = timing
        self._engine = engine
        self._table = call_allowances_table(MetaData())
        # Made once: a call waits for these two, and making them takes longer than their way to the database.
        mine = self._table.c.administration_id == bindparam("mine")
        # The clock is read after the lock was granted: a wait for it must not make a permit look younger.
        self._lock = locked_with_clock(select(self._table.c.account).where(mine))
        self._write = update(self._table).where(mine).values(account=bindparam("changed"))

    async def ask(self, administration_id: str, demand: Demand) -> Grant:
        async with self._account(administration_id) as entry:
            entry.account, granted = grant(entry.account, demand, entry.now_ms, self.timing)
        return granted

    async def pause(self, administration_id: str, seconds: float | None) -> float:
        async with self._account(administration_id) as entry:
            wait_ms = None if seconds is None else round(seconds * 1000)
            entry.account = pause(entry.account, entry.now_ms, wait_ms)
        return max(0, entry.account.paused_until_ms - entry.now_ms) / 1000

    async def release(self, administration_id: str, demand: Demand) -> None:
        async with self._account(administration_id) as entry:
            entry.account = release(entry.account, demand, self.timing)

    @asynccontextmanager
    async def _account(self, administration_id: str) -> AsyncIterator["_Entry"]:
        """The account under its lock; what is in the entry afterwards is stored."""
        async with translate_database_errors(), self._engine.begin() as connection:
            entry = await self._locked(connection, administration_id)
            before = entry.account
            yield entry
            if entry.account != before:
                changed = {"mine": administration_id, "changed": _written(entry.account)}
                await connection.execute(self._write, changed)

    async def _locked(self, connection: AsyncConnection, administration_id: str) -> "_Entry":
        mine = {"mine": administration_id}
        row = (await connection.execute(self._lock, mine)).one_or_none()
        if row is None:
            first = insert_if_absent(
                self._table, administration_id=administration_id, account=_written(Account())
            )
            await connection.execute(first)
            row = (await connection.execute(self._lock, mine)).one()
        return _Entry(_read(row.account), row.now_ms)


class _Entry:
    """An account that is being changed."""

    def __init__(self, account: Account, now_ms: int) -> None:
        self.account = account
        self.now_ms = now_ms


def _written(account: Account) -> str:
    content = {
        "minute": account.minute,
        "hour": account.hour,
        "holders": {name: [held.at_once, held.until_ms] for name, held in account.holders.items()},
        "paused_until_ms": account.paused_until_ms,
        "pause_ms": account.pause_ms,
    }
    return json.dumps(content, separators=(",", ":"))


def _read(text: str) -> Account:
    content = json.loads(text)
    return Account(
        minute=tuple((start, permits) for start, permits in content["minute"]),
        hour=tuple((start, permits) for start, permits in content["hour"]),
        holders={name: Holder(at_once, until) for name, (at_once, until) in content["holders"].items()},
        paused_until_ms=content["paused_until_ms"],
        pause_ms=content["pause_ms"],
    )
