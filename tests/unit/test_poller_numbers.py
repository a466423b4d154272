"""The next order number and the gap list."""

from hypothesis import given
from hypothesis import strategies as st

from poller.domain.numbers import MISSING_NUMBERS_MAX, missing_numbers, next_order_number


def gaps_of(numbers: set[int]) -> list[tuple[int, int]]:
    ordered = sorted(numbers, reverse=True)
    pairs = zip(ordered[1:], ordered, strict=False)
    return [(lower, higher) for lower, higher in pairs if higher - lower > 1]


def test_the_next_number_follows_the_highest_seen():
    assert next_order_number(1007, 1001) == 1008


def test_the_next_number_is_at_least_the_start_number():
    assert next_order_number(None, 1001) == 1001
    assert next_order_number(900, 1001) == 1001


def test_numbers_between_seen_ones_are_missing():
    assert missing_numbers([(1005, 1009), (1001, 1003)], 1001) == (1002, 1006, 1007, 1008)


def test_numbers_below_the_start_are_not_missed():
    assert missing_numbers([(990, 1003)], 1001) == (1001, 1002)
    assert missing_numbers([(900, 905)], 1001) == ()


def test_a_shop_that_begins_above_the_start_number_misses_nothing():
    assert missing_numbers(gaps_of({5000, 5001}), 1001) == ()


def test_of_a_long_list_the_last_thousand_are_told():
    missing = missing_numbers([(1, 10_000_000)], 0)
    assert missing == tuple(range(10_000_000 - MISSING_NUMBERS_MAX, 10_000_000))


@given(st.sets(st.integers(0, 300)), st.integers(0, 300))
def test_every_number_between_the_first_and_the_last_is_seen_or_missing(seen: set[int], start: int):
    expected = [
        number
        for number in range(min(seen, default=0), max(seen, default=0))
        if number not in seen and number >= start
    ]
    assert list(missing_numbers(gaps_of(seen), start)) == expected
