"""What a page answers when something is refused, wrong or away: a page too, with one sentence."""

from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from console.adapters.web.access import Doors, NotAllowed, NotFromOurForm, NotSignedIn
from console.adapters.web.pages.door import PasswordMustChange
from console.adapters.web.pages.frame import CHANGE_PASSWORD, Frame, sign_in_path
from console.adapters.web.sentences import error_sentence
from console.domain.refusals import NotKnown, Refused
from sconnect.errors import TransientError
from sconnect.texts import render


class Mistakes:
    """Builds the page of a mistake for whoever is there."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame

    async def page(
        self, request: Request, status: HTTPStatus, key: str, details: dict[str, str] | None = None
    ) -> Response:
        """The sentence is `command.<key>`, as the API would answer it."""
        await self._recognise(request)
        sentence = render(f"command.{key}", details or {}, self._frame.language(request))
        return await self._frame.page(
            request,
            "mistake.html",
            status=status,
            sentence=sentence,
            is_unknown=status == HTTPStatus.NOT_FOUND,
        )

    async def _recognise(self, request: Request) -> None:
        """An address that no page has: nobody stood at its door."""
        if getattr(request.state, "visitor", None) is not None:
            return
        doors: Doors = request.app.state.doors
        try:
            request.state.visitor = await doors.visitor(request)
        except (NotSignedIn, TransientError):
            request.state.visitor = None


def answer_with_pages(app: FastAPI, frame: Frame) -> None:
    mistakes = Mistakes(frame)
    _answer_at_the_door(app, mistakes)
    _answer_refusals(app, mistakes, frame)


def _answer_at_the_door(app: FastAPI, mistakes: Mistakes) -> None:
    @app.exception_handler(NotSignedIn)
    async def not_signed_in(request: Request, _error: NotSignedIn) -> Response:
        return RedirectResponse(sign_in_path(request), status_code=HTTPStatus.SEE_OTHER)

    @app.exception_handler(PasswordMustChange)
    async def password_must_change(_request: Request, _error: PasswordMustChange) -> Response:
        return RedirectResponse(CHANGE_PASSWORD, status_code=HTTPStatus.SEE_OTHER)

    @app.exception_handler(NotAllowed)
    async def not_allowed(request: Request, _error: NotAllowed) -> Response:
        return await mistakes.page(request, HTTPStatus.FORBIDDEN, "not_allowed")

    @app.exception_handler(NotFromOurForm)
    async def not_from_our_form(request: Request, _error: NotFromOurForm) -> Response:
        return await mistakes.page(request, HTTPStatus.FORBIDDEN, "not_from_our_form")


def _answer_refusals(app: FastAPI, mistakes: Mistakes, frame: Frame) -> None:
    @app.exception_handler(Refused)
    async def refused(request: Request, error: Refused) -> Response:
        status = HTTPStatus.NOT_FOUND if isinstance(error, NotKnown) else HTTPStatus.CONFLICT
        return await mistakes.page(request, status, error.key, dict(error.details))

    @app.exception_handler(TransientError)
    async def away(request: Request, error: TransientError) -> Response:
        reason = error.reason
        cause = error_sentence(reason, frame.language(request))
        status = HTTPStatus.SERVICE_UNAVAILABLE
        return await mistakes.page(request, status, f"away.{reason.variant}", {"cause": cause})

    @app.exception_handler(RequestValidationError)
    async def malformed(request: Request, error: RequestValidationError) -> Response:
        # Without the values given: they may be secrets.
        fields = sorted({str(item["loc"][-1]) for item in error.errors()})
        details = {"fields": ", ".join(fields)}
        return await mistakes.page(request, HTTPStatus.UNPROCESSABLE_ENTITY, "request_malformed", details)

    @app.exception_handler(HTTPException)
    async def http_error(request: Request, error: HTTPException) -> Response:
        unknown = error.status_code in (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED)
        key = "no_such_address" if unknown else "request_malformed"
        return await mistakes.page(request, HTTPStatus(error.status_code), key, {"fields": str(error.detail)})

    @app.exception_handler(Exception)
    async def unexpected(request: Request, _error: Exception) -> Response:
        return await mistakes.page(request, HTTPStatus.INTERNAL_SERVER_ERROR, "unexpected")
