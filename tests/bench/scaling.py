"""`python -m bench.scaling`: one, two and four booking-writers against an API that answers in 150 ms."""

import os
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench.calls import orders_per_second
from bench.writers import PREFETCH_DEFAULT, Bench, running_bench
from stack.terminal import say

ADMINISTRATIONS = 20
ANSWER_SECONDS = 0.150
WRITERS = (1, 2, 4)
# The product's default, and one order at a time: four times the default asks more than a small machine has.
PREFETCHES = (PREFETCH_DEFAULT, 1)
ORDERS_PER_HAND = 50
ROUNDS = 3


def main() -> None:
    """Print orders per second, and each number of writers against one; takes some minutes."""
    with (
        TemporaryDirectory() as name,
        running_bench(Path(name), administrations=ADMINISTRATIONS) as bench,
    ):
        bench.delay_bookings(ANSWER_SECONDS)
        for prefetch in PREFETCHES:
            say(
                f"{ADMINISTRATIONS} administrations with their limits, prefetch {prefetch}, an answer takes"
                f" {ANSWER_SECONDS * 1000:.0f} ms, PostgreSQL, {os.cpu_count()} cores, orders per second"
            )
            show({count: [measured(bench, count, prefetch) for _ in range(ROUNDS)] for count in WRITERS})


def measured(bench: Bench, writers: int, prefetch: int) -> float:
    orders = writers * prefetch * ORDERS_PER_HAND
    return orders_per_second(bench.book(orders, writers=writers, prefetch=prefetch).calls)


def show(rounds: dict[int, list[float]]) -> None:
    for count, found in rounds.items():
        ratio = median(found) / median(rounds[WRITERS[0]])
        every = [round(one, 1) for one in found]
        say(f"    {count} writers  median {median(found):6.1f}   ratio {ratio:.2f}   rounds {every}")


if __name__ == "__main__":
    main()
