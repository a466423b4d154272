"""`POST /api/profiles` examines a profile at both vendors before anything is saved."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio

from console_vendors import NAME, Vendors, apply, both_vendors, console_with_vendors
from console_world import World
from sconnect.contracts import ProfileChanged
from simulators.snelstart.driver import AdministrationDriver
from simulators.snelstart.settings import ALL_SCOPES


@pytest.fixture
def both() -> Iterator[Vendors]:
    with both_vendors() as both:
        yield both


@pytest_asyncio.fixture
async def world(sqlite_url: str) -> AsyncIterator[World]:
    async with console_with_vendors(sqlite_url) as world:
        yield world


async def refusals(world: World, both: Vendors, **changes: Any) -> list[str]:
    """What is said about a profile that is refused; nothing was saved, and no key was told."""
    response = await apply(world, both.document(**changes))
    assert response.status_code in (409, 422), response.text
    assert not any(secret in response.text for secret in both.secrets)
    return [f"{problem['field']}: {problem['text']}" for problem in response.json()["problems"]]


async def test_a_profile_that_passes_is_saved_and_told(world: World, both: Vendors) -> None:
    response = await apply(world, both.document())

    assert response.status_code == 200, response.text
    assert response.json()["warnings"] == []
    stored = await world.profiles.get(NAME)
    assert stored is not None
    assert stored.administration_name
    (event,) = world.publisher.events
    assert isinstance(event, ProfileChanged)
    assert (event.profile, event.version) == (NAME, 1)


async def test_a_shown_profile_keeps_its_keys_to_itself(world: World, both: Vendors) -> None:
    await apply(world, both.document())

    response = await world.client.get(f"/api/profiles/{NAME}")

    assert response.json()["settings"]["shop"]["start_order_number"] == 1001
    assert not any(secret in response.text for secret in both.secrets)


async def test_every_unknown_ledger_is_named_with_its_field(world: World, both: Vendors) -> None:
    ledgers = {"revenue": {"nl_high": 1234}, "rounding": 4321}

    found = await refusals(world, both, bookings={"ledgers": ledgers, "cost_centre": 77})

    assert found == [
        f"{field}: {field}: {what}"
        for field, what in (
            ("bookings.ledgers.revenue.nl_high", "grootboek 1234 bestaat niet in SnelStart."),
            ("bookings.ledgers.rounding", "grootboek 4321 bestaat niet in SnelStart."),
            ("bookings.cost_centre", "kostenplaats 77 bestaat niet of is niet actief in SnelStart."),
        )
    ]
    assert await world.profiles.get(NAME) is None
    assert world.publisher.events == []


@pytest.mark.parametrize("status", [401, 403])
async def test_a_wrong_shop_key_and_a_wrong_connection_key_are_both_told(
    world: World, both: Vendors, status: int
) -> None:
    both.shop.open(options={"token_expired": True, "refused_token_status": status})

    found = await refusals(world, both, bookkeeping={"connection_key": "some-other-key"})

    assert len(found) == 2
    assert found[0].startswith("shop.token: De webshop weigert de sleutel")
    assert found[1].startswith("bookkeeping.connection_key: SnelStart kent de koppelsleutel niet")


async def test_a_wrong_subscription_key_is_told_apart(world: World, both: Vendors) -> None:
    found = await refusals(world, both, bookkeeping={"subscription_key": "some-other-key"})

    assert "sleutel van de software" in found[0]


async def test_an_address_that_is_not_the_api_is_refused(world: World, both: Vendors) -> None:
    shop = {"shop": {"api_url": f"{both.snelstart_url}/nowhere"}}
    books = {"bookkeeping": {"api_url": f"{both.snelstart_url}/nowhere"}}

    assert "iets anders dan de verwachte API" in (await refusals(world, both, **shop))[0]
    assert "SnelStart weigert de proef" in (await refusals(world, both, **books))[0]


@pytest.mark.parametrize("party", ["shop", "bookkeeping"])
async def test_a_vendor_that_is_away_proves_nothing(world: World, both: Vendors, party: str) -> None:
    driver = both.shop if party == "shop" else both.administration
    driver.add_fault("status", status=503, times=0)

    (found,) = await refusals(world, both)

    assert "geen bruikbaar antwoord" in found


@pytest.mark.parametrize(
    ("scope", "policy", "refused"),
    [
        ("orders:read", "manual", True),
        ("boekhouden:write", "manual", True),
        ("relaties:write", "add", True),
        ("relaties:write", "manual", False),
    ],
)
async def test_a_missing_permission_is_named(
    world: World, both: Vendors, scope: str, policy: str, refused: bool
) -> None:
    both.administration.change(scopes=[known for known in ALL_SCOPES if known != scope])

    if refused:
        (text,) = await refusals(world, both, customers={"policy": policy})
    else:
        response = await apply(world, both.document(customers={"policy": policy}))
        (text,) = [warning["text"] for warning in response.json()["warnings"]]

    assert scope in text


async def test_ledgers_that_do_not_fit_are_told_and_saved(world: World, both: Vendors) -> None:
    ledgers = {"revenue": {"nl_high": 8119, "nl_low": 8105, "oss": {"SR": 8177}}}

    response = await apply(world, both.document(bookings={"ledgers": ledgers}))

    assert response.status_code == 200
    told = {warning["text"]: warning["stops_orders"] for warning in response.json()["warnings"]}
    revenue = "bookings.ledgers.revenue"
    assert told.keys() >= {
        f"{revenue}.nl_high: grootboek 8119 is in SnelStart niet actief.",
        f"{revenue}.nl_low: grootboek 8105 heeft in SnelStart een functie die hier niet bij past.",
        f"{revenue}.nl_low: grootboek 8105 vraagt om een kostenplaats; vul bookings.cost_centre in.",
        f"{revenue}.oss.SR is ingevuld, maar buitenlandse btw (OSS) staat in SnelStart uit.",
    }
    assert all(stops for text, stops in told.items() if "grootboek" in text)


async def test_what_the_shop_sells_without_a_ledger_is_told(world: World, both: Vendors) -> None:
    both.shop.add_samples("2026-03-02")

    response = await apply(world, both.document())

    told = [warning["field"] for warning in response.json()["warnings"]]
    assert {"bookings.ledgers.revenue.eu_business", "bookings.ledgers.revenue.export"} <= set(told)
    assert "bookings.ledgers.revenue.nl_high" not in told
    assert not any(warning["stops_orders"] for warning in response.json()["warnings"])


async def test_the_vat_settings_of_the_shop_tell_too_what_is_needed(world: World, both: Vendors) -> None:
    only_high = {"revenue": {"nl_low": None}, "shipping": {"nl_low": None}}

    response = await apply(world, both.document(bookings={"ledgers": only_high}))

    # The simulated shop sells books, at 9 %, and spreads payment costs; its shipping is at 21 %.
    assert [warning["field"] for warning in response.json()["warnings"]] == [
        "bookings.ledgers.revenue.nl_low"
    ]


@pytest.mark.parametrize(("fault", "field"), [("tax-policy", None), ("orders$", "bookings.ledgers")])
async def test_a_shop_that_does_not_show_what_it_sells_is_no_obstacle(
    world: World, both: Vendors, fault: str, field: str | None
) -> None:
    both.shop.add_fault("status", path=fault, status=403, times=0)

    response = await apply(world, both.document())

    assert response.status_code == 200
    assert [warning["field"] for warning in response.json()["warnings"]] == ([field] if field else [])


async def test_the_small_business_scheme_is_compared_with_shop_and_books(world: World, both: Vendors) -> None:
    both.shop.add_samples("2026-03-02")
    kor = {"revenue": {"kor": 8199}}

    response = await apply(
        world, both.document(shop={"small_business_scheme": True}, bookings={"ledgers": kor})
    )

    about = [w["text"] for w in response.json()["warnings"] if w["field"] == "shop.small_business_scheme"]
    assert len(about) == 2
    both.administration.change(small_business_scheme=True)
    examined = (await world.client.post(f"/api/profiles/{NAME}/check", timeout=30)).json()
    about = [w["text"] for w in examined["warnings"] if w["field"] == "shop.small_business_scheme"]
    assert about == [
        "shop.small_business_scheme staat aan, maar recente bestellingen van de webshop hebben btw."
    ]


async def test_a_proposed_ledger_is_told_until_somebody_looked_at_it(world: World, both: Vendors) -> None:
    proposed = both.document(bookings={"unconfirmed_ledgers": ["revenue.nl_high"]})

    response = await apply(world, proposed)

    assert [warning["field"] for warning in response.json()["warnings"]] == [
        "bookings.ledgers.revenue.nl_high"
    ]
    assert (await apply(world, both.document())).json()["warnings"] == []
    (found,) = await refusals(world, both, bookings={"unconfirmed_ledgers": ["revenue.high"]})
    assert found.startswith("bookings.unconfirmed_ledgers.0: ")


async def test_two_profiles_may_not_use_the_same_numbers_in_one_administration(
    world: World, both: Vendors
) -> None:
    await apply(world, both.document())

    (found,) = await refusals(world, both, name="tweede-winkel")
    assert found.startswith("bookings.invoice_number: ")

    other_numbers = both.document(name="tweede-winkel", bookings={"invoice_number": "T{order_number}"})
    assert (await apply(world, other_numbers)).status_code == 409
    first = both.document(bookings={"invoice_number": "S{order_number}"})
    assert (await apply(world, first)).status_code == 200
    assert (await apply(world, other_numbers)).status_code == 200


async def test_another_administration_behind_the_key_is_pointed_out(world: World, both: Vendors) -> None:
    await apply(world, both.document())
    with AdministrationDriver(both.snelstart_url, "moestuin") as other:
        other.open()
        moved = both.document(bookkeeping={"connection_key": other.connection_key})

    response = await apply(world, moved)

    assert response.status_code == 200
    assert "andere administratie" in response.json()["warnings"][0]["text"]


async def test_a_saved_profile_is_examined_anew(world: World, both: Vendors) -> None:
    await apply(world, both.document())
    both.administration.control("DELETE", f"/administrations/{both.administration.name}/ledgers/8100")

    response = await world.client.post(f"/api/profiles/{NAME}/check", timeout=30)

    examination = response.json()
    assert examination["ok"] is False
    assert [refusal["field"] for refusal in examination["refusals"]] == ["bookings.ledgers.revenue.nl_high"]


async def test_everything_wrong_in_a_document_is_told_at_once(world: World, both: Vendors) -> None:
    missing = both.document()
    del missing["shop"]["token"]
    missing["bookkeeping"]["rate_limits"] = "fast"

    response = await apply(world, missing)

    assert response.status_code == 422
    assert [problem["field"] for problem in response.json()["problems"]] == [
        "shop.token",
        "bookkeeping.rate_limits",
    ]
