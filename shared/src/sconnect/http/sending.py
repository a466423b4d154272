"""One HTTP call with a deadline; what went wrong tells whether a write may have been carried out."""

import asyncio
import time
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from types import MappingProxyType
from typing import Final

import httpx

from sconnect.calls import note_call
from sconnect.errors import (
    MisconfiguredError,
    RateLimited,
    Reason,
    ReasonCode,
    SConnectError,
    UpstreamUnavailable,
)
from sconnect.metrics import CallOutcome, Vendor, api_called
from sconnect.tracing import calling

RESPONSE_BYTES_MAX = 32 * 1024 * 1024

# The request had not begun to leave: whatever it asked for was not done.
_NOTHING_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)

_OUTCOMES: Final[Mapping[str, CallOutcome]] = MappingProxyType(
    {
        "no_connection": "no_connection",
        "timeout": "timeout",
        "connection_lost": "connection_lost",
        "answer_too_large": "answer_too_large",
    }
)

# The body is read decoded and whole: these headers would describe it wrongly.
_HEADERS_OF_THE_TRANSFER = ("content-encoding", "content-length", "transfer-encoding")


async def send(
    client: httpx.AsyncClient,
    request: httpx.Request,
    *,
    vendor: Vendor,
    total_timeout_seconds: float,
    is_write: bool,
    response_bytes_max: int = RESPONSE_BYTES_MAX,
) -> httpx.Response:
    """The complete answer, whatever its status below 500 but 408 and 429; counted as a call to `vendor`.

    Raises UpstreamUnavailable (no connection, time-out, cut connection, 408, 5xx, too large an answer), with
    `outcome_unknown` when it was a write that may have been carried out; RateLimited for a 429;
    MisconfiguredError when the request itself cannot be put on the wire.
    No error is chained to httpx's own: that one holds the request, whose URL and headers carry secrets.
    """
    started_at = time.monotonic()
    outcome: CallOutcome = "cut_off"
    status: int | None = None
    with calling(vendor, request) as step:
        try:
            response = await _send(
                client, request, total_timeout_seconds, response_bytes_max, is_write=is_write
            )
            outcome, status = ("success" if response.is_success else "refused"), response.status_code
        except SConnectError as error:
            outcome, status = _outcome_of(error), _status_of(error)
            raise
        finally:
            seconds = time.monotonic() - started_at
            api_called(vendor, outcome, seconds)
            note_call(vendor, request.method, request.url.path, outcome, status=status, seconds=seconds)
            step.note(sconnect__outcome=outcome)
            if status is not None:
                step.note(http__response__status_code=status)
    return response


async def _send(
    client: httpx.AsyncClient,
    request: httpx.Request,
    total_timeout_seconds: float,
    response_bytes_max: int,
    *,
    is_write: bool,
) -> httpx.Response:
    host = request.url.host
    try:
        async with asyncio.timeout(total_timeout_seconds):
            response = await _read(client, request, response_bytes_max)
    except _NOTHING_SENT as error:
        raise _unavailable("no_connection", host, error=type(error).__name__) from None
    except httpx.LocalProtocolError:
        reason = Reason(code=ReasonCode.PROFILE_PAUSED, variant="unsendable", details={"host": host})
        raise MisconfiguredError(reason) from None
    except (TimeoutError, httpx.TimeoutException) as error:
        raise _unavailable("timeout", host, outcome_unknown=is_write, error=type(error).__name__) from None
    except httpx.RequestError as error:
        raise _unavailable(
            "connection_lost", host, outcome_unknown=is_write, error=type(error).__name__
        ) from None
    if response is None:
        raise _unavailable(
            "answer_too_large", host, outcome_unknown=is_write, size_max=str(response_bytes_max)
        )
    _raise_for_trouble(response, host, is_write=is_write)
    return response


def _outcome_of(error: SConnectError) -> CallOutcome:
    match error:
        case RateLimited():
            return "rate_limited"
        case UpstreamUnavailable():
            return _OUTCOMES.get(error.reason.variant or "", "server_error")
    return "not_sent"


def _status_of(error: SConnectError) -> int | None:
    """The status of the answer that was turned into an error; None when none came."""
    match error:
        case RateLimited():
            return httpx.codes.TOO_MANY_REQUESTS
        case UpstreamUnavailable() if "status" in error.reason.details:
            return int(error.reason.details["status"])
    return None


async def _read(client: httpx.AsyncClient, request: httpx.Request, bytes_max: int) -> httpx.Response | None:
    response = await client.send(request, stream=True)
    try:
        body = bytearray()
        async for part in response.aiter_bytes():
            body += part
            if len(body) > bytes_max:
                return None
    finally:
        await response.aclose()
    headers = httpx.Headers(response.headers)
    for name in _HEADERS_OF_THE_TRANSFER:
        headers.pop(name, None)
    return httpx.Response(response.status_code, headers=headers, content=bytes(body))


def _raise_for_trouble(response: httpx.Response, host: str, *, is_write: bool) -> None:
    wait = retry_after_seconds(response.headers)
    if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
        reason = Reason(code=ReasonCode.UPSTREAM_UNAVAILABLE, variant="rate_limited", details={"host": host})
        raise RateLimited(reason, retry_after_seconds=wait)
    if response.is_server_error or response.status_code == httpx.codes.REQUEST_TIMEOUT:
        raise _unavailable(
            "status",
            host,
            outcome_unknown=is_write,
            retry_after_seconds=wait,
            status=str(response.status_code),
        )


def _unavailable(
    variant: str,
    host: str,
    *,
    outcome_unknown: bool = False,
    retry_after_seconds: float | None = None,
    **details: str,
) -> UpstreamUnavailable:
    return UpstreamUnavailable(
        Reason(code=ReasonCode.UPSTREAM_UNAVAILABLE, variant=variant, details={"host": host, **details}),
        retry_after_seconds=retry_after_seconds,
        outcome_unknown=outcome_unknown,
    )


def retry_after_seconds(headers: httpx.Headers) -> float | None:
    """The wait that an answer asks for, in seconds; None when it names none that can be read.

    A moment is measured from the answer's own Date, so that our clock may differ from the server's.
    """
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    until, since = _http_date(text), _http_date(headers.get("date", ""))
    if until is None or since is None:
        return None
    return max((until - since).total_seconds(), 0.0)


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
