"""The control door's part for SnelStart: administrations, what is in them, what is taken away."""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulators.faults import CONTROL_PREFIX
from simulators.snelstart import bookings
from simulators.snelstart.administration import Administration
from simulators.snelstart.models import LEDGER, LEDGER_ENTRY, RELATION
from simulators.snelstart.refusals import RefusedError
from simulators.snelstart.registry import Registry
from simulators.snelstart.relations import load_relations
from simulators.snelstart.settings import changed, settings_from
from simulators.snelstart.wire import Reply, decode

# What a control call does to its administration, with the JSON of its body (None without one).
Command = Callable[[Administration, Any], Reply]
BASE = f"{CONTROL_PREFIX}/administrations"


def control_routes(registry: Registry) -> list[Route]:
    """Return the routes; like the rest of the door they ask no login and are never hit by a fault."""
    one = f"{BASE}/{{name}}"
    commands: tuple[tuple[str, str, Command], ...] = (
        ("PATCH", "", _change),
        ("GET", "/ledgers", lambda of, _: _rows(LEDGER.show(row) for row in of.ledgers)),
        ("POST", "/ledgers", _put_ledgers),
        ("GET", "/relations", lambda of, _: _rows(RELATION.show(row) for row in of.relations)),
        ("POST", "/relations", lambda of, content: Reply(201, {"ids": load_relations(of, _many(content))})),
        ("GET", "/bookings", lambda of, _: _rows(bookings.shown(of, row) for row in of.bookings)),
        ("POST", "/bookings", lambda of, content: bookings.create_booking(of, Reply(payload=content).body)),
        ("GET", "/mutations", lambda of, _: _rows(LEDGER_ENTRY.show(row) for row in of.entries)),
        ("POST", "/connection-key", _change),
        ("POST", "/revoke-tokens", lambda of, _: _revoke(registry, of)),
    )
    return [
        Route(BASE, _listed(registry), methods=["GET"]),
        Route(one, _created(registry), methods=["PUT"]),
        Route(f"{one}/ledgers/{{number:int}}", _ledger_removed(registry), methods=["DELETE"]),
        Route(f"{CONTROL_PREFIX}/token-refusal", _token_refusal(registry), methods=["PUT"]),
        *(Route(f"{one}{path}", _served(registry, do), methods=[method]) for method, path, do in commands),
    ]


def _served(registry: Registry, command: Command) -> Callable[[Request], Awaitable[Response]]:
    async def serve(request: Request) -> Response:
        administration = registry.administrations.get(request.path_params["name"])
        if administration is None:
            return JSONResponse({"error": "No administration has this name."}, 404)
        body = await request.body()
        try:
            reply = command(administration, decode(body) if body else None)
        except RefusedError as refusal:
            reply = refusal.reply
        except (KeyError, TypeError, ValueError) as error:
            return JSONResponse({"error": repr(error)}, 422)
        return Response(reply.body, reply.status, media_type="application/json")

    return serve


def _created(registry: Registry) -> Callable[[Request], Awaitable[Response]]:
    async def serve(request: Request) -> Response:
        try:
            settings = settings_from(await request.json())
        except (TypeError, ValueError) as error:
            return JSONResponse({"error": repr(error)}, 422)
        administration = registry.create(request.path_params["name"], settings)
        return JSONResponse(_summary(administration), 201)

    return serve


def _listed(registry: Registry) -> Callable[[Request], Awaitable[Response]]:
    async def serve(_request: Request) -> Response:
        return JSONResponse([_summary(each) for each in registry.administrations.values()])

    return serve


def _ledger_removed(registry: Registry) -> Callable[[Request], Awaitable[Response]]:
    async def serve(request: Request) -> Response:
        administration = registry.administrations[request.path_params["name"]]
        ledger = administration.ledger_by_number(request.path_params["number"])
        if ledger is None:
            return JSONResponse({"error": "No ledger has this number."}, 404)
        administration.ledgers.remove(ledger["id"])
        return Response(status_code=204)

    return serve


def _token_refusal(registry: Registry) -> Callable[[Request], Awaitable[Response]]:
    async def serve(request: Request) -> Response:
        registry.token_refused_status = (await request.json())["status"]
        return Response(status_code=204)

    return serve


def _summary(administration: Administration) -> dict[str, Any]:
    return {
        "name": administration.name,
        "identifier": str(administration.identifier),
        "relations": len(administration.relations),
        "bookings": len(administration.bookings),
    }


def _change(administration: Administration, content: Any) -> Reply:
    administration.change(changed(administration.settings, content))
    return Reply(200, _summary(administration))


def _put_ledgers(administration: Administration, content: Any) -> Reply:
    administration.put_ledgers(_many(content))
    return Reply(200, {"ledgers": len(administration.ledgers)})


def _revoke(registry: Registry, administration: Administration) -> Reply:
    registry.tokens.revoke(administration.name)
    return Reply(204)


def _many(content: Any) -> list[Any]:
    return content if isinstance(content, list) else [content]


def _rows(rows: Any) -> Reply:
    return Reply(payload=list(rows))
