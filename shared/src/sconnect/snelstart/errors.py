"""Every shape in which SnelStart refuses something, read into one."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from sconnect.errors import (
    MisconfiguredError,
    RateLimited,
    Reason,
    ReasonCode,
    RejectedError,
    SConnectError,
)

MESSAGE_LENGTH_MAX = 300

# "BOE-0021"; the published list is incomplete, so any code of this form counts.
_CODE = re.compile(r"\b[A-Z]{3}-[0-9]{4}\b")
_SECONDS_IN_TEXT = re.compile(r"\b([0-9]{1,6}) seconds?\b")


@dataclass(frozen=True, slots=True)
class VendorProblem:
    """One complaint: SnelStart's code when it gave one, its text, and the ledger or field that it names."""

    code: str | None
    message: str
    field: str | None = None


class SnelstartRefused(RejectedError):
    """SnelStart understood a request and refused it; `problems` holds at least one entry."""

    def __init__(self, problems: tuple[VendorProblem, ...]) -> None:
        first = problems[0]
        details = {"code": first.code or "-", "message": first.message, "field": first.field or "-"}
        super().__init__(Reason(code=ReasonCode.REFUSED_BY_SNELSTART, details=details))
        self.problems = problems

    @property
    def codes(self) -> frozenset[str]:
        return frozenset(problem.code for problem in self.problems if problem.code)


class SnelstartNotFound(SnelstartRefused):
    """A 404: no such thing in this administration (or no such address at all)."""


def refusal(response: httpx.Response) -> SConnectError:
    """The error for an answer of status 400 or more that is neither 429 nor 5xx."""
    problems = read_problems(response.text, response.status_code)
    if response.status_code == httpx.codes.UNAUTHORIZED:
        return _unauthorized(problems)
    if response.status_code == httpx.codes.FORBIDDEN:
        return _forbidden(problems)
    if response.status_code == httpx.codes.NOT_FOUND:
        return SnelstartNotFound(problems)
    return SnelstartRefused(problems)


def paused(variant: str, **details: str) -> MisconfiguredError:
    return MisconfiguredError(Reason(code=ReasonCode.PROFILE_PAUSED, variant=variant, details=details))


def _unauthorized(problems: tuple[VendorProblem, ...]) -> MisconfiguredError:
    # The gateway's own 401 is about the software maker's key, not about the customer's.
    if any("subscription key" in problem.message.lower() for problem in problems):
        return paused("subscription_key")
    return paused("token_refused")


def _forbidden(problems: tuple[VendorProblem, ...]) -> SConnectError:
    message = problems[0].message
    if "quota" in message.lower():  # Azure API Management answers 403 for a used-up call volume
        seconds = _SECONDS_IN_TEXT.search(message)
        reason = Reason(code=ReasonCode.UPSTREAM_UNAVAILABLE, variant="quota")
        return RateLimited(reason, retry_after_seconds=float(seconds[1]) if seconds else None)
    _, named, scopes = message.partition("required scopes for this operation are:")
    if named:
        return paused("scope", scopes=scopes.strip())
    return paused("forbidden", message=message)


def read_problems(text: str, status: int) -> tuple[VendorProblem, ...]:
    """All complaints in an error body, whatever its shape: never empty, never an exception."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        content = text
    problems = tuple(_problems(content))
    return problems or (VendorProblem(code=None, message=f"HTTP {status}"),)


def _problems(content: Any) -> Iterator[VendorProblem]:
    if isinstance(content, list):
        for entry in content:
            # Seen live: one list inside the list at most, so the depth is bounded by what is read here.
            yield from () if isinstance(entry, list) else _problems(entry)
    elif isinstance(content, str):
        yield from _problems_in_text(content)
    elif isinstance(content, Mapping):
        yield from _problems_in_object({str(name).lower(): value for name, value in content.items()})


def _problems_in_text(text: str) -> Iterator[VendorProblem]:
    if text.strip():
        code = _CODE.search(text)
        yield VendorProblem(code=code[0] if code else None, message=_shortened(text))


def _problems_in_object(content: Mapping[str, Any]) -> Iterator[VendorProblem]:
    message = str(content.get("message") or content.get("error") or content.get("title") or "")
    model_state = content.get("modelstate")
    if isinstance(model_state, Mapping) and model_state:
        yield from _problems_of_fields(model_state, message)
        return
    code = content.get("errorcode") or next(iter(_CODE.findall(message)), None)
    details = content.get("details")
    if code or message:
        yield VendorProblem(
            code=str(code) if code else None,
            message=_shortened(message or str(code)),
            field=_shortened(str(details)) if details else None,
        )


def _problems_of_fields(model_state: Mapping[str, Any], message: str) -> Iterator[VendorProblem]:
    for field, complaints in model_state.items():
        for complaint in complaints if isinstance(complaints, list) else [complaints]:
            text = str(complaint) or message
            code = _CODE.search(text)
            yield VendorProblem(code=code[0] if code else None, message=_shortened(text), field=str(field))


def _shortened(text: str) -> str:
    return " ".join(text.split())[:MESSAGE_LENGTH_MAX]
