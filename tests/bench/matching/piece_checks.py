"""Goal 12: how often an order goes to somebody else when its customer has no card, without labels."""

import json
import sys
from typing import Any

from bench.matching.evaluation import run_weighed, write_countries
from bench.matching.findings import Findings, Goal, Table, percent
from bench.matching.intervals import error_rate_bounds
from bench.matching.sets import dutch_set
from bench.matching.sizes import Size
from stack.terminal import say

RATE_MAX = 5e-4
MASKED = {
    "email": "e-mail replaced",
    "email_and_phone": "e-mail and phone replaced",
    "address": "address replaced",
    "address_and_phone": "address and phone replaced",
}


def measure_label_free_checks(size: Size) -> Findings:
    """Runs the command that users run on their own files."""
    say("Knocking out the customers of certain orders.")
    measured = dutch_set(customers=size.customers, orders=size.orders, seed=size.test_seeds[0])
    command = [sys.executable, "-m", "customer_resolver", "check-recognition", "--json"]
    command += ["--customers", str(measured.customers), "--orders", str(measured.orders)]
    command += ["--countries", str(write_countries(measured.folder))]
    report: dict[str, Any] = json.loads(run_weighed(command).last_line)
    certain, linked = report["certain"], report["knocked_out_linked"]
    rate = linked / certain if certain else 1.0
    low, high = error_rate_bounds(linked, certain)
    found = f"{linked} of {certain:,} = {rate:.1e} (95 % {low:.1e} to {high:.1e})"
    goal = Goal("G12", "knock-out on the Dutch set", "≤ 5e-4", found, rate <= RATE_MAX)
    return Findings([goal], [_masked(report["masked"], certain or 1)])


def _masked(masked: dict[str, dict[str, int]], certain: int) -> Table:
    rows = [
        [
            words,
            *(percent(masked[name][outcome] / certain, 2) for outcome in ("same", "other", "manual", "new")),
        ]
        for name, words in MASKED.items()
    ]
    head = ("of the certain orders", "same relation", "another", "manual", "new")
    return Table("What the other parts of an order are worth (no labels needed)", head, rows)
