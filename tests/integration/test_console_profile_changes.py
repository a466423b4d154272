"""Changing a profile in part, going back, copying and exporting, over the API."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
import yaml

from console.command.main import run
from console_world import TOKEN, World, running_console, some_bookkeeping
from factories import merged, profile_document
from fakes_console import FakeBookkeeping, FakeShop
from sconnect.contracts import ProfileChanged
from sconnect.errors import MisconfiguredError, Reason, ReasonCode
from sconnect.profiles import StoredProfile

NAME = "voorbeeldwinkel"
SECRETS = (
    "shop-token-of-voorbeeldwinkel",
    "subscription-key-of-the-connector",
    "connection-key-of-voorbeeldwinkel",
)
REFUSED_KEY = MisconfiguredError(Reason(code=ReasonCode.PROFILE_PAUSED, variant="shop_token"))


@pytest.fixture
def shop() -> FakeShop:
    return FakeShop()


@pytest.fixture
def bookkeeping() -> FakeBookkeeping:
    return some_bookkeeping()


@pytest_asyncio.fixture
async def world(sqlite_url: str, shop: FakeShop, bookkeeping: FakeBookkeeping) -> AsyncIterator[World]:
    async with running_console(sqlite_url, shop=shop, bookkeeping=bookkeeping) as world:
        answer = await world.client.post("/api/profiles", json=profile_document())
        assert answer.status_code == 200, answer.text
        yield world


async def patch(world: World, changes: dict[str, Any], **parameters: int) -> httpx.Response:
    return await world.client.patch(f"/api/profiles/{NAME}", json=changes, params=parameters)


async def stored(world: World, name: str = NAME) -> StoredProfile:
    found = await world.profiles.get(name)
    assert found is not None
    return found


async def test_what_is_not_given_stays_the_keys_too(world: World) -> None:
    before = await stored(world)
    answer = await patch(world, {"customers": {"policy": "manual"}, "bookings": {"cost_centre": 1}})

    assert answer.status_code == 200, answer.text
    after = await stored(world)
    assert after.version == 2
    assert after.profile.customers.policy == "manual"
    assert after.profile.customers.recognition == "email"
    assert after.profile.shop == before.profile.shop
    assert after.profile.bookkeeping == before.profile.bookkeeping
    assert isinstance(world.publisher.events[-1], ProfileChanged)
    answer = await patch(world, {"bookings": {"cost_centre": None}})
    assert (await stored(world)).profile.bookings.cost_centre is None


async def test_an_apply_without_keys_keeps_them(world: World) -> None:
    document = profile_document(planning={"interval": "1h"})
    del document["shop"]["token"], document["bookkeeping"]["connection_key"]
    answer = await world.client.post("/api/profiles", json=document)
    assert answer.status_code == 200, answer.text
    assert (await stored(world)).profile.shop.token.get_secret_value() == SECRETS[0]

    document["name"] = "anders"
    answer = await world.client.post("/api/profiles", json=document)
    assert answer.status_code == 422
    assert {problem["field"] for problem in answer.json()["problems"]} == {
        "shop.token",
        "bookkeeping.connection_key",
    }


async def test_a_partner_token_goes_only_when_that_is_said(world: World) -> None:
    await patch(world, {"shop": {"partner_token": "of-the-partner"}})
    await patch(world, {"shop": {"start_order_number": 5}})
    assert (await stored(world)).profile.shop.partner_token is not None
    await patch(world, {"shop": {"partner_token": None}})
    assert (await stored(world)).profile.shop.partner_token is None


@pytest.mark.parametrize(
    "changes",
    [
        {"shop": {"api_url": "https://elders.example.nl"}},
        {"bookkeeping": {"api_url": "https://elders.example.nl/v2"}},
        {"bookkeeping": {"token_url": "https://elders.example.nl/token"}},
        {"shop": {"api_url": "https://elders.example.nl", "partner_token": "new"}},
    ],
)
async def test_a_key_goes_to_no_other_address_than_it_was_given_for(
    world: World, changes: dict[str, Any]
) -> None:
    side = next(iter(changes))
    for path in ("", f"/connections/{side}/try"):
        body = changes[side] if path else changes
        method = "POST" if path else "PATCH"
        answer = await world.client.request(method, f"/api/profiles/{NAME}{path}", json=body)
        assert answer.status_code == 422
        assert answer.json()["problems"][0]["field"].startswith(f"{side}.")
    assert (await stored(world)).version == 1
    document = merged(profile_document(), changes)
    del document["shop"]["token"], document["bookkeeping"]["connection_key"]
    answer = await world.client.post("/api/profiles", json=document)
    assert answer.status_code == 422


async def test_an_address_with_its_key_typed_again_is_taken(world: World) -> None:
    answer = await patch(world, {"shop": {"api_url": "https://elders.example.nl", "token": "the-new-one"}})
    assert answer.status_code == 200, answer.text
    assert (await stored(world)).profile.shop.token.get_secret_value() == "the-new-one"


async def test_of_two_who_change_the_same_version_the_second_is_told(world: World) -> None:
    assert (await patch(world, {"planning": {"interval": "1h"}}, over_version=1)).status_code == 200
    answer = await patch(world, {"planning": {"interval": "2h"}}, over_version=1)
    assert answer.status_code == 409
    assert "intussen" in answer.json()["detail"]
    assert (await stored(world)).profile.planning.interval == "1h"


async def test_switching_off_and_planning_need_no_vendor(
    world: World, shop: FakeShop, bookkeeping: FakeBookkeeping
) -> None:
    shop.trouble = bookkeeping.trouble = REFUSED_KEY
    assert (await patch(world, {"enabled": False, "planning": {"interval": "manual"}})).status_code == 200
    assert (await patch(world, {"enabled": True})).status_code == 422
    assert (await patch(world, {"enabled": False, "customers": {"policy": "manual"}})).status_code == 422
    after = await stored(world)
    assert (after.version, after.profile.enabled, after.profile.planning.interval) == (2, False, "manual")
    assert after.administration_id == "administration-1"


async def test_a_name_does_not_change(world: World) -> None:
    answer = await patch(world, {"name": "anders"})
    assert answer.status_code == 422
    assert "kopie" in answer.json()["detail"]


async def test_the_history_tells_who_changed_what_and_never_a_key(world: World) -> None:
    await patch(world, {"planning": {"interval": "1h"}, "shop": {"token": "hunter2"}})
    await patch(
        world, {"bookings": {"ledgers": {"shipping": {"nl_low": None}, "discount": {"nl_high": 8310}}}}
    )
    await patch(world, {})

    answer = await world.client.get(f"/api/profiles/{NAME}/history")
    history = answer.json()

    assert [version["version"] for version in history["versions"]] == [4, 3, 2, 1]
    assert history["version"] == 4
    unchanged, ledgers, rekeyed, first = (version["changes"] for version in history["versions"])
    assert unchanged == first == []
    assert ledgers == [
        {"field": "bookings.ledgers.discount.nl_high", "before": "8320", "after": "8310"},
        {"field": "bookings.ledgers.shipping.nl_low", "before": "8301", "after": ""},
    ]
    assert rekeyed == [
        {"field": "shop.token", "before": None, "after": None},
        {"field": "planning.interval", "before": "15m", "after": "1h"},
    ]
    assert {version["saved_by"] for version in history["versions"]} == {"administrator"}
    assert not [secret for secret in (*SECRETS, "hunter2") if secret in answer.text]


async def test_the_history_is_read_a_page_at_a_time(world: World) -> None:
    for _ in range(30):
        await patch(world, {"planning": {"interval": "1h"}})
    newest = (await world.client.get(f"/api/profiles/{NAME}/history")).json()
    assert [version["version"] for version in newest["versions"]] == list(range(31, 6, -1))
    address = f"/api/profiles/{NAME}/history?before={newest['older']}"
    older = (await world.client.get(address)).json()
    assert [version["version"] for version in older["versions"]] == list(range(6, 0, -1))
    assert older["older"] is None
    assert older["versions"][-2]["changes"]


async def test_undo_brings_back_the_settings_and_leaves_the_keys(world: World) -> None:
    await patch(world, {"planning": {"interval": "1h"}, "shop": {"token": "the-new-one"}})
    answer = await world.client.post(f"/api/profiles/{NAME}/undo", json={"version": 1, "over_version": 2})

    assert answer.status_code == 200, answer.text
    after = await stored(world)
    assert (after.version, after.profile.planning.interval) == (3, "15m")
    assert after.profile.shop.token.get_secret_value() == "the-new-one"
    again = await world.client.post(f"/api/profiles/{NAME}/undo", json={"version": 2, "over_version": 2})
    assert again.status_code == 409
    unknown = await world.client.post(f"/api/profiles/{NAME}/undo", json={"version": 99})
    assert unknown.status_code == 404


async def test_undo_passes_the_same_checks(world: World, bookkeeping: FakeBookkeeping) -> None:
    await patch(world, {"bookings": {"ledgers": {"rounding": None}}})
    accounts = {
        number: account for number, account in bookkeeping.contents.accounts.items() if number != 8990
    }
    bookkeeping.contents = type(bookkeeping.contents)(accounts=accounts, cost_centres=frozenset())
    answer = await world.client.post(f"/api/profiles/{NAME}/undo", json={"version": 1})
    assert answer.status_code == 422
    assert answer.json()["problems"][0]["field"] == "bookings.ledgers.rounding"
    assert (await stored(world)).version == 2


async def test_undo_to_another_address_asks_for_its_key(world: World) -> None:
    await patch(world, {"shop": {"api_url": "https://elders.example.nl", "token": "the-new-one"}})
    answer = await world.client.post(f"/api/profiles/{NAME}/undo", json={"version": 1})
    assert answer.status_code == 422
    assert [problem["field"] for problem in answer.json()["problems"]] == ["shop.token"]


async def test_an_exported_profile_has_no_keys_and_can_be_applied(world: World) -> None:
    await patch(
        world, {"shop": {"partner_token": "of-the-partner"}, "bookings": {"deposit_skus": ["STATIE"]}}
    )
    exported = (await world.client.get(f"/api/profiles/{NAME}/export")).json()["yaml"]

    assert not [secret for secret in (*SECRETS, "of-the-partner") if secret in exported]
    assert "# token: ${SHOP_TOKEN}" in exported
    before = await stored(world)
    answer = await world.client.post("/api/profiles", json=yaml.safe_load(exported))
    assert answer.status_code == 200, answer.text
    assert (await stored(world)).profile == before.profile
    filled = exported.replace("# token", "token").replace("# partner", "partner").replace("# sub", "sub")
    assert set(yaml.safe_load(filled.replace("# con", "con"))["shop"]) >= {"token", "partner_token"}


async def test_a_copy_is_switched_off_and_may_not_use_the_same_numbers(world: World) -> None:
    address = f"/api/profiles/{NAME}/copy"
    same = await world.client.post(address, json={"name": "tweede"})
    assert same.status_code == 409
    changes = {"shop": {"token": "of-the-second"}, "bookings": {"invoice_number": "T-{order_number}"}}
    taken = await world.client.post(address, json={"name": NAME, "changes": changes})
    assert taken.status_code == 409
    await patch(world, {"bookings": {"invoice_number": "A-{order_number}"}})

    answer = await world.client.post(address, json={"name": "tweede", "changes": changes})

    assert answer.status_code == 200, answer.text
    second = await stored(world, "tweede")
    assert not second.profile.enabled
    assert second.profile.shop.token.get_secret_value() == "of-the-second"
    assert second.profile.bookkeeping.connection_key.get_secret_value() == SECRETS[2]
    assert second.profile.bookings.ledgers == (await stored(world)).profile.bookings.ledgers
    moved = {"shop": {"api_url": "https://elders.example.nl"}}
    elsewhere = await world.client.post(address, json={"name": "derde", "changes": moved})
    assert elsewhere.status_code == 422


async def test_a_connection_is_tried_with_what_is_typed_and_nothing_is_saved(
    world: World, shop: FakeShop
) -> None:
    tried = await world.client.post(f"/api/profiles/{NAME}/connections/bookkeeping/try", json={})
    assert tried.json() == {
        "works": True,
        "administration": "Voorbeeld Speelgoed",
        "statuses": [],
        "findings": [],
    }
    shop.trouble = REFUSED_KEY
    tried = await world.client.post(f"/api/profiles/{NAME}/connections/shop/try", json={"token": "wrong"})
    assert not tried.json()["works"]
    assert tried.json()["findings"][0]["field"] == "shop.token"
    unusable = await world.client.post(f"/api/profiles/{NAME}/connections/shop/try", json={"token": "a b"})
    assert unusable.status_code == 422
    assert (await stored(world)).version == 1


@pytest.fixture
def sconnect(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    """Run the command on the console; gives exit code, standard output and standard error."""
    monkeypatch.setenv("SCONNECT_URL", world.url)
    monkeypatch.setenv("SCONNECT_TOKEN", TOKEN)
    monkeypatch.setenv("SCONNECT_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")

    async def call(*typed: str) -> tuple[int, str, str]:
        code = await asyncio.to_thread(run, ("profile", *typed, "--lang", "nl"))
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


async def test_the_command_changes_tells_and_undoes(world: World, sconnect: Any, tmp_path: Path) -> None:
    file = tmp_path / "changes.yaml"
    file.write_text("planning: {interval: 4h}\nshop: {token: hunter2}\n")
    assert (await sconnect("undo", NAME))[0] == 1
    code, out, err = await sconnect("change", NAME, str(file))
    assert (code, err) == (0, "")
    assert "versie 2" in out

    code, out, _ = await sconnect("history", NAME)
    assert code == 0
    assert re.search(r"planning\.interval +15m +4h", out)
    assert "sleutel gewijzigd" in out
    assert "hunter2" not in out

    code, out, err = await sconnect("undo", NAME)
    assert (code, err) == (0, "")
    assert (await stored(world)).profile.planning.interval == "15m"
    assert (await sconnect("undo", NAME, "--to", "2"))[0] == 0
    assert (await stored(world)).profile.planning.interval == "4h"
    assert (await sconnect("history", "onbekend"))[0] == 2


async def test_the_command_exports_and_copies(world: World, sconnect: Any, tmp_path: Path) -> None:
    file, changes = tmp_path / "export.yaml", tmp_path / "changes.yaml"
    code, out, _ = await sconnect("export", NAME)
    assert (code, yaml.safe_load(out)["name"]) == (0, NAME)
    assert (await sconnect("export", NAME, "--write", str(file)))[0] == 0
    assert yaml.safe_load(file.read_text()) == yaml.safe_load(out)
    assert (await sconnect("export", NAME, "--write", str(file)))[0] == 1
    await patch(world, {"bookings": {"invoice_number": "A-{order_number}"}})
    changes.write_text('bookings: {invoice_number: "B-{order_number}"}\n')
    assert (await sconnect("copy", NAME, "tweede", "--with", str(changes)))[0] == 0
    assert not (await stored(world, "tweede")).profile.enabled
