"""What a run finds, hands over and tells."""

from datetime import date, timedelta

import pytest

from poller.domain.windows import PAGE_SIZE
from poller_world import CREDIT, NEW, PAID, PROFILE, SHIPPED, PollerWorld, order, uuid_of
from sconnect.contracts import (
    CreditedOrder,
    OrderDeadLettered,
    OrderSkipped,
    OrderWaiting,
    SalesOrderReceived,
)
from sconnect.contracts.build import correlation_id_of
from sconnect.errors import Reason, ReasonCode, UpstreamUnavailable

QUARTER, MINUTE, DAY = timedelta(minutes=15), timedelta(minutes=1), timedelta(days=1)
LONG = range(1001, 1001 + 2 * PAGE_SIZE)
SHOP_DOWN = Reason(code=ReasonCode.UPSTREAM_UNAVAILABLE, variant="shop", details={"problem": "status"})


@pytest.fixture
def world() -> PollerWorld:
    return PollerWorld()


async def test_the_first_run_hands_over_every_order_from_the_start_number_on(world: PollerWorld):
    world.shop.orders = [order(1003), order(1001), order(1002, status=NEW), order(1000)]
    await world.poll()
    assert world.told_of_orders() == [
        ("1000", "skipped"),
        ("1001", "received"),
        ("1002", "waiting"),
        ("1003", "received"),
    ]
    run = world.last_run()
    assert set(run.order_uuids) == {uuid_of(number) for number in (1000, 1001, 1002, 1003)}
    assert (run.failure, run.next_order_number, run.missing_numbers) == (None, 1004, ())


async def test_an_order_is_handed_over_whole(world: PollerWorld):
    world.shop.orders = [order(1001)]
    await world.poll()
    (received,) = world.told(SalesOrderReceived)
    assert received.order.number == "1001"
    assert received.order.total == world.shop.orders[0]["price"]["total"]
    assert (received.order.revision, received.replay, received.run_id) == (1, 0, world.last_run().run_id)
    assert received.correlation_id == correlation_id_of(PROFILE, uuid_of(1001))


async def test_a_first_run_reads_page_after_page_and_stops_below_the_start_number(world: PollerWorld):
    world.shop.orders = [order(number) for number in range(701, 1301)]
    await world.poll()
    assert len(world.told(SalesOrderReceived)) == 300
    offsets = [offset for window, offset in world.shop.asked("page") if not window.archived_only]
    assert offsets == [0, 95, 190, 285]


async def test_orders_are_handed_over_by_ascending_number(world: PollerWorld):
    world.shop.orders = [order(number) for number in range(1001, 1301)]
    await world.poll()
    numbers = [int(message.order.number) for message in world.told(SalesOrderReceived)]
    assert numbers == list(range(1001, 1301))


async def test_nothing_is_told_twice(world: PollerWorld):
    world.shop.orders = [order(1001), order(1002, status=NEW), order(900)]
    world.shop.oddities = [order(1003, date="geen datum"), order("T-31"), "geen bestelling"]
    await world.poll()
    assert len(world.told_of_orders()) == 6
    world.forget_what_was_told()
    for _ in range(3):
        await world.poll(after=QUARTER)
    assert world.told_of_orders() == []
    assert world.last_run().order_uuids == (uuid_of(1002),)


async def test_a_later_run_finds_new_orders(world: PollerWorld):
    world.shop.orders = [order(1001)]
    await world.poll()
    world.shop.orders.append(order(1002))
    world.forget_what_was_told()
    await world.poll(after=QUARTER)
    assert world.told_of_orders() == [("1002", "received")]
    assert world.last_run().next_order_number == 1003


async def test_a_new_number_is_found_whatever_its_date_is(world: PollerWorld):
    await world.poll()
    world.shop.orders = [
        order(number, date="2019-01-01", status_changed_date="2019-01-01") for number in LONG
    ]
    await world.poll(after=QUARTER)
    assert len(world.told(SalesOrderReceived)) == len(LONG)


async def test_a_lower_number_that_shows_up_late_is_handed_over_and_leaves_the_gap_list(world: PollerWorld):
    world.shop.orders = [order(1001), order(1003)]
    await world.poll()
    assert world.last_run().missing_numbers == (1002,)
    world.shop.orders.append(order(1002))
    await world.poll(after=QUARTER)
    assert world.told_of_orders()[-1] == ("1002", "received")
    assert (world.last_run().missing_numbers, world.last_run().next_order_number) == ((), 1004)


async def test_a_number_that_shows_up_very_late_is_found_by_its_date(world: PollerWorld):
    world.shop.orders = [order(number) for number in range(1002, 1002 + PAGE_SIZE)]
    await world.poll()
    world.forget_what_was_told()
    world.shop.orders.append(order(1001, status_changed_date="2026-01-01"))
    await world.poll(after=QUARTER)
    assert world.told_of_orders() == [("1001", "received")]


async def test_a_status_that_qualifies_later_books_the_order_also_when_later_numbers_went_first(
    world: PollerWorld,
):
    later = [order(number) for number in range(1002, 1002 + PAGE_SIZE)]
    world.shop.orders = [order(1001, status=NEW), *later]
    await world.poll()
    # By now it is not among the newest numbers, nor the newest dates, nor in the look-back.
    await world.poll(after=60 * DAY)
    world.forget_what_was_told()
    local = world.clock.now().date().isoformat()
    world.shop.change(1001, status=PAID, status_changed_date=local, status_changed_time="15:30:00")
    await world.poll(after=QUARTER)
    assert world.told_of_orders() == [("1001", "received")]
    assert world.told(SalesOrderReceived)[0].order.status == PAID


async def test_a_waiting_order_tells_the_status_it_has(world: PollerWorld):
    world.shop.orders = [order(1001, status=NEW)]
    await world.poll()
    (waiting,) = world.told(OrderWaiting)
    assert (waiting.stage, waiting.attempt) == ("poller", 0)
    assert (waiting.reason.code, waiting.reason.details) == ("STATUS_NOT_YET", {"status": "1"})


async def test_each_telling_of_a_waiting_order_is_a_message_of_its_own(world: PollerWorld):
    world.shop.orders = [order(1001, status=NEW)]
    for status in (5, NEW, 5):
        await world.poll(after=QUARTER)
        world.shop.change(1001, status=status)
    await world.poll(after=QUARTER)
    ids = [message.id for message in world.told(OrderWaiting)]
    assert len(set(ids)) == len(ids) == 4


async def test_an_order_that_slips_in_between_two_pages_hides_none(world: PollerWorld):
    world.shop.orders = [order(number) for number in range(1001, 1001 + PAGE_SIZE + 20)]
    await world.poll()
    for number in range(2000, 2000 + PAGE_SIZE + 20):
        world.shop.orders.append(order(number))
    late = [order(number) for number in (1990, 1991, 1992)]

    def slip_in(offset: int) -> None:
        if offset > 0:
            world.shop.orders.extend(late)
            late.clear()

    world.shop.before_page = slip_in
    await world.poll(after=QUARTER)
    await world.poll(after=QUARTER)
    received = {int(message.order.number) for message in world.told(SalesOrderReceived)}
    assert received == {*range(1001, 1121), 1990, 1991, 1992, *range(2000, 2120)}


async def test_orders_that_vanish_between_two_pages_hide_none(world: PollerWorld):
    world.shop.orders = [order(number) for number in range(1001, 1001 + PAGE_SIZE + 20)]

    def vanish(offset: int) -> None:
        if offset > 0:
            world.shop.orders = [each for each in world.shop.orders if int(each["number"]) < 1116]

    world.shop.before_page = vanish
    await world.poll()
    assert len(world.told(SalesOrderReceived)) == PAGE_SIZE + 20


async def test_a_shop_that_ignores_the_offset_is_not_read_for_ever(world: PollerWorld):
    world.shop.orders = [order(number) for number in range(1001, 1001 + PAGE_SIZE)]
    world.shop.ignores_offset = True
    await world.poll()
    assert len(world.told(SalesOrderReceived)) == PAGE_SIZE
    assert world.last_run().failure is None


@pytest.mark.parametrize(
    "wanted",
    [{"start_order_number": 900}, {"start_order_number": 900, "order_statuses": "all"}],
)
async def test_a_lower_start_number_fetches_what_was_passed_over(
    world: PollerWorld, wanted: dict[str, object]
):
    world.shop.orders = [order(899), order(900), order(1000), order(1001)]
    await world.poll()
    await world.poll(after=60 * DAY)
    world.forget_what_was_told()
    world.set_profile(shop=wanted)
    await world.poll(after=QUARTER)
    assert world.told_of_orders() == [("899", "skipped"), ("900", "received"), ("1000", "received")]


async def test_a_status_that_is_added_fetches_what_waited_for_another(world: PollerWorld):
    world.shop.orders = [order(1001, status=NEW)]
    await world.poll()
    await world.poll(after=60 * DAY)
    world.forget_what_was_told()
    world.set_profile(shop={"order_statuses": [NEW, PAID]})
    await world.poll(after=QUARTER)
    assert world.told_of_orders() == [("1001", "received")]


async def test_a_higher_start_number_takes_nothing_back(world: PollerWorld):
    world.shop.orders = [order(1001), order(1002, status=NEW)]
    await world.poll()
    world.forget_what_was_told()
    world.set_profile(shop={"start_order_number": 2000})
    await world.poll(after=QUARTER)
    assert world.told_of_orders() == [("1002", "skipped")]
    assert world.last_run().next_order_number == 2000


async def test_a_test_order_is_never_handed_over(world: PollerWorld):
    world.shop.oddities = [order("T-31"), order("1001-T")]
    world.set_profile(shop={"order_statuses": "all"})
    await world.poll()
    skipped = {message.order.number: message.reason.code for message in world.told(OrderSkipped)}
    assert skipped == {"T-31": "TEST_ORDER", "1001-T": "TEST_ORDER"}
    assert world.told(SalesOrderReceived) == []


async def test_the_nightly_run_looks_back_45_days_once(world: PollerWorld):
    world.shop.orders = [order(number) for number in range(1002, 1002 + PAGE_SIZE)]
    await world.poll()
    world.forget_what_was_told()
    world.shop.orders.append(order(1001, date="2026-02-01", status_changed_date="2026-02-01"))
    await world.poll(after=QUARTER)
    assert world.told_of_orders() == []
    at_night = timedelta(hours=11)  # from 15:15 to 02:15 in the Netherlands
    await world.poll(after=at_night)
    assert world.told_of_orders() == [("1001", "received")]
    look_back = date(2026, 1, 24)
    assert look_back in [window.placed_from for window, _offset in world.shop.asked("page")]
    world.shop.calls.clear()
    await world.poll(after=QUARTER)
    assert look_back not in [window.placed_from for window, _offset in world.shop.asked("page")]


async def test_an_order_that_was_archived_is_found(world: PollerWorld):
    world.shop.orders = [order(1001, archived=True)]
    await world.poll()
    assert world.told_of_orders() == [("1001", "received")]


async def test_other_contents_are_handed_over_again_as_a_new_revision(world: PollerWorld):
    world.shop.orders = [order(1001)]
    await world.poll()
    price = world.shop.orders[0]["price"]
    world.shop.change(1001, price=price | {"total": "1.00"})
    await world.poll(after=QUARTER)
    first, second = world.told(SalesOrderReceived)
    assert (first.order.revision, second.order.revision, second.order.total) == (1, 2, "1.00")
    assert first.id != second.id
    assert first.correlation_id == second.correlation_id


async def test_another_status_comment_or_payment_hands_over_nothing(world: PollerWorld):
    world.shop.orders = [order(1001)]
    await world.poll()
    world.forget_what_was_told()
    world.shop.change(1001, status=SHIPPED, comments={"internal": "ingepakt"}, payment_status="refunded")
    await world.poll(after=QUARTER)
    assert world.told_of_orders() == []


async def test_a_credit_order_brings_its_original_along_whatever_its_status_is(world: PollerWorld):
    world.shop.orders = [
        order(1001, date="2026-03-02"),
        order(1002, status=CREDIT, credited_order_number=1001),
        order(1003, status=CREDIT, credited_order_number="5"),
        order(1004, status=CREDIT, credited_order_number=None),
        order(1005, status=NEW, credited_order_number=1001),
    ]
    await world.poll()
    received = {message.order.number: message.order for message in world.told(SalesOrderReceived)}
    original = CreditedOrder(number="1001", uuid=uuid_of(1001), placed_on=date(2026, 3, 2))
    assert (received["1001"].is_credit, received["1001"].credits) == (False, None)
    assert (received["1002"].is_credit, received["1002"].credits) == (True, original)
    assert (received["1003"].is_credit, received["1003"].credits) == (True, CreditedOrder(number="5"))
    assert (received["1004"].is_credit, received["1004"].credits) == (True, None)
    assert await world.states_of(1005) == {"1005": "waiting"}


async def test_without_the_shops_list_of_statuses_ten_is_the_credit_status(world: PollerWorld):
    world.shop.statuses = None
    world.shop.orders = [order(1001, status=CREDIT), order(1002, status=11)]
    await world.poll()
    assert world.told_of_orders() == [("1001", "received"), ("1002", "waiting")]


async def test_the_shops_own_list_of_statuses_goes_before_ours(world: PollerWorld):
    world.shop.statuses = frozenset({11})
    world.shop.orders = [order(1001, status=CREDIT), order(1002, status=11)]
    await world.poll()
    assert world.told_of_orders() == [("1001", "waiting"), ("1002", "received")]


async def test_an_original_that_cannot_be_read_now_holds_up_its_credit_order_only(world: PollerWorld):
    world.shop.orders = [order(1001), order(1002, status=CREDIT, credited_order_number=1001), order(1003)]
    world.shop.failures = {"order": [UpstreamUnavailable(SHOP_DOWN)]}
    await world.poll()
    assert world.told_of_orders() == [("1001", "received"), ("1003", "received")]
    assert world.last_run().failure is not None
    await world.poll(after=MINUTE)
    assert world.told_of_orders()[-1] == ("1002", "received")
    assert world.last_run().failure is None


async def test_an_unreadable_order_is_told_and_its_neighbours_go_on(world: PollerWorld):
    world.shop.orders = [order(1001), order(1003, orderlines="none of these")]
    world.shop.oddities = [order(1002, uuid=None)]
    await world.poll()
    assert world.told_of_orders() == [("1001", "received"), ("1002", "dead-lettered"), ("1003", "received")]
    (letter,) = world.told(OrderDeadLettered)
    assert (letter.stage, letter.queue, letter.message, letter.suggestions) == ("poller", None, None, ())
    assert (letter.reason.code, letter.reason.details) == ("UNREADABLE_ORDER", {"field": "uuid"})
    assert letter.order is not None
    assert letter.order.uuid in world.last_run().order_uuids


async def test_an_order_that_can_be_read_later_goes_on(world: PollerWorld):
    world.shop.oddities = [order(1001, date=None)]
    await world.poll()
    world.shop.oddities = []
    world.shop.orders = [order(1001)]
    await world.poll(after=QUARTER)
    assert world.told_of_orders() == [("1001", "dead-lettered"), ("1001", "received")]


async def test_an_order_that_was_handed_over_stays_so_when_it_becomes_unreadable(world: PollerWorld):
    world.shop.orders = [order(1001)]
    await world.poll()
    world.shop.orders = []
    world.shop.oddities = [order(1001, date=None)]
    await world.poll(after=QUARTER)
    assert world.told_of_orders() == [("1001", "received")]
    assert await world.states_of(1001) == {"1001": "handed_over"}
