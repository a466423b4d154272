"""The pages of profiles without a browser: what is typed, what is refused, what is never shown."""

import re
from collections.abc import AsyncIterator
from html import unescape

import httpx
import pytest
import pytest_asyncio

from console.domain.people import Role
from console_visitor import Visitor, text_of, visiting
from console_world import World, running_console, some_bookkeeping
from factories import profile_document
from fakes_console import FakeBookkeeping, FakeShop
from sconnect.errors import MisconfiguredError, Reason, ReasonCode, UpstreamUnavailable
from sconnect.profiles import StoredProfile

NAME = "voorbeeldwinkel"
TABS = ("", "/shop", "/bookkeeping", "/bookings", "/customers", "/planning", "/history")
SECRETS = (
    "shop-token-of-voorbeeldwinkel",
    "subscription-key-of-the-connector",
    "connection-key-of-voorbeeldwinkel",
)
NEW = {
    "name": "tweede-winkel",
    "shop.token": "token-that-was-typed",
    "shop.start_order_number": "1001",
    "shop.order_statuses": "2, 3",
    "bookkeeping.subscription_key": "subscription-that-was-typed",
    "bookkeeping.connection_key": "connection-that-was-typed",
    "bookkeeping.rate_limits": "production",
    "bookings.invoice_number": "T-{order_number}",
}
SEALED = re.compile(r'name="([a-z_.]+\.sealed)" value="([^"]+)"')


@pytest.fixture
def shop() -> FakeShop:
    return FakeShop()


@pytest.fixture
def bookkeeping() -> FakeBookkeeping:
    return some_bookkeeping()


@pytest_asyncio.fixture
async def world(sqlite_url: str, shop: FakeShop, bookkeeping: FakeBookkeeping) -> AsyncIterator[World]:
    async with running_console(
        sqlite_url, shop=shop, bookkeeping=bookkeeping, allow_local_apis=False
    ) as world:
        bookings = {"invoice_number": "A-{order_number}"}
        answer = await world.client.post("/api/profiles", json=profile_document(bookings=bookings))
        assert answer.status_code == 200, answer.text
        yield world


@pytest_asyncio.fixture
async def visitor(world: World) -> AsyncIterator[Visitor]:
    async with visiting(world, Role.ADMINISTRATOR) as visitor:
        yield visitor


def fields_of(page: httpx.Response) -> dict[str, str]:
    """What a form would send without anybody touching it: its texts, choices and ticks."""
    fields = {
        unescape(name): unescape(value)
        for name, value in re.findall(r'<input id="[^"]*" name="([^"]+)" value="([^"]*)"', page.text)
    }
    for kind, name, value, checked in re.findall(
        r'<input type="(radio|checkbox)"(?: id="[^"]*")? name="([^"]+)" value="([^"]*)"( checked)?', page.text
    ):
        if checked:
            fields[name] = f"{fields[name]}, {value}" if kind == "checkbox" and name in fields else value
    for name, options in re.findall(
        r'<select id="[^"]*" name="([^"]+)".*?>(.*?)</select>', page.text, re.DOTALL
    ):
        chosen = re.search(r'value="([^"]*)" selected', options) or re.search(r'value="([^"]*)"', options)
        fields[name] = chosen[1] if chosen else ""
    version = re.search(r'name="version" value="(\d+)"', page.text)
    return fields | ({"version": version[1]} if version else {})


async def stored(world: World, name: str = NAME) -> StoredProfile:
    found = await world.profiles.get(name)
    assert found is not None
    return found


async def test_every_role_sees_every_tab_and_nobody_a_key(world: World) -> None:
    for role in Role:
        async with visiting(world, role) as visitor:
            for path in (
                "/profiles",
                *(f"/profiles/{NAME}{tab}" for tab in TABS),
                f"/profiles/{NAME}/export",
            ):
                page = await visitor.get(path)
                assert page.status_code == 200, (role, path, page.text)
                assert NAME in page.text
                assert not [secret for secret in SECRETS if secret in page.text], path


@pytest.mark.parametrize("tab", ["shop", "bookkeeping", "bookings", "customers", "planning"])
async def test_saving_a_tab_that_nobody_touched_changes_nothing(
    world: World, visitor: Visitor, tab: str
) -> None:
    before = await stored(world)
    address = f"/profiles/{NAME}/{tab}"
    answer = await visitor.post(address, **fields_of(await visitor.get(address)))

    assert answer.status_code == 303, text_of(answer)
    after = await stored(world)
    assert after.version == 2
    assert after.profile == before.profile
    assert "versie 2" in text_of(await visitor.get(answer.headers["location"]))


async def test_a_new_profile_is_made_switched_off(world: World, visitor: Visitor) -> None:
    answer = await visitor.post("/new-profile", **NEW)
    assert answer.status_code == 303, text_of(answer)
    made = await stored(world, "tweede-winkel")
    assert not made.profile.enabled
    assert made.profile.shop.order_statuses == (2, 3)
    assert made.profile.shop.token.get_secret_value() == NEW["shop.token"]
    page = text_of(await visitor.get(answer.headers["location"]))
    assert "Grootboeken kiezen" in page


async def test_a_mistake_stands_beside_its_field_and_loses_nothing(world: World, visitor: Visitor) -> None:
    wrong = NEW | {"name": "Tweede winkel!", "shop.start_order_number": "duizend", "shop.order_statuses": ""}
    answer = await visitor.post("/new-profile", **wrong)

    assert answer.status_code == 422
    assert "3 dingen kloppen niet" in text_of(answer)
    assert "Eerste bestelnummer moet een geheel getal zijn." in text_of(answer)
    assert fields_of(answer)["name"] == "Tweede winkel!"
    assert fields_of(answer)["shop.start_order_number"] == "duizend"
    assert "that-was-typed" not in answer.text
    sealed = dict(SEALED.findall(answer.text))
    assert len(sealed) == 3

    right = {name: value for name, value in NEW.items() if not name.endswith(("token", "key"))}
    answer = await visitor.post("/new-profile", **right, **sealed)
    assert answer.status_code == 303, text_of(answer)
    made = await stored(world, "tweede-winkel")
    assert made.profile.bookkeeping.connection_key.get_secret_value() == "connection-that-was-typed"


async def test_the_seal_of_another_session_opens_nothing(world: World, visitor: Visitor) -> None:
    sealed = dict(SEALED.findall((await visitor.post("/new-profile", **NEW | {"name": "!"})).text))
    right = {name: value for name, value in NEW.items() if not name.endswith(("token", "key"))}
    async with visiting(world, Role.ADMINISTRATOR) as other:
        answer = await other.post("/new-profile", **right, **sealed)
    assert answer.status_code == 422
    assert "Sleutel van de webwinkel ontbreekt." in text_of(answer)
    swapped = {"shop.token.sealed": sealed["bookkeeping.connection_key.sealed"]}
    answer = await visitor.post("/new-profile", **right, **sealed | swapped)
    assert "Sleutel van de webwinkel ontbreekt." in text_of(answer)


@pytest.mark.parametrize(
    "address",
    [
        "http://api.example.nl",
        "https://127.0.0.1:5672",
        "https://localhost",
        "https://169.254.169.254/latest",
        "https://[::1]/",
        "https://10.0.0.8",
        "https://2130706433/",
        "https://example.nl@10.0.0.1",
        "file:///etc/passwd",
    ],
)
async def test_addresses_of_this_network_are_refused_wherever_they_are_typed(
    world: World, visitor: Visitor, address: str
) -> None:
    keys = {"shop.token": "x", "bookkeeping.subscription_key": "x", "bookkeeping.connection_key": "x"}
    for tab, fields in (
        ("shop", ("shop.api_url",)),
        ("bookkeeping", ("bookkeeping.api_url", "bookkeeping.token_url")),
    ):
        page = f"/profiles/{NAME}/{tab}"
        typed = fields_of(await visitor.get(page)) | keys | dict.fromkeys(fields, address)
        for path in (page, f"{page}/try", "/new-profile", f"/new-profile/try/{tab}"):
            answer = await visitor.post(path, **NEW | typed)
            assert answer.status_code == 422, (path, text_of(answer))
            assert "aria-invalid" in answer.text
    exported = (await visitor.get(f"/profiles/{NAME}/export")).text
    moved = exported.replace("https://api.myonlinestore.com", address)
    answer = await visitor.post("/import-profile", text=moved, name="derde", **keys)
    assert answer.status_code == 422
    assert (await stored(world)).version == 1


async def test_a_key_is_typed_again_when_its_address_changes(world: World, visitor: Visitor) -> None:
    typed = fields_of(await visitor.get(f"/profiles/{NAME}/shop")) | {
        "shop.api_url": "https://elders.example.nl"
    }
    for path in (f"/profiles/{NAME}/shop", f"/profiles/{NAME}/shop/try"):
        answer = await visitor.post(path, **typed)
        assert answer.status_code == 422
        assert "Sleutel van de webwinkel moet opnieuw worden ingevuld" in text_of(answer)
    assert (await visitor.post(f"/profiles/{NAME}/shop", **typed, **{"shop.token": "new"})).status_code == 303


async def test_a_connection_is_tried_with_what_is_typed(
    world: World, visitor: Visitor, shop: FakeShop
) -> None:
    answer = await visitor.post("/new-profile/try/bookkeeping", **NEW)
    assert "opent administratie Voorbeeld Speelgoed" in text_of(answer)
    shop.trouble = MisconfiguredError(Reason(code=ReasonCode.PROFILE_PAUSED, variant="shop_token"))
    typed = fields_of(await visitor.get(f"/profiles/{NAME}/shop"))
    answer = await visitor.post(f"/profiles/{NAME}/shop/try", **typed, **{"shop.token": "wrong"})
    assert "De koppeling werkt niet" in text_of(answer)
    assert (await stored(world)).version == 1


async def test_who_changes_an_outdated_profile_is_told_and_can_save_again(
    world: World, visitor: Visitor
) -> None:
    address = f"/profiles/{NAME}/planning"
    typed = fields_of(await visitor.get(address)) | {"planning.interval": "4h"}
    await world.client.patch(f"/api/profiles/{NAME}", json={"customers": {"policy": "manual"}})
    answer = await visitor.post(address, **typed)
    assert answer.status_code == 409
    assert "intussen gewijzigd" in text_of(answer)
    again = fields_of(answer)
    assert again["planning.interval"] == "4h"
    assert (await visitor.post(address, **again)).status_code == 303
    after = (await stored(world)).profile
    assert (after.planning.interval, after.customers.policy) == ("4h", "manual")


async def test_a_bookkeeper_changes_the_ledgers_and_nothing_else(world: World) -> None:
    async with visiting(world, Role.BOOKKEEPER) as visitor:
        address = f"/profiles/{NAME}/bookings"
        typed = fields_of(await visitor.get(address)) | {
            "bookings.ledgers.discount.nl_high": "8310",
            "bookings.invoice_number": "HACKED-{order_number}",
        }
        assert (await visitor.post(address, **typed)).status_code == 303
    after = (await stored(world)).profile.bookings
    assert after.ledgers is not None
    assert after.ledgers.discount.nl_high == 8310
    assert after.invoice_number == "A-{order_number}"


async def test_a_proposal_fills_what_is_empty_and_is_confirmed_by_looking(
    world: World, visitor: Visitor
) -> None:
    await visitor.post("/new-profile", **NEW)
    address = "/profiles/tweede-winkel/bookings"
    settings = fields_of(await visitor.get(address)) | {"bookings.invoice_number": "U-{order_number}"}
    proposed = await visitor.post(f"{address}/proposal", **settings)
    assert proposed.status_code == 200, text_of(proposed)
    typed = fields_of(proposed)
    assert typed["bookings.ledgers.revenue.nl_high"] == "8100"
    assert typed["bookings.invoice_number"] == "U-{order_number}"
    assert "Het enige grootboek dat hier past" in text_of(proposed) or "Het nummer dat" in text_of(proposed)
    assert (await stored(world, "tweede-winkel")).version == 1

    marks = dict(re.findall(r'name="(was:[^"]+)" value="(\d+)"', proposed.text))
    places = [name.removeprefix("was:") for name in marks]
    proof = await visitor.proof()
    sent = {**typed, **marks, "bookings.unconfirmed_ledgers": places, "proof": proof}
    sent["bookings.ledgers.shipping.nl_high"] = "8310"
    answer = await visitor.client.post(address, data=sent)
    assert answer.status_code == 303, text_of(answer)
    bookings = (await stored(world, "tweede-winkel")).profile.bookings
    assert bookings.ledgers is not None
    assert bookings.ledgers.revenue.nl_high == 8100
    assert "revenue.nl_high" in bookings.unconfirmed_ledgers
    assert "shipping.nl_high" not in bookings.unconfirmed_ledgers

    page = await visitor.get(address)
    assert "nog niet nagekeken" in text_of(page)
    looked = fields_of(page) | {"looked_at": "yes"}
    assert (await visitor.post(address, **looked)).status_code == 303
    assert (await stored(world, "tweede-winkel")).profile.bookings.unconfirmed_ledgers == ()
    assert (await visitor.post("/profiles/tweede-winkel/enable")).status_code == 303
    assert (await stored(world, "tweede-winkel")).profile.enabled


async def test_ledgers_can_be_typed_while_the_administration_is_away(
    world: World, visitor: Visitor, bookkeeping: FakeBookkeeping
) -> None:
    bookkeeping.trouble = UpstreamUnavailable(
        Reason(code=ReasonCode.UPSTREAM_UNAVAILABLE, variant="snelstart")
    )
    page = await visitor.get(f"/profiles/{NAME}/bookings")
    assert "kon niet bij SnelStart worden opgehaald" in text_of(page)
    assert fields_of(page)["bookings.ledgers.revenue.nl_high"] == "8100"


async def test_refinements_come_and_go(world: World, visitor: Visitor) -> None:
    address = f"/profiles/{NAME}/bookings"
    start = "bookings.ledgers.refinements.0"
    rule = {f"{start}.kind": "revenue", f"{start}.sku": "BOEK-*", f"{start}.nl_low": "8110"}
    answer = await visitor.post(
        address, **fields_of(await visitor.get(address)) | rule | {f"{start}.sku": ""}
    )
    assert answer.status_code == 422
    assert "zegt niet wanneer het geldt" in text_of(answer)
    await visitor.post(address, **fields_of(await visitor.get(address)) | rule)
    kept = (await stored(world)).profile.bookings.ledgers
    assert kept is not None
    assert [(each.sku, each.nl_low) for each in kept.refinements] == [("BOEK-*", 8110)]
    page = fields_of(await visitor.get(address))
    assert page[f"{start}.sku"] == "BOEK-*"
    await visitor.post(address, **page, **{f"{start}.remove": "yes"})
    left = (await stored(world)).profile.bookings.ledgers
    assert left is not None
    assert left.refinements == ()


async def test_a_check_tells_what_stops_orders_and_leads_to_it(world: World, visitor: Visitor) -> None:
    typed = fields_of(await visitor.get(f"/profiles/{NAME}/bookings"))
    await visitor.post(f"/profiles/{NAME}/bookings", **typed | {"bookings.ledgers.rounding": ""})
    await visitor.post(f"/profiles/{NAME}/check")
    page = await visitor.get(f"/profiles/{NAME}")
    assert "Afronding ontbreekt" in text_of(page)
    assert f'href="/profiles/{NAME}/bookings"' in page.text


async def test_history_tells_in_words_and_leads_back(world: World, visitor: Visitor) -> None:
    address = f"/profiles/{NAME}/customers"
    typed = fields_of(await visitor.get(address))
    await visitor.post(address, **typed | {"customers.policy": "manual"})
    shop = fields_of(await visitor.get(f"/profiles/{NAME}/shop"))
    await visitor.post(f"/profiles/{NAME}/shop", **shop, **{"shop.token": "hunter2"})
    page = await visitor.get(f"/profiles/{NAME}/history")
    assert "Als de klant er nog niet is Toevoegen Handmatig" in text_of(page)
    assert "Sleutel van de webwinkel gewijzigd" in text_of(page)
    assert "hunter2" not in page.text

    answer = await visitor.post(f"/profiles/{NAME}/undo", version="1", over_version="3")
    assert answer.status_code == 303, text_of(answer)
    after = (await stored(world)).profile
    assert after.customers.policy == "add"
    assert after.shop.token.get_secret_value() == "hunter2"


async def test_a_profile_is_copied_exported_and_imported(world: World, visitor: Visitor) -> None:
    same = await visitor.post(
        f"/profiles/{NAME}/copy",
        name="kopie",
        **{"bookings.invoice_number": "A-{order_number}", "shop.start_order_number": "1"},
    )
    assert same.status_code == 409
    assert "dezelfde factuurnummers" in text_of(same)
    made = await visitor.post(
        f"/profiles/{NAME}/copy",
        name="kopie",
        **{"bookings.invoice_number": "B-{order_number}", "shop.start_order_number": "1"},
    )
    assert made.status_code == 303, text_of(made)
    assert (await stored(world, "kopie")).profile.shop.token.get_secret_value() == SECRETS[0]

    exported = (await visitor.get(f"/profiles/{NAME}/export")).text.replace("A-{", "C-{")
    without = await visitor.post("/import-profile", text=exported, name="derde")
    assert without.status_code == 422
    assert "Sleutel van de webwinkel ontbreekt." in text_of(without)
    assert "C-{order_number}" in without.text
    keys = {name: value for name, value in NEW.items() if name.endswith(("token", "_key"))}
    made = await visitor.post("/import-profile", text=exported, name="derde", **keys)
    assert made.status_code == 303, text_of(made)
    assert not (await stored(world, "derde")).profile.enabled
    unreadable = await visitor.post("/import-profile", text="- geen: [profiel", **keys)
    assert unreadable.status_code == 422
    assert "geen bestand van een profiel" in text_of(unreadable)


async def test_a_key_in_an_imported_file_is_not_shown_again(world: World, visitor: Visitor) -> None:
    text = "name: '!'\nshop: {token: key-in-the-file, start_order_number: 1, order_statuses: all}\n"
    answer = await visitor.post("/import-profile", text=text)
    assert answer.status_code == 422
    assert "key-in-the-file" not in answer.text
    assert "shop.token.sealed" in answer.text


async def test_a_profile_is_deleted_after_its_name_is_typed(world: World, visitor: Visitor) -> None:
    assert (await visitor.post(f"/profiles/{NAME}/delete", repeated="iets")).status_code == 422
    assert (await visitor.post(f"/profiles/{NAME}/delete", repeated=NAME)).status_code == 303
    assert await world.profiles.get(NAME) is None
    assert (await visitor.get(f"/profiles/{NAME}")).status_code == 404


async def test_what_a_shop_or_a_person_writes_shows_as_text(
    world: World, visitor: Visitor, bookkeeping: FakeBookkeeping
) -> None:
    nasty = "<script>alert(1)</script>"
    await world.client.patch(f"/api/profiles/{NAME}", json={"bookings": {"description": nasty}})
    for path in (f"/profiles/{NAME}/bookings", f"/profiles/{NAME}/history"):
        page = await visitor.get(path)
        assert nasty not in page.text
        assert nasty in text_of(page) or "&lt;script&gt;" in page.text
