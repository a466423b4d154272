"""The application: the gateway in front of the endpoints, the token endpoint, the control door."""

import asyncio
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulators.clock import Clock
from simulators.faults import ControlDoor
from simulators.snelstart.control import control_routes
from simulators.snelstart.endpoints import Call, Endpoint, endpoints
from simulators.snelstart.refusals import RefusedError, gateway
from simulators.snelstart.registry import Registry
from simulators.snelstart.tokens import TOKEN_LIFETIME_SECONDS, Grant
from simulators.snelstart.wire import Reply


def create_app(clock: Clock) -> Starlette:
    """Build the simulator: `POST /b2b/token`, `/v2/…`, and the control door under `/_control`."""
    registry = Registry(clock)
    door = ControlDoor(clock=clock, reset=registry.clear, tenant_of=registry.tenant_of)
    api = [Route(f"/v2{each.path}", _api_call(registry, each), methods=[each.method]) for each in endpoints()]
    app = Starlette(
        routes=[
            *door.routes(),
            *control_routes(registry),
            Route("/b2b/token", _token_call(registry), methods=["POST"]),
            *api,
        ],
        middleware=[door.middleware()],
        exception_handlers={404: _no_such_operation, 405: _no_such_operation},
    )
    app.router.redirect_slashes = False
    return app


def _api_call(registry: Registry, endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
    async def serve(request: Request) -> Response:
        body = await request.body()
        try:
            administration, grant = registry.admit(request)
            request.state.tenant = administration.name
            call = Call(administration, request.path_params, request.query_params, body)
            return _response(await _within_limits(endpoint, grant, call))
        except RefusedError as refusal:
            return _response(refusal.reply)

    return serve


async def _within_limits(endpoint: Endpoint, grant: Grant, call: Call) -> Reply:
    settings = call.administration.settings
    with call.administration.limiter.call(settings.options.rate_limit_answer):
        if settings.latency_seconds:
            await asyncio.sleep(settings.latency_seconds)
        if not grant.scopes.issuperset(endpoint.scopes):
            required = ", ".join(endpoint.scopes)
            text = f"insufficient access rights. required scopes for this operation are: {required}"
            raise RefusedError(Reply(403, {"error": text}))
        return endpoint.handle(call)


def _token_call(registry: Registry) -> Callable[[Request], Awaitable[Response]]:
    async def serve(request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        try:
            administration, token = registry.grant_token(form)
        except RefusedError as refusal:
            return _response(refusal.reply)
        request.state.tenant = administration.name
        granted = {"access_token": token, "token_type": "bearer", "expires_in": TOKEN_LIFETIME_SECONDS}
        return _response(Reply(payload=granted))

    return serve


async def _no_such_operation(_request: Request, _error: Exception) -> Response:
    # The gateway does not tell a wrong method from a wrong path.
    return _response(gateway(404, "Resource not found").reply)


def _response(reply: Reply) -> Response:
    content_type = "application/json; charset=utf-8" if reply.payload is not None else None
    return Response(reply.body, reply.status, reply.headers, content_type)
