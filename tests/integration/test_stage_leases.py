"""Only the worker that holds an order says what becomes of it, also when it dies or outlives its lease."""

import asyncio
from dataclasses import replace

import pytest
import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncEngine

from sconnect.contracts import (
    OrderChanged,
    OrderDeadLettered,
    OrderWaiting,
)
from sconnect.errors import (
    UpstreamUnavailable,
)
from sconnect.messaging.edge import DELIVERY_COUNT_MAX
from stage_bench import (
    AMBIGUOUS,
    DOWN,
    Bench,
    MakeBench,
    bench_maker,
    delivery,
    end_leases,
)


@pytest_asyncio.fixture
async def make_bench(database_engine: AsyncEngine) -> MakeBench:
    return await bench_maker(database_engine)


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    return make_bench()


async def test_two_workers_never_hold_the_same_order(make_bench: MakeBench) -> None:
    first, second = make_bench(), make_bench()
    first.gate.clear()
    working = asyncio.create_task(first.edge(delivery()))
    async with asyncio.timeout(10):
        await first.started.wait()
    await second.edge(delivery())
    assert second.claims == []
    assert [copy.headers["x-attempt"] for copy in second.publisher.waiting] == [1]
    assert second.events(OrderWaiting) == []
    first.gate.set()
    await working
    assert len(first.events(OrderChanged)) == 1


async def test_an_order_of_a_dead_worker_is_taken_over_when_its_lease_ends(bench: Bench) -> None:
    bench.gate.clear()
    dying = asyncio.create_task(bench.edge(delivery()))
    async with asyncio.timeout(10):
        await bench.started.wait()
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    bench.gate.set()
    await bench.edge(delivery())
    assert len(bench.claims) == 1
    await end_leases(bench)
    await bench.edge(delivery())
    assert [claim.attempts for claim in bench.claims] == [1, 2]
    assert len(bench.events(OrderChanged)) == 1


async def test_a_worker_that_outlived_its_lease_tells_nobody(make_bench: MakeBench) -> None:
    frozen, other = make_bench(), make_bench()
    frozen.gate.clear()
    working = asyncio.create_task(frozen.edge(delivery()))
    async with asyncio.timeout(10):
        await frozen.started.wait()
    await end_leases(frozen)
    await other.edge(delivery())
    frozen.gate.set()
    await working
    assert frozen.events(OrderChanged) == []
    assert len(other.events(OrderChanged)) == 1


async def test_a_worker_that_outlived_its_lease_sets_nothing_aside(make_bench: MakeBench) -> None:
    frozen, other = make_bench(), make_bench()
    frozen.outcomes = [AMBIGUOUS]
    frozen.gate.clear()
    working = asyncio.create_task(frozen.edge(delivery()))
    async with asyncio.timeout(10):
        await frozen.started.wait()
    await end_leases(frozen)
    other.gate.clear()
    going_on = asyncio.create_task(other.edge(delivery()))
    async with asyncio.timeout(10):
        await other.started.wait()
    frozen.gate.set()
    await working
    other.gate.set()
    await going_on
    assert frozen.publisher.dead_letters == []
    assert frozen.events(OrderDeadLettered) == []
    assert await other.state() == "done"
    assert len(other.events(OrderChanged)) == 1


async def test_a_copy_that_cannot_be_worked_on_is_no_dead_letter_once_its_order_is_done(bench: Bench) -> None:
    await bench.edge(delivery())
    again = delivery()
    await bench.edge(replace(again, headers={**again.headers, "x-delivery-count": DELIVERY_COUNT_MAX}))
    assert bench.publisher.dead_letters == []
    assert bench.events(OrderDeadLettered) == []
    assert await bench.state() == "done"


async def test_an_order_that_is_done_but_was_never_told_of_is_a_dead_letter(bench: Bench) -> None:
    bench.publisher.failures = [UpstreamUnavailable(DOWN)]
    await bench.edge(delivery())
    again = delivery()
    await bench.edge(replace(again, headers={**again.headers, "x-delivery-count": DELIVERY_COUNT_MAX}))
    assert len(bench.publisher.dead_letters) == 1
    assert await bench.state() == "done"
