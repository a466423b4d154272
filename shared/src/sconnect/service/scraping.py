"""`/metrics`, for Prometheus: on a service's health address, behind a token where others can reach it."""

import secrets

from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from sconnect.metrics import CONTENT_TYPE, exposition, readiness_told
from sconnect.service.health import HealthState


def metrics_route(state: HealthState, token: SecretStr | None) -> Route:
    """With a token, whoever does not show it gets a 401 (`Authorization: Bearer TOKEN`)."""

    async def metrics(request: Request) -> Response:
        if token is not None and not _shows(request, token):
            return PlainTextResponse(
                "A token is needed.\n", status_code=401, headers={"WWW-Authenticate": "Bearer"}
            )
        readiness_told(frozenset(await state.problems()))
        return Response(exposition(), media_type=CONTENT_TYPE)

    return Route("/metrics", metrics)


def _shows(request: Request, token: SecretStr) -> bool:
    shown = request.headers.get("authorization", "")
    return secrets.compare_digest(shown.encode(), f"Bearer {token.get_secret_value()}".encode())
