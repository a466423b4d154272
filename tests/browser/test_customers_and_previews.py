"""Remembered customers and previews in a browser."""

from playwright.async_api import expect

from browser.needs_life import open_shop
from browser.shop_life import SHOP
from browser.visitors import Visitors, picture
from console.domain.people import Role
from console_answers import BOOKED, answer, forgotten, previewed, remembered
from console_world import World
from sconnect.contracts import ForgetLinkRequested, OrderKey, WireReason


async def test_a_remembered_customer_is_forgotten(world: World, visitors: Visitors) -> None:
    await open_shop(world)
    await world.read_model.record(remembered("link-1"))
    await world.read_model.record(remembered("link-2", decided_by=None))
    phone = await visitors.enter(world, language="en", phone=True)
    await phone.goto("/customers")
    await visitors.look(phone, picture("customers", phone=True))
    page = await visitors.enter(world, role=Role.BOOKKEEPER)
    await page.get_by_role("link", name="Klanten").click()
    await visitors.look(page, "customers")
    await expect(page.locator("tbody tr")).to_have_count(2)
    row = page.locator("tbody tr").filter(has_text="boekhouder")
    await row.get_by_role("button", name="Vergeten").click()

    await expect(page.locator(".notice")).to_contain_text(
        "Klant P. Voorbeeld wordt voor deze koper vergeten."
    )
    request = world.publisher.events[-1]
    assert isinstance(request, ForgetLinkRequested)
    assert (request.link_id, request.requested_by) == ("link-1", "bookkeeper voorbeeld")
    await world.read_model.record(forgotten("link-1"))
    await expect(page.locator("tbody tr")).to_have_count(1)


async def test_a_preview_is_asked_without_a_script_and_shows_the_bookings(
    world: World, visitors: Visitors
) -> None:
    await open_shop(world)
    page = await visitors.enter(world, role=Role.BOOKKEEPER, javascript=False)
    await page.goto(f"/previews?profile={SHOP}&order=1001")
    await expect(page.get_by_label("Nummer van de bestelling")).to_have_value("1001")
    await page.get_by_label("Nummer van de bestelling").fill("")
    await page.get_by_role("button", name="Laat zien").click()
    await expect(page.get_by_role("alert")).to_contain_text("Kies één ding voor de proefweergave")
    await page.get_by_label("De laatste bestellingen, aantal").check()
    await page.get_by_role("button", name="Laat zien").click()
    await expect(page.get_by_role("heading", name="De bestellingen worden bekeken")).to_be_visible()

    reason = WireReason(code="AMBIGUOUS_CUSTOMER", details={"customers": "2"})
    unsure = previewed("1002", "dead_lettered", reason=reason)
    await answer(world, BOOKED, unsure.model_copy(update={"order": OrderKey(uuid="u2", number="1002")}))

    booking = page.get_by_role("region", name="Bestelling 1001")
    await expect(booking).to_contain_text("8100 Omzet hoog")
    await expect(booking.locator("tfoot td").first).to_have_text("11,80")
    await expect(page.get_by_role("region", name="Bestelling 1002")).to_contain_text("2 klanten")
    seen = await visitors.enter(world, role=Role.ACCOUNTANT, language="en", phone=True)
    await seen.goto(page.url)
    await visitors.look(seen, "preview-phone")
    desktop = await visitors.enter(world)
    await desktop.goto(page.url)
    await visitors.look(desktop, "preview")
