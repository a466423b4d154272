"""When an import run is done."""

import pytest

from console.domain.runs import ImportRun, OrderMark, RunState, most_urgent, run_state
from console.domain.standing import OrderStatus, ToldReason

RUN = ImportRun(run_id="run", profile="houten-speelgoed")
FINISHED = ImportRun(run_id="run", profile="houten-speelgoed", order_uuids=("a", "b"))
FAILED = ImportRun(run_id="run", profile="houten-speelgoed", failure=ToldReason(code="PROFILE_PAUSED"))


@pytest.mark.parametrize(
    ("run", "statuses", "state"),
    [
        (RUN, {}, RunState.RUNNING),
        (RUN, {"a": OrderStatus.BOOKED}, RunState.RUNNING),
        (FINISHED, {"a": OrderStatus.BOOKED}, RunState.RUNNING),
        (FINISHED, {"a": OrderStatus.BOOKED, "b": OrderStatus.IN_PROGRESS}, RunState.RUNNING),
        (FINISHED, {"a": OrderStatus.BOOKED, "b": OrderStatus.WAITING}, RunState.DONE),
        (FINISHED, {"a": OrderStatus.SKIPPED, "b": OrderStatus.DEAD_LETTERED}, RunState.DONE),
        (FAILED, {}, RunState.FAILED),
    ],
)
def test_run_state(run: ImportRun, statuses: dict[str, OrderStatus], state: RunState) -> None:
    assert run_state(run, statuses) is state


def test_a_run_that_met_no_orders_is_done_at_once() -> None:
    assert run_state(ImportRun(run_id="run", profile="p", order_uuids=()), {}) is RunState.DONE


def test_what_needs_a_person_is_shown_first_then_by_number() -> None:
    marks = [
        OrderMark("a", "10", OrderStatus.BOOKED),
        OrderMark("b", "9", OrderStatus.IN_PROGRESS),
        OrderMark("c", "11", OrderStatus.WAITING),
        OrderMark("d", "12", OrderStatus.DEAD_LETTERED),
    ]
    assert most_urgent(marks, 10) == ["d", "c", "b", "a"]
    assert most_urgent(marks, 1) == ["d"]
