"""What every answer of the console says about itself, and how actions are written to the log."""

from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

import structlog
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from console.domain.audit import AuditOutcome
from console.handlers.audit import AuditDesk
from sconnect.errors import TransientError

log = structlog.get_logger(__name__)

ACTION_NUMBER = "action_number"
ACTION_MADE = "action_made"
HTTPS_REMEMBERED_SECONDS = 180 * 24 * 3600

# Nothing is loaded from elsewhere, nothing inline runs, nobody frames us.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "Content-Security-Policy": CONTENT_SECURITY_POLICY,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        # Order numbers stand in our addresses.
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    }
)


class SafeAnswers:
    """Adds the security headers to every answer, and says that none may be kept unless it says otherwise."""

    def __init__(self, app: ASGIApp, *, over_https: bool) -> None:
        self._app = app
        self._headers = dict(_HEADERS)
        if over_https:
            self._headers["Strict-Transport-Security"] = f"max-age={HTTPS_REMEMBERED_SECONDS}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("Cache-Control", "no-store")
                headers.update(self._headers)
            await send(message)

        await self._app(scope, receive, send_with_headers)


class ActionOutcomes:
    """Writes down how an action ended that `access` has written down as started."""

    def __init__(self, app: ASGIApp, *, audit: AuditDesk) -> None:
        self._app = app
        self._audit = audit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        state = scope.setdefault("state", {})

        async def send_after_writing(message: Message) -> None:
            if message["type"] == "http.response.start":
                await self._end(state, message["status"])
            await send(message)

        try:
            await self._app(scope, receive, send_after_writing)
        finally:
            await self._end(state, HTTPStatus.INTERNAL_SERVER_ERROR.value)

    async def _end(self, state: dict[str, Any], status: int) -> None:
        number = state.pop(ACTION_NUMBER, None)
        if number is None:
            return
        try:
            await self._audit.end(number, _outcome(status), state.pop(ACTION_MADE, None))
        except TransientError as error:
            log.warning("outcome_of_action_not_written", action=number, cause=error.reason.text_key)


def _outcome(status: int) -> AuditOutcome:
    if status < HTTPStatus.BAD_REQUEST:
        return AuditOutcome.DONE
    return AuditOutcome.REFUSED if status < HTTPStatus.INTERNAL_SERVER_ERROR else AuditOutcome.FAILED
