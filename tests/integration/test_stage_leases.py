"""Only the worker that holds an order says what becomes of it, also when it dies or outlives its lease."""

import asyncio
from dataclasses import replace
from functools import partial

import pytest

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
    delivery,
    end_leases,
)


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


async def test_an_order_of_a_dead_worker_is_taken_over_when_its_lease_ends(make_bench: MakeBench) -> None:
    dead, other = make_bench(), make_bench()
    dead.gate.clear()
    dying = asyncio.create_task(dead.edge(delivery()))
    async with asyncio.timeout(10):
        await dead.started.wait()
    await other.edge(delivery())
    assert other.claims == []
    await end_leases(other)
    await other.edge(delivery())
    assert [claim.attempts for claim in other.claims] == [2]
    assert len(other.events(OrderChanged)) == 1
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    await dead.stage.return_orders()
    assert await other.state() == "done"


async def test_an_order_whose_work_is_cut_off_is_free_at_once(make_bench: MakeBench) -> None:
    stopping, other = make_bench(), make_bench()
    await cut_off(stopping)
    await stopping.stage.return_orders()
    await other.edge(delivery())
    assert [claim.attempts for claim in other.claims] == [2]
    assert len(other.events(OrderChanged)) == 1


async def test_an_order_is_free_once_it_is_known_what_came_of_its_writes(make_bench: MakeBench) -> None:
    stopping, other = make_bench(), make_bench()
    answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    stopping.write = lambda: answer
    await cut_off(stopping)
    returning = asyncio.create_task(stopping.stage.return_orders())
    await other.edge(delivery())
    assert other.claims == []
    answer.set_result(None)
    await returning
    await other.edge(delivery())
    assert len(other.claims) == 1


async def test_a_write_that_nobody_knows_the_outcome_of_keeps_its_order(make_bench: MakeBench) -> None:
    stopping, other = make_bench(), make_bench()
    answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    stopping.write = lambda: answer
    await cut_off(stopping)
    answer.set_exception(UpstreamUnavailable(DOWN, outcome_unknown=True))
    await stopping.stage.return_orders()
    await other.edge(delivery())
    assert other.claims == []


async def cut_off(bench: Bench) -> None:
    """Begin an order and end the work in the middle."""
    bench.gate.clear()
    working = asyncio.create_task(bench.edge(delivery()))
    async with asyncio.timeout(10):
        await bench.started.wait()
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)


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


async def test_a_worker_of_an_older_version_does_not_close_the_row_of_a_later_one(
    make_bench: MakeBench,
) -> None:
    frozen, other = make_bench(), make_bench()
    frozen.gate.clear()
    working = asyncio.create_task(frozen.edge(delivery()))
    async with asyncio.timeout(10):
        await frozen.started.wait()
    await end_leases(frozen)
    other.gate.clear()
    going_on = asyncio.create_task(other.edge(delivery(revision=2)))
    async with asyncio.timeout(10):
        await other.started.wait()
    frozen.gate.set()
    await working
    assert await other.state() == "working"
    other.gate.set()
    await going_on
    assert len(other.events(OrderChanged)) == 1
    assert frozen.events(OrderChanged) == []


@pytest.mark.parametrize("end", [AMBIGUOUS, ZeroDivisionError()], ids=["for a person", "a bug"])
async def test_a_worker_that_outlived_its_lease_sets_nothing_aside(
    make_bench: MakeBench, end: Exception
) -> None:
    frozen, other = make_bench(), make_bench()
    frozen.outcomes = [end]
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


async def test_a_copy_that_cannot_be_worked_on_waits_while_a_colleague_has_the_order(
    make_bench: MakeBench,
) -> None:
    colleague, other = make_bench(), make_bench()
    colleague.gate.clear()
    working = asyncio.create_task(colleague.edge(delivery()))
    async with asyncio.timeout(10):
        await colleague.started.wait()
    await other.edge(delivery(deliveries=DELIVERY_COUNT_MAX))
    colleague.gate.set()
    await working
    (copy,) = other.publisher.waiting
    assert copy.headers["x-earlier-deliveries"] == DELIVERY_COUNT_MAX
    assert other.publisher.dead_letters == []
    assert other.publisher.events == []
    assert len(colleague.events(OrderChanged)) == 1


async def test_a_message_that_kills_its_workers_is_set_aside_although_its_order_is_held_each_time(
    bench: Bench,
) -> None:
    earlier_deliveries = 0
    for _ in range(DELIVERY_COUNT_MAX):
        bench.started.clear()
        answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        bench.write = partial(_itself, answer)
        headers = {"x-attempt": 1, "x-earlier-deliveries": earlier_deliveries}
        copy = replace(delivery(), headers=headers)
        dying = asyncio.create_task(bench.edge(copy))
        async with asyncio.timeout(10):
            await bench.started.wait()
        dying.cancel()
        await asyncio.gather(dying, return_exceptions=True)
        # What a dead worker had under way is known to nobody, so its lease stays.
        answer.set_exception(UpstreamUnavailable(DOWN, outcome_unknown=True))
        await bench.stage.return_orders()
        # The broker delivers it again, and finds it held by the worker that is gone.
        await bench.edge(replace(copy, headers={**headers, "x-delivery-count": 1}))
        earlier_deliveries = int(bench.publisher.waiting[-1].headers["x-earlier-deliveries"])
        await end_leases(bench)
    assert bench.publisher.dead_letters == []
    await bench.edge(replace(delivery(), headers={"x-earlier-deliveries": earlier_deliveries}))
    assert len(bench.claims) == DELIVERY_COUNT_MAX
    (letter,) = bench.events(OrderDeadLettered)
    assert isinstance(letter, OrderDeadLettered)
    assert (letter.reason.code, letter.reason.details) == (
        "DELIVERY_LIMIT",
        {"deliveries": str(DELIVERY_COUNT_MAX)},
    )


def _itself(answer: "asyncio.Future[None]") -> "asyncio.Future[None]":
    return answer


async def test_a_copy_that_cannot_be_worked_on_is_no_dead_letter_once_its_order_is_done(bench: Bench) -> None:
    await bench.edge(delivery())
    await bench.edge(delivery(deliveries=DELIVERY_COUNT_MAX))
    assert bench.publisher.dead_letters == []
    assert bench.events(OrderDeadLettered) == []
    assert await bench.state() == "done"


async def test_an_order_that_is_done_but_was_never_told_of_is_a_dead_letter(bench: Bench) -> None:
    bench.publisher.failures = [UpstreamUnavailable(DOWN)]
    await bench.edge(delivery())
    await bench.edge(delivery(deliveries=DELIVERY_COUNT_MAX))
    assert len(bench.publisher.dead_letters) == 1
    assert await bench.state() == "done"
