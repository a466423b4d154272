"""What becomes of an order that the shop shows."""

import pytest

from poller.domain.orders import (
    OrderFacts,
    OrderState,
    SeenOrder,
    Selection,
    Unreadable,
    after_failed_replay,
    after_replay,
    after_sighting,
    after_unreadable,
    judge,
)
from sconnect.errors import ReasonCode

PAID, NEW, SHIPPED, CREDIT = 3, 1, 2, 10
SELECTION = Selection(start_number=1001, statuses=frozenset({SHIPPED, PAID}))
RUN = "run-1"


def facts(number: str = "1001", *, status: int | None = PAID, contents: str = "1:aaa") -> OrderFacts:
    return OrderFacts(key=f"uuid-{number}", number=number, status=status, contents=contents)


def seen_after(order: OrderFacts) -> SeenOrder:
    seen = after_sighting(None, order, SELECTION, run_id=RUN)
    assert seen is not None
    return seen


@pytest.mark.parametrize(
    ("number", "status", "state", "code"),
    [
        ("1001", PAID, OrderState.HANDED_OVER, None),
        ("1001", NEW, OrderState.WAITING, ReasonCode.STATUS_NOT_YET),
        ("1001", None, OrderState.WAITING, ReasonCode.STATUS_NOT_YET),
        ("1001", CREDIT, OrderState.HANDED_OVER, None),
        ("1000", PAID, OrderState.SKIPPED, ReasonCode.BEFORE_START),
        ("1000", NEW, OrderState.SKIPPED, ReasonCode.BEFORE_START),
        ("T-31", PAID, OrderState.SKIPPED, ReasonCode.TEST_ORDER),
        ("1001-T", PAID, OrderState.SKIPPED, ReasonCode.TEST_ORDER),
        ("-1001", PAID, OrderState.SKIPPED, ReasonCode.TEST_ORDER),
        ("１００１", PAID, OrderState.SKIPPED, ReasonCode.TEST_ORDER),
    ],
)
def test_number_start_and_status_decide(
    number: str, status: int | None, state: OrderState, code: ReasonCode | None
):
    verdict = judge(facts(number, status=status), SELECTION)
    assert verdict.state is state
    assert (verdict.reason and verdict.reason.code) == code


def test_every_status_qualifies_when_all_are_wanted_but_a_test_order_never():
    everything = Selection(start_number=1001, statuses=None)
    assert judge(facts(status=99), everything).state is OrderState.HANDED_OVER
    assert judge(facts("T-1", status=99), everything).state is OrderState.SKIPPED


def test_the_reason_names_the_status_it_has():
    reason = judge(facts(status=NEW), SELECTION).reason
    assert reason is not None
    assert reason.details == {"status": "1"}


def test_an_order_is_handed_over_once():
    seen = seen_after(facts())
    assert (seen.state, seen.revision, seen.told, seen.run_id) == (OrderState.HANDED_OVER, 1, 1, RUN)
    assert after_sighting(seen, facts(), SELECTION, run_id="run-2") is None


def test_another_status_after_the_hand_over_is_stored_but_not_told():
    seen = seen_after(facts())
    again = after_sighting(seen, facts(status=NEW), SELECTION, run_id="run-2")
    assert again is not None
    assert (again.state, again.status, again.told, again.run_id) == (OrderState.HANDED_OVER, NEW, 1, RUN)


def test_other_contents_make_a_revision_that_goes_on_whatever_its_status_is():
    seen = seen_after(facts())
    again = after_sighting(seen, facts(status=NEW, contents="1:bbb"), SELECTION, run_id="run-2")
    assert again is not None
    assert (again.state, again.revision, again.told, again.run_id) == (OrderState.HANDED_OVER, 2, 2, "run-2")


def test_contents_of_another_version_of_the_translation_are_no_change():
    seen = seen_after(facts(contents="0:aaa"))
    again = after_sighting(seen, facts(contents="1:bbb"), SELECTION, run_id="run-2")
    assert again is not None
    assert (again.revision, again.told, again.contents) == (1, 1, "1:bbb")


def test_a_waiting_order_goes_on_when_its_status_changes():
    waiting = seen_after(facts(status=NEW))
    again = after_sighting(waiting, facts(), SELECTION, run_id="run-2")
    assert again is not None
    assert (again.state, again.reason, again.told) == (OrderState.HANDED_OVER, None, 2)


def test_a_waiting_order_is_told_once_for_each_status():
    waiting = seen_after(facts(status=NEW))
    assert after_sighting(waiting, facts(status=NEW), SELECTION, run_id="run-2") is None
    other = after_sighting(waiting, facts(status=5), SELECTION, run_id="run-2")
    assert other is not None
    assert other.told == 2


def test_a_waiting_order_with_other_contents_is_stored_but_not_told():
    waiting = seen_after(facts(status=NEW))
    again = after_sighting(waiting, facts(status=NEW, contents="1:bbb"), SELECTION, run_id="run-2")
    assert again is not None
    assert (again.revision, again.told, again.run_id) == (2, 1, RUN)


def test_an_order_before_the_start_goes_on_when_the_start_number_goes_down():
    skipped = seen_after(facts("900"))
    lowered = Selection(start_number=900, statuses=frozenset({PAID}))
    again = after_sighting(skipped, facts("900"), lowered, run_id="run-2")
    assert again is not None
    assert again.state is OrderState.HANDED_OVER


def test_what_cannot_be_read_is_told_once_and_goes_on_when_it_can():
    broken = Unreadable(key="uuid-1001", number="1001", field="date")
    seen = after_unreadable(None, broken, SELECTION, run_id=RUN)
    assert seen is not None
    assert seen.reason is not None
    assert (seen.state, seen.reason.details) == (OrderState.UNREADABLE, {"field": "date"})
    assert after_unreadable(seen, broken, SELECTION, run_id="run-2") is None
    again = after_sighting(seen, facts(), SELECTION, run_id="run-3")
    assert again is not None
    assert (again.state, again.revision, again.told) == (OrderState.HANDED_OVER, 1, 2)


def test_an_order_that_was_handed_over_does_not_become_unreadable():
    broken = Unreadable(key="uuid-1001", number="1001", field="date")
    assert after_unreadable(seen_after(facts()), broken, SELECTION, run_id="run-2") is None


@pytest.mark.parametrize(
    ("number", "state", "code"),
    [
        ("1000", OrderState.SKIPPED, ReasonCode.BEFORE_START),
        ("T-31", OrderState.SKIPPED, ReasonCode.TEST_ORDER),
        ("1001", OrderState.UNREADABLE, ReasonCode.UNREADABLE_ORDER),
        ("", OrderState.UNREADABLE, ReasonCode.UNREADABLE_ORDER),
    ],
)
def test_nobody_is_bothered_with_an_unreadable_order_that_is_none_of_ours(
    number: str, state: OrderState, code: ReasonCode
):
    seen = after_unreadable(None, Unreadable(key="k", number=number, field="uuid"), SELECTION, run_id=RUN)
    assert seen is not None
    assert seen.reason is not None
    assert (seen.state, seen.reason.code) == (state, code)


def test_a_replay_sends_on_what_was_handed_over_whatever_its_status_is():
    again = after_replay(seen_after(facts()), facts(status=NEW), SELECTION, revision=1, replay=1)
    assert (again.state, again.revision, again.replay, again.told) == (OrderState.HANDED_OVER, 1, 1, 2)


def test_a_replay_with_other_contents_is_a_revision():
    again = after_replay(seen_after(facts()), facts(contents="1:bbb"), SELECTION, revision=1, replay=1)
    assert (again.revision, again.replay) == (2, 1)


def test_a_replay_of_an_order_that_waits_is_judged():
    waiting = seen_after(facts(status=NEW))
    assert (
        after_replay(waiting, facts(status=NEW), SELECTION, revision=1, replay=1).state is OrderState.WAITING
    )
    assert after_replay(waiting, facts(), SELECTION, revision=1, replay=1).state is OrderState.HANDED_OVER


def test_a_replay_after_the_memory_was_lost_goes_on_from_the_revision_it_names():
    again = after_replay(None, facts(), SELECTION, revision=4, replay=2)
    assert (again.state, again.revision, again.replay) == (OrderState.HANDED_OVER, 4, 2)


def test_a_replay_of_what_is_gone_says_so():
    gone = SeenOrder(key="uuid-1001", number="1001", state=OrderState.UNREADABLE)
    again = after_failed_replay(gone, replay=1)
    assert again.reason is not None
    assert (again.reason.text_key, again.replay) == ("UNREADABLE_ORDER.not_found", 1)
