"""`python -m bench.single_orders [ORDERS]`: from the shop's answer to the booking, one order at a time."""

import sys
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

from bench.world import running_world
from stack.terminal import say

ORDERS = 100
BUYERS = range(5)


def main() -> None:
    """Print median and p99 in seconds; takes some minutes."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else ORDERS
    with TemporaryDirectory() as name, running_world(Path(name)) as world:
        world.import_orders(BUYERS)
        seconds = [world.seconds_to_the_books(BUYERS[i % len(BUYERS)]) for i in range(count)]
    p99 = quantiles(seconds, n=100, method="inclusive")[-1]
    say(f"{count} single orders, poll to booking: median {median(seconds):.2f} s, p99 {p99:.2f} s")


if __name__ == "__main__":
    main()
