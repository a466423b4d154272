"""Every address of the console, by every role: a new one belongs in this table."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from console.adapters.web.pages.words import Words
from console.domain.people import Role
from console_routes import routes_of
from console_visitor import visiting
from console_world import World, running_console

EVERYBODY = frozenset(Role)
WORKERS = frozenset({Role.BOOKKEEPER, Role.ADMINISTRATOR})
ADMINISTRATORS = frozenset({Role.ADMINISTRATOR})

# (method, address) to who may come there.
ADDRESSES: dict[tuple[str, str], frozenset[Role]] = {
    ("GET", "/api/status"): EVERYBODY,
    ("GET", "/api/profiles"): EVERYBODY,
    ("POST", "/api/profiles"): ADMINISTRATORS,
    ("GET", "/api/profiles/{name}"): EVERYBODY,
    ("GET", "/api/profiles/{name}/left-over"): ADMINISTRATORS,
    ("DELETE", "/api/profiles/{name}"): ADMINISTRATORS,
    ("PATCH", "/api/profiles/{name}"): ADMINISTRATORS,
    ("POST", "/api/profiles/{name}/copy"): ADMINISTRATORS,
    ("GET", "/api/profiles/{name}/export"): EVERYBODY,
    ("POST", "/api/profiles/{name}/connections/{side}/try"): ADMINISTRATORS,
    ("GET", "/api/profiles/{name}/history"): EVERYBODY,
    ("POST", "/api/profiles/{name}/undo"): ADMINISTRATORS,
    ("POST", "/api/profiles/{name}/check"): WORKERS,
    ("POST", "/api/profiles/{name}/imports"): WORKERS,
    ("GET", "/api/imports/{run_id}"): EVERYBODY,
    ("POST", "/api/profiles/{name}/previews"): WORKERS,
    ("GET", "/api/previews/{preview_id}"): EVERYBODY,
    ("POST", "/api/profiles/{name}/ledger-proposal"): ADMINISTRATORS,
    ("GET", "/api/profiles/{name}/remembered-links"): EVERYBODY,
    ("POST", "/api/remembered-links/{link_id}/forget"): WORKERS,
    ("GET", "/api/profiles/{name}/orders"): EVERYBODY,
    ("GET", "/api/profiles/{name}/orders/{number}"): EVERYBODY,
    ("GET", "/api/dead-letters"): EVERYBODY,
    ("GET", "/api/dead-letters/{letter_id}"): EVERYBODY,
    ("POST", "/api/dead-letters/{letter_id}/replay"): WORKERS,
    ("POST", "/api/dead-letters/{letter_id}/discard"): WORKERS,
    ("GET", "/api/dead-letter-jobs"): EVERYBODY,
    ("GET", "/api/dead-letter-jobs/{job_id}"): EVERYBODY,
    ("POST", "/api/dead-letter-jobs"): WORKERS,
    ("GET", "/api/users"): ADMINISTRATORS,
    ("POST", "/api/privacy/erasures"): ADMINISTRATORS,
    ("GET", "/api/privacy/erasures/{erasure_id}"): ADMINISTRATORS,
    ("POST", "/api/users/first"): ADMINISTRATORS,
    ("POST", "/api/users"): ADMINISTRATORS,
    ("POST", "/api/users/{name}/role"): ADMINISTRATORS,
    ("POST", "/api/users/{name}/password"): ADMINISTRATORS,
    ("POST", "/api/users/{name}/disable"): ADMINISTRATORS,
    ("POST", "/api/users/{name}/enable"): ADMINISTRATORS,
    ("GET", "/api/notifications"): ADMINISTRATORS,
    ("POST", "/api/notifications/test"): ADMINISTRATORS,
    ("GET", "/api/openapi.json"): EVERYBODY,
    ("POST", "/sign-out"): EVERYBODY,
    ("GET", "/password"): EVERYBODY,
    ("POST", "/password"): EVERYBODY,
    ("GET", "/"): EVERYBODY,
    ("POST", "/profiles/{name}/imports"): WORKERS,
    ("GET", "/imports/{run_id}"): EVERYBODY,
    ("GET", "/orders"): EVERYBODY,
    ("GET", "/orders.csv"): EVERYBODY,
    ("POST", "/orders"): EVERYBODY,
    ("POST", "/orders.csv"): EVERYBODY,
    ("GET", "/profiles/{name}/orders/{number}"): EVERYBODY,
    ("GET", "/profiles/{name}/orders/{number}/export"): EVERYBODY,
    ("GET", "/needs-you"): EVERYBODY,
    ("GET", "/needs-you/reasons/{code}"): EVERYBODY,
    ("GET", "/needs-you/letters/{letter_id}"): EVERYBODY,
    ("GET", "/needs-you/put-away"): EVERYBODY,
    ("POST", "/needs-you/letters/{letter_id}/customer"): WORKERS,
    ("POST", "/needs-you/letters/{letter_id}/new-customer"): WORKERS,
    ("POST", "/needs-you/letters/{letter_id}/replay"): WORKERS,
    ("POST", "/needs-you/letters/{letter_id}/discard"): WORKERS,
    ("GET", "/needs-you/ledgers/{name}"): EVERYBODY,
    ("POST", "/needs-you/ledgers/{name}"): WORKERS,
    ("POST", "/needs-you/all"): WORKERS,
    ("GET", "/letter-jobs"): EVERYBODY,
    ("GET", "/letter-jobs/{job_id}"): EVERYBODY,
    ("POST", "/letter-jobs/{job_id}/undo"): WORKERS,
    ("GET", "/customers"): EVERYBODY,
    ("POST", "/customers/{link_id}/forget"): WORKERS,
    ("GET", "/previews"): EVERYBODY,
    ("POST", "/previews"): WORKERS,
    ("GET", "/previews/{preview_id}"): EVERYBODY,
    ("GET", "/profiles"): EVERYBODY,
    ("GET", "/new-profile"): ADMINISTRATORS,
    ("POST", "/new-profile"): ADMINISTRATORS,
    ("POST", "/new-profile/try/{side}"): ADMINISTRATORS,
    ("GET", "/import-profile"): ADMINISTRATORS,
    ("POST", "/import-profile"): ADMINISTRATORS,
    ("GET", "/profiles/{name}"): EVERYBODY,
    ("POST", "/profiles/{name}/check"): WORKERS,
    ("POST", "/profiles/{name}/enable"): ADMINISTRATORS,
    ("POST", "/profiles/{name}/disable"): ADMINISTRATORS,
    ("GET", "/profiles/{name}/shop"): EVERYBODY,
    ("POST", "/profiles/{name}/shop"): ADMINISTRATORS,
    ("POST", "/profiles/{name}/shop/try"): ADMINISTRATORS,
    ("GET", "/profiles/{name}/bookkeeping"): EVERYBODY,
    ("POST", "/profiles/{name}/bookkeeping"): ADMINISTRATORS,
    ("POST", "/profiles/{name}/bookkeeping/try"): ADMINISTRATORS,
    ("GET", "/profiles/{name}/bookings"): EVERYBODY,
    ("POST", "/profiles/{name}/bookings"): WORKERS,
    ("POST", "/profiles/{name}/bookings/proposal"): WORKERS,
    ("POST", "/profiles/{name}/bookings/lists"): WORKERS,
    ("GET", "/profiles/{name}/customers"): EVERYBODY,
    ("POST", "/profiles/{name}/customers"): ADMINISTRATORS,
    ("GET", "/profiles/{name}/planning"): EVERYBODY,
    ("POST", "/profiles/{name}/planning"): ADMINISTRATORS,
    ("GET", "/profiles/{name}/copy"): ADMINISTRATORS,
    ("POST", "/profiles/{name}/copy"): ADMINISTRATORS,
    ("GET", "/profiles/{name}/export"): EVERYBODY,
    ("GET", "/profiles/{name}/delete"): ADMINISTRATORS,
    ("POST", "/profiles/{name}/delete"): ADMINISTRATORS,
    ("GET", "/profiles/{name}/history"): EVERYBODY,
    ("POST", "/profiles/{name}/undo"): ADMINISTRATORS,
    ("GET", "/users"): ADMINISTRATORS,
    ("POST", "/users"): ADMINISTRATORS,
    ("POST", "/users/{name}/role"): ADMINISTRATORS,
    ("POST", "/users/{name}/password"): ADMINISTRATORS,
    ("POST", "/users/{name}/disable"): ADMINISTRATORS,
    ("POST", "/users/{name}/enable"): ADMINISTRATORS,
    ("GET", "/notifications"): ADMINISTRATORS,
    ("POST", "/notifications/test"): ADMINISTRATORS,
    ("GET", "/log"): ADMINISTRATORS,
}
# Forms that ask and change nothing.
ONLY_ASKING = {("POST", "/orders"), ("POST", "/orders.csv")}
# What answers whoever comes.
OPEN_TO_STRANGERS = {
    ("GET", "/sign-in"),
    ("POST", "/sign-in"),
    ("POST", "/language"),
    ("GET", "/static/{name}"),
}


@pytest_asyncio.fixture
async def world(sqlite_url: str) -> AsyncIterator[World]:
    async with running_console(sqlite_url) as world:
        yield world


def path_of(address: str) -> str:
    return address.replace("{", "").replace("}", "")


async def test_the_table_names_every_address(world: World) -> None:
    known = {
        (method, path)
        for path, route in routes_of(world.console.web.routes)
        for method in route.methods or ()
        if method != "HEAD" and path != "/api/{rest:path}"
    }
    assert known == set(ADDRESSES) | OPEN_TO_STRANGERS


async def test_every_action_has_words_in_the_log(world: World) -> None:
    names = {
        route.name
        for path, route in routes_of(world.console.web.routes)
        if "POST" in (route.methods or ()) and ("POST", path) in ADDRESSES.keys() - ONLY_ASKING
    }
    assert "start_import" in names
    assert {name for name in names if not Words("nl").has(f"action.{name}")} == set()


async def test_strangers_come_nowhere(world: World) -> None:
    async with visiting(world) as stranger:
        for method, address in ADDRESSES:
            answer = await stranger.client.request(method, path_of(address))
            if address.startswith("/api"):
                assert answer.status_code == 401, address
            else:
                assert answer.status_code == 303, address
                assert answer.headers["location"].startswith("/sign-in"), address


@pytest.mark.parametrize("role", list(Role))
async def test_each_role_comes_where_the_table_says_and_nowhere_else(world: World, role: Role) -> None:
    # Somebody must stay in charge, or the administrators' actions are refused for that reason.
    async with visiting(world, role) as visitor:
        proof = await visitor.proof()
        signing_out = ("POST", "/sign-out")
        for method, address in [*(each for each in ADDRESSES if each != signing_out), signing_out]:
            answer = await visitor.client.request(
                method, path_of(address), headers={"X-Form-Proof": proof}, data=form(method, address, proof)
            )
            refused = answer.status_code == 403
            assert refused == (role not in ADDRESSES[method, address]), (method, address, answer.text)
            assert answer.status_code < 500, (method, address)
            assert not answer.headers.get("location", "").startswith("/sign-in?"), (method, address)


@pytest.mark.parametrize("proof", ["", "0" * 64, "é"])
async def test_nothing_is_changed_without_the_proof_of_a_form(world: World, proof: str) -> None:
    async with visiting(world, Role.ADMINISTRATOR) as visitor:
        for method, address in ADDRESSES:
            if method != "POST":
                continue
            answer = await visitor.client.request(
                method,
                path_of(address),
                headers={b"X-Form-Proof": proof.encode()},
                data=form(method, address, proof),
            )
            assert answer.status_code == 403, address
        assert (await visitor.get("/")).status_code == 200


async def test_the_proof_of_another_visitor_proves_nothing(world: World) -> None:
    async with visiting(world, Role.BOOKKEEPER) as other, visiting(world, Role.ADMINISTRATOR) as visitor:
        answer = await visitor.post("/users", proof=await other.proof(), name="jan", role="administrator")

        assert answer.status_code == 403
        assert "jan" not in (await visitor.get("/users")).text


async def test_another_sites_form_is_refused_with_the_right_proof_too(world: World) -> None:
    async with visiting(world, Role.ADMINISTRATOR) as visitor:
        proof = await visitor.proof()
        for site in ("cross-site", "same-site"):
            answer = await visitor.client.post(
                "/users/first",
                data={"proof": proof},
                headers={"Sec-Fetch-Site": site, "Origin": "https://elders.example.nl"},
            )
            assert answer.status_code in (403, 404)


async def test_every_answer_carries_the_security_headers(world: World) -> None:
    async with visiting(world) as stranger:
        for path in ("/", "/sign-in", "/nowhere", "/api/status", "/api/nowhere", "/static/console.js"):
            headers = (await stranger.get(path)).headers
            policy = headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["referrer-policy"] == "same-origin"
            kept = "immutable" if path.startswith("/static") else "no-store"
            assert kept in headers["cache-control"], path


def form(method: str, address: str, proof: str) -> dict[str, str] | None:
    if method != "POST" or address.startswith("/api"):
        return None
    return {"proof": proof, "name": "jan", "role": "accountant"}
