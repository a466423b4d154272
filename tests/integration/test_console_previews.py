"""Previews at the console's doors: the JSON API and the `sconnect` command, with wrong input too."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from console.command.main import run
from console.ports import ServiceHealth
from console_answers import BOOKED, NAME, answer, previewed, requested
from console_world import TOKEN, World, running_console
from factories import profile
from sconnect.contracts import (
    PreviewHeldBack,
    WireReason,
)
from sconnect.errors import UpstreamUnavailable
from sconnect.messaging.trouble import BROKER_UNAVAILABLE
from sconnect.profiles import AdministrationInfo

ASK = f"/api/profiles/{NAME}/previews"
AMBIGUOUS = WireReason(code="AMBIGUOUS_CUSTOMER", details={"customers": "2"})
SUGGESTION = {"customer_number": "7", "name": "Jan Voorbeeld", "agreed": "email"}
AWAY = WireReason(code="UPSTREAM_UNAVAILABLE", variant="no_connection", details={"host": "snelstart"})

Sconnect = Callable[..., Coroutine[Any, Any, tuple[int, str, str]]]


@pytest_asyncio.fixture
async def world(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    async with running_console(sqlite_url) as world:
        info = AdministrationInfo(id="administration-1", name="Voorbeeld")
        await world.profiles.save(profile(enabled=False), administration=info, saved_by="test")
        monkeypatch.setenv("SCONNECT_URL", world.url)
        monkeypatch.setenv("SCONNECT_TOKEN", TOKEN)
        monkeypatch.setenv("COLUMNS", "200")
        yield world


@pytest.fixture
def sconnect(world: World, capsys: pytest.CaptureFixture[str]) -> Sconnect:
    async def call(*typed: str) -> tuple[int, str, str]:
        code = await asyncio.to_thread(run, typed)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


async def post(world: World, content: Any, path: str = ASK) -> tuple[int, dict[str, Any]]:
    response = await world.client.post(path, json=content, headers={"Accept-Language": "en"})
    return response.status_code, response.json()


async def test_a_preview_is_asked_for_and_looked_at_in_exactly_this_form(world: World) -> None:
    status, asked = await post(
        world, {"from": "2026-03-01", "to": "2026-03-02", "ledgers": {"rounding": 8990}}
    )
    assert (status, asked["state"], asked["orders_found"], asked["orders"]) == (202, "running", None, [])
    assert asked["ledgers_proposed"] is True
    held = PreviewHeldBack(
        outcome="waiting", reason=WireReason(code="STATUS_NOT_YET", details={"status": "1"})
    )
    await answer(world, BOOKED, previewed("1002", "dead_lettered", reason=AMBIGUOUS, held_back=held))
    path = f"/api/previews/{asked['id']}"
    seen = (await world.client.get(path, headers={"Accept-Language": "en"})).json()
    assert (seen["state"], seen["orders_found"], seen["failure"]) == ("finished", 2, None)
    first, second = seen["orders"]
    assert (first["order_number"], first["outcome"], first["reason"]) == ("1001", "booked", None)
    assert first["booking"]["lines"] == [
        {
            "kind": "revenue",
            "ledger_number": 8100,
            "ledger_name": "Omzet hoog",
            "description": "Omzet 21%",
            "vat_rate_band": "high",
            "vat_rate": "21",
            "amount": "56.20",
            "cost_centre": None,
        }
    ]
    assert first["booking"]["vat_rows"] == [{"category": "sales_high", "amount": "11.80"}]
    assert first["customer"] == {
        "number": 10412,
        "name": "Jan Voorbeeld",
        "origin": "matched",
        "explanation": "same e-mail address",
        "new_card": None,
    }
    assert (second["outcome"], second["reason_code"], second["service"]) == (
        "waiting",
        "STATUS_NOT_YET",
        "poller",
    )
    assert second["afterwards"]["reason_code"] == "AMBIGUOUS_CUSTOMER"
    assert second["afterwards"]["reason"].startswith("2 customers")


@pytest.mark.parametrize(
    ("content", "kind", "named"),
    [
        ({}, "preview_selection", ""),
        ({"order": "1001", "last": 3}, "preview_selection", ""),
        ({"from": "2026-03-01"}, "preview_selection", ""),
        ({"from": "2026-03-02", "to": "2026-03-01"}, "preview_days_reversed", "2026-03-02"),
        ({"from": "2026-02-30", "to": "2026-03-01"}, "request_malformed", "body.from"),
        ({"last": 0}, "preview_no_orders", "0"),
        ({"last": 101}, "preview_too_many", "100"),
        ({"last": "3"}, "request_malformed", "body.last"),
        ({"order": "1001", "ledgers": {"revenue": {"nl_high": "x"}}}, "preview_ledgers", "revenue.nl_high"),
        ({"order": "1001", "ledgers": {"omzet": {}}}, "preview_ledgers", "omzet"),
    ],
)
async def test_what_cannot_be_is_refused_with_a_sentence_and_asked_of_nobody(
    world: World, content: Any, kind: str, named: str
) -> None:
    status, problem = await post(world, content)
    assert (status, problem["type"]) == (422, f"urn:sconnect:problem:{kind}")
    assert named in problem["detail"]
    assert world.publisher.events == []


async def test_unknown_profiles_and_previews_strangers_and_a_broker_that_is_away(world: World) -> None:
    status, problem = await post(world, {"last": 1}, "/api/profiles/onbekend/previews")
    assert (status, problem["type"]) == (404, "urn:sconnect:problem:profile_unknown")
    unknown = await world.client.get("/api/previews/onbekend")
    assert unknown.status_code == 404
    stranger = await world.client.post(ASK, json={"last": 1}, headers={"Authorization": "Bearer x"})
    assert stranger.status_code == 401
    world.publisher.failures.append(UpstreamUnavailable(BROKER_UNAVAILABLE))
    status, problem = await post(world, {"last": 1})
    assert (status, problem["type"]) == (503, "urn:sconnect:problem:away.broker")


async def test_the_description_of_the_api_has_the_previews(world: World) -> None:
    paths = (await world.client.get("/api/openapi.json")).json()["paths"]
    assert "post" in paths["/api/profiles/{name}/previews"]
    assert "get" in paths["/api/previews/{preview_id}"]


async def test_the_command_shows_bookings_customers_and_reasons(world: World, sconnect: Sconnect) -> None:
    showing = asyncio.create_task(sconnect("preview", NAME, "--last", "2", "--lang", "en"))
    ambiguous = previewed("1002", "dead_lettered", reason=AMBIGUOUS, suggestions=(SUGGESTION,))
    await answer(world, BOOKED, ambiguous)
    code, out, err = await showing
    assert (code, err) == (0, "")
    assert "1001  would be booked" in out
    assert "Customer 10412 Jan Voorbeeld (recognised: same e-mail address)" in out
    assert "Invoice 1001 of 2026-03-02, total 68.00" in out
    assert "8100" in out
    assert "Omzet hoog" in out
    assert "VAT high" in out
    assert "1002  would wait for a person  2 customers" in out
    assert "customer 7, Jan Voorbeeld, same e-mail address" in out
    assert "Nothing was made, changed or booked." in out
    assert (await requested(world)).selection.last == 2


async def test_the_command_gives_json_and_tells_by_its_exit_code_what_had_no_preview(
    world: World, sconnect: Sconnect
) -> None:
    showing = asyncio.create_task(sconnect("preview", NAME, "--order", "1002", "--json", "--lang", "en"))
    await answer(world, previewed("1002", "not_previewed", reason=AWAY))
    code, out, err = await showing
    assert (code, err) == (1, "")
    (order,) = json.loads(out)["orders"]
    assert order["outcome"] == "not_previewed"
    assert order["reason"].startswith("Not possible right now")
    assert (await requested(world)).selection.order_number == "1002"


async def test_the_command_shows_ten_orders_or_days_when_asked_for_them(
    world: World, sconnect: Sconnect
) -> None:
    showing = asyncio.create_task(sconnect("preview", NAME, "--lang", "en"))
    await answer(world)
    assert await showing == (0, "The shop has no such orders.\n", "")
    assert (await requested(world)).selection.last == 10
    world.publisher.events.clear()
    showing = asyncio.create_task(sconnect("preview", NAME, "--from", "2026-03-01", "--to", "2026-03-02"))
    await answer(world, too_many=True)
    code, out, err = await showing
    assert (code, out) == (1, "")
    assert "100" in err
    assert (await requested(world)).selection.placed_from is not None


async def test_a_service_that_is_down_ends_the_command_with_its_name(
    world: World, sconnect: Sconnect
) -> None:
    world.neighbours.services = (ServiceHealth(name="poller", ready=False),)
    showing = asyncio.create_task(sconnect("preview", NAME, "--lang", "en"))
    request = await requested(world)
    world.clock.advance(request.ticket.expires_at - world.clock.now())
    code, out, err = await showing
    assert (code, out) == (3, "")
    assert "not every service is ready (poller)" in err


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ((NAME, "--from", "gisteren"), 2),
        ((NAME, "--from", "2026-02-30"), 2),
        ((NAME, "--to", "2026-03-01"), 2),
        ((NAME, "--order", "1001", "--last", "3"), 2),
        ((NAME, "--last", "0"), 2),
        ((NAME, "--from", "2026-03-02", "--to", "2026-03-01"), 1),
        ((NAME, "--last", "101"), 1),
        (("onbekend", "--last", "1"), 2),
    ],
)
async def test_a_wrong_command_says_so_and_asks_nothing(
    world: World, sconnect: Sconnect, typed: tuple[str, ...], code: int
) -> None:
    ended, out, err = await sconnect("preview", *typed)
    assert (ended, out) == (code, "")
    assert len(err.strip()) > 10
    assert world.publisher.events == []
