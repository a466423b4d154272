"""What needs a person, solved in a browser."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from browser.needs_life import ambiguous, book, not_adding_up, open_shop, tell, without_ledger
from browser.shop_life import SHOP
from browser.visitors import Visitors, picture
from console.domain.people import Role
from console.ports import KnownCustomer
from console_world import World, running_console, some_bookkeeping
from fakes_console import unreadable
from sconnect.contracts import OrderReplayRequested, decode
from sconnect.messaging.topology import POLLER_REPLAY_REQUESTED, RESOLVER_RECEIVED, WRITER_RESOLVED

ELSE = KnownCustomer(
    number=10555,
    name="Noor Bedacht",
    street="Dorpsstraat 1",
    city="4321BA Proefdorp",
    email="noor@example.nl",
    bookable=True,
)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shop(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """A console in which something of every kind waits; each test solves orders of its own."""
    file = tmp_path_factory.mktemp("needs") / "console.sqlite3"
    bookkeeping = replace(some_bookkeeping(), customers={ELSE.number: ELSE})
    async with running_console(f"sqlite+aiosqlite:///{file}", bookkeeping=bookkeeping) as world:
        await open_shop(world)
        await tell(world, ambiguous(1017), ambiguous(1044, name="Zoë Testers"))
        await tell(world, *(without_ledger(number) for number in (1020, 1021, 1022)))
        await tell(world, not_adding_up(1036))
        letter, copy = unreadable(RESOLVER_RECEIVED.name, b"{")
        await world.read_model.record(letter)
        world.queues.put(copy)
        yield world


async def test_the_pages_are_accessible_and_fit(shop: World, visitors: Visitors) -> None:
    for language, phone in (("nl", False), ("en", True)):
        page = await visitors.enter(shop, language=language, phone=phone)
        for path, name in (
            ("/needs-you", "needs-you"),
            ("/needs-you/reasons/AMBIGUOUS_CUSTOMER", "needs-you-customer"),
            ("/needs-you/reasons/LEDGER_UNMAPPED", "needs-you-ledgers"),
            ("/needs-you/reasons/UNREADABLE_MESSAGE", None),
            (f"/needs-you/ledgers/{SHOP}?place=revenue.nl_low", "needs-you-ledger"),
            ("/previews", "preview-asked"),
        ):
            await page.goto(path)
            await visitors.look(page, None if name is None else picture(name, phone=phone))


async def test_an_ambiguous_customer_is_solved_by_one_click(shop: World, visitors: Visitors) -> None:
    page = await visitors.enter(shop, role=Role.BOOKKEEPER)
    await page.get_by_role("link", name="Heeft u nodig").click()
    await page.get_by_role("link", name="Bekijken en oplossen Meer klanten passen").click()
    order = page.get_by_role("article", name="Bestelling 1017")
    await expect(order.get_by_role("group", name="In de bestelling")).to_contain_text("Kerkstraat 12 a")
    other = order.get_by_role("group", name="Klant 10977")
    await expect(other.locator("dd").last).to_have_text("e-mailadres, adres")

    await order.get_by_role("button", name="Kies klant 10412").click()

    await expect(page.locator(".notice")).to_have_text("Bestelling 1017 gaat verder met klant 10412.")
    await expect(order).to_have_count(0)
    await visitors.look(page)
    decided = page.get_by_role("region", name="Zojuist besloten")
    await expect(decided).to_contain_text("Bestelling 1017 Bezig")
    request = decode(shop.publisher.queued[-1].body)
    assert isinstance(request, OrderReplayRequested)
    assert request.amendment is not None
    assert (request.amendment.kind, request.amendment.value) == ("use_customer", "10412")
    assert request.requested_by == "bookkeeper voorbeeld"

    # The page tells by itself what becomes of it.
    await book(shop, ambiguous(1017))
    await expect(decided).to_contain_text("Geboekt als factuur 1017")


async def test_a_wrong_number_is_said_and_a_new_customer_made_without_a_script(
    shop: World, visitors: Visitors
) -> None:
    page = await visitors.enter(shop, role=Role.BOOKKEEPER, language="en", javascript=False, phone=True)
    await page.goto("/needs-you/reasons/AMBIGUOUS_CUSTOMER")
    before = len(shop.publisher.queued)
    for number, sentence in (
        ("0", "A customer number consists of digits."),
        ("77", "Nobody in this administration has customer number 77."),
    ):
        order = page.get_by_role("article", name="Order 1044")
        await order.get_by_label("Another customer, number").fill(number)
        await order.get_by_role("button", name="Find this customer").click()
        await expect(page.get_by_role("alert")).to_contain_text(sentence)
    # Whose number it is, is seen before anything is booked on it.
    await order.get_by_label("Another customer, number").fill(str(ELSE.number))
    await order.get_by_role("button", name="Find this customer").click()
    await expect(
        page.get_by_role("region", name="Is this the customer 10555 that you mean?")
    ).to_contain_text("Noor Bedacht")
    assert len(shop.publisher.queued) == before

    await page.get_by_role("button", name="Make a new customer").click()
    await expect(page.locator(".notice")).to_contain_text("A new customer card is made for order 1044.")
    request = decode(shop.publisher.queued[-1].body)
    assert isinstance(request, OrderReplayRequested)
    assert request.amendment is not None
    assert request.amendment.kind == "create_customer"


async def test_an_unmapped_ledger_is_chosen_once_for_all_that_wait(shop: World, visitors: Visitors) -> None:
    page = await visitors.enter(shop, role=Role.BOOKKEEPER, javascript=False)
    await page.goto("/needs-you")
    await page.get_by_role("link", name="Grootboek kiezen Omzet, btw laag").click()
    ledger = page.get_by_label("Grootboek dat hier past")
    offered = await ledger.locator("option").all_text_contents()
    assert [text.split()[0] for text in offered] == ["Kies", "8110", "8301", "8311", "8321"]
    await ledger.select_option("8110")
    await page.get_by_role("button", name="Voortaan dit grootboek").click()

    await expect(page.locator(".notice")).to_contain_text("Grootboek 8110 staat nu in het profiel")
    stored = await shop.desks.profiles.profile(SHOP)
    assert stored.profile.bookings.ledgers is not None
    assert stored.profile.bookings.ledgers.revenue.nl_low == 8110
    await shop.console.letter_jobs.finish_all()
    await expect(page.get_by_text("3 van 3 gedaan.")).to_be_visible()
    sent = [decode(copy.body) for copy in shop.publisher.queued if copy.queue == WRITER_RESOLVED.name]
    assert [message.order.number for message in sent] == ["1020", "1021", "1022"]  # type: ignore[attr-defined]
    await page.goto("/needs-you")
    await expect(page.get_by_role("heading", name="Grootboek niet gekozen")).to_have_count(0)


async def test_what_was_put_away_is_taken_back(shop: World, visitors: Visitors) -> None:
    page = await visitors.enter(shop, role=Role.BOOKKEEPER, language="en", phone=True)
    await page.goto("/needs-you/reasons/TOTAL_MISMATCH")
    order = page.get_by_role("article", name="Order 1036")
    await order.get_by_text("Put away").first.click()
    await order.get_by_label("Why put it away?").fill("Booked by hand")
    await order.get_by_role("button", name="Put away").click()
    decided = page.get_by_role("region", name="Just decided")
    await expect(decided).to_contain_text("Put away by bookkeeper voorbeeld: Booked by hand")
    await page.goto("/needs-you/put-away")
    await visitors.look(page)

    await page.get_by_role("button", name="Take back").click()
    await expect(page.get_by_text("Nothing was put away.")).to_be_visible()
    assert shop.publisher.queued[-1].queue == POLLER_REPLAY_REQUESTED.name


async def test_many_are_offered_again_and_followed(world: World, visitors: Visitors) -> None:
    await open_shop(world)
    letters = [not_adding_up(number) for number in range(1, 25)]
    await tell(world, *letters)
    page = await visitors.enter(world, role=Role.BOOKKEEPER)
    await page.goto("/needs-you/reasons/TOTAL_MISMATCH")
    await expect(page.get_by_role("article")).to_have_count(20)
    await page.get_by_role("link", name="Volgende").click()
    await expect(page.get_by_role("article")).to_have_count(4)
    await page.get_by_role("radio", name="Alle van deze reden").check()
    await _bulk(page).get_by_role("button", name="Opnieuw aanbieden").click()

    await expect(page.get_by_role("heading", name="Bezig")).to_be_visible()
    await visitors.look(page)
    await world.console.letter_jobs.finish_all()
    await expect(page.get_by_text("24 van 24 gedaan.")).to_be_visible()
    await book(world, letters[0])
    await expect(page.get_by_text("Geboekt als factuur 1")).to_be_visible()
    await visitors.look(page, "needs-you-job")


async def test_those_that_are_ticked_are_put_away_together_and_back(world: World, visitors: Visitors) -> None:
    await open_shop(world)
    await tell(world, *(not_adding_up(number) for number in (1, 2, 3)))
    page = await visitors.enter(world, role=Role.BOOKKEEPER, javascript=False)
    await page.goto("/needs-you/reasons/TOTAL_MISMATCH")
    for number in (1, 3):
        await page.get_by_role("checkbox", name=f"Kies {number} om").check()
    await _bulk(page).get_by_role("button", name="Wegleggen").click()
    await expect(page.get_by_role("alert")).to_contain_text("Zeg waarom u dit weglegt")
    await page.go_back()
    for number in (1, 3):
        await page.get_by_role("checkbox", name=f"Kies {number} om").check()
    await _bulk(page).get_by_label("Waarom wegleggen?").fill("Dubbel besteld")
    await _bulk(page).get_by_role("button", name="Wegleggen").click()
    await world.console.letter_jobs.finish_all()
    await page.reload()
    await expect(page.get_by_text("2 van 2 gedaan.")).to_be_visible()
    world.clock.advance(timedelta(minutes=1))
    await page.get_by_role("button", name="Alles terughalen").click()
    await world.console.letter_jobs.finish_all()
    await page.goto("/letter-jobs")
    await expect(page.locator("tbody th")).to_have_text(
        ["Terughalen wat was weggelegd", "Wegleggen: gekozen bestellingen"]
    )


async def test_what_others_typed_is_shown_and_never_run(world: World, visitors: Visitors) -> None:
    nasty = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    card = {"customer_number": "7", "name": nasty, "agreed": nasty}
    await tell(world, ambiguous(1017, name=nasty, suggestions=(card,)))
    page = await visitors.enter(world, role=Role.ACCOUNTANT)
    alarms: list[str] = []
    page.on("dialog", lambda dialog: alarms.append(dialog.message))
    await page.goto("/needs-you/reasons/AMBIGUOUS_CUSTOMER")
    await expect(page.locator(".who-name")).to_have_text([nasty, nasty])
    assert await page.locator("main script, main img").count() == 0
    assert alarms == []
    # An accountant sees all of it, and has nothing to press.
    assert await page.locator("main button, main input").count() == 0


def _bulk(page: Page) -> Page:
    return page.locator("#bulk")  # type: ignore[return-value]
