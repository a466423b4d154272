"""Who has patience waits out a database that is locked for a while; who has none is told at once."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field

import pytest

from sconnect.allowance import LIMITS, CallAllowances, patient_calls
from sconnect.allowance.counting import Demand, Grant
from sconnect.allowance.gate import IDLE_SECONDS
from sconnect.errors import DatabaseUnavailable, UpstreamUnavailable


@dataclass
class LockedBook:
    """Accounts in a database that is locked for the first so many questions."""

    locked_times: int
    asked: list[Demand] = field(default_factory=list)
    released: asyncio.Event = field(default_factory=asyncio.Event)

    async def ask(self, administration_id: str, demand: Demand) -> Grant:
        self.asked.append(demand)
        if len(self.asked) <= self.locked_times:
            raise DatabaseUnavailable
        return Grant(permits=demand.permits, at_once=demand.at_once, granted_at_ms=0)

    async def pause(self, administration_id: str, seconds: float | None) -> float:
        return 0.0

    async def release(self, administration_id: str, demand: Demand) -> None:
        self.released.set()


async def call(book: LockedBook) -> None:
    allowances = CallAllowances(book, call_seconds_max=1)
    async with allowances.of("a", LIMITS["test"]).call(seconds_max=1):
        pass
    await allowances.close()


async def test_a_patient_call_waits_until_the_accounts_can_be_reached() -> None:
    book = LockedBook(locked_times=2)
    with patient_calls(30):
        await call(book)
    assert len(book.asked) == 3


async def test_a_call_without_patience_is_told_that_the_database_is_away() -> None:
    book = LockedBook(locked_times=1)
    with patient_calls(0), pytest.raises(UpstreamUnavailable) as told:
        await call(book)
    assert told.value.reason.text_key == "UPSTREAM_UNAVAILABLE.database"
    assert len(book.asked) == 1


@pytest.mark.parametrize(("limits", "given_back"), [("test", True), ("production", False)])
async def test_the_right_to_one_call_is_kept_for_the_next_where_it_is_one_of_many(
    limits: str, given_back: bool
) -> None:
    book = LockedBook(locked_times=0)
    allowances = CallAllowances(book, call_seconds_max=1)
    async with allowances.of("a", LIMITS[limits]).call(seconds_max=1):
        pass
    with suppress(TimeoutError):
        async with asyncio.timeout(IDLE_SECONDS * 4):
            await book.released.wait()
    assert book.released.is_set() is given_back
    await allowances.close()
    assert book.released.is_set()
