"""The app that answers the command and the browser."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Depends, FastAPI
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from console.adapters.web.access import Doors, signed_in
from console.adapters.web.desks import Desks
from console.adapters.web.headers import ActionOutcomes, SafeAnswers
from console.adapters.web.ledger_routes import ledger_routes
from console.adapters.web.letter_job_routes import letter_job_routes
from console.adapters.web.link_routes import link_routes
from console.adapters.web.notice_routes import notice_routes
from console.adapters.web.pages import create_pages
from console.adapters.web.people_routes import people_routes
from console.adapters.web.preview_routes import preview_routes
from console.adapters.web.privacy_routes import privacy_routes
from console.adapters.web.problems import PROBLEM_RESPONSES, answer_with_problems
from console.adapters.web.profile_change_routes import profile_change_routes, profile_history_routes
from console.adapters.web.profile_removal_routes import profile_removal_routes
from console.adapters.web.routes import (
    import_routes,
    letter_routes,
    order_routes,
    profile_routes,
    status_routes,
)

# Many times the longest profile.
BODY_BYTES_MAX = 1024 * 1024
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]


def create_web(desks: Desks, doors: Doors) -> FastAPI:
    """The JSON API under /api, and everywhere else the pages.

    Every route of the API asks for the bearer token or a session, the description of itself too.
    """
    app = FastAPI(
        title="sconnect",
        version="1",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        max_body_size=BODY_BYTES_MAX,
    )
    app.state.doors = doors
    app.add_middleware(ActionOutcomes, audit=doors.audit)
    app.add_middleware(SafeAnswers, over_https=doors.cookies.over_https)
    app.include_router(_api(desks, app))
    app.add_api_route("/api/{rest:path}", _no_such_address, methods=METHODS, include_in_schema=False)
    app.mount("", create_pages(desks, doors, body_bytes_max=BODY_BYTES_MAX))
    answer_with_problems(app)
    return app


def _api(desks: Desks, app: FastAPI) -> APIRouter:
    api = APIRouter(prefix="/api", dependencies=[Depends(signed_in)], responses=PROBLEM_RESPONSES)
    for router in (
        status_routes(desks.status),
        profile_routes(desks.profiles),
        profile_change_routes(desks.profiles, desks.connections),
        profile_history_routes(desks.history),
        ledger_routes(desks.assistant),
        profile_removal_routes(desks.removal),
        import_routes(desks.imports),
        preview_routes(desks.previews),
        order_routes(desks.orders),
        letter_routes(desks.letters),
        letter_job_routes(desks.letter_jobs),
        people_routes(desks.people),
        link_routes(desks.links),
        notice_routes(desks.notices),
        privacy_routes(desks.privacy),
    ):
        api.include_router(router)
    api.add_api_route("/openapi.json", _description(app), include_in_schema=False)
    return api


async def _no_such_address(rest: str) -> None:
    raise HTTPException(HTTPStatus.NOT_FOUND, rest)


def _description(app: FastAPI) -> Callable[[], Awaitable[JSONResponse]]:
    async def describe() -> JSONResponse:
        description: dict[str, Any] = app.openapi()
        return JSONResponse(description)

    return describe
