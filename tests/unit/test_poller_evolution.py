"""Whatever happens in a shop and to a poller, in whatever order: every order is handed over once."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from poller_world import NEW, PAID, PollerWorld, order
from sconnect.clock import SHOP_TIME_ZONE
from sconnect.contracts import SalesOrderReceived
from sconnect.errors import Reason, ReasonCode, UpstreamUnavailable

START_NUMBER = 1001
SHOP_DOWN = UpstreamUnavailable(Reason(code=ReasonCode.UPSTREAM_UNAVAILABLE, variant="shop"))
BROKER_DOWN = UpstreamUnavailable(Reason(code=ReasonCode.UPSTREAM_UNAVAILABLE, variant="broker"))

NUMBERS = st.integers(START_NUMBER - 10, START_NUMBER + 250)
MINUTES = st.integers(0, 60 * 24 * 4)

Change = Callable[[PollerWorld], None]


def moment(world: PollerWorld) -> tuple[str, str]:
    local = world.clock.now().astimezone(SHOP_TIME_ZONE)
    return f"{local:%Y-%m-%d}", f"{local:%H:%M:%S}"


def place(numbers: list[int], status: int) -> Change:
    """Orders appear, in any order of numbers: the lower ones were paid late."""

    def change(world: PollerWorld) -> None:
        day, time = moment(world)
        known = {each["number"] for each in world.shop.orders}
        placed = {"date": day, "time": time, "status_changed_date": day, "status_changed_time": time}
        world.shop.orders.extend(
            order(number, status=status, **placed) for number in numbers if str(number) not in known
        )

    return change


def set_status(number: int, status: int) -> Change:
    def change(world: PollerWorld) -> None:
        day, time = moment(world)
        for each in world.shop.orders:
            if each["number"] == str(number) and each["status"] != status:
                each.update(status=status, status_changed_date=day, status_changed_time=time)

    return change


def fail_next(page: bool) -> Change:
    def change(world: PollerWorld) -> None:
        if page:
            world.shop.failures = {"page": [SHOP_DOWN]}
        else:
            world.publisher.failures = [BROKER_DOWN]

    return change


def pass_time(minutes: int) -> Change:
    return lambda world: world.clock.advance(timedelta(minutes=minutes))


HAPPENINGS = st.one_of(
    st.builds(place, st.lists(NUMBERS, max_size=150, unique=True), st.sampled_from([NEW, PAID])),
    st.builds(set_status, NUMBERS, st.sampled_from([NEW, PAID])),
    st.builds(fail_next, st.booleans()),
    st.builds(pass_time, MINUTES),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(HAPPENINGS, max_size=3), max_size=6))
def test_every_order_that_was_seen_to_qualify_is_handed_over_once(rounds: list[list[Change]]):
    world = PollerWorld()
    expected: set[str] = set()
    asyncio.run(live(world, rounds, expected))
    assert sorted(message.order.number for message in world.told(SalesOrderReceived)) == sorted(expected)


async def live(world: PollerWorld, rounds: list[list[Change]], expected: set[str]) -> None:
    for happenings in rounds:
        for happening in happenings:
            happening(world)
        await poll_until_well(world)
        expected.update(
            each["number"]
            for each in world.shop.orders
            if each["status"] == PAID and int(each["number"]) >= START_NUMBER
        )


async def poll_until_well(world: PollerWorld) -> None:
    """Two intervals more than any single failure needs."""
    for _ in range(4):
        await world.poll(after=timedelta(minutes=16))
