"""Which profiles have work, side by side, and what happens when one of them meets trouble."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from factories import stored_profile
from fakes_poller import FakeLeases, FakeProfiles, FakeShop
from poller.domain.windows import Window
from poller.ports import Sighting
from poller_world import PROFILE, PollerWorld, order, uuid_of
from sconnect.contracts import ImportRunFinished, ProfilePaused, SalesOrderReceived
from sconnect.errors import DatabaseUnavailable, Reason, ReasonCode, UpstreamUnavailable

QUARTER, SECOND = timedelta(minutes=15), timedelta(seconds=1)
DATABASE_DOWN = DatabaseUnavailable()
BROKER_DOWN = UpstreamUnavailable(Reason(code=ReasonCode.UPSTREAM_UNAVAILABLE, variant="broker"))
OTHER = "andere-winkel"


@dataclass
class SlowShop(FakeShop):
    """Answers when it is told to."""

    asked_for_a_page: asyncio.Event = field(default_factory=asyncio.Event)
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)

    async def page(self, window: Window, offset: int) -> Sequence[Sighting]:
        self.asked_for_a_page.set()
        await self.may_answer.wait()
        return await super().page(window, offset)


class BuggyShop(FakeShop):
    """Meets a bug of ours while it is read."""

    is_buggy = True

    async def page(self, window: Window, offset: int) -> Sequence[Sighting]:
        if self.is_buggy:
            raise ZeroDivisionError
        return await super().page(window, offset)


def world_with(shop: FakeShop, *, other: FakeShop | None = None) -> PollerWorld:
    profiles = FakeProfiles.of(stored_profile())
    if other is not None:
        profiles.stored[OTHER] = stored_profile(name=OTHER, administration_id="administration-2")
    return PollerWorld(shop=shop, profiles=profiles, other_shops={OTHER: other} if other else {})


async def test_a_profile_is_polled_at_its_interval_and_not_before():
    world = world_with(FakeShop())
    world.set_profile(planning={"interval": "5m"})
    for _ in range(11):
        await world.poll()
        world.clock.advance(timedelta(minutes=1))
    assert len(world.told(ImportRunFinished)) == 3


async def test_a_profile_that_is_off_is_not_polled():
    world = world_with(FakeShop())
    world.set_profile(enabled=False)
    await world.poll(after=QUARTER)
    assert world.shop.calls == []


async def test_a_profile_without_interval_is_polled_on_request_only():
    world = world_with(FakeShop())
    world.set_profile(planning={"interval": "manual"})
    await world.poll(after=timedelta(days=2))
    assert world.shop.calls == []
    await world.request_run()
    await world.poll()
    assert world.last_run().run_id == "run-by-hand"


async def test_a_run_by_hand_stands_in_for_the_one_that_was_due():
    world = world_with(FakeShop())
    await world.request_run()
    await world.poll()
    assert [run.run_id for run in world.told(ImportRunFinished)] == ["run-by-hand"]


async def test_a_slow_shop_does_not_keep_another_waiting():
    slow, quick = SlowShop(orders=[order(1001)]), FakeShop(orders=[order(1001)])
    world = world_with(slow, other=quick)
    await world.poller.polling.round()
    async with asyncio.timeout(5):
        await slow.asked_for_a_page.wait()
        await world.finished_run(OTHER)
    assert [run.profile for run in world.told(ImportRunFinished)] == [OTHER]
    slow.may_answer.set()
    await world.poller.polling.until_idle()
    assert {run.profile for run in world.told(ImportRunFinished)} == {OTHER, PROFILE}


async def test_a_profile_that_is_being_worked_on_is_not_started_again():
    slow = SlowShop()
    world = world_with(slow)
    await world.poller.polling.round()
    async with asyncio.timeout(5):
        await slow.asked_for_a_page.wait()
    await world.request_run()
    await world.poller.polling.round()
    assert len(slow.asked("credit_statuses")) == 1
    slow.may_answer.set()
    await world.poller.polling.until_idle()
    assert len(world.told(ImportRunFinished)) == 2


async def test_a_profile_that_another_poller_holds_is_left_alone():
    world = world_with(FakeShop())
    assert isinstance(world.leases, FakeLeases)
    world.leases.elsewhere.add(PROFILE)
    await world.poll()
    assert world.shop.calls == []
    world.leases.elsewhere.clear()
    await world.poll(after=SECOND)
    assert len(world.told(ImportRunFinished)) == 1


async def test_two_pollers_at_once_hand_every_order_over_once():
    slow = SlowShop(orders=[order(1001), order(1002)])
    one = world_with(slow)
    two = one.other()
    await asyncio.gather(one.poller.polling.round(), two.poller.polling.round())
    slow.may_answer.set()
    await asyncio.gather(one.poller.polling.until_idle(), two.poller.polling.until_idle())
    for poller in (two, one):
        await poller.poll(after=SECOND)
    assert [message.order.number for message in one.told(SalesOrderReceived)] == ["1001", "1002"]
    assert len(one.told(ImportRunFinished)) == 1


async def test_a_poller_that_lost_its_lease_stops_and_the_run_is_done_by_another():
    slow = SlowShop(orders=[order(number) for number in range(1001, 1151)])
    world = world_with(slow)
    assert isinstance(world.leases, FakeLeases)
    await world.poller.polling.round()
    async with asyncio.timeout(5):
        await slow.asked_for_a_page.wait()
    world.leases.held[PROFILE].lost = True
    slow.may_answer.set()
    await world.poller.polling.until_idle()
    assert len(slow.asked("page")) == 1
    assert world.told(ImportRunFinished) == []
    await world.other().poll(after=SECOND)
    assert len(world.told(SalesOrderReceived)) == 150
    assert len(world.last_run().order_uuids) == 150


async def test_a_bug_ends_the_run_with_a_reason_and_others_go_on():
    buggy = BuggyShop(orders=[order(1001)])
    world = world_with(buggy, other=FakeShop(orders=[order(1001)]))
    await world.request_run()
    await world.poll()
    failures = {run.profile: run.failure for run in world.told(ImportRunFinished)}
    assert failures[OTHER] is None
    failure = failures[PROFILE]
    assert failure is not None
    assert (failure.code, failure.details) == ("UNEXPECTED", {"error": "ZeroDivisionError"})
    buggy.is_buggy = False
    await world.poll(after=timedelta(seconds=29))
    assert len(world.told(ImportRunFinished)) == 2
    await world.poll(after=SECOND)
    assert (world.last_run().profile, world.last_run().failure) == (PROFILE, None)


async def test_our_own_trouble_is_waited_out_without_asking_the_shop_again_and_again():
    world = world_with(FakeShop(orders=[order(1001)]))
    world.publisher.failures = [BROKER_DOWN] * 3
    for _ in range(40):
        await world.poll(after=SECOND)
    assert [message.order.number for message in world.told(SalesOrderReceived)] == ["1001"]
    # The run that could not be told of and the same run again: of forty rounds no other asked.
    assert len(world.shop.asked("credit_statuses")) == 2


async def test_a_message_that_waits_goes_out_also_for_a_profile_that_is_gone():
    world = world_with(FakeShop(orders=[order(1001)]))
    world.publisher.failures = [BROKER_DOWN]
    await world.poll()
    world.profiles.stored.clear()
    await world.poll(after=QUARTER)
    assert [message.order.uuid for message in world.told(SalesOrderReceived)] == [uuid_of(1001)]


async def test_health_says_what_keeps_this_process_from_polling():
    world = world_with(FakeShop())
    polling = world.poller.polling
    assert await polling.check() is None
    world.profiles.failures = [DATABASE_DOWN]
    await world.poll()
    assert "database" in (await polling.check() or "")
    await world.poll(after=SECOND)
    assert await polling.check() is None
    world.clock.advance(timedelta(minutes=5))
    assert "no round" in (await polling.check() or "")


async def test_a_shop_in_trouble_leaves_the_process_healthy():
    world = world_with(FakeShop(token_is_valid=False))
    await world.poll()
    assert len(world.told(ProfilePaused)) == 1
    assert await world.poller.polling.check() is None


async def test_the_loop_polls_until_it_is_stopped_and_then_lets_go_of_its_work():
    slow = SlowShop()
    world = world_with(slow)
    assert isinstance(world.leases, FakeLeases)
    running = asyncio.create_task(world.poller.polling.run())
    async with asyncio.timeout(5):
        await slow.asked_for_a_page.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert world.leases.held == {}
    assert await world.memory.runs.open_profiles() == {PROFILE}
