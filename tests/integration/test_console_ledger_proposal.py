"""`POST /api/profiles/{name}/ledger-proposal` against both simulators."""

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio
import yaml

from console_vendors import NAME, Vendors, apply, both_vendors, console_with_vendors
from console_world import World
from sconnect.profiles import Ledgers


@pytest.fixture
def both() -> Iterator[Vendors]:
    with both_vendors() as both:
        yield both


@pytest_asyncio.fixture
async def world(sqlite_url: str) -> AsyncIterator[World]:
    async with console_with_vendors(sqlite_url) as world:
        yield world


async def propose(world: World, **body: Any) -> dict[str, Any]:
    response = await world.client.post(
        f"/api/profiles/{NAME}/ledger-proposal", json={"orders": 0, **body}, timeout=30
    )
    assert response.status_code == 200, response.text
    proposal: dict[str, Any] = response.json()
    return proposal


def by_field(proposal: dict[str, Any]) -> dict[str, Any]:
    return {ledger["field"]: ledger for ledger in proposal["ledgers"]}


def without_ledgers(both: Vendors, **changes: Any) -> dict[str, Any]:
    document = both.document(enabled=False, **changes)
    del document["bookings"]["ledgers"]
    return document


async def test_a_profile_that_is_off_and_has_no_ledgers_gets_a_whole_proposal(
    world: World,
    both: Vendors,
) -> None:
    both.shop.add_samples("2026-03-02")
    await apply(world, without_ledgers(both))

    proposal = await propose(world)

    ledgers = by_field(proposal)
    assert (ledgers["revenue.nl_high"]["number"], ledgers["revenue.nl_high"]["why"]) == (8100, "usual_number")
    assert ledgers["revenue.nl_high"]["needed"]
    assert ledgers["shipping.nl_low"]["number"] == 8301
    assert ledgers["shipping.export"]["number"] == 8306
    assert ledgers["gift_cards"]["number"] == 1760
    assert ledgers["revenue.nl_zero"]["number"] is None
    assert {candidate["number"] for candidate in ledgers["revenue.nl_zero"]["candidates"]} >= {8040, 8140}
    assert not any(finding["stops_orders"] for finding in proposal["findings"])
    stored = await world.profiles.get(NAME)
    assert stored is not None
    assert stored.profile.bookings.ledgers is None


async def test_the_yaml_says_what_the_json_says_and_can_be_applied(
    world: World,
    both: Vendors,
) -> None:
    both.administration.change(foreign_vat=True)
    both.shop.add_samples("2026-03-02")
    document = without_ledgers(both)
    await apply(world, document)

    proposal = await propose(world)

    read = yaml.safe_load(proposal["yaml"])
    pasted, told = read["bookings"]["ledgers"], proposal["settings"]["bookings"]["ledgers"]
    assert Ledgers.model_validate_json(json.dumps(pasted)) == Ledgers.model_validate_json(json.dumps(told))
    assert read["bookings"]["unconfirmed_ledgers"] == proposal["settings"]["bookings"]["unconfirmed_ledgers"]
    document["bookings"] |= read["bookings"]
    response = await apply(world, document | {"enabled": True})
    assert response.status_code == 200, response.text
    unconfirmed = [w for w in response.json()["warnings"] if "door niemand bevestigd" in w["text"]]
    assert len(unconfirmed) == len(read["bookings"]["unconfirmed_ledgers"])


async def test_foreign_vat_on_asks_for_its_ledgers_and_off_says_so(
    world: World,
    both: Vendors,
) -> None:
    await apply(world, without_ledgers(both))
    off = await propose(world)
    both.administration.change(foreign_vat=True)
    on = await propose(world)

    assert any("BE, DE" in remark for remark in off["remarks"])
    assert not [field for field in by_field(off) if "oss" in field]
    assert by_field(on)["revenue.oss.SR"]["number"] is None
    assert [each["number"] for each in by_field(on)["revenue.oss.SR"]["candidates"]] == [8077, 8177]
    assert by_field(on)["revenue.oss.RRL"]["number"] == 8179


async def test_a_kept_proposal_is_saved_and_marked(world: World, both: Vendors) -> None:
    await apply(world, without_ledgers(both))

    proposal = await propose(world, save=True)

    stored = await world.profiles.get(NAME)
    assert stored is not None
    assert stored.version == proposal["version"] == 2
    assert not stored.profile.enabled
    assert stored.profile.bookings.ledgers is not None
    assert stored.profile.bookings.ledgers.revenue.nl_high == 8100
    assert "revenue.nl_high" in stored.profile.bookings.unconfirmed_ledgers


async def test_an_administration_without_sales_ledgers_leaves_all_open(
    world: World,
    both: Vendors,
) -> None:
    for row in both.administration.command("GET", "/ledgers"):
        if row["nummer"] >= 8000 or row["nummer"] in (1760, 1765):
            both.administration.command("DELETE", f"/ledgers/{row['nummer']}")
    await apply(world, without_ledgers(both))

    proposal = await propose(world)

    assert all(ledger["number"] is None for ledger in proposal["ledgers"])
    assert yaml.safe_load(proposal["yaml"])["bookings"]["unconfirmed_ledgers"] == []


async def test_the_small_business_scheme(world: World, both: Vendors) -> None:
    await apply(world, without_ledgers(both, shop={"small_business_scheme": True}))
    ledgers = by_field(await propose(world))
    assert ledgers["revenue.kor"]["number"] == 8199
    assert not [field for field in ledgers if "nl_high" in field]


async def test_ledgers_that_are_gone_are_replaced_in_the_open(world: World, both: Vendors) -> None:
    await apply(world, both.document())
    both.administration.command("DELETE", "/ledgers/8300")
    both.administration.command(
        "POST",
        "/ledgers",
        [{"nummer": 8333, "grootboekfunctie": "VerkopenOmzetHoog", "omschrijving": "Verzendkosten"}],
    )
    shipping = by_field(await propose(world))["shipping.nl_high"]
    assert (shipping["number"], shipping["replaces"]) == (8333, 8300)


@pytest.mark.parametrize("trouble", ["no_profile", "shop", "bookkeeping", "away"])
async def test_what_keeps_the_assistant_from_looking_is_told(
    world: World,
    both: Vendors,
    trouble: str,
) -> None:
    if trouble != "no_profile":
        await apply(world, without_ledgers(both))
    match trouble:
        case "shop":
            both.shop.open(options={"token_expired": True})
        case "bookkeeping":
            both.administration.control(
                "POST",
                f"/administrations/{both.administration.name}/connection-key",
                {"connection_key": None},
            )
        case "away":
            both.administration.add_fault("status", status=503, times=0)

    response = await world.client.post(
        f"/api/profiles/{NAME}/ledger-proposal", json={"orders": 0}, timeout=30
    )

    expected = {"no_profile": (404, ""), "shop": (422, "shop.token")}
    status, field = expected.get(trouble, (422, "bookkeeping.connection_key"))
    assert response.status_code == status
    assert [problem["field"] for problem in response.json()["problems"]] == ([field] if field else [])


async def test_a_trial_that_nobody_answers_says_so_and_the_proposal_stands(
    world: World,
    both: Vendors,
) -> None:
    await apply(world, without_ledgers(both))
    proposal = await propose(world, orders=5)
    assert proposal["trial"]["orders"] == []
    assert proposal["trial"]["failure"]
    assert by_field(proposal)["revenue.nl_high"]["number"] == 8100
