"""Refusals and the two error bodies of the API."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final, Literal, TypeAlias

from starlette.responses import JSONResponse, Response

ErrorBody: TypeAlias = Literal["problem", "legacy"]

# MyOnlineStore api-tools: the default `type` of a problem.
PROBLEM_TYPE: Final = "http://www.w3.org/Protocols/rfc2616/rfc2616-sec10.html"


class Refusal(Exception):
    """The call is answered with an error status; `errors` names the fields at fault."""

    def __init__(self, status: int, detail: str, errors: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = dict(errors or {})


def refusal_response(refusal: Refusal, form: ErrorBody) -> Response:
    """Answer with problem details (RFC 7807, served as plain JSON) or with the older `Error` schema."""
    title = HTTPStatus(refusal.status).phrase
    if form == "legacy":
        body = {"code": refusal.status, "message": title, "description": refusal.detail}
        return JSONResponse(body, refusal.status)
    problem = {"type": PROBLEM_TYPE, "title": title, "status": refusal.status, "detail": refusal.detail}
    return JSONResponse({**problem, "errors": refusal.errors} if refusal.errors else problem, refusal.status)
