"""Goal 8: the Dutch set with a million relations, and the memory that `evaluate` takes for it."""

from bench.matching.findings import RUN_HEAD, Findings, Goal, Table, run_row, shown
from bench.matching.sets import dutch_set
from bench.matching.sizes import MILLION_TEST_SEED, Size
from stack.terminal import say

MEMORY_MEBIBYTES_MAX = 4096


def measure_million(size: Size) -> Findings:
    say(f"Measuring {size.million:,} relations.")
    run = dutch_set(customers=size.million, orders=size.orders, seed=MILLION_TEST_SEED).evaluate()
    ours = run.figures
    met = ours.precision >= 0.9995 and ours.recall >= 0.87 and ours.manual_share <= 0.16
    wanted = "precision ≥ 0.9995; recall ≥ 0.87; manual ≤ 16 %"
    memory = f"{run.memory_mebibytes:,} MiB; {run.seconds:.0f} s"
    title = f"Dutch set, {size.million:,} relations, test seed {MILLION_TEST_SEED}"
    return Findings(
        goals=[
            Goal("G8", "Dutch set, 1M, unseen seed", wanted, shown(ours), met),
            Goal(
                "memory",
                "`evaluate` with 1M relations",
                "≤ 4 GiB",
                memory,
                run.memory_mebibytes <= MEMORY_MEBIBYTES_MAX,
            ),
        ],
        tables=[Table(title, RUN_HEAD, [run_row("Slim, strict", run)])],
    )
