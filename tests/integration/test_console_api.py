"""The JSON API on a real port: its documents, its doors, its refusals."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from console_telling import tell
from console_world import TOKEN, World, running_console
from factories import profile_document
from fakes_console import OrderStory, paused, run_finished
from sconnect.contracts import ImportRequested
from sconnect.errors import Reason, ReasonCode, UpstreamUnavailable
from sconnect.messaging.topology import POLLER_REPLAY_REQUESTED
from sconnect.persistence import create_engine

NAME = "voorbeeldwinkel"
STORY = OrderStory(profile=NAME)
BROKER_AWAY = UpstreamUnavailable(Reason(code=ReasonCode.UPSTREAM_UNAVAILABLE, variant="broker"))


@pytest_asyncio.fixture
async def world(sqlite_url: str) -> AsyncIterator[World]:
    async with running_console(sqlite_url) as world:
        yield world


async def get(world: World, path: str, **parameters: str) -> Any:
    response = await world.client.get(path, params=parameters)
    assert response.status_code == 200, response.text
    return response.json()


async def post(world: World, path: str, content: Any = None, *, expect: int = 200) -> Any:
    response = await world.client.post(path, json=content)
    assert response.status_code == expect, response.text
    return response.json()


async def refused(world: World, method: str, path: str, content: Any = None) -> tuple[int, str]:
    """The status and the kind of problem; every problem has a sentence."""
    response = await world.client.request(method, path, json=content, timeout=20)
    problem = response.json()
    assert response.headers["content-type"] == "application/problem+json"
    assert problem["status"] == response.status_code
    assert problem["detail"].endswith(".")
    return response.status_code, problem["type"].removeprefix("urn:sconnect:problem:")


async def test_orders_are_listed_in_exactly_this_form(world: World) -> None:
    mismatch = STORY.dead_lettered(stage="booking-writer", code="NOTHING_TO_BOOK")
    other = OrderStory(number="1002", profile=NAME)
    await tell(world.read_model, STORY.received(), mismatch)
    await tell(world.read_model, other.received(), other.resolved(), other.booked())

    first, second = await get(world, f"/api/profiles/{NAME}/orders")

    assert first == {
        "order_number": "1001",
        "status": "dead_lettered",
        "reason_code": "NOTHING_TO_BOOK",
        "reason": "Geen enkele regel van de bestelling heeft een bedrag, dus er is niets te boeken."
        " Leg deze melding weg, of boek de bestelling met de hand.",
        "invoice_number": None,
        "total": "68.00",
        "customer_number": None,
        "booking_id": None,
    }
    assert second == {
        "order_number": "1002",
        "status": "booked",
        "reason_code": None,
        "reason": None,
        "invoice_number": "1002",
        "total": "68.00",
        "customer_number": 10412,
        "booking_id": other.booked().booking_id,
    }


async def test_dead_letters_are_listed_in_exactly_this_form(world: World) -> None:
    await tell(world.read_model, STORY.received(), STORY.dead_lettered(code="NO_EMAIL"))

    (letter,) = await get(world, "/api/dead-letters")

    assert set(letter) == {
        "id",
        "profile",
        "order_number",
        "service",
        "reason_code",
        "reason",
        "suggestions",
        "since",
        "attempts",
    }
    assert letter["id"] == STORY.dead_letter_id()
    assert (letter["profile"], letter["order_number"]) == (NAME, "1001")
    assert (letter["service"], letter["reason_code"]) == ("customer-resolver", "NO_EMAIL")
    assert letter["suggestions"] == [{"customer_number": "10412", "name": "Jan Voorbeeld", "agreed": "email"}]
    assert letter["since"] == "2026-03-02T12:00:02Z"
    assert letter["attempts"] == 1
    assert await get(world, "/api/dead-letters", profile="other") == []


async def test_the_language_of_the_request_counts(world: World) -> None:
    await tell(world.read_model, STORY.skipped())

    response = await world.client.get(
        f"/api/profiles/{NAME}/orders", headers={"Accept-Language": "fr, en-GB;q=0.8"}
    )

    assert "total of 0.00" in response.json()[0]["reason"]


async def test_an_order_shows_its_way_from_shop_to_books(world: World) -> None:
    await tell(world.read_model, STORY.received(), STORY.resolved(), STORY.booked(), STORY.changed())

    order = await get(world, f"/api/profiles/{NAME}/orders/1001")

    assert order["received"]["lines"][0]["description"] == "Blokkendoos"
    assert order["customer"] == {
        "number": 10412,
        "origin": "matched",
        "explanation": "e-mailadres gelijk",
        "differs": "",
        "changes": [],
    }
    assert order["booking"]["lines"][0]["ledger_number"] == 8100
    assert order["booking"]["vat_rows"] == [{"category": "sales_high", "amount": "11.80"}]
    assert order["changed_in_shop"] is True
    assert [event["text"] for event in order["trail"]][:3] == [
        "Uit de webshop gelezen: besteld op 2\u00a0mrt\u00a02026, totaal €\u00a068,00.",
        "Klant 10412, herkend: e-mailadres gelijk",
        "Geboekt als factuur 1001, totaal €\u00a068,00.",
    ]


EVERY_ADDRESS = (
    ("GET", "/api/status"),
    ("GET", "/api/openapi.json"),
    ("GET", "/api/profiles"),
    ("POST", "/api/profiles"),
    ("GET", f"/api/profiles/{NAME}"),
    ("GET", f"/api/profiles/{NAME}/left-over"),
    ("DELETE", f"/api/profiles/{NAME}"),
    ("POST", f"/api/profiles/{NAME}/check"),
    ("POST", f"/api/profiles/{NAME}/imports"),
    ("GET", "/api/imports/1"),
    ("GET", f"/api/profiles/{NAME}/orders"),
    ("GET", f"/api/profiles/{NAME}/orders/1001"),
    ("GET", "/api/dead-letters"),
    ("GET", "/api/dead-letters/1"),
    ("POST", "/api/dead-letters/1/replay"),
    ("POST", "/api/dead-letters/1/discard"),
    ("GET", "/api/users"),
    ("POST", "/api/users"),
    ("POST", "/api/users/first"),
    ("POST", "/api/users/jan/role"),
    ("POST", "/api/users/jan/password"),
    ("POST", "/api/users/jan/disable"),
    ("POST", "/api/users/jan/enable"),
    ("POST", f"/api/profiles/{NAME}/ledger-proposal"),
    ("POST", f"/api/profiles/{NAME}/previews"),
    ("GET", "/api/previews/1"),
    ("GET", "/api/dead-letter-jobs"),
    ("POST", "/api/dead-letter-jobs"),
    ("GET", "/api/dead-letter-jobs/1"),
    ("GET", f"/api/profiles/{NAME}/remembered-links"),
    ("POST", "/api/remembered-links/1/forget"),
    ("PATCH", f"/api/profiles/{NAME}"),
    ("POST", f"/api/profiles/{NAME}/copy"),
    ("GET", f"/api/profiles/{NAME}/export"),
    ("POST", f"/api/profiles/{NAME}/connections/shop/try"),
    ("GET", f"/api/profiles/{NAME}/history"),
    ("POST", f"/api/profiles/{NAME}/undo"),
    ("GET", "/api/notifications"),
    ("POST", "/api/notifications/test"),
    ("POST", "/api/privacy/erasures"),
    ("GET", "/api/privacy/erasures/1"),
)


async def test_no_address_answers_without_the_token(world: World) -> None:
    listed = world.console.web.openapi()["paths"]
    known = {(method.upper(), path) for path, methods in listed.items() for method in methods}
    assert len(known) == len(EVERY_ADDRESS) - 1  # the description does not describe itself

    for method, path in EVERY_ADDRESS:
        for header in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {TOKEN}"}):
            async with httpx.AsyncClient(base_url=world.url, headers=header) as stranger:
                response = await stranger.request(method, path, json={})
            assert response.status_code == 401, (method, path)
            assert response.headers["www-authenticate"] == "Bearer"


async def test_a_token_of_strange_characters_is_simply_wrong(world: World) -> None:
    headers = {b"Authorization": "Bearer é".encode("latin-1")}
    response = await world.client.get("/api/status", headers=headers)

    assert response.status_code == 401


async def test_the_description_lists_the_documents(world: World) -> None:
    description = await get(world, "/api/openapi.json")

    assert {"OrderDocument", "LetterDocument", "Problem"} <= set(description["components"]["schemas"])


@pytest.mark.parametrize(
    ("method", "path", "content", "expected"),
    [
        ("GET", "/api/nowhere", None, (404, "no_such_address")),
        ("DELETE", "/api/status", None, (404, "no_such_address")),
        ("GET", "/api/profiles/unknown", None, (404, "profile_unknown")),
        ("GET", "/api/profiles/unknown/orders", None, (404, "profile_unknown")),
        ("POST", "/api/profiles/unknown/imports", None, (404, "profile_unknown")),
        ("POST", "/api/profiles/unknown/check", None, (404, "profile_unknown")),
        ("GET", "/api/profiles/unknown/orders/1", None, (404, "order_unknown")),
        ("GET", "/api/imports/unknown", None, (404, "run_unknown")),
        ("GET", "/api/dead-letters/unknown", None, (404, "letter_unknown")),
        ("GET", "/api/dead-letters/%00", None, (422, "request_malformed")),
        ("GET", "/api/profiles/a%00b/orders/1", None, (422, "request_malformed")),
        ("GET", "/api/dead-letters?profile=%00", None, (422, "request_malformed")),
        ("POST", "/api/dead-letters/1/replay", {"customer_number": 0}, (422, "request_malformed")),
        ("POST", "/api/dead-letters/1/replay", {"customer_number": 2**40}, (422, "request_malformed")),
        (
            "POST",
            "/api/dead-letters/1/replay",
            {"customer_number": 1, "create_customer": True},
            (422, "request_malformed"),
        ),
        ("POST", "/api/dead-letters/1/discard", {"reason": "  "}, (422, "request_malformed")),
        ("POST", "/api/dead-letters/1/discard", {"reason": "a\u0000"}, (422, "request_malformed")),
        ("POST", "/api/dead-letters/1/discard", {}, (422, "request_malformed")),
        ("POST", "/api/profiles", ["no", "mapping"], (422, "request_malformed")),
        ("POST", "/api/profiles", {"name": "\u0000"}, (422, "profile_refused")),
        ("POST", "/api/profiles", {"name": 7, "shop": []}, (422, "profile_refused")),
    ],
)
async def test_wrong_requests_are_refused_with_a_sentence(
    world: World, method: str, path: str, content: Any, expected: tuple[int, str]
) -> None:
    assert await refused(world, method, path, content) == expected


@pytest.mark.parametrize("body", [b"", b"{", b"[" * 100_000, b'{"name": "\\ud800"}', b'{"a": NaN}', b"\xff"])
async def test_bodies_that_are_no_json_are_refused(world: World, body: bytes) -> None:
    response = await world.client.post(
        "/api/profiles", content=body, headers={"Content-Type": "application/json"}
    )

    assert response.status_code in (400, 422), response.text


async def test_a_body_that_is_too_long_is_refused(world: World) -> None:
    async with httpx.AsyncClient(base_url=world.url) as stranger:
        response = await stranger.post("/api/profiles", content=b" " * (2**20 + 1))

    assert response.status_code == 413


async def test_an_import_runs_until_every_order_is_at_rest(world: World) -> None:
    await post(world, "/api/profiles", profile_document())
    run = await post(world, f"/api/profiles/{NAME}/imports", expect=202)
    requested = world.publisher.events[-1]
    assert isinstance(requested, ImportRequested)
    assert (requested.run_id, run["state"]) == (run["run_id"], "running")

    address = f"/api/imports/{run['run_id']}"
    await tell(world.read_model, run_finished(run["run_id"], orders=(STORY.uuid,), profile=NAME))
    assert (await get(world, address))["state"] == "running"
    await tell(world.read_model, STORY.received())
    assert (await get(world, address))["state"] == "running"
    await tell(world.read_model, STORY.booked())

    done = await get(world, address)
    assert done["state"] == "done"
    assert done["missing_numbers"] == [1003]
    assert [order["status"] for order in done["orders"]] == ["booked"]


async def test_a_profile_that_is_switched_off_is_not_imported(world: World) -> None:
    await post(world, "/api/profiles", profile_document(enabled=False))

    assert await refused(world, "POST", f"/api/profiles/{NAME}/imports") == (409, "profile_disabled")
    assert not [event for event in world.publisher.events if isinstance(event, ImportRequested)]


async def test_nothing_is_promised_while_the_broker_is_away(world: World) -> None:
    await post(world, "/api/profiles", profile_document())
    world.publisher.failures.append(BROKER_AWAY)

    assert await refused(world, "POST", f"/api/profiles/{NAME}/imports") == (503, "away.broker")


async def test_a_replay_is_published_and_the_letter_leaves_the_list(world: World) -> None:
    await tell(world.read_model, STORY.received(), STORY.dead_lettered())
    address = f"/api/dead-letters/{STORY.dead_letter_id()}"

    letter = await post(world, f"{address}/replay", {"customer_number": 10412}, expect=202)

    assert letter["state"] == "replayed"
    assert await get(world, "/api/dead-letters") == []
    (copy,) = world.publisher.queued
    assert copy.queue == POLLER_REPLAY_REQUESTED.name
    (order,) = await get(world, f"/api/profiles/{NAME}/orders")
    assert order["status"] == "in_progress"


async def test_a_discard_is_told_and_shown_with_its_reason(world: World) -> None:
    await tell(world.read_model, STORY.received(), STORY.dead_lettered())
    address = f"/api/dead-letters/{STORY.dead_letter_id()}"

    letter = await post(world, f"{address}/discard", {"reason": "Boek ik zelf"})

    assert (letter["state"], letter["discarded_why"]) == ("discarded", "Boek ik zelf")
    assert await get(world, "/api/dead-letters") == []
    (order,) = await get(world, f"/api/profiles/{NAME}/orders")
    assert (order["status"], order["reason_code"]) == ("skipped", "AMBIGUOUS_CUSTOMER")
    assert order["reason"].startswith("Weggelegd door administrator: Boek ik zelf.")
    assert await refused(world, "POST", f"{address}/discard", {"reason": "x"}) == (409, "letter_discarded")

    undone = await post(world, f"{address}/replay", {}, expect=202)
    assert undone["state"] == "replayed"


async def test_status_tells_of_services_profiles_and_orders(world: World) -> None:
    await post(world, "/api/profiles", profile_document())
    await tell(world.read_model, STORY.booked(), run_finished("run", profile=NAME))
    await tell(
        world.read_model, paused("booking-writer", at=1).model_copy(update={"profile": NAME, "id": "p"})
    )

    status = await get(world, "/api/status")

    assert status["ready"] is True
    (profile,) = status["profiles"]
    assert profile["orders"]["booked"] == 1
    assert profile["next_run_at"] == "2026-03-02T12:15:00Z"
    assert profile["next_order_number"] == 1005
    (pause,) = profile["paused"]
    assert (pause["service"], pause["reason_code"]) == ("booking-writer", "PROFILE_PAUSED")
    assert "koppelsleutel" in pause["reason"]


async def test_a_database_that_stays_locked_is_said_so(world: World) -> None:
    engine = create_engine(world.database_url)
    async with engine.begin():
        assert await refused(world, "POST", "/api/profiles/voorbeeldwinkel/imports") == (503, "away.database")
    await engine.dispose()
