"""The verdict on every goal, for the terminal and for docs/matching.md."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from bench.matching.cache import ROOT
from bench.matching.findings import Findings, Goal, Table

DOCUMENT = ROOT / "docs" / "matching.md"
FOR_BOOKKEEPERS = ROOT / "docs" / "klantherkenning.md"
BOOKKEEPERS_TABLE = "Gemeten: precisie en dekking van de zes herkenningen"
BEGIN = "<!-- begin: written by make bench-matching -->"
END = "<!-- end -->"
GOAL_HEAD = ("goal", "data", "wanted", "measured", "verdict")


def markdown(findings: Iterable[Findings], made_with: str, pieces_made: Mapping[str, str]) -> str:
    """All goals in the order of their names, how each piece was made, then the tables of each piece."""
    pieces = list(findings)
    goals = sorted((goal for piece in pieces for goal in piece.goals), key=_order)
    met = sum(goal.met is True for goal in goals)
    parts = [made_with, f"{met} of {len(goals)} goals are met."]
    rows = [[goal.name, goal.data, goal.wanted, goal.found, goal.verdict] for goal in goals]
    parts.append(_markdown_table(GOAL_HEAD, rows))
    made = [[f"`python -m bench.matching.run --only {name}`", how] for name, how in pieces_made.items()]
    parts.append(_markdown_table(("piece", "measured"), made))
    tables = (table for piece in pieces for table in piece.tables)
    parts += [_section(table) for table in tables if table.title != BOOKKEEPERS_TABLE]
    return "\n\n".join(parts) + "\n"


def write_table_for_bookkeepers(findings: Iterable[Findings]) -> None:
    """The figures of the six recognitions in the Dutch page, when they were measured."""
    tables = [table for piece in findings for table in piece.tables if table.title == BOOKKEEPERS_TABLE]
    for table in tables:
        write_document(f"{_markdown_table(table.head, table.rows)}\n\n{table.note}\n", FOR_BOOKKEEPERS)


def write_document(text: str, document: Path = DOCUMENT) -> None:
    """Replace the generated part; what stands before and after is written by hand."""
    whole = document.read_text(encoding="utf-8")
    before, begin, rest = whole.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{document} lacks the marks of its generated part")
    document.write_text(f"{before}{BEGIN}\n\n{text}\n{END}{after}", encoding="utf-8")


def _order(goal: Goal) -> tuple[int, str]:
    number = goal.name.removeprefix("G")
    return (int(number), "") if number.isdigit() else (99, goal.name)


def _section(table: Table) -> str:
    note = f"\n\n{table.note}" if table.note else ""
    return f"### {table.title}\n\n{_markdown_table(table.head, table.rows)}{note}"


def _markdown_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
