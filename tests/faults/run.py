"""`python -m faults.run [--database sqlite|postgres] [--rounds N] [--seconds S] [--seed N] [--only TEXT]`.

Prints the table of fault by step, with what was lost, doubled or wrong, and the totals; `make test-faults`.
"""

import argparse
import logging
import random
import signal
import sys
import time
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from faults.disturbances import Cell, table
from faults.lines import say
from faults.table import HEADING, Table
from faults.telling import TELLING
from faults.world import World

# A moment that is drawn late may never come: then the cell is run again (`--until-reached`).
TRIES_MAX = 4
# An administration takes 5,000 calls an hour and a run makes some fifteen: after three hundred runs within
# an hour its orders wait, as they should, for the hour to pass, and the table would take them for lost.
RUNS_IN_A_WORLD_MAX = 150


def cells_for(database: str, only: str = "") -> list[Cell]:
    """Those that this database can have and whose name has one of the texts, separated by |."""
    wanted = only.split("|")
    return [
        cell
        for cell in table()
        if cell.only_on in (None, database) and any(text in cell.name for text in wanted)
    ]


def telling_cells(database: str) -> list[Cell]:
    cells = {cell.name: cell for cell in cells_for(database)}
    return [cells[name] for name in TELLING]


def in_turn(cells: list[Cell], rounds: int, seed: int) -> Iterator[Cell]:
    """Every cell `rounds` times, from the second round on in random order."""
    order = random.Random(seed)
    for _ in range(rounds):
        yield from cells
        order.shuffle(cells)


def run(database: str, turns: Iterable[Cell], *, seconds: float, tries: int, seed: int) -> Table:
    """As many of the turns as the seconds allow; in a new world after one in which something was amiss."""
    until = time.monotonic() + seconds
    faults = Table(seed)
    say(f"database {database}, seed {seed}\n{HEADING}")
    left = deque(turns)
    while left:
        with (
            TemporaryDirectory(prefix="sconnect-faults-") as folder,
            World(Path(folder), database=database) as world,
        ):
            last_of_world = max(0, len(left) - RUNS_IN_A_WORLD_MAX)
            is_clean = True
            while len(left) > last_of_world and is_clean:
                if time.monotonic() > until:
                    return faults
                is_clean = run_until_reached(faults, world, left.popleft(), tries)
    return faults


def run_until_reached(faults: Table, world: World, cell: Cell, tries: int) -> bool:
    reached_before = faults.reached(cell)
    for _ in range(tries):
        if not faults.run(world, cell):
            return False
        if faults.reached(cell) > reached_before:
            break
    return True


def main() -> int:
    """Exit code 1 when an order was lost, doubled or wrong."""
    parser = argparse.ArgumentParser(prog="faults.run", description="Break the product on purpose.")
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=1e9)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--only", default="", help="cells whose name has one of these texts: a|b")
    parser.add_argument("--telling", action="store_true", help="only the cells that tell most")
    parser.add_argument("--until-reached", action="store_true", help="again, until its moment comes")
    given = parser.parse_args()
    # Take everything down that was started, also when told to stop by a signal that Python does not turn
    # into an exception.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # The simulators' server tells of every line that is cut.
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    seed = given.seed if given.seed is not None else random.SystemRandom().randrange(1_000_000)
    cells = telling_cells(given.database) if given.telling else cells_for(given.database, given.only)
    turns = in_turn(cells, given.rounds, seed)
    tries = TRIES_MAX if given.until_reached else 1
    faults = run(given.database, turns, seconds=given.seconds, tries=tries, seed=seed)
    sys.stdout.write(f"\n{faults.report(given.database)}\n")
    return any(line.lost or line.doubled or line.wrong for line in faults.lines.values())


if __name__ == "__main__":
    sys.exit(main())
