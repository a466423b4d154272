"""What the limits leave: never more in any window, whoever asks and however late a call arrives."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from sconnect.allowance.counting import (
    LIMITS,
    Account,
    Demand,
    Limits,
    Timing,
    Urgency,
    grant,
    pause,
    release,
    share_of,
)

TIMING = Timing()
PRODUCTION = LIMITS["production"]
TEST = LIMITS["test"]


def demand(
    holder: str = "writer-1", *, permits: int = 1, at_once: int = 4, in_flight: int = 0, **fields: object
) -> Demand:
    wanted = Demand(
        holder=holder, permits=permits, at_once=at_once, in_flight=in_flight, lease_ms=45_000, limits=TEST
    )
    return replace(wanted, **fields)  # type: ignore[arg-type]


def spend(account: Account, permits: int, now_ms: int, **fields: object) -> tuple[Account, int]:
    account, granted = grant(account, demand(permits=permits, **fields), now_ms, TIMING)  # type: ignore[arg-type]
    return account, granted.permits


def test_bulk_leaves_a_reserve_of_every_limit() -> None:
    assert share_of(PRODUCTION, Urgency.BULK) == Limits(
        calls_per_minute=475, calls_per_hour=4_750, calls_at_once=48
    )
    assert share_of(TEST, Urgency.BULK) == Limits(calls_per_minute=90, calls_per_hour=950, calls_at_once=4)
    assert share_of(TEST, Urgency.INTERACTIVE) == TEST


def test_who_waits_for_an_answer_gets_the_reserve() -> None:
    account, permits = spend(Account(), 500, 0)
    assert permits == 90
    assert spend(account, 1, 1_000)[1] == 0
    assert spend(account, 50, 1_000, urgency=Urgency.INTERACTIVE, holder="console")[1] == 10


def test_the_wait_ends_when_the_minute_of_the_first_permits_is_certainly_over() -> None:
    account, _ = spend(Account(), 90, 0)
    account, refused = grant(account, demand(), 20_000, TIMING)
    assert (refused.permits, refused.wait_ms) == (0, 60_000 + 500 + 2_500 - 20_000)
    assert spend(account, 90, 20_000 + refused.wait_ms)[1] == 90


def test_the_hour_is_kept_too() -> None:
    account, spent, now_ms = Account(), 0, 0
    while now_ms < 3_600_000:
        account, permits = spend(account, 90, now_ms)
        spent += permits
        now_ms += 63_000
    assert spent == 950


def test_calls_at_once_are_those_of_all_processes_together() -> None:
    account, first = grant(Account(), demand(at_once=3), 0, TIMING)
    account, second = grant(account, demand("writer-2", at_once=3), 0, TIMING)
    account, third = grant(account, demand("writer-3", at_once=3), 0, TIMING)
    assert (first.at_once, second.at_once, third.at_once) == (3, 1, 0)
    assert (third.permits, third.wait_ms) == (0, 100)

    assert grant(release(account, demand(), TIMING), demand("writer-3"), 1, TIMING)[1].at_once == 3


def test_a_process_that_died_holds_nothing_after_its_lease() -> None:
    account, _ = grant(Account(), demand(at_once=4), 0, TIMING)
    assert grant(account, demand("writer-2"), 44_999, TIMING)[1].permits == 0
    assert grant(account, demand("writer-2"), 45_000, TIMING)[1].at_once == 4


def test_calls_under_way_are_never_forgotten() -> None:
    account, _ = grant(Account(), demand("writer-2", at_once=4), 0, TIMING)
    _, granted = grant(account, demand(at_once=3, in_flight=2), 0, TIMING)
    assert (granted.at_once, granted.permits) == (2, 0)


def test_permits_that_were_not_used_are_given_back() -> None:
    account, permits = spend(Account(), 90, 100)
    account, again = grant(account, demand(permits=90, unused=30, unused_of_ms=100), 2_000, TIMING)
    assert (permits, again.permits) == (90, 30)


def test_what_is_given_back_too_late_changes_nothing() -> None:
    account, _ = spend(Account(), 90, 0)
    later, permits = spend(account, 90, 70_000)
    assert permits == 90
    assert spend(later, 90, 70_001, unused=90, unused_of_ms=0)[1] == 0


def test_a_refusal_keeps_everybody_away_and_every_next_one_longer() -> None:
    account = pause(Account(), 0, None)
    assert account.paused_until_ms == 10_000
    assert pause(account, 5_000, None) == account
    for now_ms, until_ms in ((10_001, 30_001), (30_002, 70_002)):
        account = pause(account, now_ms, None)
        assert account.paused_until_ms == until_ms
    _, granted = grant(account, demand(urgency=Urgency.INTERACTIVE), 40_002, TIMING)
    assert (granted.permits, granted.wait_ms) == (0, 30_000)
    assert pause(account, 70_002 + 60_001, None).pause_ms == 10_000


def test_a_wait_that_the_vendor_names_counts_from_now_and_never_shortens_another() -> None:
    account = pause(Account(), 1_000, 31_000)
    assert account.paused_until_ms == 32_000
    assert pause(account, 2_000, 1_000).paused_until_ms == 32_000


def test_a_clock_that_is_put_back_costs_a_window_and_no_more() -> None:
    account, _ = spend(Account(), 90, 10_000_000)
    account, permits = spend(account, 90, 1_000_000)
    assert permits == 0
    assert spend(account, 90, 1_000_000 + 63_001)[1] == 90


@given(
    st.lists(
        st.tuples(
            st.integers(0, 4_000),  # ms since the one before
            st.integers(1, 60),  # permits asked for
            st.integers(0, TIMING.late_ms),  # how late its calls arrive
            st.sampled_from(Urgency),
        ),
        max_size=120,
    )
)
def test_no_window_of_the_vendor_ever_holds_more(asked: list[tuple[int, int, int, Urgency]]) -> None:
    account, now_ms, arrivals = Account(), 0, []
    for step_ms, permits, late_ms, urgency in asked:
        now_ms += step_ms
        account, given_now = spend(account, permits, now_ms, urgency=urgency)
        arrivals += [now_ms + late_ms] * given_now
    arrivals.sort()
    for index, moment in enumerate(arrivals):
        window = [each for each in arrivals[index:] if each < moment + TIMING.minute_ms]
        assert len(window) <= TEST.calls_per_minute
