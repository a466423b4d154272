"""The shop's API when it misbehaves, and in every form it may answer: over HTTP against the simulator."""

import json
import logging
import traceback
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio

from factories import stored_profile
from poller.adapters.shop_source import ShopLimits, ShopOrderSources
from poller.domain.contents import contents_print
from poller.domain.windows import Window
from poller.ports import OrderSource
from sconnect.clock import ManualClock
from sconnect.contracts import SalesOrder
from sconnect.errors import MisconfiguredError, RateLimited, SConnectError, UpstreamUnavailable
from sconnect.http import HttpLimits, create_http_client
from simulators.server import running
from simulators.webshop import create_app
from simulators.webshop.samples import numbered_samples, plain_order

NOW = datetime(2026, 3, 9, 12, tzinfo=UTC)
TOKEN, PARTNER_TOKEN = "token-of-voorbeeldwinkel", "token-of-the-partner"
EVERYTHING = Window()
ANSWER_SECONDS_MAX = 0.3


@dataclass
class Shop:
    """A simulated shop behind its control door, and the source that reads it."""

    source: OrderSource
    clock: ManualClock
    control: httpx.AsyncClient

    async def post(self, path: str, content: Any) -> None:
        (await self.control.post(f"/_control/{path}", json=content)).raise_for_status()

    async def fail(self, **fault: Any) -> None:
        await self.post("faults", {"path": "/v1/orders$", **fault})

    async def open(self, **options: Any) -> None:
        settings = {"token": TOKEN, "partner_token": PARTNER_TOKEN, "options": options}
        answer = await self.control.put("/_control/shops/voorbeeldwinkel", json=settings)
        answer.raise_for_status()

    async def calls(self) -> list[dict[str, Any]]:
        calls: list[dict[str, Any]] = (await self.control.get("/_control/calls")).json()
        return calls

    async def read(self) -> list[SalesOrder]:
        page = await self.source.page(EVERYTHING, 0)
        return [sighting.order for sighting in page if sighting.order is not None]


@pytest.fixture(scope="module")
def simulator() -> Iterator[str]:
    with running(create_app(lambda: NOW)) as url:
        yield url


@pytest_asyncio.fixture
async def shop(simulator: str) -> AsyncIterator[Shop]:
    client = create_http_client(HttpLimits(), allow_local_apis=True)
    clock = ManualClock(NOW)
    sources = ShopOrderSources(client, clock, ShopLimits(total_timeout_seconds=ANSWER_SECONDS_MAX))
    secrets = {"token": TOKEN, "partner_token": PARTNER_TOKEN}
    profile = stored_profile(webshop_url=simulator, shop=secrets)
    async with httpx.AsyncClient(base_url=simulator) as control:
        await control.post("/_control/reset")
        shop = Shop(sources.of(profile), clock, control)
        await shop.open()
        await shop.post("shops/voorbeeldwinkel/orders", plain_order(1001))
        yield shop
    await client.aclose()


HTML = "<html><body>Bad gateway</body></html>"
PASSING_TROUBLE: list[dict[str, Any]] = [
    {"kind": "status", "status": 500, "body": {"code": 500, "message": "Oops", "description": ""}},
    {"kind": "status", "status": 502, "body": HTML},
    {"kind": "status", "status": 200, "body": HTML},
    {"kind": "status", "status": 422, "body": {"detail": "Oops", "status": 422}},
    {"kind": "status", "status": 429, "body": None},
    {"kind": "status", "status": 429, "body": None, "retry_after": "7"},
    {"kind": "truncate"},
    {"kind": "reset"},
    {"kind": "cut_before"},
    {"kind": "slow", "seconds": 2 * ANSWER_SECONDS_MAX},
]


every_passing_trouble = pytest.mark.parametrize(
    "fault", PASSING_TROUBLE, ids=lambda fault: f"{fault['kind']}-{fault.get('status')}"
)


@every_passing_trouble
async def test_a_call_that_fails_is_made_again(shop: Shop, fault: dict[str, Any]):
    await shop.fail(**fault)
    assert [order.number for order in await shop.read()] == ["1001"]


@every_passing_trouble
async def test_trouble_that_lasts_is_the_shops(shop: Shop, fault: dict[str, Any]):
    await shop.fail(**fault, times=3)
    with pytest.raises((UpstreamUnavailable, RateLimited)) as caught:
        await shop.read()
    assert caught.value.reason.text_key == "UPSTREAM_UNAVAILABLE.shop"
    assert len(await shop.calls()) == 3


@pytest.mark.parametrize("body", [{"type": "about:blank", "title": "Oops", "status": 503}, None, "x", 7])
async def test_an_answer_that_is_no_list_is_the_shops_trouble(shop: Shop, body: Any):
    await shop.fail(kind="status", status=200, body=json.dumps(body), content_type="application/json")
    with pytest.raises(UpstreamUnavailable) as caught:
        await shop.read()
    assert caught.value.reason.details == {"problem": "not_a_list"}


async def test_a_wait_that_the_shop_asks_for_is_kept(shop: Shop):
    await shop.fail(kind="status", status=429, retry_after="40", times=1)
    await shop.read()
    assert shop.clock.now() - NOW >= timedelta(seconds=40)


async def test_a_long_wait_is_not_sat_out_but_passed_on(shop: Shop):
    await shop.fail(kind="status", status=429, retry_after="900", times=1)
    with pytest.raises(RateLimited) as caught:
        await shop.read()
    assert caught.value.retry_after_seconds == 900
    assert len(await shop.calls()) == 1


async def test_calls_are_spread_over_time(shop: Shop):
    for _ in range(5):
        await shop.read()
    assert shop.clock.now() - NOW == timedelta(seconds=2)


@pytest.mark.parametrize("status", [301, 404, 405, 410])
async def test_another_server_at_the_address_is_a_matter_for_a_person(shop: Shop, status: int):
    await shop.fail(kind="status", status=status, body=HTML)
    with pytest.raises(MisconfiguredError) as caught:
        await shop.read()
    assert caught.value.reason.text_key == "PROFILE_PAUSED.not_the_api"
    assert caught.value.reason.details["status"] == str(status)


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("body", [None, HTML, {"title": "Unauthorized"}])
async def test_a_refusal_is_never_repeated(shop: Shop, status: int, body: Any):
    await shop.fail(kind="status", status=status, body=body, times=0)
    with pytest.raises(MisconfiguredError) as caught:
        await shop.read()
    assert caught.value.reason.text_key == "PROFILE_PAUSED.shop_token"
    assert len(await shop.calls()) == 1


async def test_a_query_never_asks_for_test_orders(shop: Shop):
    changed_from = datetime(2026, 3, 6, 11, tzinfo=UTC)
    await shop.source.page(Window(placed_from=date(2026, 3, 6), status_changed_from=changed_from), 95)
    await shop.source.page(Window(descending=True, down_to=1001, archived_only=True), 0)
    paged = {"format": "json", "limit": "100"}
    assert [call["query"] for call in await shop.calls()] == [
        paged
        | {
            "offset": "95",
            "ordering": "asc",
            "start_date": "2026-03-06",
            "status_changed_start_date": "2026-03-06 12:00:00",
        },
        paged | {"offset": "0", "ordering": "desc", "archived": "1"},
    ]


@every_passing_trouble
async def test_no_token_gets_into_an_error_or_a_log(
    shop: Shop, caplog: pytest.LogCaptureFixture, fault: dict[str, Any]
):
    caplog.set_level(logging.DEBUG)
    await shop.fail(**fault, times=3)
    with pytest.raises(SConnectError) as caught:
        await shop.read()
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith("uvicorn")]
    told = "\n".join([*ours, *traceback.format_exception(caught.value), repr(vars(caught.value))])
    assert "UPSTREAM_UNAVAILABLE" in told
    assert TOKEN not in told
    assert PARTNER_TOKEN not in told


SHAPES: list[dict[str, Any]] = [
    {"order_number": "text"},
    {"order_number": "integer"},
    {"amounts": "text"},
    {"amounts": "number"},
    {"order_price_decimals": 2},
    {"order_price_decimals": 6},
    {"tax_rows": "list"},
    {"tax_rows": "object"},
    {"line_prices": "list"},
    {"line_prices": "object"},
    {"empty_objects": "list"},
    {"empty_objects": "absent"},
    {"no_credited_order": "absent"},
    {"no_credited_order": "null"},
    {"no_credited_order": "text"},
    {"no_credited_order": "list"},
    {"weight": "absent"},
    {"weight": "empty"},
    {"address_ids": "uuid"},
]


async def prints(shop: Shop) -> dict[str, str]:
    return {order.number: contents_print(order.model_dump(mode="json")) for order in await shop.read()}


@pytest.mark.parametrize("shape", SHAPES, ids=str)
async def test_one_order_in_another_form_is_the_same_order(shop: Shop, shape: dict[str, Any]):
    await fill_with_samples(shop)
    as_stored = await prints(shop)
    assert len(as_stored) > 10
    await shop.open(**shape)
    assert await prints(shop) == as_stored


CONTENTS: list[dict[str, Any]] = [
    {"shipping_country": "list"},
    {"credit_signs": "positive"},
    {"credit_signs": "mixed"},
    {"tax_cents_off": 1},
    {"total_cents_off": 1},
    {"tax_doubled": True},
    {"line_type_names": {"shipping": "verzending"}},
]


@pytest.mark.parametrize("shape", CONTENTS, ids=str)
async def test_other_contents_are_handed_over_as_they_are(shop: Shop, shape: dict[str, Any]):
    await fill_with_samples(shop)
    as_stored = await prints(shop)
    await shop.open(**shape)
    changed = await prints(shop)
    assert changed.keys() == as_stored.keys()
    assert changed != as_stored


async def test_an_error_body_of_the_old_kind_is_understood_too(shop: Shop):
    await shop.open(error_body="legacy", token_expired=True)
    with pytest.raises(MisconfiguredError):
        await shop.read()


async def test_a_php_list_with_holes_is_a_list(shop: Shop):
    holes = {"0": plain_order(1001), "2": plain_order(1003)}
    await shop.fail(kind="status", status=200, body=holes)
    assert [order.number for order in await shop.read()] == ["1001", "1003"]


async def test_the_only_order_of_a_page_may_come_bare(shop: Shop):
    await shop.fail(kind="status", status=200, body=plain_order(1001))
    assert [order.number for order in await shop.read()] == ["1001"]


async def test_an_emoji_and_a_long_description_arrive_whole(shop: Shop):
    description = "Trein 🚂 " + "lang " * 60 + "&amp; meer"
    line = {"type": "custom", "quantity": 1, "description": description, "price": {"amount": "1.00"}}
    body = json.dumps([plain_order(1001, orderlines=[line])], ensure_ascii=False)
    await shop.fail(kind="status", status=200, body=body, content_type="application/json")
    (order,) = await shop.read()
    assert order.lines[0].description == description.replace("&amp;", "&")


async def fill_with_samples(shop: Shop) -> None:
    samples = [sample.order for sample in numbered_samples(NOW.date(), first_number=2001)]
    await shop.post("shops/voorbeeldwinkel/orders", samples)
