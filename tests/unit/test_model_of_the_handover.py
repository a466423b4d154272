"""Every state of the hand-over is visited; leaving out what protects it is noticed, so the model can fail."""

from dataclasses import replace

import pytest

from model import booking, customer

TWICE = "the order is booked twice"
LOST = "the order is lost"
BOTH = "the order is in the books, and told to be a dead letter"
TWO_RELATIONS = "the buyer has two relations"
# One of each mischief: more of them takes minutes, and is looked through in the long run.
ONE = {"crashes": 1, "copies": 1, "lost_answers": 1, "strangers": 0}
ONE_OF_A_BUYER = {"crashes": 1, "lost_answers": 1, "strangers": 0, "slow_workers": 0}


def booking_with(**changes: int | bool) -> booking.Rules:
    return booking.Rules(**{**ONE, **changes})  # type: ignore[arg-type]


def customer_with(**changes: int | bool) -> customer.Rules:
    return customer.Rules(**{**ONE_OF_A_BUYER, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "without",
    [
        {},
        {"refused_at_first": True},
        {"number_is_taken_once": False},
        {"search_sees_all": False},
        {"look_before_posting_again": False},
    ],
    ids=lambda without: ", ".join(without) or "nothing left out",
)
def test_an_order_is_booked_once_or_is_a_dead_letter(without: dict[str, bool]) -> None:
    found = booking.search(booking_with(**without))
    assert (found.wrong, found.way) == (None, ())
    assert found.states > 1_000


@pytest.mark.parametrize(
    ("without", "wrong"),
    [
        ({"number_is_taken_once": False, "search_sees_all": False}, TWICE),
        ({"number_is_taken_once": False, "look_before_posting_again": False}, TWICE),
        ({"number_is_taken_once": False, "lease_outlives_a_post": False}, TWICE),
        ({"lease_outlives_a_post": False}, BOTH),
        ({"lease_checked_before_post": False}, BOTH),
        ({"one_worker_at_a_time": False}, BOTH),
        ({"row_before_post": False}, BOTH),
        ({"aside_is_fenced": False, "refused_at_first": True}, BOTH),
        ({"ack_after_the_work": False}, LOST),
        ({"mark_after_publish": False}, LOST),
    ],
    ids=str,
)
def test_without_what_protects_a_booking_something_goes_wrong(without: dict[str, bool], wrong: str) -> None:
    found = booking.search(booking_with(**without))
    assert found.wrong == wrong
    assert found.way


def test_a_copy_that_was_delivered_too_often_does_not_set_aside_what_a_worker_has_in_hand() -> None:
    too_often = booking_with(limits=1, crashes=0, lost_answers=0, workers_are_in_time=True)
    assert booking.search(too_often).wrong is None
    assert booking.search(replace(too_often, limit_waits_for_the_worker=False)).wrong == BOTH


def test_what_was_delivered_too_often_may_be_in_the_books_all_the_same() -> None:
    """Why the sentence of that dead letter says so, and a replay looks first."""
    assert booking.search(booking_with(limits=1)).wrong == BOTH


@pytest.mark.parametrize(
    "without",
    [{}, {"number_is_taken_once": False}, {"reading_sees_all": False}, {"number_shows_all": False}],
    ids=lambda without: ", ".join(without) or "nothing left out",
)
def test_two_orders_of_one_new_buyer_get_one_relation(without: dict[str, bool]) -> None:
    found = customer.search(customer_with(**without))
    assert (found.wrong, found.way) == (None, ())
    assert found.states > 500


@pytest.mark.parametrize(
    "without",
    [
        {"lease_outlives_a_post": False},
        {"buyer_is_claimed": False},
        {"looks_again_under_the_claim": False},
        {"reading_sees_all": False, "number_shows_all": False},
        {"reading_sees_all": False, "sent_is_written_down": False},
        {"reading_sees_all": False, "same_number_again": False, "orders": 1},
        {"reading_sees_all": False, "number_is_taken_once": False, "orders": 1},
        {"lease_outlives_a_post": False, "same_number_again": False, "orders": 1},
        {"number_shows_all": False, "slow_workers": 1},
        {"number_is_taken_once": False, "slow_workers": 1},
    ],
    ids=str,
)
def test_without_what_protects_a_buyer_there_are_two_relations(without: dict[str, int]) -> None:
    found = customer.search(customer_with(**without))
    assert found.wrong == TWO_RELATIONS
    assert found.way


@pytest.mark.long
def test_more_mischief_at_once_changes_nothing() -> None:
    found = booking.search(booking.Rules())
    assert (found.wrong, found.way) == (None, ())
    for reading_sees_all in (True, False):
        found_of_buyer = customer.search(customer.Rules(reading_sees_all=reading_sees_all))
        assert (found_of_buyer.wrong, found_of_buyer.way) == (None, ())
