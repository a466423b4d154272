"""The main journey, as a new user makes it: from the first sign-in until every order is in the books.

One running product (all services on a real broker, both vendors simulated) is shared by four visitors, each
with a shop and an administration of their own. Of Dutch and English, desktop and phone, with and without a
script, every two meet in one of the four journeys.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Error, Page, expect

from browser.visitors import Visitors, picture
from preview_world import Product, product, vendors
from sconnect.texts.rendering import sentences
from servers.containers import ContainerBroker
from simulators.snelstart.driver import AdministrationDriver
from simulators.webshop.driver import ShopDriver
from simulators.webshop.samples import plain_order
from stack.broker import PrivateBroker

PASSWORD = "vier losse woorden achtereen"
SHARED_ADDRESS = "gezin@example.nl"
# What the product does by itself while people look at its pages.
LOOPS = ("polling", "letter_jobs", "housekeeping", "link_news")
# A busy machine books three orders in this time; a person would long have had coffee.
SETTLED_MS_MAX = 90_000


@dataclass(kw_only=True)
class Traveller:
    """Who makes the journey, and through which window."""

    run: Product
    page: Page
    shop: ShopDriver
    administration: AdministrationDriver
    name: str
    language: str
    phone: bool
    scripted: bool

    def t(self, key: str, **details: object) -> str:
        text = sentences(self.language)[f"page.{key}"]
        return text.format_map({name: str(value) for name, value in details.items()})

    async def press(self, key: str, **details: object) -> None:
        await self.page.get_by_role("button", name=self.t(key, **details), exact=True).last.click()

    async def follow(self, key: str, **details: object) -> None:
        await self.page.get_by_role("link", name=self.t(key, **details)).last.click()

    async def look(self, visitors: Visitors, name: str) -> None:
        """Where there is no script, nothing can look at the page from inside."""
        if self.scripted:
            await visitors.look(self.page, picture(name, phone=self.phone))

    async def until(self, shown: Any) -> None:
        """Wait until the page shows it; without a script a person reloads."""
        async with asyncio.timeout(SETTLED_MS_MAX / 1000):
            while not await shown.count():
                # A page without a script asks for itself anew, and may do so just now.
                with suppress(Error):
                    await self.page.reload()
        await expect(shown.first).to_be_visible()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def run(
    tmp_path_factory: pytest.TempPathFactory, rabbitmq_node: ContainerBroker | PrivateBroker
) -> AsyncIterator[Product]:
    home: Path = tmp_path_factory.mktemp("journey")
    with vendors() as world:
        async with product(home, rabbitmq_node.add_vhost("journey"), world) as run:
            loops = [asyncio.create_task(_forever(run, name)) for name in LOOPS]
            yield run
            for loop in loops:
                loop.cancel()
            await asyncio.gather(*loops, return_exceptions=True)
    rabbitmq_node.delete_vhost("journey")


async def _forever(run: Product, name: str) -> None:
    await run.loops[name]()


def with_orders(run: Product, name: str) -> tuple[ShopDriver, AdministrationDriver]:
    """A shop with three orders: one plain, one of a buyer whose address two customers share, one at 9 %."""
    shop = ShopDriver(run.vendors.webshop_url, name=name, token=f"token-of-{name}")
    administration = AdministrationDriver(run.vendors.snelstart_url, name=name)
    shop.open()
    administration.open()
    shop.add(plain_order(1001))
    ambiguous = plain_order(1002)
    shop.add({**ambiguous, "debtor": {**ambiguous["debtor"], "email": SHARED_ADDRESS}})
    shop.add_samples("2026-03-02", first_number=1003, kinds=["plain_low_rate"])
    for customer in ("Gezin Voorbeeld", "Chloë Voorbeeld"):
        administration.add_customer(naam=customer, email=SHARED_ADDRESS)
    return shop, administration


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("name", "language", "phone", "scripted"),
    [
        ("tuinwinkel", "nl", False, True),
        ("kaarsenmakerij", "nl", True, False),
        ("bookshop", "en", False, False),
        ("wooden-toys", "en", True, True),
    ],
)
async def test_from_the_first_sign_in_until_everything_is_booked(  # noqa: PLR0917 - fixtures and what differs
    run: Product, visitors: Visitors, name: str, language: str, phone: bool, scripted: bool
) -> None:
    shop, administration = with_orders(run, name)
    page = await visitors.window(run, language=language, phone=phone, javascript=scripted)
    page.set_default_timeout(60_000)
    expect.set_options(timeout=60_000)
    traveller = Traveller(
        run=run,
        page=page,
        shop=shop,
        administration=administration,
        name=name,
        language=language,
        phone=phone,
        scripted=scripted,
    )
    with shop, administration:
        await sign_in_for_the_first_time(traveller)
        await make_a_profile(traveller)
        await let_the_assistant_choose(traveller)
        await look_at_a_preview(traveller, visitors)
        await import_with_one_click(traveller)
        await choose_the_customer(traveller)
        await choose_the_ledger(traveller)
        await see_everything_booked(traveller, visitors)


async def sign_in_for_the_first_time(traveller: Traveller) -> None:
    """The first account comes from the command that the sign-in page names; the second from the first."""
    client = traveller.run.client
    answer = await client.post("/api/users/first")
    if answer.status_code != 201:
        answer = await client.post("/api/users", json={"name": traveller.name, "role": "administrator"})
    account = answer.json()
    page = traveller.page
    await page.goto("/")
    await page.locator("#name").fill(account["name"])
    await page.locator("#password").fill(account["password"])
    await page.locator("form[action='/sign-in'] button").click()
    if account["must_change_password"]:
        await page.locator("#current").fill(account["password"])
        await page.locator("#wanted").fill(PASSWORD)
        await page.locator("#again").fill(PASSWORD)
        await traveller.press("password.button")
    await expect(page.get_by_role("heading", level=1)).to_have_text(traveller.t("overview.title"))


async def make_a_profile(traveller: Traveller) -> None:
    page, vendors = traveller.page, traveller.run.vendors
    await page.goto("/profiles")
    await traveller.follow("profiles.new")
    for summary in await page.locator("main details > summary").all():
        await summary.click()
    for field, text in (
        ("name", traveller.name),
        ("shop.token", traveller.shop.token),
        ("shop.start_order_number", "1001"),
        ("shop.api_url", vendors.webshop_url),
        ("bookkeeping.connection_key", traveller.administration.connection_key),
        ("bookkeeping.subscription_key", traveller.administration.subscription_key),
        ("bookkeeping.token_url", f"{vendors.snelstart_url}/b2b/token"),
        ("bookkeeping.api_url", f"{vendors.snelstart_url}/v2"),
    ):
        await page.locator(f"[name='{field}']").fill(text)
    await traveller.press("profile.create")
    await expect(page.get_by_role("heading", level=1)).to_have_text(traveller.name)
    await expect(page.get_by_text(traveller.t("profile.off")).first).to_be_visible()


async def let_the_assistant_choose(traveller: Traveller) -> None:
    """All but the ledger of revenue at 9 %: somebody overlooked it."""
    page = traveller.page
    await traveller.follow("profile.step.ledgers")
    await traveller.press("profile.propose")
    low = page.locator("[name='bookings.ledgers.revenue.nl_low']")
    await expect(low).to_have_value("8110")
    await low.select_option("")
    await page.get_by_label(traveller.t("profile.ledger.looked_at")).check()
    await traveller.press("profile.save")
    await expect(page.get_by_role("status").first).to_contain_text(traveller.t("profiles.version", version=2))


async def look_at_a_preview(traveller: Traveller, visitors: Visitors) -> None:
    page = traveller.page
    await page.goto(f"/profiles/{traveller.name}")
    await traveller.follow("profile.preview")
    await page.locator("[name='what'][value='last']").check()
    await page.locator("[name='last']").fill("3")
    await traveller.press("preview.button")
    await traveller.until(page.get_by_text(traveller.t("preview.outcome.dead_lettered")))
    await expect(page.get_by_role("heading", name="1001")).to_be_visible()
    await traveller.look(visitors, "journey-preview")
    assert traveller.administration.command("GET", "/bookings") == []


async def import_with_one_click(traveller: Traveller) -> None:
    page = traveller.page
    await page.goto(f"/profiles/{traveller.name}")
    await traveller.press("profile.enable")
    await expect(page.get_by_text(traveller.t("profile.on")).first).to_be_visible()
    await traveller.press("overview.import_now")
    await traveller.until(page.get_by_role("heading", name=traveller.t("import.state.done")))
    await page.goto(f"/orders?profile={traveller.name}")
    await expect(page.locator("tbody tr")).to_have_count(3)


async def choose_the_customer(traveller: Traveller) -> None:
    page = traveller.page
    await page.goto(f"/needs-you/reasons/AMBIGUOUS_CUSTOMER?profile={traveller.name}")
    suggested = page.locator(".compared form button").first
    await expect(suggested).to_be_visible()
    await suggested.click()
    await page.goto(f"/profiles/{traveller.name}/orders/1002")
    await traveller.until(page.locator(".badge.booked"))


async def choose_the_ledger(traveller: Traveller) -> None:
    page = traveller.page
    await page.goto(f"/needs-you/reasons/LEDGER_UNMAPPED?profile={traveller.name}")
    await traveller.follow("needs.choose_ledger")
    await page.locator("select[name='number']").first.select_option("8110")
    await traveller.press("ledger_choice.button")
    await page.goto(f"/profiles/{traveller.name}/orders/1003")
    await traveller.until(page.locator(".badge.booked"))


async def see_everything_booked(traveller: Traveller, visitors: Visitors) -> None:
    page = traveller.page
    await page.goto(f"/orders?profile={traveller.name}")
    await expect(page.locator("tbody .badge.booked")).to_have_count(3)
    await traveller.look(visitors, "journey-booked")
    booked = traveller.administration.command("GET", "/bookings")
    assert sorted(booking["factuurnummer"] for booking in booked) == ["1001", "1002", "1003"]
    history = await traveller.run.client.get(f"/api/profiles/{traveller.name}/history")
    assert [version["version"] for version in history.json()["versions"]] == [4, 3, 2, 1]
