"""The harness with which recognition is measured: counts, bounds, report, and one small run of it all."""

import json
from pathlib import Path

import pytest

from bench.matching.dutch_set import write_dutch_set
from bench.matching.evaluation import MeasuredSet
from bench.matching.figures import Figures, figures_of, read_truth
from bench.matching.findings import Findings, Goal, Table
from bench.matching.intervals import error_rate_bounds
from bench.matching.plain_fields import row_of_relation
from bench.matching.report import BEGIN, END, markdown, write_document


def decided(number: str, decision: str, customer: str | None = None, *suggestions: str) -> str:
    row = {"order": number, "decision": decision, "customer": customer, "suggestions": suggestions}
    return json.dumps(row | {"reasons": ["word"], "explanation": "A sentence."}) + "\n"


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    file = tmp_path / "orders.jsonl"
    truths = {"1": ["a"], "2": ["a", "b"], "3": ["c"], "4": [], "5": []}
    rows = [{"number": number, "truth": truth, "category": "any"} for number, truth in truths.items()]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return file


def test_counts_each_outcome_once(tmp_path: Path, orders: Path) -> None:
    file = tmp_path / "decisions.jsonl"
    file.write_text(
        decided("1", "linked", "a")
        + decided("2", "manual", None, "x", "b")
        + decided("3", "new")
        + decided("4", "linked", "a")
        + decided("5", "new")
    )
    figures = figures_of(read_truth(orders), file)
    assert (figures.right, figures.wrong, figures.manual, figures.wrong_new) == (1, 1, 1, 1)
    assert figures.precision == 0.5
    assert figures.recall == pytest.approx(1 / 3)
    assert (figures.first_suggestion_right, figures.suggestions_right) == (0, 1)
    assert figures.by_category["any"].orders == figures.orders == 5


@pytest.mark.parametrize("lines", ["", decided("1", "new") * 2, decided("99", "new")])
def test_refuses_decisions_that_do_not_cover_every_order_once(
    tmp_path: Path, orders: Path, lines: str
) -> None:
    file = tmp_path / "decisions.jsonl"
    file.write_text(lines)
    with pytest.raises(ValueError, match="order"):
        figures_of(read_truth(orders), file)


@pytest.mark.parametrize(
    ("errors", "trials", "lower", "upper"),
    [(0, 6000, 0.0, 6.146e-4), (3, 27_104, 2.283e-5, 3.234e-4), (1, 100, 2.531e-4, 0.05446)],
)
def test_bounds_are_those_of_clopper_and_pearson(
    errors: int, trials: int, lower: float, upper: float
) -> None:
    assert error_rate_bounds(errors, trials) == pytest.approx((lower, upper), rel=1e-3)


def test_a_name_is_read_in_every_order() -> None:
    for name in ("Peter van Dijk", "Dijk, Peter van", "Dhr. Peter van Dijk"):
        row = row_of_relation({"id": "1", "naam": name})
        assert (row["first_name"], row["surname"]) == ("peter", "dyk")


def test_the_report_says_which_goals_are_met_and_keeps_what_people_wrote(tmp_path: Path) -> None:
    goals = [Goal("G10", "b", "w", "f", False), Goal("G2", "a", "w", "f", True)]
    found = [Findings(goals, [Table("T", ("x",), [["1"]])])]
    text = markdown(found, "Made today.", {"dutch": "on a quiet day", "million": "not measured"})
    assert text.index("| G2 |") < text.index("| G10 |")
    assert "1 of 2 goals are met." in text
    document = tmp_path / "page.md"
    document.write_text(f"Before.\n{BEGIN}\nold\n{END}\nAfter.\n")
    write_document(text, document)
    written = document.read_text()
    assert written.startswith("Before.")
    assert written.endswith("After.\n")
    assert "old" not in written
    assert "**not met**" in written


def test_measures_recognition_as_a_user_runs_it(tmp_path: Path) -> None:
    write_dutch_set(tmp_path, seed=7, customers=400, orders=100)
    measured = MeasuredSet(tmp_path)
    runs, replayed = measured.decide_several_ways("smart:strict", "email")
    smart, by_email = runs["smart:strict"].figures, runs["email"].figures
    assert smart.orders == by_email.orders == 100
    assert smart.recall > by_email.recall > 0.3
    assert smart.wrong <= by_email.wrong
    assert smart.without_words == 0
    assert replayed == {"orders": 200, "differing": 0}
    assert _counts(measured.evaluate().figures) == _counts(smart)


def _counts(figures: Figures) -> tuple[int, int, int, int]:
    return figures.right, figures.wrong, figures.manual, figures.wrong_new
