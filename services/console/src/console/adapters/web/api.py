"""The app that answers the command, and later the pages."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Depends, FastAPI
from fastapi.responses import JSONResponse
from pydantic import SecretStr

from console.adapters.web.access import signed_in
from console.adapters.web.link_routes import link_routes
from console.adapters.web.problems import PROBLEM_RESPONSES, answer_with_problems
from console.adapters.web.routes import (
    import_routes,
    letter_routes,
    order_routes,
    profile_routes,
    status_routes,
)
from console.handlers.imports import ImportDesk
from console.handlers.letters import DeadLetterDesk
from console.handlers.links import LinkDesk
from console.handlers.orders import OrderDesk
from console.handlers.previews import PreviewDesk
from console.handlers.profiles import ProfileDesk
from console.handlers.status import StatusDesk

# Many times the longest profile.
BODY_BYTES_MAX = 1024 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class Desks:
    profiles: ProfileDesk
    imports: ImportDesk
    previews: PreviewDesk
    orders: OrderDesk
    letters: DeadLetterDesk
    links: LinkDesk
    status: StatusDesk


def create_api(desks: Desks, *, token: SecretStr, language: str) -> FastAPI:
    """The JSON API under /api; every route asks for the bearer token, the description of itself too."""
    app = FastAPI(
        title="sconnect",
        version="1",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        max_body_size=BODY_BYTES_MAX,
    )
    app.state.token = token
    app.state.language = language
    api = APIRouter(prefix="/api", dependencies=[Depends(signed_in)], responses=PROBLEM_RESPONSES)
    for router in (
        status_routes(desks.status),
        profile_routes(desks.profiles),
        import_routes(desks.imports),
        order_routes(desks.orders),
        letter_routes(desks.letters),
        link_routes(desks.links),
    ):
        api.include_router(router)
    api.add_api_route("/openapi.json", _description(app), include_in_schema=False)
    app.include_router(api)
    answer_with_problems(app)
    return app


def _description(app: FastAPI) -> Callable[[], Awaitable[JSONResponse]]:
    async def describe() -> JSONResponse:
        description: dict[str, Any] = app.openapi()
        return JSONResponse(description)

    return describe
