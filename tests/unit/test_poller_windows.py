"""Which windows a run reads, and how it pages through them."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from poller.domain.orders import Selection
from poller.domain.schedule import PollState
from poller.domain.windows import PAGE_OVERLAP, PAGE_SIZE, PageRead, Window, next_offset, plan
from sconnect.clock import SHOP_TIME_ZONE

NOW = datetime(2026, 3, 9, 12, tzinfo=SHOP_TIME_ZONE)
YESTERDAY = datetime(2026, 3, 8, 11, tzinfo=UTC)
SELECTION = Selection(start_number=1001, statuses=frozenset({2, 3}))
POLLED = PollState(
    read_from=YESTERDAY,
    start_number=SELECTION.start_number,
    accepted=SELECTION.accepted,
    looked_back_on=NOW.date(),
)
WALK = Window(descending=True, down_to=1001)
NEWEST = Window(descending=True, down_to=1001, until_known=True)


def test_the_first_run_walks_down_to_the_start_number():
    planned = plan(PollState(), SELECTION, NOW)
    assert planned.windows == (WALK, replace(WALK, archived_only=True))
    assert planned.looks_back


def test_a_later_run_reads_new_numbers_and_new_orders_and_status_changes_with_two_days_of_overlap():
    planned = plan(POLLED, SELECTION, NOW)
    two_days_before = YESTERDAY - timedelta(days=2)
    assert planned.windows == (
        NEWEST,
        Window(placed_from=date(2026, 3, 6)),
        Window(status_changed_from=two_days_before),
    )
    assert not planned.looks_back


def test_after_a_clock_was_ahead_the_window_still_reaches_back_two_days_from_now():
    planned = plan(replace(POLLED, read_from=NOW + timedelta(days=30)), SELECTION, NOW)
    assert planned.windows[2].status_changed_from == NOW - timedelta(days=2)


def test_the_days_of_the_window_are_the_shops():
    just_after_midnight_in_the_netherlands = datetime(2026, 3, 7, 23, 30, tzinfo=UTC)
    state = replace(POLLED, read_from=just_after_midnight_in_the_netherlands)
    assert plan(state, SELECTION, NOW).windows[1].placed_from == date(2026, 3, 6)


def test_once_a_night_a_run_looks_back_45_days_and_at_the_archive():
    planned = plan(replace(POLLED, looked_back_on=date(2026, 3, 8)), SELECTION, NOW)
    look_back = Window(placed_from=date(2026, 1, 23))
    assert planned.windows[:3] == (NEWEST, look_back, replace(look_back, archived_only=True))
    assert planned.windows[3].status_changed_from == YESTERDAY - timedelta(days=2)
    assert planned.looks_back


def test_a_long_silence_is_read_whole_also_at_night():
    long_ago = datetime(2025, 10, 1, tzinfo=UTC)
    state = replace(POLLED, read_from=long_ago, looked_back_on=None)
    assert plan(state, SELECTION, NOW).windows[1].placed_from == date(2025, 9, 29)


@pytest.mark.parametrize(
    ("wanted", "walks"),
    [
        (replace(SELECTION, start_number=1000), True),
        (replace(SELECTION, start_number=1002), False),
        (replace(SELECTION, statuses=frozenset({2, 3, 6})), True),
        (replace(SELECTION, statuses=frozenset({2})), False),
        (replace(SELECTION, statuses=None), True),
        (replace(SELECTION, credit_statuses=frozenset({10, 11})), True),
    ],
)
def test_a_run_walks_again_when_orders_passed_over_before_are_wanted(wanted: Selection, walks: bool):
    assert plan(POLLED, wanted, NOW).windows[0].until_known is not walks


def test_nothing_more_can_be_wanted_than_everything():
    state = replace(POLLED, accepted=None)
    assert plan(state, replace(SELECTION, statuses=None), NOW).windows[0].until_known


def page(**changes: int | None) -> PageRead:
    values = {"received": PAGE_SIZE, "new_to_walk": PAGE_SIZE, "new_to_us": 0, "lowest": 1001}
    return PageRead(**(values | changes))  # type: ignore[arg-type]


def test_pages_overlap():
    window = Window(placed_from=date(2026, 3, 6))
    offset = next_offset(window, 0, page())
    assert offset == PAGE_SIZE - PAGE_OVERLAP
    assert next_offset(window, offset, page(new_to_walk=95)) == 2 * offset


@pytest.mark.parametrize(
    "last",
    [
        page(received=PAGE_SIZE - 1),
        page(received=0, new_to_walk=0, lowest=None),
        page(new_to_walk=0),
        page(lowest=1000),
    ],
)
def test_a_walk_ends(last: PageRead):
    assert next_offset(WALK, 95, last) is None


def test_a_walk_goes_on_above_the_start_number():
    assert next_offset(WALK, 0, page(lowest=1001)) == 95


def test_a_walk_for_new_numbers_ends_where_all_are_known():
    assert next_offset(NEWEST, 0, page(new_to_us=1)) == 95
    assert next_offset(NEWEST, 95, page(new_to_us=0)) is None
