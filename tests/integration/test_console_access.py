"""Signing in, staying in and being kept out."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio

from console.domain.people import Role
from console_visitor import Visitor, account, text_of, visiting
from console_world import World, running_console
from factories import profile_document


@pytest_asyncio.fixture
async def world(sqlite_url: str) -> AsyncIterator[World]:
    async with running_console(sqlite_url) as world:
        yield world


@pytest_asyncio.fixture
async def visitor(world: World) -> AsyncIterator[Visitor]:
    async with visiting(world) as visitor:
        yield visitor


async def is_inside(visitor: Visitor) -> bool:
    return (await visitor.get("/")).status_code == 200


async def test_the_first_administrator_is_made_once(world: World, visitor: Visitor) -> None:
    assert "sconnect users first" in (await visitor.get("/sign-in")).text

    made = await world.client.post("/api/users/first")

    assert made.status_code == 201
    assert (await world.client.post("/api/users/first")).status_code == 409
    assert "sconnect users first" not in (await visitor.get("/sign-in")).text
    answer = await visitor.sign_in("Administrator", made.json()["password"])
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert await is_inside(visitor)


async def test_the_session_cookie_is_for_the_browser_alone(world: World, visitor: Visitor) -> None:
    answer = await visitor.sign_in(*await account(world, Role.BOOKKEEPER))

    (cookie,) = [each for each in answer.headers.get_list("set-cookie") if each.startswith("sconnect=")]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    assert "Secure" not in cookie


async def test_behind_https_the_cookie_travels_over_https_alone(sqlite_url: str) -> None:
    async with (
        running_console(sqlite_url, public_url="https://boeken.example.nl") as world,
        visiting(world) as visitor,
    ):
        page = await visitor.get("/sign-in")
        (cookie,) = page.headers.get_list("set-cookie")
        assert cookie.startswith("__Host-sconnect-visit=")
        assert "Secure" in cookie
        assert page.headers["strict-transport-security"].startswith("max-age=")


async def test_a_session_that_a_visitor_brings_along_is_never_taken_over(
    world: World, visitor: Visitor
) -> None:
    visitor.client.cookies.set("sconnect", "chosen-by-somebody-else", domain="127.0.0.1")

    answer = await visitor.sign_in(*await account(world, Role.BOOKKEEPER))

    assert answer.status_code == 303
    assert visitor.client.cookies["sconnect"] != "chosen-by-somebody-else"
    async with visiting(world) as other:
        other.client.cookies.set("sconnect", "chosen-by-somebody-else")
        assert not await is_inside(other)


async def test_wrong_name_and_wrong_password_are_told_alike(world: World, visitor: Visitor) -> None:
    name, _ = await account(world, Role.BOOKKEEPER)

    answers = [await visitor.sign_in(who, "niet dit") for who in (name, "niemand", "\u0000", "")]

    assert {answer.status_code for answer in answers} == {401}
    assert all("Naam of wachtwoord klopt niet." in text_of(answer) for answer in answers)


async def test_five_wrong_passwords_close_the_account_for_a_while(world: World, visitor: Visitor) -> None:
    name, password = await account(world, Role.BOOKKEEPER)
    for _ in range(5):
        await visitor.sign_in(name, "niet dit")

    closed = await visitor.sign_in(name, password)
    assert "Aanmelden kan weer over 15 minuten" in text_of(closed)
    async with visiting(world, Role.ACCOUNTANT) as other:
        assert await is_inside(other)

    world.clock.advance(timedelta(minutes=15))
    assert (await visitor.sign_in(name, password)).status_code == 303


async def test_an_administrator_opens_a_closed_account(world: World, visitor: Visitor) -> None:
    name, _ = await account(world, Role.BOOKKEEPER)
    for _ in range(6):
        await visitor.sign_in(name, "niet dit")

    made = await world.client.post(f"/api/users/{name}/password")

    answer = await visitor.sign_in(name, made.json()["password"])
    assert answer.status_code == 303
    assert (await visitor.get("/")).headers["location"] == "/password"


async def test_twenty_wrong_names_close_the_address_for_a_while(world: World, visitor: Visitor) -> None:
    for number in range(20):
        await visitor.sign_in(f"naam {number}", "niet dit")

    closed = await visitor.sign_in(*await account(world, Role.BOOKKEEPER))

    assert closed.status_code == 401
    assert "Aanmelden kan weer over" in text_of(closed)


async def test_a_whole_office_signs_in_from_one_address_and_failures_stay_counted(
    world: World, visitor: Visitor
) -> None:
    credentials = await account(world, Role.BOOKKEEPER)
    for number in range(19):
        await visitor.sign_in(f"naam {number}", "niet dit")
    for _ in range(25):
        async with visiting(world) as colleague:
            assert (await colleague.sign_in(*credentials)).status_code == 303

    await visitor.sign_in("naam 19", "niet dit")

    assert (await visitor.sign_in(*credentials)).status_code == 401


async def test_a_session_ends_after_an_hour_without_a_click(world: World) -> None:
    async with visiting(world, Role.BOOKKEEPER) as visitor:
        for _ in range(3):
            world.clock.advance(timedelta(minutes=50))
            assert await is_inside(visitor)
        world.clock.advance(timedelta(minutes=60))
        assert not await is_inside(visitor)


async def test_what_a_page_asks_by_itself_keeps_nobody_signed_in(world: World) -> None:
    async with visiting(world, Role.BOOKKEEPER) as visitor:
        world.clock.advance(timedelta(minutes=50))
        asked = await visitor.client.get("/", headers={"X-Asked-By-Script": "1"})
        assert asked.status_code == 200
        world.clock.advance(timedelta(minutes=10))
        assert not await is_inside(visitor)


async def test_a_session_ends_after_twelve_hours_in_any_case(world: World) -> None:
    async with visiting(world, Role.BOOKKEEPER) as visitor:
        for _ in range(14):
            assert await is_inside(visitor)
            world.clock.advance(timedelta(minutes=50))
        world.clock.advance(timedelta(minutes=20))
        assert not await is_inside(visitor)


async def test_signing_out_ends_the_session_for_whoever_copied_its_cookie(world: World) -> None:
    async with visiting(world, Role.BOOKKEEPER) as visitor, visiting(world) as thief:
        thief.client.cookies.set("sconnect", visitor.client.cookies["sconnect"])
        assert await is_inside(thief)

        await visitor.post("/sign-out")

        assert not await is_inside(visitor)
        assert not await is_inside(thief)


@pytest.mark.parametrize("change", ["disable", "password", "role"])
async def test_a_changed_account_is_signed_out_everywhere(world: World, change: str) -> None:
    await account(world, Role.ADMINISTRATOR)
    async with visiting(world, Role.BOOKKEEPER) as visitor:
        name, _ = await account(world, Role.BOOKKEEPER)
        body = {"role": "accountant"} if change == "role" else None

        answer = await world.client.post(f"/api/users/{name}/{change}", json=body)

        assert answer.is_success, answer.text
        assert not await is_inside(visitor)


async def test_a_switched_off_account_cannot_sign_in(world: World, visitor: Visitor) -> None:
    await account(world, Role.ADMINISTRATOR)
    name, password = await account(world, Role.BOOKKEEPER)
    await world.client.post(f"/api/users/{name}/disable")

    assert (await visitor.sign_in(name, password)).status_code == 401


async def test_the_last_administrator_stays(world: World) -> None:
    name, _ = await account(world, Role.ADMINISTRATOR)

    for path, body in (("disable", None), ("role", {"role": "bookkeeper"})):
        answer = await world.client.post(f"/api/users/{name}/{path}", json=body)
        assert answer.status_code == 409
        assert "de laatste beheerder" in answer.json()["detail"]
    async with visiting(world, Role.ADMINISTRATOR) as visitor:
        assert await is_inside(visitor)


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        ("kort", "minder dan 12 tekens"),
        ("a" * 129, "meer dan 128 tekens"),
        ("abababababababab", "te eenvoudig"),
        ("bookkeeper voorbeeld", "te eenvoudig"),
    ],
)
async def test_a_password_that_will_not_do_is_refused(world: World, wanted: str, sentence: str) -> None:
    async with visiting(world, Role.BOOKKEEPER) as visitor:
        _, current = await account(world, Role.BOOKKEEPER)

        answer = await visitor.post("/password", current=current, wanted=wanted, again=wanted)

        assert answer.status_code == 422
        assert sentence in text_of(answer)
        assert 'type="password"' in answer.text


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://elders.example.nl/",
        "//elders.example.nl/",
        "/\\elders.example.nl/",
        "\\\\elders.example.nl",
        "javascript:alert(1)",
        "/\t/elders.example.nl",
        "",
    ],
)
async def test_nobody_is_sent_elsewhere_after_signing_in(
    world: World, visitor: Visitor, elsewhere: str
) -> None:
    page = await visitor.get("/sign-in", next=elsewhere)
    assert 'name="next" value="/"' in page.text

    answer = await visitor.sign_in(*await account(world, Role.BOOKKEEPER), next=elsewhere)

    assert answer.headers["location"] == "/"


async def test_who_signs_in_comes_where_it_was_going(world: World, visitor: Visitor) -> None:
    sent = await visitor.get("/log?before=7")
    assert sent.headers["location"] == "/sign-in?next=%2Flog%3Fbefore%3D7"

    answer = await visitor.sign_in(*await account(world, Role.ADMINISTRATOR), next="/log?before=7")

    assert answer.headers["location"] == "/log?before=7"


async def test_it_is_written_down_who_did_what_and_never_what_was_typed(world: World) -> None:
    async with visiting(world) as stranger:
        await stranger.sign_in("geheim in het verkeerde veld", "nog een geheim")
    async with visiting(world, Role.ADMINISTRATOR) as visitor:
        await visitor.post("/users", name="Jan", role="accountant")
        await visitor.post("/users/jan/role", role="bookkeeper")
        await visitor.post("/users/administrator%20voorbeeld/disable")

        log = text_of(await visitor.get("/log"))

    for line in ("Gebruiker toegevoegd", "Rol gegeven jan gedaan", "Aangemeld"):
        assert line in log
    assert "Gebruiker uitgezet administrator voorbeeld geweigerd" in log
    assert "geheim" not in log


async def test_what_was_made_is_written_down_by_its_name(world: World) -> None:
    own_numbers = {"invoice_number": "A-{order_number}"}
    document = profile_document(name="houten-speelgoed", bookings=own_numbers)
    (await world.client.post("/api/profiles", json=document)).raise_for_status()
    (await world.client.post("/api/users", json={"name": "Jan", "role": "accountant"})).raise_for_status()
    async with visiting(world, Role.ADMINISTRATOR) as visitor:
        fields = {"bookings.invoice_number": "B-{order_number}", "shop.start_order_number": "1"}
        made = await visitor.post("/profiles/houten-speelgoed/copy", name="kopie", **fields)
        assert made.status_code == 303, text_of(made)

        log = text_of(await visitor.get("/log"))

    assert "Profiel bewaard houten-speelgoed gedaan" in log
    assert "Profiel gekopieerd houten-speelgoed, kopie gedaan" in log
    assert "Gebruiker toegevoegd jan gedaan" in log
