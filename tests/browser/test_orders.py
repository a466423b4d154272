"""The overview, the list of orders, one order, and importing, as people use them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import expect

from browser.shop_life import SHOP, live_a_month, pause
from browser.visitors import Visitors, picture
from console.domain.people import Role
from console_world import World, running_console
from fakes_console import OrderStory, run_finished
from sconnect.contracts import BuyerAddress, ImportRequested

DEAD_LETTERED = "1010"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def month(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """A console that has seen a month of orders; the tests share it, so they only add."""
    file = tmp_path_factory.mktemp("month") / "console.sqlite3"
    async with running_console(f"sqlite+aiosqlite:///{file}") as world:
        await live_a_month(world)
        yield world


async def test_the_pages_about_orders_are_accessible_and_fit(month: World, visitors: Visitors) -> None:
    await pause(month)
    for language, phone in (("nl", False), ("en", True)):
        page = await visitors.enter(month, language=language, phone=phone)
        for path, name in (
            ("/", "overview"),
            ("/orders", "orders"),
            (f"/profiles/{SHOP}/orders/1002", "order"),
            (f"/profiles/{SHOP}/orders/{DEAD_LETTERED}", None),
            ("/orders?from=2030-01-01", None),
        ):
            await page.goto(path)
            await visitors.look(page, None if name is None else picture(name, phone=phone))
    dark = await visitors.enter(month, dark=True)
    await visitors.look(dark, "overview-dark")
    await dark.goto(f"/profiles/{SHOP}/orders/1002")
    await visitors.look(dark)


async def test_orders_are_found_without_a_script(month: World, visitors: Visitors) -> None:
    page = await visitors.enter(month, role=Role.ACCOUNTANT, javascript=False)
    await page.locator(".counts .dead_lettered a").first.click()
    await expect(page.locator("tbody .badge")).to_have_text(
        ["Wacht op u"] * await page.locator("tbody tr").count()
    )
    await page.get_by_role("link", name="Alles tonen").click()
    await page.get_by_label("Nummer of naam").fill("zoe")
    await page.get_by_role("button", name="Zoeken").click()
    # A name stands in no address, so in no history and in no log of a proxy either.
    assert "zoe" not in page.url
    names = await page.locator("td[data-label='Koper']").all_text_contents()
    assert names
    assert set(names) == {"Zoë Testers"}
    await page.get_by_label("Nummer of naam").fill("1002")
    await page.get_by_role("button", name="Zoeken").click()
    await page.locator("tbody").get_by_role("link", name="1002").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Bestelling 1002")
    await expect(page.get_by_role("region", name="Boeking in SnelStart")).to_contain_text("8100 Omzet hoog")


async def test_paging_shows_every_order_once(month: World, visitors: Visitors) -> None:
    page = await visitors.enter(month, javascript=False)
    await page.goto("/orders")
    seen = await page.locator("tbody th a").all_text_contents()
    while await page.get_by_role("link", name="Oudere").count():
        await page.get_by_role("link", name="Oudere").click()
        seen += await page.locator("tbody th a").all_text_contents()
    stored = await month.read_model.order_uuids(SHOP)
    assert len(seen) == len(set(seen)) == len(stored)
    assert seen == sorted(seen, key=int, reverse=True)


async def test_the_calls_behind_an_event_open_with_and_without_a_script(
    month: World, visitors: Visitors
) -> None:
    plain = await visitors.enter(month, javascript=False)
    live = await visitors.enter(month, phone=True)
    for page in (plain, live):
        await page.goto(f"/profiles/{SHOP}/orders/1002")
        booked = page.locator(".trail > li").last
        await booked.get_by_text("1 aanroep").click()
        await expect(booked.locator("tbody tr")).to_have_count(1)
        await expect(booked.locator("tbody tr")).to_contain_text("POST /v2/verkoopboekingen")
        await expect(booked.locator("tbody tr")).to_contain_text("201, gelukt")
    await visitors.look(live)


async def test_importing_shows_its_progress_and_the_outcome_per_order(
    month: World, visitors: Visitors
) -> None:
    page = await visitors.enter(month, role=Role.BOOKKEEPER)
    await page.get_by_role("button", name="Nu importeren").click()
    await expect(page.get_by_role("heading", name="De import loopt")).to_be_visible()
    await visitors.look(page)
    requested = month.publisher.events[-1]
    assert isinstance(requested, ImportRequested)
    assert requested.requested_by == "bookkeeper voorbeeld"

    stories = [OrderStory(number=str(number), profile=SHOP) for number in (2001, 2002, 2003)]
    await month.read_model.record(
        run_finished(requested.run_id, orders=tuple(story.uuid for story in stories), profile=SHOP)
    )
    await month.read_model.record(stories[0].booked())
    await expect(page.get_by_text("1 van 3 bestellingen zijn verwerkt.")).to_be_visible()
    unsure = stories[1].dead_lettered()
    two = unsure.reason.model_copy(update={"details": {"customers": "2"}})
    await month.read_model.record(stories[1].received())
    await month.read_model.record(unsure.model_copy(update={"reason": two}))
    await month.read_model.record(stories[2].booked())

    await expect(page.get_by_role("heading", name="De import is klaar")).to_be_visible()
    await expect(page.locator("tbody th")).to_have_text(["2002", "2001", "2003"])
    await visitors.look(page, "import")
    await page.get_by_role("link", name="2002").click()
    await expect(page.get_by_role("heading", name="Bestelling 2002")).to_be_visible()


async def test_importing_works_without_a_script(month: World, visitors: Visitors) -> None:
    page = await visitors.enter(month, role=Role.BOOKKEEPER, language="en", javascript=False)
    await page.get_by_role("button", name="Import now").click()
    requested = month.publisher.events[-1]
    assert isinstance(requested, ImportRequested)
    await month.read_model.record(run_finished(requested.run_id, profile=SHOP))
    # The page asks for itself anew, as it has no script to do so.
    await expect(page.get_by_role("heading", name="The import is done")).to_be_visible()


async def test_what_a_buyer_typed_is_shown_and_never_run(world: World, visitors: Visitors) -> None:
    story = OrderStory(number="1001", profile=SHOP)
    received = story.received()
    nasty = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    order = received.order
    someone = order.buyer.model_copy(
        update={"email": f"{nasty}@example.nl", "invoice": BuyerAddress(name=nasty, street=nasty)}
    )
    lines = (order.lines[0].model_copy(update={"description": nasty}),)
    contents = order.model_copy(update={"buyer": someone, "lines": lines})
    await world.read_model.record(received.model_copy(update={"order": contents}))
    page = await visitors.enter(world)
    alarms: list[str] = []
    page.on("dialog", lambda dialog: alarms.append(dialog.message))

    await page.goto("/orders")
    await expect(page.locator("td[data-label='Koper']")).to_have_text(nasty)
    await page.goto(f"/profiles/{SHOP}/orders/1001")
    await expect(page.get_by_text(nasty, exact=True).first).to_be_visible()
    assert await page.locator("main script, main img").count() == 0
    assert alarms == []


async def test_the_keyboard_reaches_the_content_and_the_first_action(
    month: World, visitors: Visitors
) -> None:
    page = await visitors.enter(month)
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Naar de inhoud")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("main")).to_be_focused()
    await page.keyboard.press("Tab")
    await expect(page.locator(".tile a").first).to_be_focused()


async def test_the_list_is_kept_as_a_file(month: World, visitors: Visitors, tmp_path: Path) -> None:
    page = await visitors.enter(month, language="en")
    await page.goto("/orders?status=dead_lettered")
    async with page.expect_download() as coming:
        await page.get_by_role("link", name="This list as CSV").click()
    file = tmp_path / "orders.csv"
    await (await coming.value).save_as(file)
    lines = file.read_text("utf-8-sig").splitlines()
    assert lines[0] == "Profile,Order,Placed on,Buyer,State,Why,Invoice,Customer,Total"
    assert len(lines) == 1 + await page.locator("tbody tr").count()

    await page.goto(f"/profiles/{SHOP}/orders/1002")
    async with page.expect_download() as coming:
        await page.get_by_role("link", name="This order as CSV").click()
    download = await coming.value
    assert download.suggested_filename == "sconnect-order-1002.csv"
    await download.save_as(file)
    assert file.read_text("utf-8-sig").splitlines()[0] == "Part,When,What,Ledger,VAT,Amount"
