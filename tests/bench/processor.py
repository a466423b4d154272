"""`python -m bench.processor [WRITERS]`: the processor time of one booking, by who spends it.

Orders per second depend on what else the machine does; processor time hardly does, so that two versions
can be compared on a machine that is shared.
"""

import os
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench.calls import orders_per_second
from bench.scaling import ADMINISTRATIONS, ANSWER_SECONDS
from bench.writers import Work, running_bench
from stack.terminal import say

ORDERS_PER_WRITER = 200
ROUNDS = 3


def main() -> None:
    """Print milliseconds of processor time per booking, medians of some rounds; takes a minute."""
    writers = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    with (
        TemporaryDirectory() as name,
        running_bench(Path(name), administrations=ADMINISTRATIONS) as bench,
    ):
        bench.delay_bookings(ANSWER_SECONDS)
        rounds = [bench.book(writers * ORDERS_PER_WRITER, writers=writers) for _ in range(ROUNDS)]
    say(
        f"{writers} writers, {ADMINISTRATIONS} administrations, {writers * ORDERS_PER_WRITER} orders,"
        f" {ROUNDS} rounds, {os.cpu_count()} cores: ms of processor time per booking"
    )
    for name in rounds[0].processor_seconds:
        show(name, [per_booking(work, name) for work in rounds])
    show("together", [sum(per_booking(work, name) for name in work.processor_seconds) for work in rounds])
    say(f"    orders per second  median {median(orders_per_second(work.calls) for work in rounds):.1f}")


def per_booking(work: Work, name: str) -> float:
    return work.processor_seconds[name] * 1000 / len(work.calls)


def show(name: str, milliseconds: list[float]) -> None:
    rounds = [round(one, 2) for one in milliseconds]
    say(f"    {name:12} median {median(milliseconds):6.2f}   rounds {rounds}")


if __name__ == "__main__":
    main()
