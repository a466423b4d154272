"""When an import run is done."""

import pytest

from console.domain.runs import ImportRun, RunState, run_state
from console.domain.standing import OrderStatus, ToldReason

RUN = ImportRun(run_id="run", profile="houten-speelgoed")
FAILED = ImportRun(run_id="run", profile="houten-speelgoed", failure=ToldReason(code="PROFILE_PAUSED"))
BOOKED, IN_PROGRESS, WAITING = OrderStatus.BOOKED, OrderStatus.IN_PROGRESS, OrderStatus.WAITING


@pytest.mark.parametrize(
    ("run", "met", "counts", "state"),
    [
        (RUN, None, {}, RunState.RUNNING),
        (RUN, None, {BOOKED: 1}, RunState.RUNNING),
        (RUN, 0, {}, RunState.DONE),
        (RUN, 2, {BOOKED: 1}, RunState.RUNNING),
        (RUN, 2, {BOOKED: 1, IN_PROGRESS: 1}, RunState.RUNNING),
        (RUN, 2, {BOOKED: 1, WAITING: 1}, RunState.DONE),
        (RUN, 2, {OrderStatus.SKIPPED: 1, OrderStatus.DEAD_LETTERED: 1}, RunState.DONE),
        (FAILED, None, {}, RunState.FAILED),
    ],
)
def test_run_state(run: ImportRun, met: int | None, counts: dict[OrderStatus, int], state: RunState) -> None:
    assert run_state(run, met, counts) is state
