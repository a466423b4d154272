"""Runs the table of faults: every cell many times with random moments, and adds up what came of it."""

import random
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

import httpx
from sqlalchemy.exc import SQLAlchemyError

from faults.books import Verdict, console_knows, is_settled, judge
from faults.disturbances import Cell
from faults.lines import say
from faults.world import World
from sconnect.errors import SConnectError
from stack.waiting import wait_until

SETTLE_SECONDS = 240.0  # a busy machine is slow; a lost order never comes
POLL_SECONDS = 0.1
CONSOLE_SECONDS = 120.0
SHOP = "tuin"
BROKEN_OFF = (SConnectError, SQLAlchemyError, httpx.HTTPError, OSError, AssertionError, ValueError)


@dataclass
class Line:
    """What came of one cell so far."""

    cell: Cell
    runs: int = 0
    orders: int = 0
    reached: int = 0
    kills: int = 0
    seconds: float = 0.0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def add(self, verdict: Verdict, seed: str) -> None:
        for name in ("lost", "doubled", "wrong"):
            getattr(self, name).extend(f"{each} (seed {seed})" for each in getattr(verdict, name))

    def __str__(self) -> str:
        bad = f"{len(self.lost):5} {len(self.doubled):6} {len(self.wrong):5}"
        return (
            f"{self.cell.fault:32} {self.cell.step:20} {self.runs:4} {self.reached:7} {self.orders:6} {bad}"
            f" {self.kills:5} {self.seconds / max(1, self.runs):6.1f}"
        )


HEADING = f"{'fault':32} {'step':20} runs reached orders  lost double wrong kills  s/run"


@dataclass
class Table:
    """`seed` is the first of the seeds; the run `n` of the whole table has seed `SEED.n`."""

    seed: int
    lines: dict[tuple[str, str], Line] = field(default_factory=dict)
    runs: int = 0

    def run(self, world: World, cell: Cell) -> bool:
        """One run of a cell on top of all that this world went through; whether everything was as it must be.

        What is amiss is in the cell's line, and told at once.
        """
        self.runs += 1
        seed = f"{self.seed}.{self.runs}"
        line = self.lines.setdefault((cell.fault, cell.step), Line(cell))
        began_at = time.monotonic()
        orders_before = _order_count(world)
        verdict = Verdict()
        try:
            line.reached += self._disturb(world, cell, random.Random(seed), line, verdict)
            _look_at(world, verdict)
        except BROKEN_OFF as error:
            # The table goes on in another world.
            verdict.wrong.append(f"the run broke off: {type(error).__name__}: {error}")
        line.orders += _order_count(world) - orders_before
        line.add(verdict, seed)
        line.runs += 1
        line.seconds += time.monotonic() - began_at
        say(str(line))
        if not verdict.is_clean:
            say(f"{cell.name}, seed {seed}: {verdict}\n{world.log_tails()}")
        return verdict.is_clean

    def reached(self, cell: Cell) -> int:
        """How often the moment of a cell came."""
        line = self.lines.get((cell.fault, cell.step))
        return 0 if line is None else line.reached

    def _disturb(self, world: World, cell: Cell, rng: random.Random, line: Line, verdict: Verdict) -> bool:
        """Import orders while the cell's trouble happens, until everything is quiet; whether it happened."""
        world.forget_calls()
        world.messages_seen()
        world.new_orders(SHOP, rng)
        going = cell.disturb(world, rng)
        # The first step of a disturbance comes before there is anything to disturb.
        happened = next(going, going) is going
        world.ask_for_import(SHOP)

        def quiet() -> bool:
            nonlocal happened
            line.kills += world.raise_the_dead()
            with suppress(SConnectError):
                happened = happened or next(going, going) is going
            return (happened or not cell.certain) and is_settled(world, SHOP, world.orders[SHOP])

        if not wait_until(quiet, timeout_seconds=SETTLE_SECONDS, interval_seconds=POLL_SECONDS):
            verdict.lost.append(f"something was still under way after {SETTLE_SECONDS:.0f} s")
        _end_trouble(world)
        return happened

    def report(self, database: str) -> str:
        total = Line(Cell(fault="total", step=database, disturb=_nothing))
        for line in self.lines.values():
            total.runs += line.runs
            total.orders += line.orders
            total.reached += line.reached
            total.kills += line.kills
            total.seconds += line.seconds
            total.lost += line.lost
            total.doubled += line.doubled
            total.wrong += line.wrong
        return "\n".join([HEADING, *map(str, self.lines.values()), str(total)])


def _end_trouble(world: World) -> None:
    """What did not come to its moment, or to its end, must not hit the next run."""
    world.forget_faults()
    for line in (world.broker_line, world.books_line):
        line.restore()
    for service in world.services.values():
        service.tell("arm", None)
        service.tell("disk", False)
        service.tell("clock", 0)


def _order_count(world: World) -> int:
    return sum(map(len, world.orders.values()))


def _look_at(world: World, verdict: Verdict) -> None:
    judge(world, verdict)
    for name, orders in world.orders.items():
        told = wait_until(
            partial(console_knows, world, name, orders),
            timeout_seconds=CONSOLE_SECONDS,
            interval_seconds=POLL_SECONDS,
        )
        if not told:
            verdict.lost.append(f"the console does not know what became of every order of {name}")


def _nothing(_world: World, _rng: random.Random) -> Iterator[None]:
    yield
