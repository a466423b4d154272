"""Profiles as people make and change them, with both vendors simulated."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from browser.visitors import Visitors, picture
from console.domain.people import Role
from console_vendors import NAME, Vendors, apply, both_vendors, console_with_vendors
from console_world import World
from fakes_console import OrderStory

TABS = ("", "shop", "bookkeeping", "bookings", "customers", "planning", "history")


@pytest.fixture(scope="module")
def both() -> Iterator[Vendors]:
    with both_vendors() as both:
        both.shop.add_samples("2026-03-02")
        yield both


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shared(tmp_path_factory: pytest.TempPathFactory, both: Vendors) -> AsyncIterator[World]:
    """A console with one profile, whose tests leave each other in peace."""
    file = tmp_path_factory.mktemp("profiles") / "console.sqlite3"
    async with console_with_vendors(f"sqlite+aiosqlite:///{file}") as world:
        await apply(world, both.document(bookings={"invoice_number": "S-{order_number}"}))
        answer = await world.client.patch(f"/api/profiles/{NAME}", json={"planning": {"interval": "1h"}})
        assert answer.status_code == 200
        story = OrderStory(number="1002", profile=NAME)
        for told in (story.received(), story.resolved()):
            await world.read_model.record(told)
        yield world


async def fill_in_a_new_profile(page: Page, both: Vendors, name: str) -> None:
    """Both connections, with the addresses of the simulators."""
    for summary in await page.locator("main details > summary").all():
        await summary.click()
    administration = both.administration
    for field, text in (
        ("name", name),
        ("shop.token", both.shop.token),
        ("shop.start_order_number", "1001"),
        ("shop.api_url", both.webshop_url),
        ("bookkeeping.connection_key", administration.connection_key),
        ("bookkeeping.subscription_key", administration.subscription_key),
        ("bookkeeping.token_url", f"{both.snelstart_url}/b2b/token"),
        ("bookkeeping.api_url", f"{both.snelstart_url}/v2"),
        ("bookings.invoice_number", f"{name}-{{order_number}}"),
    ):
        await page.locator(f"[name='{field}']").fill(text)


async def test_every_tab_is_accessible_and_fits(shared: World, visitors: Visitors) -> None:
    for language, phone in (("nl", False), ("en", True)):
        page = await visitors.enter(shared, language=language, phone=phone)
        for path, name in (("/profiles", "profiles"), ("/new-profile", None), ("/import-profile", None)):
            await page.goto(path)
            await visitors.look(page, None if name is None else picture(name, phone=phone))
        for tab in TABS:
            await page.goto(f"/profiles/{NAME}/{tab}".rstrip("/"))
            await visitors.look(page, picture(f"profile-{tab or 'overview'}", phone=phone))
    reader = await visitors.enter(shared, role=Role.ACCOUNTANT)
    for tab in ("shop", "bookings"):
        await reader.goto(f"/profiles/{NAME}/{tab}")
        await visitors.look(reader)
        await expect(reader.get_by_role("button", name="Bewaren")).to_have_count(0)


async def test_a_profile_is_made_step_by_step(shared: World, both: Vendors, visitors: Visitors) -> None:
    page = await visitors.enter(shared)
    await page.goto("/profiles")
    await page.get_by_role("link", name="Nieuw profiel").click()
    await fill_in_a_new_profile(page, both, "stap-voor-stap")
    await page.locator("[name='shop.token']").fill("wrong")
    await page.get_by_role("button", name="Koppeling testen").first.click()
    await expect(page.get_by_text("De koppeling werkt niet")).to_be_visible()
    await visitors.look(page)
    await page.locator("[name='shop.token']").fill(both.shop.token)
    await page.get_by_role("button", name="Koppeling testen").first.click()
    await expect(page.get_by_label("Betaald (3)")).to_be_checked()
    await page.get_by_label("Nieuw (1)").check()
    await page.get_by_role("button", name="Profiel maken").click()

    await expect(page.get_by_text("Staat uit").first).to_be_visible()
    await visitors.look(page, "profile-steps")
    await page.get_by_role("link", name="Grootboeken kiezen").click()
    await page.get_by_role("button", name="Laat grootboeken voorstellen").click()
    await expect(page.get_by_label("Omzet, Hoog (21 %)")).to_have_value("8100")
    await visitors.look(page, "profile-proposal")
    await page.get_by_label("Omzet, 0 %").select_option("8140")
    await page.get_by_label("Ik heb de voorgestelde grootboeken nagekeken").check()
    await page.get_by_role("button", name="Bewaren").last.click()
    await expect(page.get_by_role("status")).to_contain_text("versie 2")
    await page.get_by_role("link", name="Overzicht").last.click()
    await page.get_by_role("button", name="Profiel aanzetten").click()
    await expect(page.get_by_text("Staat aan").first).to_be_visible()

    made = await shared.profiles.get("stap-voor-stap")
    assert made is not None
    assert made.profile.shop.order_statuses == (1, 2, 3, 6)
    assert made.profile.bookings.unconfirmed_ledgers == ()
    assert made.profile.bookings.ledgers is not None
    assert made.profile.bookings.ledgers.revenue.nl_zero == 8140


async def test_a_mistake_is_told_beside_its_field_and_what_was_typed_stays(
    shared: World, visitors: Visitors
) -> None:
    page = await visitors.enter(shared, language="en", phone=True)
    await page.goto(f"/profiles/{NAME}/bookings")
    invoice = page.locator("[name='bookings.invoice_number']")
    await invoice.fill("always the same")
    await page.get_by_role("button", name="Save").last.click()
    await expect(page.get_by_role("alert")).to_contain_text("1 thing is not right")
    await expect(invoice).to_have_value("always the same")
    await expect(invoice).to_have_attribute("aria-invalid", "true")
    await visitors.look(page)
    await page.get_by_role("alert").get_by_role("link").click()
    await expect(invoice).to_be_in_viewport()


async def test_a_change_is_seen_in_the_history_and_undone(shared: World, visitors: Visitors) -> None:
    page = await visitors.enter(shared)
    await page.goto(f"/profiles/{NAME}/customers")
    await expect(page.get_by_text("Bestelling 1002: de relatie met e-mailadres")).to_be_visible()
    await page.get_by_label("Slim").check()
    await page.get_by_role("button", name="Bewaren").click()
    await page.get_by_role("link", name="Geschiedenis").click()
    await expect(page.locator(".versions li").first).to_contain_text("Slim")
    await page.get_by_role("button", name="Terug naar versie 2").click()
    await expect(page.locator(".versions li").first).to_contain_text("versie 4")
    stored = await shared.profiles.get(NAME)
    assert stored is not None
    assert stored.profile.customers.recognition == "email"
