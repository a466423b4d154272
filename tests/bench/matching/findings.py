"""What a piece of the bench found: goals with their figures, and tables. Kept as JSON between runs."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from bench.matching.cache import cache_folder
from bench.matching.evaluation import Run
from bench.matching.figures import Figures

RUN_HEAD = ("method", "linked", "wrong", "precision", "recall", "manual", "wrong new")


@dataclass(frozen=True, slots=True)
class Goal:
    """One line of the verdict; `met` is None when it was not measured at this size."""

    name: str
    data: str
    wanted: str
    found: str
    met: bool | None

    @property
    def verdict(self) -> str:
        return {True: "met", False: "**not met**", None: "not measured"}[self.met]


@dataclass(frozen=True, slots=True)
class Table:
    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""


@dataclass(slots=True)
class Findings:
    """`made`: on which day, with which version of the code and beside how much other work."""

    goals: list[Goal] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    made: str = ""

    def save(self, piece: str, size: str) -> None:
        file = cache_folder() / "findings" / f"{piece}.{size}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(asdict(self), ensure_ascii=False, indent=1), encoding="utf-8")

    @classmethod
    def load(cls, piece: str, size: str) -> Self | None:
        """The piece's last findings; None when it never ran at this size."""
        file = cache_folder() / "findings" / f"{piece}.{size}.json"
        if not file.exists():
            return None
        kept = json.loads(file.read_text(encoding="utf-8"))
        goals, tables = [Goal(**goal) for goal in kept["goals"]], [Table(**table) for table in kept["tables"]]
        return cls(goals, tables, kept.get("made", ""))


def run_row(method: str, run: Run | Figures) -> list[str]:
    """A line under RUN_HEAD."""
    figures = run.figures if isinstance(run, Run) else run
    return [
        method,
        f"{figures.linked:,}",
        f"{figures.wrong:,}",
        f"{figures.precision:.5f}",
        f"{figures.recall:.3f}",
        percent(figures.manual_share),
        percent(figures.wrong_new_share, 2),
    ]


def percent(share: float, digits: int = 1) -> str:
    return f"{100 * share:.{digits}f} %"


def shown(figures: Figures) -> str:
    low, high = figures.precision_bounds
    return (
        f"{figures.wrong} wrong of {figures.linked:,} (precision {figures.precision:.5f}, 95 % {low:.5f} to "
        f"{high:.5f}); recall {figures.recall:.4f}; manual {percent(figures.manual_share)}; "
        f"wrong new {percent(figures.wrong_new_share, 2)}"
    )


def as_json(line: str) -> Any:
    """The JSON on the last line that a command printed."""
    return json.loads(line.strip().splitlines()[-1])
