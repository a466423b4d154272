"""What a run does when the shop, the broker, the database or the token fails it; and runs by hand."""

from datetime import date, timedelta

import pytest

from factories import stored_profile
from fakes_poller import FakeProfiles, FakeSeenOrders, FakeShop
from poller.domain.windows import PAGE_SIZE
from poller_world import PROFILE, PollerWorld, order, uuid_of
from sconnect.contracts import (
    ImportRunFinished,
    ProfilePaused,
    ProfileResumed,
    SalesOrderReceived,
)
from sconnect.errors import (
    ConcurrentChange,
    DatabaseUnavailable,
    RateLimited,
    Reason,
    ReasonCode,
    UpstreamUnavailable,
)

QUARTER, MINUTE, DAY = timedelta(minutes=15), timedelta(minutes=1), timedelta(days=1)
SHOP_DOWN = Reason(code=ReasonCode.UPSTREAM_UNAVAILABLE, variant="shop", details={"problem": "status"})
DATABASE_DOWN = DatabaseUnavailable()
BROKER_DOWN = UpstreamUnavailable(Reason(code=ReasonCode.UPSTREAM_UNAVAILABLE, variant="broker"))


@pytest.fixture
def world() -> PollerWorld:
    return PollerWorld()


async def test_a_shop_that_is_down_fails_the_run_and_is_tried_again_with_growing_delays(world: PollerWorld):
    world.shop.orders = [order(1001)]
    world.shop.failures = {"page": [UpstreamUnavailable(SHOP_DOWN), UpstreamUnavailable(SHOP_DOWN)]}
    await world.poll()
    failure = world.last_run().failure
    assert failure is not None
    assert (failure.code, failure.variant) == ("UPSTREAM_UNAVAILABLE", "shop")
    attempts = len(world.shop.asked("page"))
    await world.poll(after=timedelta(seconds=29))
    assert len(world.shop.asked("page")) == attempts
    await world.poll(after=timedelta(seconds=1))
    await world.poll(after=timedelta(seconds=59))
    assert world.told(SalesOrderReceived) == []
    await world.poll(after=timedelta(seconds=1))
    assert world.told_of_orders() == [("1001", "received")]
    assert world.last_run().failure is None


async def test_a_run_that_fails_half_way_hands_over_what_it_read_and_later_the_rest(world: PollerWorld):
    world.shop.orders = [order(number) for number in range(1001, 1151)]
    world.shop.failures = {"page": []}

    def fail_on_the_second_page(offset: int) -> None:
        if offset > 0 and len(world.shop.asked("page")) == 2:
            raise UpstreamUnavailable(SHOP_DOWN)

    world.shop.before_page = fail_on_the_second_page
    await world.poll()
    assert len(world.told(SalesOrderReceived)) == PAGE_SIZE
    assert world.last_run().failure is not None
    assert len(world.last_run().order_uuids) == PAGE_SIZE
    await world.poll(after=MINUTE)
    assert len(world.told(SalesOrderReceived)) == 150
    assert len({message.id for message in world.told(SalesOrderReceived)}) == 150


def fill_two_pages_and_break_off_once(world: PollerWorld, error: Exception) -> None:
    """New numbers of an old date, and trouble at the first look at the second page."""
    old = {"date": "2019-01-01", "status_changed_date": "2019-01-01"}
    world.shop.orders = [order(number, **old) for number in range(1001, 1151)]
    second_pages: list[int] = []

    def before_page(offset: int) -> None:
        if offset > 0 and not second_pages:
            second_pages.append(offset)
            raise error

    world.shop.before_page = before_page


async def test_a_later_run_that_breaks_off_hides_nothing_from_the_next(world: PollerWorld):
    """Whatever its date, an order with a new number is found, also behind those that were met already."""
    await world.poll()
    fill_two_pages_and_break_off_once(world, UpstreamUnavailable(SHOP_DOWN))
    await world.poll(after=QUARTER)
    assert world.last_run().failure is not None
    assert len(world.told(SalesOrderReceived)) == PAGE_SIZE
    await world.poll(after=MINUTE)
    assert world.last_run().failure is None
    assert len(world.told(SalesOrderReceived)) == 150


async def test_a_run_that_loses_its_lease_hides_nothing_from_itself(world: PollerWorld):
    await world.poll()
    lease_lost = Reason(code=ReasonCode.UPSTREAM_UNAVAILABLE, variant="lease_lost")
    fill_two_pages_and_break_off_once(world, ConcurrentChange(lease_lost))
    await world.request_run()
    await world.poll(after=QUARTER)
    await world.poll(after=MINUTE)
    assert world.last_run().failure is None
    assert len(world.told(SalesOrderReceived)) == 150


async def test_a_wait_that_the_shop_asks_for_is_kept(world: PollerWorld):
    world.shop.failures = {"page": [RateLimited(SHOP_DOWN, retry_after_seconds=900)]}
    await world.poll()
    attempts = len(world.shop.asked("page"))
    await world.poll(after=timedelta(seconds=899))
    assert len(world.shop.asked("page")) == attempts
    await world.poll(after=timedelta(seconds=1))
    assert world.last_run().failure is None


async def test_a_run_after_a_failure_reads_from_where_the_last_good_one_began(world: PollerWorld):
    await world.poll()
    world.shop.failures = {"page": [UpstreamUnavailable(SHOP_DOWN)] * 1}
    await world.poll(after=3 * DAY)
    await world.poll(after=MINUTE)
    placed_from = [window.placed_from for window, _offset in world.shop.asked("page")]
    assert date(2026, 1, 26) in placed_from
    changed_from = world.shop.asked("page")[-1][0].status_changed_from
    assert changed_from.date() == date(2026, 3, 7)


async def test_a_refused_token_pauses_the_profile_and_a_probe_resumes_it(world: PollerWorld):
    world.shop.token_is_valid = False
    world.shop.orders = [order(1001)]
    await world.poll()
    (paused,) = world.told(ProfilePaused)
    assert (paused.stage, paused.reason.code, paused.reason.variant) == (
        "poller",
        "PROFILE_PAUSED",
        "shop_token",
    )
    failure = world.last_run().failure
    assert failure is not None
    assert failure.variant == "shop_token"
    await world.poll(after=timedelta(seconds=59))
    assert world.shop.asked("probe") == []
    await world.poll(after=timedelta(seconds=1))
    await world.poll(after=timedelta(seconds=59))
    assert len(world.shop.asked("probe")) == 1
    assert len(world.told(ProfilePaused)) == 1
    world.shop.token_is_valid = True
    await world.poll(after=timedelta(seconds=1))
    (resumed,) = world.told(ProfileResumed)
    assert resumed.stage == "poller"
    await world.poll()
    assert world.told_of_orders() == [("1001", "received")]


async def test_other_settings_resume_a_paused_profile_at_once(world: PollerWorld):
    world.shop.token_is_valid = False
    await world.poll()
    world.shop.token_is_valid = True
    world.set_profile(version=2)
    await world.poll()
    assert len(world.told(ProfileResumed)) == 1


async def test_other_settings_that_do_not_help_are_told_as_a_new_pause(world: PollerWorld):
    world.shop.token_is_valid = False
    await world.poll()
    world.set_profile(version=2)
    await world.poll()
    await world.poll(after=MINUTE)
    assert len(world.told(ProfilePaused)) == 2
    assert world.told(ProfileResumed) == []


async def test_a_probe_of_a_shop_that_is_away_proves_nothing(world: PollerWorld):
    world.shop.token_is_valid = False
    await world.poll()
    world.shop.token_is_valid = True
    world.shop.failures = {"probe": [UpstreamUnavailable(SHOP_DOWN)]}
    await world.poll(after=MINUTE)
    assert (len(world.told(ProfilePaused)), world.told(ProfileResumed)) == (1, [])
    await world.poll(after=MINUTE)
    assert len(world.told(ProfileResumed)) == 1


async def test_a_run_by_hand_tries_a_paused_profile_and_resumes_it(world: PollerWorld):
    world.shop.token_is_valid = False
    await world.poll()
    await world.request_run("again")
    await world.poll()
    assert world.last_run().run_id == "again"
    assert world.last_run().failure is not None
    world.shop.token_is_valid = True
    await world.request_run("better")
    await world.poll()
    assert (world.last_run().run_id, world.last_run().failure) == ("better", None)
    assert len(world.told(ProfileResumed)) == 1


async def test_what_was_stored_but_not_published_goes_out_later_as_the_same_message(world: PollerWorld):
    world.shop.orders = [order(1001), order(1002)]
    world.publisher.failures = [BROKER_DOWN]
    await world.poll()
    assert world.publisher.events == []
    await world.poll(after=MINUTE)
    assert [message.order.number for message in world.told(SalesOrderReceived)] == ["1001", "1002"]
    assert world.last_run().failure is None
    assert set(world.last_run().order_uuids) == {uuid_of(1001), uuid_of(1002)}


async def test_a_crash_between_publish_and_mark_publishes_the_same_message_again(world: PollerWorld):
    world.shop.orders = [order(1001)]
    assert isinstance(world.memory.orders, FakeSeenOrders)
    world.memory.orders.confirm_failures = [DATABASE_DOWN]
    await world.poll()
    await world.poll(after=MINUTE)
    first, second = world.told(SalesOrderReceived)
    assert first == second


async def test_our_own_database_in_trouble_while_reading_only_puts_the_run_off(world: PollerWorld):
    """A profile that is polled by hand has no next run that would make up for one that failed."""
    world.set_profile(planning={"interval": "manual"})
    world.shop.orders = [order(1001)]
    await world.request_run("run-1")
    assert isinstance(world.memory.orders, FakeSeenOrders)
    world.memory.orders.find_failures = [DATABASE_DOWN]
    await world.poll()
    assert world.told(ImportRunFinished) == []
    assert "UPSTREAM_UNAVAILABLE.database" in (await world.poller.polling.check() or "")
    await world.poll(after=MINUTE)
    assert (world.last_run().run_id, world.last_run().failure) == ("run-1", None)
    assert world.told_of_orders() == [("1001", "received")]
    assert await world.poller.polling.check() is None


async def test_a_run_that_was_cut_off_is_performed_again_under_its_own_name(world: PollerWorld):
    world.set_profile(planning={"interval": "manual"})
    world.shop.orders = [order(1001), order(1002)]
    await world.request_run("run-1")
    world.publisher.failures = [BROKER_DOWN]
    await world.poll()
    restarted = world.other()
    await restarted.poll(after=MINUTE)
    (run,) = [each for each in world.told(ImportRunFinished) if each.run_id == "run-1"]
    assert set(run.order_uuids) == {uuid_of(1001), uuid_of(1002)}


async def test_who_asks_for_a_run_also_hears_of_orders_the_schedule_handed_over_just_before(
    world: PollerWorld,
):
    world.shop.orders = [order(1001)]
    await world.poll()
    world.clock.advance(MINUTE)
    await world.request_run("run-1")
    await world.poll()
    assert (world.last_run().run_id, world.last_run().order_uuids) == ("run-1", (uuid_of(1001),))
    await world.poll(after=QUARTER)
    assert world.last_run().order_uuids == ()
    await world.request_run("run-2")
    await world.poll()
    assert (world.last_run().run_id, world.last_run().order_uuids) == ("run-2", ())


async def test_runs_that_are_asked_for_are_performed_one_after_another(world: PollerWorld):
    world.set_profile(planning={"interval": "manual"})
    await world.poll()
    assert world.shop.calls == []
    await world.request_run("run-1")
    await world.request_run("run-2")
    await world.request_run("run-1")
    await world.poll()
    assert [run.run_id for run in world.told(ImportRunFinished)] == ["run-1", "run-2"]


@pytest.mark.parametrize("gone", [True, False])
async def test_a_run_for_a_profile_that_is_off_or_gone_ends_with_the_reason(world: PollerWorld, gone: bool):
    if gone:
        world.profiles.stored.clear()
    else:
        world.set_profile(enabled=False)
    await world.request_run()
    await world.poll()
    failure = world.last_run().failure
    assert failure is not None
    assert failure.variant == ("profile_unknown" if gone else "disabled")
    assert world.shop.calls == []


async def test_profiles_have_shops_numbers_and_gaps_of_their_own():
    other = stored_profile(name="andere-winkel", administration_id="administration-2")
    world = PollerWorld(
        profiles=FakeProfiles.of(stored_profile(), other),
        other_shops={"andere-winkel": FakeShop(orders=[order(1001), order(1009)])},
    )
    world.shop.orders = [order(1001)]
    await world.poll()
    missing = {run.profile: run.missing_numbers for run in world.told(ImportRunFinished)}
    assert missing == {PROFILE: (), "andere-winkel": tuple(range(1002, 1009))}
