"""`python -m bench.scaling`: one, two and four booking-writers against an API that answers in 150 ms."""

import os
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench.calls import orders_per_second
from bench.writers import running_bench
from stack.terminal import say

ADMINISTRATIONS = 20
ANSWER_SECONDS = 0.150
WRITERS = (1, 2, 4)
ORDERS_PER_WRITER = 200
ROUNDS = 3


def main() -> None:
    """Print orders per second, and each number of writers against one; takes some minutes."""
    with (
        TemporaryDirectory() as name,
        running_bench(Path(name), administrations=ADMINISTRATIONS) as bench,
    ):
        bench.delay_bookings(ANSWER_SECONDS)
        rounds = {
            count: [
                orders_per_second(bench.book(count * ORDERS_PER_WRITER, writers=count).calls)
                for _ in range(ROUNDS)
            ]
            for count in WRITERS
        }
    say(
        f"{ADMINISTRATIONS} administrations with their limits, prefetch 4, {ANSWER_SECONDS * 1000:.0f} ms an"
        f" answer, PostgreSQL, {os.cpu_count()} cores, orders per second"
    )
    for count, found in rounds.items():
        ratio = median(found) / median(rounds[WRITERS[0]])
        every = [round(one, 1) for one in found]
        say(f"    {count} writers  median {median(found):6.1f}   ratio {ratio:.2f}   rounds {every}")


if __name__ == "__main__":
    main()
