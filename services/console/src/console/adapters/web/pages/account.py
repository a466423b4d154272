"""Signing in and out, one's own password, and the language."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from console.adapters.web.access import Doors, NotFromOurForm, NotSignedIn, require_proof
from console.adapters.web.pages.door import (
    OwnAffairs,
    before_sign_in,
    client_address,
    remember_visit,
)
from console.adapters.web.pages.frame import (
    CHANGE_PASSWORD,
    LANGUAGE_COOKIE,
    LANGUAGE_REMEMBERED_SECONDS,
    SIGN_IN,
    SIGN_OUT,
    Frame,
    own_path,
)
from console.handlers.access import AccessDesk, OpenedSession, PasswordRefused, SignInRefused
from sconnect.texts import LANGUAGES

# Longer than anybody types; what is longer is cut off before it is hashed.
FIELD_LENGTH_MAX = 1000
Field = Annotated[str, Form(max_length=FIELD_LENGTH_MAX)]


def sign_in_pages(frame: Frame, access: AccessDesk) -> APIRouter:
    """What anybody may see."""
    router = APIRouter(dependencies=[Depends(before_sign_in)])

    @router.get(SIGN_IN)
    async def show_sign_in(request: Request, next: str = "/") -> Response:  # noqa: A002 - the usual name
        if await _is_signed_in(request):
            return RedirectResponse(own_path(next), status_code=HTTPStatus.SEE_OTHER)
        return await form(request, next)

    @router.post(SIGN_IN)
    async def sign_in(
        request: Request,
        name: Field = "",
        password: Field = "",
        next: Field = "/",  # noqa: A002
    ) -> Response:
        try:
            opened = await access.sign_in(name, password, address=client_address(request))
        except SignInRefused as refused:
            return await form(request, next, name=name, refused=refused)
        answer = RedirectResponse(own_path(next), status_code=HTTPStatus.SEE_OTHER)
        _give_session(request, answer, opened)
        return answer

    async def form(
        request: Request, wanted: str, *, name: str = "", refused: SignInRefused | None = None
    ) -> Response:
        page = await frame.page(
            request,
            "sign_in.html",
            status=HTTPStatus.OK if refused is None else HTTPStatus.UNAUTHORIZED,
            next=own_path(wanted),
            name=name,
            refused=refused,
            has_accounts=await access.has_accounts(),
        )
        remember_visit(request, page)
        return page

    return router


def account_pages(frame: Frame, access: AccessDesk) -> APIRouter:
    """What every person may do, whatever the role."""
    router = APIRouter()

    @router.post("/language")
    async def choose_language(
        request: Request, language: Field = "", back: Field = "/", proof: Field = ""
    ) -> Response:
        _require_any_proof(request, proof)
        answer = RedirectResponse(own_path(back), status_code=HTTPStatus.SEE_OTHER)
        if language in LANGUAGES:
            answer.set_cookie(
                LANGUAGE_COOKIE,
                language,
                max_age=LANGUAGE_REMEMBERED_SECONDS,
                httponly=True,
                samesite="lax",
                secure=_doors(request).cookies.over_https,
            )
        return answer

    @router.post(SIGN_OUT)
    async def sign_out(request: Request, _visitor: OwnAffairs) -> Response:
        doors = _doors(request)
        await access.sign_out(doors.session_token(request) or "")
        answer = RedirectResponse(SIGN_IN, status_code=HTTPStatus.SEE_OTHER)
        answer.delete_cookie(doors.cookies.session, path="/", secure=doors.cookies.over_https, httponly=True)
        return answer

    @router.get(CHANGE_PASSWORD)
    async def show_password(request: Request, _visitor: OwnAffairs) -> Response:
        return await frame.page(request, "password.html", refused=None)

    @router.post(CHANGE_PASSWORD)
    async def change_password(
        request: Request, visitor: OwnAffairs, current: Field = "", wanted: Field = "", again: Field = ""
    ) -> Response:
        session = visitor.session
        if session is None:
            raise NotSignedIn
        try:
            opened = await access.change_password(
                session, current=current, wanted=wanted, again=again, address=client_address(request)
            )
        except (PasswordRefused, SignInRefused) as refused:
            status = HTTPStatus.UNPROCESSABLE_ENTITY
            return await frame.page(request, "password.html", status=status, refused=refused)
        answer = RedirectResponse("/", status_code=HTTPStatus.SEE_OTHER)
        _give_session(request, answer, opened)
        return answer

    return router


def _give_session(request: Request, answer: Response, opened: OpenedSession) -> None:
    """Without a lifetime of its own: a browser that is closed forgets it, we forget it sooner."""
    cookies = _doors(request).cookies
    answer.set_cookie(
        cookies.session, opened.token, httponly=True, samesite="lax", secure=cookies.over_https, path="/"
    )
    answer.delete_cookie(cookies.before_sign_in, path="/", secure=cookies.over_https, httponly=True)


async def _is_signed_in(request: Request) -> bool:
    try:
        await _doors(request).visitor(request)
    except NotSignedIn:
        return False
    return True


def _require_any_proof(request: Request, proof: str) -> None:
    """The language is chosen on pages inside and outside."""
    doors = _doors(request)
    outside = request.cookies.get(doors.cookies.before_sign_in)
    try:
        require_proof(request, doors.session_token(request), proof)
    except NotFromOurForm:
        require_proof(request, outside, proof)


def _doors(request: Request) -> Doors:
    doors: Doors = request.app.state.doors
    return doors
