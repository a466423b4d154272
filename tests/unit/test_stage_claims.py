"""Who may work on an order: a table of the row's state against the message's version."""

import pytest

from sconnect.stage.claims import RowState, RowView, Standing, judge

FREE, HELD = 0, 1


def row(state: RowState, *, revision: int = 1, replay: int = 0, lease_left_ms: int = FREE) -> RowView:
    return RowView(revision=revision, replay=replay, state=state, lease_left_ms=lease_left_ms)


@pytest.mark.parametrize(
    ("known", "revision", "replay", "standing"),
    [
        (row(RowState.NEW), 1, 0, Standing.TAKE),
        (row(RowState.WAITING), 1, 0, Standing.TAKE),
        (row(RowState.WORKING), 1, 0, Standing.TAKE),
        (row(RowState.WORKING, lease_left_ms=HELD), 1, 0, Standing.HELD),
        (row(RowState.WAITING, lease_left_ms=HELD), 1, 0, Standing.HELD),
        (row(RowState.DONE), 1, 0, Standing.FINISHED),
        (row(RowState.DEAD_LETTERED), 1, 0, Standing.SET_ASIDE),
        (row(RowState.DEAD_LETTERED), 1, 1, Standing.TAKE),
        (row(RowState.DONE), 1, 1, Standing.TAKE),
        (row(RowState.DONE), 2, 0, Standing.TAKE),
        (row(RowState.WORKING, lease_left_ms=HELD), 2, 0, Standing.HELD),
        (row(RowState.WAITING, replay=1), 1, 0, Standing.SUPERSEDED),
        (row(RowState.WAITING, revision=2), 1, 5, Standing.SUPERSEDED),
        (row(RowState.WAITING, replay=3), 2, 0, Standing.TAKE),
    ],
)
def test_the_version_and_the_lease_decide(
    known: RowView, revision: int, replay: int, standing: Standing
) -> None:
    assert judge(known, revision=revision, replay=replay) is standing
