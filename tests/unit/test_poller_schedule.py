"""When a profile is polled."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from poller.domain.orders import Selection
from poller.domain.schedule import (
    Pause,
    PollState,
    after_failure,
    after_probe,
    after_refusal,
    after_success,
    is_due,
    is_look_back_due,
    is_probe_due,
    retry_delay,
)
from sconnect.clock import SHOP_TIME_ZONE
from sconnect.errors import Reason, ReasonCode

NOW = datetime(2026, 3, 9, 12, tzinfo=SHOP_TIME_ZONE)
QUARTER = timedelta(minutes=15)
POLLED = PollState(read_from=NOW, started_at=NOW, looked_back_on=NOW.date())
SELECTION = Selection(start_number=1001, statuses=frozenset({3}))
BAD_TOKEN = Reason(code=ReasonCode.PROFILE_PAUSED, variant="shop_token")


def test_a_new_profile_is_due_at_once():
    assert is_due(PollState(), QUARTER, NOW)


def test_a_profile_is_due_at_its_interval():
    assert not is_due(POLLED, QUARTER, NOW + QUARTER - timedelta(seconds=1))
    assert is_due(POLLED, QUARTER, NOW + QUARTER)


def test_a_clock_that_was_ahead_for_a_while_does_not_put_the_next_run_off():
    tomorrow = replace(POLLED, started_at=NOW + timedelta(days=1))
    assert is_due(tomorrow, QUARTER, NOW)
    failed = replace(tomorrow, failures=1, not_before=NOW + timedelta(days=1, seconds=30))
    assert is_due(failed, QUARTER, NOW)
    pause = Pause(reason=BAD_TOKEN, profile_version=1, probed_at=NOW + timedelta(days=1))
    assert is_probe_due(pause, 1, NOW)


def test_hosts_whose_clocks_differ_a_little_do_not_run_more_often():
    assert not is_due(replace(POLLED, started_at=NOW + timedelta(seconds=3)), QUARTER, NOW)


def test_a_profile_without_an_interval_is_never_due():
    assert not is_due(PollState(), None, NOW)


@pytest.mark.parametrize(
    ("moment", "due"),
    [
        (datetime(2026, 3, 10, 1, 59, tzinfo=SHOP_TIME_ZONE), False),
        (datetime(2026, 3, 10, 2, 0, tzinfo=SHOP_TIME_ZONE), True),
        (datetime(2026, 3, 9, 23, 59, tzinfo=SHOP_TIME_ZONE), False),
        # 2 o'clock does not exist in the night that summer time begins.
        (datetime(2026, 3, 29, 1, 0, tzinfo=UTC).astimezone(SHOP_TIME_ZONE), True),
        (datetime(2026, 3, 29, 0, 59, tzinfo=UTC).astimezone(SHOP_TIME_ZONE), False),
    ],
)
def test_the_look_back_is_due_once_a_night_after_two_in_the_netherlands(moment: datetime, due: bool):
    assert is_look_back_due(POLLED, moment) is due


def test_the_look_back_makes_a_profile_with_a_long_interval_due():
    night = datetime(2026, 3, 10, 2, 0, tzinfo=SHOP_TIME_ZONE)
    assert is_due(POLLED, timedelta(hours=24), night)
    assert not is_due(replace(POLLED, looked_back_on=night.date()), timedelta(hours=24), night)


def test_failures_delay_the_next_run_more_and_more():
    delays = [retry_delay(failures).total_seconds() for failures in (1, 2, 3, 7, 8, 1_000)]
    assert delays == [30, 60, 120, 1_920, 3_600, 3_600]


def test_the_delay_is_never_shorter_than_the_shop_asked_for():
    assert retry_delay(1, timedelta(minutes=5)) == timedelta(minutes=5)
    assert retry_delay(8, timedelta(minutes=5)) == timedelta(hours=1)


def test_after_a_failure_the_delay_counts_not_the_interval():
    failed = after_failure(POLLED, started_at=NOW, now=NOW)
    assert failed.read_from == POLLED.read_from
    assert not is_due(failed, QUARTER, NOW + timedelta(seconds=29))
    assert is_due(failed, QUARTER, NOW + timedelta(seconds=30))
    twice = after_failure(failed, started_at=NOW, now=NOW)
    assert not is_due(twice, QUARTER, NOW + timedelta(seconds=59))
    assert is_due(twice, QUARTER, NOW + timedelta(seconds=60))


def test_a_success_moves_the_window_and_forgets_the_failures():
    failed = after_failure(PollState(), started_at=NOW, now=NOW)
    state = after_success(failed, SELECTION, started_at=NOW, looked_back=True)
    assert (state.read_from, state.failures, state.not_before) == (NOW, 0, None)
    assert (state.start_number, state.accepted) == (1001, frozenset({3, 10}))
    assert state.looked_back_on == date(2026, 3, 9)


def test_a_run_that_did_not_look_back_leaves_that_for_later():
    state = after_success(PollState(), SELECTION, started_at=NOW, looked_back=False)
    assert state.looked_back_on is None


def test_a_refused_token_stops_the_schedule_until_a_probe_goes_well():
    paused = after_refusal(POLLED, BAD_TOKEN, profile_version=4, started_at=NOW, now=NOW)
    tomorrow = NOW + timedelta(days=1)
    assert not is_due(paused, QUARTER, tomorrow)
    still = after_probe(paused, BAD_TOKEN, profile_version=4, now=tomorrow)
    assert not is_due(still, QUARTER, tomorrow)
    resumed = after_probe(paused, None, profile_version=4, now=tomorrow)
    assert is_due(resumed, QUARTER, tomorrow)


def test_a_probe_is_due_once_a_minute_and_at_once_for_other_settings():
    pause = Pause(reason=BAD_TOKEN, profile_version=4, probed_at=NOW)
    assert not is_probe_due(pause, 4, NOW + timedelta(seconds=59))
    assert is_probe_due(pause, 4, NOW + timedelta(seconds=60))
    assert is_probe_due(pause, 5, NOW)
