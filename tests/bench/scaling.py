"""`python -m bench.scaling`: one, two and four booking-writers against an API that takes its time.

The goal is meant for the default against 150 ms. Two cores end before four such writers do, so two more loads
that ask less of the machine stand beside it: one order at a time, and the default against a slower API.
"""

import os
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import NamedTuple

from bench.calls import orders_per_second
from bench.writers import PREFETCH_DEFAULT, Bench, running_bench
from stack.terminal import say

ADMINISTRATIONS = 20
ANSWER_SECONDS = 0.150
WRITERS = (1, 2, 4)
ORDERS_PER_HAND = 50
ROUNDS = 3


class Load(NamedTuple):
    """How many orders each writer has in hand, and how long the API thinks about a booking."""

    prefetch: int
    answer_seconds: float


LOADS = (Load(PREFETCH_DEFAULT, ANSWER_SECONDS), Load(1, ANSWER_SECONDS), Load(PREFETCH_DEFAULT, 0.600))


def main() -> None:
    """Print orders per second, and each number of writers against one; takes some minutes."""
    with (
        TemporaryDirectory() as name,
        running_bench(Path(name), administrations=ADMINISTRATIONS) as bench,
    ):
        for load in LOADS:
            bench.delay_bookings(load.answer_seconds)
            say(
                f"{ADMINISTRATIONS} administrations with their limits, prefetch {load.prefetch}, an answer"
                f" takes {load.answer_seconds * 1000:.0f} ms, PostgreSQL,"
                f" {os.cpu_count()} cores, orders per second"
            )
            show({count: [measured(bench, count, load.prefetch) for _ in range(ROUNDS)] for count in WRITERS})


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
