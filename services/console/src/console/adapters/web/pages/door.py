"""The door of the pages: who may see a page, and which requests may change something."""

import secrets
from typing import Annotated

from fastapi import Depends, Request, Response

from console.adapters.web.access import READING_METHODS, Doors, Visitor, require_proof
from console.adapters.web.pages.frame import CHANGE_PASSWORD, SIGN_OUT
from console.domain.people import Permission

VISIT_BYTES = 32
PROOF_FIELD = "proof"
OPEN_BEFORE_A_NEW_PASSWORD = frozenset({CHANGE_PASSWORD, SIGN_OUT})


class PasswordMustChange(Exception):
    """Nothing else opens before the visitor has chosen a password that nobody else knows."""


async def at_the_door(request: Request) -> Visitor:
    """Of every page that is not public: a session, for changes a form of ours, and the role.

    Reading takes any role, changing at least a bookkeeper; a page that needs more says `needs(…)`.
    """
    return await _enter(request, to_change=Permission.WORK)


async def own_affairs(request: Request) -> Visitor:
    """Of what everybody may change: one's own password, one's own session."""
    return await _enter(request, to_change=Permission.READ)


async def asking(request: Request) -> Visitor:
    """Of a form that only asks: what is typed stands in no address, and nothing is written down."""
    return await _enter(request, to_change=None)


async def _enter(request: Request, *, to_change: Permission | None) -> Visitor:
    doors: Doors = request.app.state.doors
    visitor = await doors.visitor(request)
    if request.method not in READING_METHODS:
        require_proof(request, doors.session_token(request), await _given_proof(request))
    must_change = visitor.session is not None and visitor.session.must_change_password
    if must_change and request.url.path not in OPEN_BEFORE_A_NEW_PASSWORD:
        raise PasswordMustChange
    if to_change is None:
        request.state.visitor = visitor
    else:
        await doors.admit(request, visitor, to_change=to_change)
    return visitor


async def before_sign_in(request: Request) -> None:
    """Of a page that anybody may see: its form is bound to a cookie of this visit."""
    doors: Doors = request.app.state.doors
    known = request.cookies.get(doors.cookies.before_sign_in)
    if request.method not in READING_METHODS:
        require_proof(request, known, await _given_proof(request))
    request.state.visit = known or secrets.token_urlsafe(VISIT_BYTES)


def remember_visit(request: Request, response: Response) -> None:
    doors: Doors = request.app.state.doors
    response.set_cookie(
        doors.cookies.before_sign_in,
        request.state.visit,
        httponly=True,
        samesite="lax",
        secure=doors.cookies.over_https,
        path="/",
    )


def client_address(request: Request) -> str:
    return request.client.host if request.client else "?"


async def _given_proof(request: Request) -> str | None:
    given = (await request.form()).get(PROOF_FIELD)
    return given if isinstance(given, str) else None


Entering = Annotated[Visitor, Depends(at_the_door)]
OwnAffairs = Annotated[Visitor, Depends(own_affairs)]
