"""One suite for the accounts on both databases, asked by several processes at once."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from itertools import pairwise

import pytest
import pytest_asyncio
from sqlalchemy import MetaData
from sqlalchemy.ext.asyncio import AsyncEngine

from migrated_tables import differences_from_migrations
from sconnect.allowance import (
    LIMITS,
    AllowanceStore,
    CallAllowance,
    CallAllowances,
    Limits,
    Timing,
    interactive_calls,
    patient_calls,
)
from sconnect.allowance.counting import Demand, Grant
from sconnect.allowance.tables import call_allowances_table
from sconnect.clock import SystemClock
from sconnect.errors import AllowanceSpent
from sconnect.persistence import create_engine
from sconnect.persistence.migrations import migrate

# A tenth of a minute, so that a test sees several.
TIMING = Timing(minute_ms=1_500, minute_slot_ms=50, permit_ms=200, arrival_ms=50)
FEW = Limits(calls_per_minute=40, calls_per_hour=100_000, calls_at_once=6)
CALL_SECONDS_MAX = 2.0
MakeProcess = Callable[[], CallAllowances]


@pytest_asyncio.fixture
async def coordination(database_url: str) -> AsyncIterator[AsyncEngine]:
    await asyncio.to_thread(migrate, database_url, "sconnect.allowance")
    engine = create_engine(database_url)
    yield engine
    await engine.dispose()


@pytest_asyncio.fixture
async def process(coordination: AsyncEngine) -> AsyncIterator[MakeProcess]:
    """Makes what each process has of its own."""
    made: list[CallAllowances] = []

    def make() -> CallAllowances:
        store = AllowanceStore(coordination, timing=TIMING)
        made.append(CallAllowances(store, call_seconds_max=CALL_SECONDS_MAX, timing=TIMING))
        return made[-1]

    yield make
    for allowances in made:
        await allowances.close()


async def call(allowance: CallAllowance) -> float:
    """Make a call; return when it was made."""
    async with allowance.call(seconds_max=CALL_SECONDS_MAX):
        return time.monotonic()


async def test_the_migrations_make_the_table(coordination: AsyncEngine) -> None:
    metadata = MetaData()
    call_allowances_table(metadata)
    assert await differences_from_migrations(coordination, "sconnect.allowance", metadata) == []


async def test_processes_together_never_exceed_a_window_and_all_get_their_turn(process: MakeProcess) -> None:
    began_at: list[float] = []

    async def work(allowance: CallAllowance) -> None:
        with patient_calls(30):
            began_at.extend([await call(allowance) for _ in range(10)])

    workers = [process().of("a", FEW) for _ in range(3)]
    await asyncio.gather(*(work(allowance) for allowance in workers for _ in range(3)))

    began_at.sort()
    allowed = FEW.calls_per_minute - 10
    assert len(began_at) == 90
    for first, beyond in zip(began_at, began_at[allowed:], strict=False):
        assert beyond - first > TIMING.minute_ms / 1000


async def test_processes_together_have_only_so_many_calls_under_way(process: MakeProcess) -> None:
    under_way, most = 0, 0
    many = Limits(calls_per_minute=10_000, calls_per_hour=100_000, calls_at_once=6)

    async def work(allowance: CallAllowance) -> None:
        nonlocal under_way, most
        with patient_calls(30):
            async with allowance.call(seconds_max=CALL_SECONDS_MAX):
                under_way += 1
                most = max(most, under_way)
                await SystemClock().sleep(0.01)
                under_way -= 1

    workers = [process().of("a", many) for _ in range(3)]
    await asyncio.gather(*(work(allowance) for allowance in workers for _ in range(20)))

    assert 1 < most <= 5


async def test_one_administration_never_waits_for_another(process: MakeProcess) -> None:
    allowances = process()
    for _ in range(30):
        await call(allowances.of("spent", FEW))

    with pytest.raises(AllowanceSpent) as refused:
        await call(allowances.of("spent", FEW))
    began_at = time.monotonic()
    await call(allowances.of("other", FEW))

    assert refused.value.retry_after_seconds is not None
    assert 0 < refused.value.retry_after_seconds <= 1.8
    assert time.monotonic() - began_at < 1


async def test_who_knows_that_there_is_no_room_is_told_without_asking(process: MakeProcess) -> None:
    allowances = process()
    allowances.require_free("a", LIMITS["test"])
    await allowances.of("a", LIMITS["test"]).refused(30)

    with pytest.raises(AllowanceSpent):
        allowances.require_free("a", LIMITS["test"])
    allowances.require_free("b", LIMITS["test"])


async def test_an_import_leaves_room_for_a_person_who_waits(process: MakeProcess) -> None:
    importing, asking = process().of("a", FEW), process().of("a", FEW)
    for _ in range(30):
        await call(importing)

    with interactive_calls():
        for _ in range(10):
            await call(asking)
    with pytest.raises(AllowanceSpent):
        await call(asking)


async def test_a_refusal_that_one_process_met_keeps_all_away(process: MakeProcess) -> None:
    one, other = process(), process()
    await call(one.of("a", FEW))

    await one.of("a", FEW).refused(20)

    for waiting in (one.of("a", FEW), other.of("a", FEW)):
        with pytest.raises(AllowanceSpent) as refused:
            await call(waiting)
        assert 15 < (refused.value.retry_after_seconds or 0) <= 20
    await call(other.of("b", FEW))


async def test_a_process_that_stops_or_is_idle_gives_its_calls_back(process: MakeProcess) -> None:
    narrow = Limits(calls_per_minute=1_000, calls_per_hour=10_000, calls_at_once=2)
    one, other = process(), process()
    await call(one.of("a", narrow))
    await one.close()

    await call(other.of("a", narrow))
    began_at = time.monotonic()
    with patient_calls(10):
        await call(process().of("a", narrow))
    assert time.monotonic() - began_at < 5


async def test_a_call_that_is_cancelled_while_it_waits_leaves_the_way_open(process: MakeProcess) -> None:
    narrow = Limits(calls_per_minute=1_000, calls_per_hour=10_000, calls_at_once=2)
    allowance = process().of("a", narrow)
    async with allowance.call(seconds_max=CALL_SECONDS_MAX):
        waiting = asyncio.create_task(call(allowance))
        done, _ = await asyncio.wait([waiting], timeout=0.1)
        waiting.cancel()
    assert not done

    with patient_calls(5):
        await call(allowance)


async def test_calls_in_a_row_share_their_visits_to_the_database(
    process: MakeProcess, coordination: AsyncEngine
) -> None:
    many = Limits(calls_per_minute=100_000, calls_per_hour=100_000, calls_at_once=6)
    asked: list[Demand] = []

    class Counting(AllowanceStore):
        async def ask(self, administration_id: str, demand: Demand) -> Grant:
            asked.append(demand)
            return await super().ask(administration_id, demand)

    allowances = CallAllowances(Counting(coordination), call_seconds_max=CALL_SECONDS_MAX)
    moments = [await call(allowances.of("a", many)) for _ in range(200)]
    await allowances.close()

    assert len(asked) <= 25
    assert all(earlier <= later for earlier, later in pairwise(moments))
