"""`python -m faults.run [--database sqlite|postgres] [--rounds N] [--seconds S] [--seed N] [--only TEXT]`.

Prints the table of fault by step, with what was lost, doubled or wrong, and the totals; `make test-faults`.
"""

import argparse
import random
import signal
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from faults.disturbances import Cell, table
from faults.table import HEADING, Table, say
from faults.world import World

# Where the way of an order is the thinnest: the cells for who has only minutes (`--telling`).
TELLING = (
    "kill -9 booking_writer, after call",
    "kill -9 customer_resolver, after call",
    "messages, repeated, reordered",
    "line cut, to the broker",
    "answer cut_after_commit, POST a booking",
    "kill -9 booking_writer, before commit",
    "kill -9 poller, after publish",
    "kill -9, all services",
    "beside an administration, limited",
)


def cells_for(database: str, only: str = "") -> list[Cell]:
    return [cell for cell in table() if cell.only_on in (None, database) and only in cell.name]


def telling_cells(database: str) -> list[Cell]:
    cells = {cell.name: cell for cell in cells_for(database)}
    return [cells[name] for name in TELLING]


def run(database: str, cells: list[Cell], *, rounds: int, seconds: float, seed: int) -> Table:
    """Every cell `rounds` times, from the second time on in random order, as far as the seconds reach."""
    with (
        TemporaryDirectory(prefix="sconnect-faults-") as folder,
        World(Path(folder), database=database) as world,
    ):
        until = time.monotonic() + seconds
        faults = Table(world, seed)
        order = random.Random(seed)
        say(f"database {database}, seed {seed}\n{HEADING}")
        for _ in range(rounds):
            for cell in cells:
                if time.monotonic() > until:
                    return faults
                say(str(faults.run(cell)))
            order.shuffle(cells)
        return faults


def main() -> int:
    """Exit code 1 when an order was lost, doubled or wrong."""
    parser = argparse.ArgumentParser(prog="faults.run", description="Break the product on purpose.")
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=1e9)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--only", default="", help="cells whose name has this text")
    parser.add_argument("--telling", action="store_true", help="only the cells that tell most")
    given = parser.parse_args()
    # Take everything down that was started, also when told to stop by a signal that Python does not turn
    # into an exception.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    seed = given.seed if given.seed is not None else random.SystemRandom().randrange(1_000_000)
    cells = telling_cells(given.database) if given.telling else cells_for(given.database, given.only)
    faults = run(given.database, cells, rounds=given.rounds, seconds=given.seconds, seed=seed)
    sys.stdout.write(f"\n{faults.report()}\n")
    return any(line.lost or line.doubled or line.wrong for line in faults.lines.values())


if __name__ == "__main__":
    sys.exit(main())
