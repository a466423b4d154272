"""Signing in, and what every page has around it."""

import pytest
from playwright.async_api import expect

from browser.visitors import Visitors
from console.domain.people import Role
from console_visitor import account
from console_world import World
from factories import profile_document
from fakes_console import OrderStory, run_finished

SHOP = "voorbeeldwinkel"


async def some_orders(world: World) -> None:
    await world.client.post("/api/profiles", json=profile_document())
    booked, other, letter, waiting = (
        OrderStory(number=number, profile=SHOP) for number in ("1001", "1002", "1003", "1004")
    )
    for told in (booked.booked(), other.booked(), letter.dead_lettered(), waiting.waiting(attempt=3)):
        await world.read_model.record(told)
    await world.read_model.record(run_finished("run-1", profile=SHOP))


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


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
@pytest.mark.parametrize("language", ["nl", "en"])
async def test_every_page_is_accessible_and_fits(
    world: World, visitors: Visitors, language: str, phone: bool
) -> None:
    await some_orders(world)
    picture = language == "nl"
    size = "-phone" if phone else ""
    window = await visitors.window(world, language=language, phone=phone)
    await window.goto("/sign-in")
    await visitors.look(window, f"sign-in{size}" if picture else None)
    page = await visitors.enter(world, language=language, phone=phone)
    for path, name in (("/", "overview"), ("/users", "users"), ("/log", "log"), ("/nowhere", None)):
        await page.goto(path)
        await visitors.look(page, f"{name}{size}" if picture and name else None)


async def test_an_account_of_each_role_sees_its_own_rooms(world: World, visitors: Visitors) -> None:
    await account(world, Role.ADMINISTRATOR)
    page = await visitors.enter(world, role=Role.ACCOUNTANT, javascript=False)
    await expect(page.get_by_role("link", name="Gebruikers")).to_have_count(0)
    await page.goto("/users")
    await expect(page.get_by_role("alert")).to_have_text("Uw rol laat dit niet toe. Vraag een beheerder.")
