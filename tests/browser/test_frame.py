"""Signing in, and what every page has around it."""

import pytest
from playwright.async_api import expect

from browser.visitors import Visitors, picture
from console.adapters.notices import MailChannel, MailServer, Wording
from console.adapters.sql import SqlNotices, Transactions
from console.domain.people import Role
from console_visitor import account
from console_world import World, running_console
from fakes_console import NOON


async def test_a_person_signs_in_chooses_a_password_and_signs_out(world: World, visitors: Visitors) -> None:
    made = await world.desks.people.add("Sanne", Role.BOOKKEEPER)
    page = await visitors.window(world)
    await page.goto("/users")
    await page.locator("#name").fill("sanne")
    await page.locator("#password").fill("niet het wachtwoord")
    await page.get_by_role("button", name="Aanmelden").click()
    await expect(page.get_by_role("alert")).to_have_text("Naam of wachtwoord klopt niet.")
    await visitors.look(page)

    await page.locator("#password").fill(made.password)
    await page.get_by_role("button", name="Aanmelden").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Wachtwoord wijzigen")
    await visitors.look(page, "password")
    await page.locator("#current").fill(made.password)
    await page.locator("#wanted").fill("vier losse woorden achtereen")
    await page.locator("#again").fill("vier losse woorden achtereen")
    await page.get_by_role("button", name="Wijzigen").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Overzicht")

    await page.get_by_role("button", name="Afmelden").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Aanmelden")
    await page.goto("/")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Aanmelden")


async def test_the_language_changes_by_one_click_and_is_remembered(world: World, visitors: Visitors) -> None:
    page = await visitors.window(world, javascript=False)
    await page.goto("/sign-in")
    await page.get_by_role("button", name="English").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    await page.goto("/orders")
    await expect(page.locator("html")).to_have_attribute("lang", "en")


async def test_the_pages_around_the_orders_are_accessible_and_fit(world: World, visitors: Visitors) -> None:
    for language, phone in (("nl", False), ("en", True)):
        outside = await visitors.window(world, language=language, phone=phone)
        await outside.goto("/sign-in")
        await visitors.look(outside, picture("sign-in", phone=phone))
        page = await visitors.enter(world, language=language, phone=phone)
        for path, name in (("/users", "users"), ("/log", "log"), ("/nowhere", None)):
            await page.goto(path)
            await visitors.look(page, None if name is None else picture(name, phone=phone))


@pytest.mark.parametrize("language", ["nl", "en"])
async def test_all_rooms_of_an_administrator_stand_in_one_row(
    world: World, visitors: Visitors, language: str
) -> None:
    page = await visitors.enter(world, language=language)
    rooms = page.locator(".rooms")
    # The narrowest of each way to set them, and what screens have.
    for width in (1024, 1190, 1249, 1280, 1440, 1537, 1920):
        await page.set_viewport_size({"width": width, "height": 800})
        row_height = await rooms.locator("a").first.evaluate("link => link.offsetHeight")
        # Nothing is wrapped, and nothing has to be scrolled to.
        assert await rooms.evaluate("nav => nav.scrollHeight") <= row_height, width
        assert await rooms.evaluate("nav => nav.scrollWidth - nav.clientWidth") <= 0, width
        assert await page.locator(".top").evaluate("top => top.offsetHeight") < 2 * row_height, width
        assert not await page.evaluate("document.documentElement.scrollWidth > innerWidth"), width


async def test_on_a_phone_the_open_room_is_in_sight(world: World, visitors: Visitors) -> None:
    page = await visitors.enter(world, phone=True)
    await page.goto("/log")
    here = page.locator(".rooms [aria-current]")
    await expect(here).to_be_in_viewport(ratio=1)
    await expect(here).to_have_text("Wie deed wat")


async def test_the_page_of_notifications_is_accessible_and_fits(sqlite_url: str, visitors: Visitors) -> None:
    server = MailServer(host="smtp.example.nl", port=587, encryption="starttls")
    recipients = ("boekhouding@example.nl", "anna@example.nl")
    mail = MailChannel(
        server, sender="sconnect@example.nl", recipients=recipients, wording=Wording("nl", None)
    )
    async with running_console(sqlite_url, channels=(mail,)) as told:
        book = SqlNotices(Transactions(told.engine))
        await book.note_sent("mail", ["letter:1", "letter:2"], NOON, None)
        for language, phone in (("nl", False), ("en", True)):
            page = await visitors.enter(told, language=language, phone=phone)
            await page.goto("/notifications")
            await visitors.look(page, picture("notifications", phone=phone))


async def test_an_account_of_each_role_sees_its_own_rooms(world: World, visitors: Visitors) -> None:
    await account(world, Role.ADMINISTRATOR)
    page = await visitors.enter(world, role=Role.ACCOUNTANT, javascript=False)
    await expect(page.get_by_role("link", name="Gebruikers")).to_have_count(0)
    await page.goto("/users")
    await expect(page.get_by_role("alert")).to_have_text("Uw rol laat dit niet toe. Vraag een beheerder.")
