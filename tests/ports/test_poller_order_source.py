"""Reading a shop: the fake, and the real adapter over HTTP against the webshop simulator."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Protocol

import httpx
import pytest
import pytest_asyncio

from factories import stored_profile
from fakes_poller import FakeShop
from poller.adapters.shop_source import ShopLimits, ShopOrderSources
from poller.domain.orders import Unreadable
from poller.domain.windows import PAGE_SIZE, Window
from poller.ports import OrderSource
from sconnect.clock import SHOP_TIME_ZONE, ManualClock
from sconnect.errors import MisconfiguredError
from sconnect.http import HttpLimits, create_http_client
from simulators.server import running
from simulators.webshop import create_app
from simulators.webshop.samples import plain_order

NOW = datetime(2026, 3, 9, 12, tzinfo=UTC)
TOKEN = "token-of-voorbeeldwinkel"
EVERYTHING = Window()


class World(Protocol):
    """A shop that a test fills, and the source that reads it."""

    @property
    def source(self) -> OrderSource: ...

    async def fill(self, *orders: dict[str, Any]) -> None: ...

    async def refuse_token(self) -> None: ...

    async def hide_statuses(self) -> None: ...


@dataclass
class FakeWorld:
    source: FakeShop

    async def fill(self, *orders: dict[str, Any]) -> None:
        self.source.orders.extend(orders)

    async def refuse_token(self) -> None:
        self.source.token_is_valid = False

    async def hide_statuses(self) -> None:
        self.source.statuses = None


@dataclass
class SimulatedWorld:
    source: OrderSource
    control: httpx.AsyncClient

    async def open(self, **settings: Any) -> None:
        answer = await self.control.put("/_control/shops/voorbeeldwinkel", json={"token": TOKEN} | settings)
        answer.raise_for_status()

    async def fill(self, *orders: dict[str, Any]) -> None:
        answer = await self.control.post("/_control/shops/voorbeeldwinkel/orders", json=list(orders))
        answer.raise_for_status()

    async def refuse_token(self) -> None:
        await self.open(options={"token_expired": True})

    async def hide_statuses(self) -> None:
        await self.open(partner_token="partner", partner_token_required=True)


@pytest.fixture(scope="module")
def simulator() -> Iterator[str]:
    with running(create_app(lambda: NOW)) as url:
        yield url


@pytest_asyncio.fixture(params=["fake", "simulator"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    if request.param == "fake":
        yield FakeWorld(FakeShop())
        return
    url: str = request.getfixturevalue("simulator")
    client = create_http_client(HttpLimits(), allow_local_apis=True)
    sources = ShopOrderSources(client, ManualClock(NOW), ShopLimits())
    profile = stored_profile(webshop_url=url, shop={"token": TOKEN})
    async with httpx.AsyncClient(base_url=url) as control:
        await control.post("/_control/reset")
        simulated = SimulatedWorld(sources.of(profile), control)
        await simulated.open()
        yield simulated
    await client.aclose()


async def numbers(world: World, window: Window, offset: int = 0) -> list[str]:
    return [sighting.found.number for sighting in await world.source.page(window, offset)]


async def test_an_empty_shop_has_an_empty_page(world: World):
    assert await world.source.page(EVERYTHING, 0) == []


async def test_orders_come_by_number_in_either_direction(world: World):
    await world.fill(plain_order(1010), plain_order(999), plain_order(1009))
    assert await numbers(world, EVERYTHING) == ["999", "1009", "1010"]
    assert await numbers(world, Window(descending=True, down_to=1001)) == ["1010", "1009", "999"]


async def test_a_page_is_full_the_last_one_short_and_past_the_end_there_is_nothing(world: World):
    await world.fill(*[plain_order(1001 + step) for step in range(PAGE_SIZE + 7)])
    assert len(await numbers(world, EVERYTHING)) == PAGE_SIZE
    assert await numbers(world, EVERYTHING, 105) == ["1106", "1107"]
    assert await numbers(world, EVERYTHING, 200) == []


async def test_orders_from_a_day_on(world: World):
    await world.fill(plain_order(1001, date="2026-03-05"), plain_order(1002, date="2026-03-06"))
    assert await numbers(world, Window(placed_from=date(2026, 3, 6))) == ["1002"]


async def test_orders_up_to_and_including_a_day(world: World):
    days = ("2026-03-05", "2026-03-06", "2026-03-09")
    await world.fill(*(plain_order(1001 + place, date=day) for place, day in enumerate(days)))
    shown = await numbers(world, Window(placed_from=date(2026, 3, 5), placed_to=date(2026, 3, 6)))
    assert shown == ["1001", "1002"]


async def test_orders_whose_status_changed_from_a_moment_on_in_dutch_time(world: World):
    changed = {"status_changed_date": "2026-03-06"}
    await world.fill(
        plain_order(1001, **changed, status_changed_time="11:59:59"),
        plain_order(1002, **changed, status_changed_time="12:00:00"),
    )
    from_noon = datetime(2026, 3, 6, 11, tzinfo=UTC)
    assert await numbers(world, Window(status_changed_from=from_noon)) == ["1002"]
    local = from_noon.astimezone(SHOP_TIME_ZONE).replace(microsecond=999_999)
    assert await numbers(world, Window(status_changed_from=local)) == ["1002"]


async def test_archived_orders_are_among_the_others_and_can_be_read_alone(world: World):
    await world.fill(plain_order(1001, archived=True), plain_order(1002, archived=False))
    assert await numbers(world, EVERYTHING) == ["1001", "1002"]
    assert await numbers(world, Window(archived_only=True)) == ["1001"]


async def test_test_orders_are_never_shown(world: World):
    await world.fill(plain_order("T-31"), plain_order(1001))
    assert await numbers(world, EVERYTHING) == ["1001"]
    assert await world.source.order("T-31") is None


async def test_one_order_by_its_number(world: World):
    await world.fill(plain_order(1001))
    sighting = await world.source.order("1001")
    assert sighting is not None
    assert sighting.order is not None
    assert sighting.key == sighting.order.uuid == plain_order(1001)["uuid"]
    assert world.source.read_again(sighting.document) == sighting


async def test_an_order_that_is_not_there(world: World):
    assert await world.source.order("1001") is None


async def test_an_order_that_cannot_be_read_comes_with_the_others(world: World):
    await world.fill(plain_order(1001, uuid="u" * 70), plain_order(1002))
    first, second = await world.source.page(EVERYTHING, 0)
    assert isinstance(first.found, Unreadable)
    assert (first.found.field, first.found.number) == ("uuid", "1001")
    assert second.order is not None


async def test_the_shop_tells_which_statuses_are_of_credit_orders(world: World):
    assert await world.source.credit_statuses() == frozenset({10})


async def test_a_shop_may_keep_its_statuses_to_itself(world: World):
    await world.hide_statuses()
    assert await world.source.credit_statuses() is None
    await world.source.probe()


async def test_a_refused_token_is_a_matter_for_a_person(world: World):
    await world.source.probe()
    await world.refuse_token()
    for call in (world.source.page(EVERYTHING, 0), world.source.order("1001"), world.source.probe()):
        with pytest.raises(MisconfiguredError) as caught:
            await call
        assert caught.value.reason.text_key == "PROFILE_PAUSED.shop_token"
    assert await world.source.credit_statuses() is None
