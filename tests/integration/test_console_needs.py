"""What needs a person, solved over HTTP: wrong input, refusals, and vendors that are away."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest_asyncio

from browser.needs_life import ambiguous, open_shop, tell, without_ledger
from browser.shop_life import SHOP
from console.domain.people import Role
from console.ports import KnownCustomer
from console_visitor import Visitor, text_of, visiting
from console_world import World, running_console, some_bookkeeping
from fakes_console import FakeBookkeeping
from sconnect.errors import Reason, ReasonCode, UpstreamUnavailable

LEDGERS = f"/needs-you/ledgers/{SHOP}"
PLACE = "revenue.nl_low"
AWAY = UpstreamUnavailable(
    Reason(code=ReasonCode.UPSTREAM_UNAVAILABLE, variant="no_connection", details={"host": "SnelStart"})
)
LEFT = KnownCustomer(number=7, name="Els Bedacht", street="", city="", email="", bookable=False)


@pytest_asyncio.fixture
async def books() -> FakeBookkeeping:
    return replace(some_bookkeeping(), customers={LEFT.number: LEFT})


@pytest_asyncio.fixture
async def world(database_url: str, books: FakeBookkeeping) -> AsyncIterator[World]:
    async with running_console(database_url, bookkeeping=books) as world:
        await open_shop(world)
        yield world


async def chosen(world: World, place: str = PLACE) -> int | None:
    ledgers = (await world.desks.profiles.profile(SHOP)).profile.bookings.ledgers
    assert ledgers is not None
    kind, _, column = place.partition(".")
    number: int | None = getattr(getattr(ledgers, kind), column)
    return number


async def choose(visitor: Visitor, number: str, *, place: str = PLACE, waits_for: str = PLACE) -> str:
    answer = await visitor.post(LEDGERS, waits_for=waits_for, place=place, number=number)
    if answer.status_code == 303:
        return answer.headers["location"]
    assert answer.status_code == 409, answer.text
    return text_of(answer)


async def test_a_ledger_that_would_be_refused_is_not_kept(world: World) -> None:
    await tell(world, without_ledger(1020))
    async with visiting(world, Role.BOOKKEEPER) as visitor:
        assert "Kies eerst een grootboek." in await choose(visitor, "")
        assert "Kies eerst een grootboek." in await choose(visitor, "8110; drop")
        assert "Grootboek 8100 kan hier niet staan" in await choose(visitor, "8100")
        assert "Grootboek 9999 is er niet" in await choose(visitor, "9999")
        assert "niet te lezen" in await choose(visitor, "8110", place="shipping.nl_low")
    assert await chosen(world) is None
    assert world.publisher.queued == []


async def test_nothing_can_be_chosen_where_no_order_waits(world: World) -> None:
    await tell(world, without_ledger(1020))
    async with visiting(world, Role.BOOKKEEPER) as visitor:
        answer = await visitor.post(
            LEDGERS, waits_for="revenue.nl_high", place="revenue.nl_high", number="8110"
        )
        assert answer.status_code == 409
        assert "Geen bestelling van profiel" in text_of(answer)
    assert await chosen(world, "revenue.nl_high") == 8100


async def test_two_choices_at_once_are_both_kept(world: World) -> None:
    letters = [without_ledger(1020), without_ledger(1021)]
    shipping = {**(letters[1].details or {}), "field": "bookings.ledgers.shipping.nl_zero"}
    await tell(world, letters[0], replace(letters[1], details=shipping, code="ZERO_RATE_UNMAPPED"))
    async with visiting(world, Role.BOOKKEEPER) as visitor:
        page = await visitor.get(LEDGERS, place="shipping.nl_zero")
        assert "Verzendkosten, vrijgesteld" in text_of(page)
        first, second = await asyncio.gather(
            choose(visitor, "8110"),
            choose(visitor, "8990", place="shipping.nl_exempt", waits_for="shipping.nl_zero"),
        )
    assert first.startswith("/letter-jobs/")
    assert second.startswith("/letter-jobs/")
    assert (await chosen(world), await chosen(world, "shipping.nl_exempt")) == (8110, 8990)


async def test_books_that_cannot_be_read_say_so_and_change_nothing(
    world: World, books: FakeBookkeeping
) -> None:
    await tell(world, without_ledger(1020))
    books.trouble = AWAY
    async with visiting(world, Role.BOOKKEEPER) as visitor:
        page = await visitor.get(LEDGERS, place=PLACE)
        assert page.status_code == 200
        assert "Er is geen verbinding met SnelStart" in text_of(page)
        assert "zijn nu niet te lezen, dus er is niets bewaard" in await choose(visitor, "8110")
    assert await chosen(world) is None


async def test_a_number_is_used_unseen_only_when_the_books_cannot_be_asked(
    world: World, books: FakeBookkeeping
) -> None:
    await tell(world, ambiguous(1017))
    path = f"/needs-you/letters/{ambiguous(1017).story.dead_letter_id()}"
    async with visiting(world, Role.BOOKKEEPER) as visitor:
        refused = await visitor.post(f"{path}/customer", number="7")
        assert "Klant 7 (Els Bedacht) is in SnelStart niet actief" in text_of(refused)
        books.trouble = AWAY
        shown = await visitor.post(f"{path}/customer", number="8")
        assert "De kaart is nu niet te lezen" in text_of(shown)
        assert world.publisher.queued == []
        done = await visitor.post(f"{path}/customer", number="8", sure="1", back="//elders.example.nl")
        # Nobody is sent elsewhere.
        assert (done.status_code, done.headers["location"]) == (303, "/")
    assert len(world.publisher.queued) == 1


async def test_places_that_make_no_sense_are_the_first_page(world: World) -> None:
    await tell(world, ambiguous(1017))
    async with visiting(world, Role.ACCOUNTANT) as visitor:
        for after in ("x", "2026-03-02|x", "2026-13-99T00:00:00+00:00|x", "|"):
            page = await visitor.get("/needs-you/reasons/AMBIGUOUS_CUSTOMER", after=after)
            assert "Bestelling 1017" in text_of(page), after
            assert (await visitor.get("/customers", after=after)).status_code == 200
        assert (await visitor.get("/needs-you/letters/unknown")).status_code == 404
        assert (await visitor.get("/needs-you/reasons/NO_SUCH_REASON")).status_code == 200
