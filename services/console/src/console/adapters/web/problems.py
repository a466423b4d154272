"""Every refusal as RFC 9457 problem JSON with one sentence, in the reader's language."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from console.adapters.web.access import NotAllowed, NotFromOurForm, NotSignedIn, requested_language
from console.adapters.web.document import Document
from console.adapters.web.sentences import error_sentence, finding_sentence
from console.domain.refusals import NotKnown, NotNow, NotSensible, Refused
from console.handlers.profiles import ProfileRefused
from sconnect.errors import TransientError
from sconnect.profiles import ProfileConflict, ProfileProblems
from sconnect.texts import render

MEDIA_TYPE = "application/problem+json"


class FieldProblem(Document):
    field: str
    text: str


class Problem(Document):
    """`type` is stable, `detail` is one sentence for a person, `problems` tells it per field."""

    type: str
    title: str
    status: int
    detail: str
    problems: tuple[FieldProblem, ...] = ()


PROBLEM_RESPONSES: dict[int | str, dict[str, Any]] = {
    "4XX": {"model": Problem, "content": {MEDIA_TYPE: {}}},
    "5XX": {"model": Problem, "content": {MEDIA_TYPE: {}}},
}


def answer_with_problems(app: FastAPI) -> None:
    """Teach the app what to answer when something is refused, wrong or away."""
    _answer_at_the_door(app)
    _answer_refusals(app)
    _answer_malformed_requests(app)


def _answer_at_the_door(app: FastAPI) -> None:
    @app.exception_handler(NotSignedIn)
    async def not_signed_in(request: Request, _error: NotSignedIn) -> JSONResponse:
        answer = await _problem(request, HTTPStatus.UNAUTHORIZED, "not_signed_in")
        answer.headers["WWW-Authenticate"] = "Bearer"
        return answer

    @app.exception_handler(NotAllowed)
    async def not_allowed(request: Request, _error: NotAllowed) -> JSONResponse:
        return await _problem(request, HTTPStatus.FORBIDDEN, "not_allowed")

    @app.exception_handler(NotFromOurForm)
    async def not_from_our_form(request: Request, _error: NotFromOurForm) -> JSONResponse:
        return await _problem(request, HTTPStatus.FORBIDDEN, "not_from_our_form")


def _answer_refusals(app: FastAPI) -> None:
    @app.exception_handler(Refused)
    async def refused(request: Request, error: Refused) -> JSONResponse:
        return await _problem(request, _STATUS_OF_REFUSAL[type(error)], error.key, error.details)

    @app.exception_handler(ProfileProblems)
    async def profile_problems(request: Request, error: ProfileProblems) -> JSONResponse:
        language = await requested_language(request)
        problems = [
            FieldProblem(field=problem.field, text=problem.sentence(language)) for problem in error.problems
        ]
        conflict = isinstance(error, ProfileConflict)
        status = HTTPStatus.CONFLICT if conflict else HTTPStatus.UNPROCESSABLE_ENTITY
        return await _problem(request, status, "profile_refused", problems=problems)

    @app.exception_handler(ProfileRefused)
    async def profile_refused(request: Request, error: ProfileRefused) -> JSONResponse:
        language = await requested_language(request)
        problems = [
            FieldProblem(field=finding.field, text=finding_sentence(finding, language))
            for finding in error.findings
        ]
        return await _problem(request, HTTPStatus.UNPROCESSABLE_ENTITY, "profile_refused", problems=problems)

    @app.exception_handler(TransientError)
    async def away(request: Request, error: TransientError) -> JSONResponse:
        language = await requested_language(request)
        cause = error_sentence(error.reason, language)
        key = f"away.{error.reason.variant}"
        return await _problem(request, HTTPStatus.SERVICE_UNAVAILABLE, key, {"cause": cause})


def _answer_malformed_requests(app: FastAPI) -> None:
    @app.exception_handler(RequestValidationError)
    async def malformed(request: Request, error: RequestValidationError) -> JSONResponse:
        # Without the values given: they may be secrets.
        fields = sorted({".".join(str(part) for part in item["loc"]) for item in error.errors()})
        details = {"fields": ", ".join(fields)}
        return await _problem(request, HTTPStatus.UNPROCESSABLE_ENTITY, "request_malformed", details)

    @app.exception_handler(HTTPException)
    async def http_error(request: Request, error: HTTPException) -> JSONResponse:
        unknown = error.status_code in (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED)
        key = "no_such_address" if unknown else "request_malformed"
        answer = await _problem(request, HTTPStatus(error.status_code), key, {"fields": str(error.detail)})
        answer.headers.update(error.headers or {})
        return answer

    @app.exception_handler(Exception)
    async def unexpected(request: Request, _error: Exception) -> JSONResponse:
        return await _problem(request, HTTPStatus.INTERNAL_SERVER_ERROR, "unexpected")


_STATUS_OF_REFUSAL = {
    NotKnown: HTTPStatus.NOT_FOUND,
    NotNow: HTTPStatus.CONFLICT,
    NotSensible: HTTPStatus.UNPROCESSABLE_ENTITY,
}


async def _problem(
    request: Request,
    status: HTTPStatus,
    key: str,
    details: dict[str, str] | None = None,
    *,
    problems: Sequence[FieldProblem] = (),
) -> JSONResponse:
    sentence = render(f"command.{key}", details or {}, await requested_language(request))
    problem = Problem(
        type=f"urn:sconnect:problem:{key}",
        title=status.phrase,
        status=status.value,
        detail=sentence,
        problems=tuple(problems),
    )
    return JSONResponse(problem.model_dump(), status_code=status.value, media_type=MEDIA_TYPE)
