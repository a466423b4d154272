"""`python -m bench.soak_in_memory [ORDERS [SEED]]`: very many orders through the three services, in memory.

Years go by in minutes: the services are the product's own, their tables, queues and vendors are the fakes
that pass the same suites as the real ones. Exit code 1 when memory or a table grows, or when an order does
not come to exactly one end. Interrupted (Ctrl-C, SIGTERM) it ends early, with what it found until then.
"""

import asyncio
import logging
import os
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog

from bench.in_memory.tables import caches
from bench.in_memory.world import DAYS_BETWEEN_BURSTS, SHOPS, START, World
from bench.memory import resident_mb
from stack.terminal import say

ORDERS = 1_000_000
SEED = 20_260_112
LOOKS = 20
ORDERS_OF_A_BURST_MAX = 800
# Four years at least: with the shortest retention every table has seen three of its yearly prunings then.
BURSTS_MIN = 64
LAST_BURSTS = 4
# The second to the sixth tenth is where everything has come to its size; a tenth more is the pruning's phase.
EARLY, LATE = (0.2, 0.6), (0.6, 1.0)
TABLE_GROWTH_MAX = 1.2
TABLE_GROWTH_ROWS = 40
GROWTH_MB_MAX = 32.0


@dataclass(frozen=True, kw_only=True)
class Look:
    """What stood where after a burst: MB of the process, members of every container."""

    memory_mb: float
    tables: dict[str, int]


async def soak(world: World, orders: int, is_over: asyncio.Event) -> list[Look]:
    bursts = max(BURSTS_MIN, orders // ORDERS_OF_A_BURST_MAX)
    looks: list[Look] = []
    began_at, told = time.monotonic(), 0
    for burst in range(1, bursts + 1):
        done = world.orders_of_a_shop * burst // bursts
        await world.burst(done - min(world.placed.values()))
        is_told = burst * LOOKS // bursts > told
        # The caches are found among all objects, which takes its time.
        tables = world.tables() | (caches() if is_told else {})
        looks.append(Look(memory_mb=resident_mb(os.getpid(), "VmRSS"), tables=tables))
        if is_told:
            told = burst * LOOKS // bursts
            tell(world, looks[-1], time.monotonic() - began_at)
        if is_over.is_set():
            judged = "" if burst >= BURSTS_MIN else "; too few to tell whether anything grows"
            say(f"interrupted after {burst} of {bursts} bursts{judged}")
            break
    for _ in range(LAST_BURSTS):
        await world.burst(0)
    return looks


def tell(world: World, look: Look, seconds: float) -> None:
    orders = SHOPS * min(world.placed.values())
    largest = ", ".join(
        f"{name} {size}"
        for name, size in sorted(look.tables.items(), key=lambda table: -table[1])
        if not name.startswith("module ")
    )
    years = (world.clock.now() - START) / timedelta(days=365.25)
    say(
        f"{orders} orders, {years:.1f} years, {seconds:.0f} s, {orders / seconds:.0f}/s:"
        f" {look.memory_mb:.0f} MB; {sum(look.tables.values())} entries in {len(look.tables)} tables,"
        f" queues and caches; {largest[:120]}"
    )


def part(looks: Sequence[Look], after: float, until: float) -> Sequence[Look]:
    return looks[round(after * len(looks)) : round(until * len(looks))]


def growth(looks: Sequence[Look]) -> list[str]:
    """What was larger in the last two fifths than in the two before."""
    early, late = part(looks, *EARLY), part(looks, *LATE)
    found = []
    before, after = (max(look.memory_mb for look in phase) for phase in (early, late))
    if after - before > GROWTH_MB_MAX:
        found.append(f"the process grew from {before:.0f} to {after:.0f} MB")
    for name in sorted({name for look in looks for name in look.tables}):
        before, after = (max(look.tables.get(name, 0) for look in phase) for phase in (early, late))
        if after > before * TABLE_GROWTH_MAX + TABLE_GROWTH_ROWS:
            found.append(f"{name} grew from {before} to {after}")
    return found


def complaints(world: World, looks: Sequence[Look]) -> list[str]:
    grown = growth(looks) if len(looks) >= BURSTS_MIN else []
    left = [] if world.is_settled() else ["messages were left in the queues, or dead letters unlooked at"]
    return [*grown, *left, *world.complaints()]


def summary(world: World, looks: Sequence[Look]) -> str:
    booked = sum(sum(books.times_booked) for books in world.books.values())
    cents = sum(sum(books.cents) for books in world.books.values())
    late = [look.memory_mb for look in part(looks, EARLY[0], 1.0)]
    orders = SHOPS * min(world.placed.values())
    return (
        f"{orders} orders over {len(looks) * DAYS_BETWEEN_BURSTS} days: {booked} booked once"
        f" ({cents / 100:.2f} euro), {len(world.office.discarded)} discarded, none lost, none doubled\n"
        f"replayed: {dict(world.office.replayed)}; waits: {dict(world.broker.waited)};"
        f" troubles: {dict(world.troubles)}\n"
        f"MB from 20 % on: least {min(late):.0f}, most {max(late):.0f}, at the end {late[-1]:.0f}"
    )


async def run(orders: int, seed: int) -> list[str]:
    """The complaints; the figures are told meanwhile."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    say(f"{orders} orders, seed {seed}")
    world = World(orders, seed=seed)
    is_over = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, is_over.set)
    looks = await soak(world, orders, is_over)
    found = complaints(world, looks)
    if not found:
        say(summary(world, looks))
    return found


def main() -> int:
    orders = int(sys.argv[1]) if len(sys.argv) > 1 else ORDERS
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else SEED
    found = asyncio.run(run(orders, seed))
    for complaint in found[:50]:
        say(complaint)
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
