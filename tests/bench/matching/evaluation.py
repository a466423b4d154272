"""Runs recognition the way a user does: the `evaluate` command on two files, timed and weighed."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from bench.matching.cache import PYTHON, ROOT
from bench.matching.figures import Figures, Truth, figures_of, read_truth
from bench.matching.foreign_documents import country_id

PLAIN = (
    "customer_code",
    "email",
    "customer_code_or_email",
    "email_and_postcode",
    "customer_code_or_email_and_postcode",
)
SMART = "smart"
SPLINK_THRESHOLDS = ("0.99", "0.9999")


class BrokenRun(Exception):
    """The command that is measured failed; the text is the end of what it wrote."""


@dataclass(frozen=True, slots=True)
class Run:
    """One method on one set. `seconds` is everything from start to end, reading the files included."""

    figures: Figures
    seconds: float
    memory_mebibytes: int
    decisions: Path


@dataclass(frozen=True, slots=True)
class MeasuredSet:
    """A folder with `customers.jsonl` and `orders.jsonl`, orders with their `truth`."""

    folder: Path

    @property
    def customers(self) -> Path:
        return self.folder / "customers.jsonl"

    @property
    def orders(self) -> Path:
        return self.folder / "orders.jsonl"

    def truth(self) -> dict[str, Truth]:
        return read_truth(self.orders)

    def evaluate(self, recognition: str = SMART, *, threshold: str = "strict") -> Run:
        """Let the product decide all orders."""
        out = self.folder / f"decisions.{recognition}.{threshold}.jsonl"
        command = [sys.executable, "-m", "customer_resolver", "evaluate"]
        command += ["--customers", str(self.customers), "--orders", str(self.orders), "--out", str(out)]
        command += ["--countries", str(write_countries(self.folder))]
        command += ["--recognition", recognition, "--threshold", threshold]
        weighed = run_weighed(command)
        return Run(figures_of(self.truth(), out), weighed.seconds, weighed.memory_mebibytes, out)

    def decide_several_ways(self, *ways: str) -> tuple[dict[str, Run], dict[str, int]]:
        """Runs by way, and how many decisions came out otherwise when decided anew from their trace."""
        out = self.folder / "decisions.several"
        files = (self.customers, self.orders, write_countries(self.folder), out)
        command = [sys.executable, "-m", "bench.matching.several_ways", *map(str, files), *ways]
        weighed = run_weighed(command)
        truth = self.truth()
        runs = {}
        for way in ways:
            file = Path(f"{out}.{way.replace(':', '.')}.jsonl")
            runs[way] = Run(figures_of(truth, file), weighed.seconds, weighed.memory_mebibytes, file)
        return runs, json.loads(weighed.last_line)

    def link_with_splink(self) -> dict[str, Run]:
        """Splink's decisions by threshold."""
        script = Path(__file__).parent / "outside" / "link_with_splink.py"
        out = self.folder / "decisions.splink"
        command = [
            str(PYTHON),
            str(script),
            str(self.customers),
            str(self.orders),
            str(out),
            *SPLINK_THRESHOLDS,
        ]
        weighed = run_weighed(command)
        truth = self.truth()
        runs = {}
        for threshold in SPLINK_THRESHOLDS:
            file = Path(f"{out}.{threshold}")
            runs[threshold] = Run(figures_of(truth, file), weighed.seconds, weighed.memory_mebibytes, file)
        return runs


@dataclass(frozen=True, slots=True)
class Weighed:
    """What a command took: wall-clock seconds, and the most memory that it held."""

    seconds: float
    memory_mebibytes: int
    last_line: str


def run_weighed(command: list[str]) -> Weighed:
    """Run a command to its end; BrokenRun when it failed."""
    started = perf_counter()
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT / "tests")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    with process.stdout:
        written = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise BrokenRun(f"{' '.join(command)}\n{written[-3000:]}")
    lines = written.strip().splitlines()
    return Weighed(perf_counter() - started, usage.ru_maxrss // 1024, lines[-1] if lines else "")


def write_countries(folder: Path) -> Path:
    """The answer of GET /landen, as far as the sets need it, one land a line."""
    file = folder / "countries.jsonl"
    countries = {"NL": "Nederland", "AU": "Australië", "US": "Verenigde Staten", "BE": "België"}
    rows = [{"id": country_id(code), "landcode": code, "naam": name} for code, name in countries.items()]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return file
