"""`make bench-matching`: recognition on every set, against its goals.

`python -m bench.matching.run [--size small] [--only PIECE]… [--report-only] [--no-document]`. What a piece
found is kept, so that pieces can be run apart; the report shows the last findings of all pieces of that size.
Only a full run writes docs/matching.md.
"""

import argparse
import os
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from bench.matching.cache import ROOT
from bench.matching.environment import ensure_environment
from bench.matching.findings import Findings
from bench.matching.piece_checks import measure_label_free_checks
from bench.matching.piece_dutch import measure_dutch_sets, measure_splink
from bench.matching.piece_foreign import measure_foreign_sets
from bench.matching.piece_latency import measure_latency
from bench.matching.piece_million import measure_million
from bench.matching.report import markdown, write_document, write_table_for_bookkeepers
from bench.matching.sizes import SIZES, Size
from sconnect.clock import SHOP_TIME_ZONE
from stack.terminal import say

PIECES: dict[str, Callable[[Size], Findings]] = {
    "foreign": lambda _size: measure_foreign_sets(),
    "dutch": measure_dutch_sets,
    "million": measure_million,
    "latency": measure_latency,
    "checks": measure_label_free_checks,
    "splink": measure_splink,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.matching.run", description=__doc__)
    parser.add_argument("--size", choices=SIZES, default="full")
    parser.add_argument("--only", choices=PIECES, action="append", help="a piece; all of them when left out")
    parser.add_argument("--report-only", action="store_true", help="measure nothing, show what was found")
    parser.add_argument("--no-document", action="store_true", help="print only")
    asked = parser.parse_args()
    size = SIZES[asked.size]
    pieces = () if asked.report_only else asked.only or PIECES
    if pieces:
        ensure_environment()
    for name in pieces:
        findings = _judged(PIECES[name](size), name, size)
        findings.made = _circumstances()
        findings.save(name, size.name)
    found = {name: Findings.load(name, size.name) for name in PIECES}
    kept = [findings for findings in found.values() if findings]
    pieces_made = {name: findings.made if findings else "not measured" for name, findings in found.items()}
    text = markdown(kept, f"Made with `make bench-matching`, size {size.name}.", pieces_made)
    say(text)
    if size.is_full and not asked.no_document:
        write_document(text)
        write_table_for_bookkeepers(kept)


def _circumstances() -> str:
    command = ["git", "rev-parse", "--short", "HEAD"]
    version = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
    today = datetime.now(SHOP_TIME_ZONE).date().isoformat()
    load = f"load {os.getloadavg()[2]:.0f} on {os.cpu_count()} cores"
    return f"{today}, code {version or 'of no repository'}, {load}"


def _judged(findings: Findings, piece: str, size: Size) -> Findings:
    """A small run shows that everything works; only the sets of others have their whole size in it."""
    if size.is_full or piece == "foreign":
        return findings
    return Findings([replace(goal, met=None) for goal in findings.goals], findings.tables)


if __name__ == "__main__":
    main()
