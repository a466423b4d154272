"""What became of every mutant of the last run: figures per module, and the names of the survivors."""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

# The exit codes that mutmut stores; None is a mutant without a verdict.
VERDICTS = {0: "survived", 1: "killed", 3: "killed", 5: "no tests", 33: "no tests", None: "not checked"}
TIMEOUTS = {-24, 24, 152, 255, 36}
COLUMNS = ("killed", "timeout", "survived", "no tests", "other", "not checked")
STAGE = Path(__file__).resolve().parents[2] / "build" / "mutation"


def verdict(exit_code: int | None) -> str:
    return "timeout" if exit_code in TIMEOUTS else VERDICTS.get(exit_code, "other")


def verdicts(stage: Path) -> Iterator[tuple[str, str, str]]:
    """Module, mutant and verdict of each mutant."""
    folder = stage / "mutants" / "src"
    for record in sorted(folder.rglob("*.py.meta")):
        module = ".".join(record.relative_to(folder).parts).removesuffix(".py.meta")
        for mutant, exit_code in json.loads(record.read_text())["exit_code_by_key"].items():
            yield module, mutant, verdict(exit_code)


def score(stage: Path) -> str:
    """A table by module; the score counts killed and timed out against all."""
    counts: dict[str, Counter[str]] = {}
    for module, _, found in verdicts(stage):
        counts.setdefault(module, Counter())[found] += 1
    rows = [_row(f"`{module}`", found) for module, found in counts.items()]
    head = "| module | mutants | " + " | ".join(COLUMNS) + " | score |"
    return "\n".join(
        [
            head,
            "|---|" + "---:|" * (len(COLUMNS) + 2),
            *rows,
            _row("**all**", sum(counts.values(), Counter())),
        ]
    )


def unnoticed(stage: Path) -> str:
    """The mutants that no test notices, one on a line."""
    return "\n".join(
        f"{found}: {mutant}" for _, mutant, found in verdicts(stage) if found not in ("killed", "timeout")
    )


def _row(name: str, found: Counter[str]) -> str:
    score = 100 * (found["killed"] + found["timeout"]) / max(found.total(), 1)
    cells = [name, found.total(), *(found[column] for column in COLUMNS), f"{score:.1f} %"]
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


if __name__ == "__main__":
    if "--names" in sys.argv[1:]:
        sys.stdout.write(unnoticed(STAGE) + "\n")
    sys.stdout.write(score(STAGE) + "\n")
