"""Runs the table of faults: every cell many times with random moments, and adds up what came of it."""

import random
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

from faults.books import Verdict, console_knows, is_settled, judge
from faults.disturbances import Cell
from faults.world import World
from sconnect.errors import SConnectError
from stack.waiting import wait_until

SETTLE_SECONDS = 600.0  # a busy machine is slow; a lost order never comes
CONSOLE_SECONDS = 120.0
SHOP = "tuin"


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

    world: World
    seed: int
    lines: dict[tuple[str, str], Line] = field(default_factory=dict)
    runs: int = 0

    def run(self, cell: Cell) -> Line:
        """One run of a cell on top of all that went before; what is amiss is in the line it returns."""
        self.runs += 1
        seed = f"{self.seed}.{self.runs}"
        line = self.lines.setdefault((cell.fault, cell.step), Line(cell))
        began_at = time.monotonic()
        orders_before = self._order_count()
        line.reached += self._disturb(cell, random.Random(seed), line)
        line.orders += self._order_count() - orders_before
        verdict = self._verdict()
        line.add(verdict, seed)
        line.runs += 1
        line.seconds += time.monotonic() - began_at
        if not verdict.is_clean:
            say(f"{cell.name}, seed {seed}: {verdict}\n{self.world.log_tails()}")
        return line

    def _disturb(self, cell: Cell, rng: random.Random, line: Line) -> bool:
        """Import orders while the cell's trouble happens, until everything is quiet; whether it happened."""
        world = self.world
        world.forget_calls()
        world.messages_seen()
        new = world.new_orders(SHOP, rng)
        going = cell.disturb(world, rng)
        # The first step of a disturbance comes before there is anything to disturb.
        happened = next(going, going) is going
        world.ask_for_import(SHOP)

        def quiet() -> bool:
            nonlocal happened
            line.kills += world.raise_the_dead()
            with suppress(SConnectError):
                happened = happened or next(going, going) is going
            return is_settled(world, SHOP, new)

        wait_until(quiet, timeout_seconds=SETTLE_SECONDS)
        self._end_trouble()
        return happened

    def _end_trouble(self) -> None:
        """What did not come to its moment must not hit the next run."""
        self.world.forget_faults()
        for service in self.world.services.values():
            service.tell("arm", None)

    def _order_count(self) -> int:
        return sum(map(len, self.world.orders.values()))

    def _verdict(self) -> Verdict:
        world = self.world
        verdict = judge(world)
        for name, orders in world.orders.items():
            told = wait_until(partial(console_knows, world, name, orders), timeout_seconds=CONSOLE_SECONDS)
            if not told:
                verdict.lost.append(f"the console does not know what became of every order of {name}")
        return verdict

    def report(self) -> str:
        total = Line(Cell(fault="total", step=self.world.database, disturb=_nothing))
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


def _nothing(_world: World, _rng: random.Random) -> Iterator[None]:
    yield


def say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
