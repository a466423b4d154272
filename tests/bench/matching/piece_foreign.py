"""Goals 1 to 6: the sets that nobody here wrote, with Splink and recordlinkage beside us."""

from bench.matching.evaluation import MeasuredSet
from bench.matching.figures import Figures
from bench.matching.findings import RUN_HEAD, Findings, Goal, Table, run_row, shown
from bench.matching.recordlinkage_run import link_with_recordlinkage
from bench.matching.sets import foreign_set
from stack.terminal import say

FEBRL_SECONDS_MAX = 10


def measure_foreign_sets() -> Findings:
    found = Findings()
    for name, judge in (
        ("febrl4-webshop-half", _judge_febrl_half),
        ("febrl4-all-fields", _judge_febrl_all),
        ("pseudopeople-2020", _judge_people_2020),
        ("pseudopeople-2030", _judge_people_2030),
        ("fodors-zagat", _judge_restaurants),
        ("emm-company-pairs", _judge_company_pairs),
    ):
        say(f"Measuring {name}.")
        measured = foreign_set(name)
        ours = measured.evaluate()
        found.goals.append(judge(ours.figures, ours.seconds))
        rows = [run_row("Slim, strict", ours), run_row("Slim, normal", measured.evaluate(threshold="normal"))]
        rows += _others(name, measured)
        found.tables.append(Table(name, RUN_HEAD, rows))
    return found


def _others(name: str, measured: MeasuredSet) -> list[list[str]]:
    # The pairs have one candidate each and the restaurants are too few to train on.
    if name in {"emm-company-pairs", "fodors-zagat"}:
        return []
    rows = [run_row(f"Splink 5, p ≥ {at}", run) for at, run in measured.link_with_splink().items()]
    if name.startswith("febrl4"):
        rows += [run_row(method, figures) for method, figures in link_with_recordlinkage(measured).items()]
    return rows


def _judge_febrl_half(ours: Figures, seconds: float) -> Goal:
    met = (
        ours.wrong == 0
        and ours.recall >= 0.985
        and ours.manual_share <= 0.01
        and seconds <= FEBRL_SECONDS_MAX
    )
    wanted = "0 wrong; recall ≥ 0.985; manual ≤ 1 %; ≤ 10 s"
    return Goal("G1", "FEBRL4, webshop fields, half removed", wanted, f"{shown(ours)}; {seconds:.1f} s", met)


def _judge_febrl_all(ours: Figures, _seconds: float) -> Goal:
    met = ours.wrong == 0 and ours.recall >= 0.999
    return Goal("G2", "FEBRL4, all fields", "0 wrong; recall ≥ 0.999", shown(ours), met)


def _judge_people_2020(ours: Figures, _seconds: float) -> Goal:
    met = ours.wrong <= 2 and ours.linked >= 4450 and ours.recall >= 0.70 and ours.manual_share <= 0.20
    wanted = "≤ 2 wrong of ≥ 4,450; recall ≥ 0.70; manual ≤ 20 %"
    return Goal("G3", "pseudopeople 2020, 70 % kept", wanted, shown(ours), met)


def _judge_people_2030(ours: Figures, _seconds: float) -> Goal:
    met = ours.wrong <= 1 and ours.linked >= 1600 and ours.recall >= 0.33
    wanted = "≤ 1 wrong of ≥ 1,600; recall ≥ 0.33"
    return Goal("G4", "pseudopeople 2030, movers", wanted, shown(ours), met)


def _judge_restaurants(ours: Figures, _seconds: float) -> Goal:
    met = ours.wrong == 0 and ours.recall >= 0.90
    return Goal("G5", "Fodors–Zagat", "0 wrong; recall ≥ 0.90", shown(ours), met)


def _judge_company_pairs(ours: Figures, _seconds: float) -> Goal:
    pairs = ours.orders - ours.with_customer
    found = f"{ours.wrong} of {pairs} judged equal; {ours.right} of {ours.with_customer} right ones linked"
    return Goal("G6", "emm Dutch company pairs", "0 of 191 wrong pairs judged equal", found, ours.wrong == 0)
