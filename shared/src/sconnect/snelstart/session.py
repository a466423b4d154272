"""Calls to one administration: the token by koppelsleutel, JSON in and out, lists page by page."""

import asyncio
import base64
import binascii
import json
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
from sqlalchemy.ext.asyncio import AsyncEngine

from sconnect.allowance import LIMITS, AllowanceStore, CallAllowance, CallAllowances, Unlimited
from sconnect.clock import Clock
from sconnect.errors import RateLimited, Reason, ReasonCode, UpstreamUnavailable
from sconnect.http import send
from sconnect.ids import deterministic_id
from sconnect.profiles import BookkeepingSettings, StoredProfile
from sconnect.snelstart.errors import paused, refusal

TOTAL_TIMEOUT_SECONDS = 20.0
TOKEN_RENEWED_EARLY_SECONDS = 60
# SnelStart's own default life of a token, for an answer that does not state it.
TOKEN_LIFE_SECONDS = 3599
PAGE_SIZE_MAX = 500
SESSIONS_MAX = 1000
# Scopes look like "orders:read"; how several are separated is not documented.
_WORDS = re.compile(r"[\w:.-]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Credentials:
    """Where SnelStart is, and two keys: the software maker's, and the one that selects the administration."""

    token_url: str
    api_url: str
    subscription_key: str = field(repr=False)
    connection_key: str = field(repr=False)

    @classmethod
    def of(cls, settings: BookkeepingSettings) -> "Credentials":
        """Those that a profile holds."""
        return cls(
            token_url=settings.token_url,
            api_url=settings.api_url,
            subscription_key=settings.subscription_key.get_secret_value(),
            connection_key=settings.connection_key.get_secret_value(),
        )


@dataclass(frozen=True, slots=True)
class _Token:
    value: str = field(repr=False)
    renew_at: datetime


class SnelstartSession:
    """The B2B API as one administration sees it; amounts arrive as Decimal, never as float.

    Every call may raise UpstreamUnavailable, RateLimited, MisconfiguredError (keys, scopes),
    SnelstartRefused or SnelstartNotFound. Each is one of the administration's allowance; logins are not
    (SnelStart counts the calls of an administration, and a login is made at another host).
    """

    def __init__(
        self,
        client: httpx.AsyncClient,
        clock: Clock,
        credentials: Credentials,
        *,
        allowance: CallAllowance | None = None,
        total_timeout_seconds: float = TOTAL_TIMEOUT_SECONDS,
    ) -> None:
        self.total_timeout_seconds = total_timeout_seconds
        self._allowance = allowance or Unlimited()
        self._client = client
        self._clock = clock
        self._credentials = credentials
        self._token: _Token | None = None
        self._renewal = asyncio.Lock()

    async def get(self, path: str, *, parameters: Mapping[str, str] | None = None) -> Any:
        return await self._call("GET", path, parameters=parameters)

    async def post(self, path: str, content: Mapping[str, Any]) -> Any:
        """The created thing as SnelStart answers it; amounts in `content` are texts."""
        return await self._call("POST", path, content=content)

    async def put(self, path: str, content: Mapping[str, Any]) -> Any:
        """Replace the whole thing: what `content` leaves out is erased."""
        return await self._call("PUT", path, content=content)

    async def pages(
        self,
        path: str,
        *,
        filter: str | None = None,  # noqa: A002 - the vendor's word
        page_size: int = PAGE_SIZE_MAX,
    ) -> AsyncIterator[list[dict[str, Any]]]:
        """The rows of a list, page by page, each id once.

        Rows may move between two pages while they are read, and some addresses ignore `$skip` and answer
        everything every time: a page without a new id is the end.
        """
        seen: set[str] = set()
        skip = 0
        while True:
            parameters = {"$top": str(page_size), "$skip": str(skip)}
            if filter is not None:
                parameters["$filter"] = filter
            rows = self._rows(await self.get(path, parameters=parameters))
            fresh = [row for row in rows if row["id"] not in seen]
            seen.update(row["id"] for row in fresh)
            if fresh:
                yield fresh
            if len(rows) < page_size or not fresh:
                return
            skip += len(rows)

    async def get_all(self, path: str, *, filter: str | None = None) -> list[dict[str, Any]]:  # noqa: A002
        """All rows of a list that has ids; `filter` only saves bandwidth, check every row again."""
        return [row async for page in self.pages(path, filter=filter) for row in page]

    async def get_rows(self, path: str) -> list[dict[str, Any]]:
        """A list that comes whole, in one answer."""
        return self._rows(await self.get(path), need_id=False)

    async def token_scopes(self) -> frozenset[str]:
        """What the koppelsleutel is allowed to do, as the token says; empty when it does not say."""
        token = await self._token_before(asyncio.get_running_loop().time() + self.total_timeout_seconds)
        try:
            body = token.value.split(".")[1]
            claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
            return frozenset(str(claims["scopes"]).split())
        except (IndexError, KeyError, TypeError, ValueError, binascii.Error):
            return frozenset()

    async def _call(
        self,
        method: str,
        path: str,
        *,
        parameters: Mapping[str, str] | None = None,
        content: Mapping[str, Any] | None = None,
    ) -> Any:
        # One deadline over the login, the call and the second try, so that a caller's lease outlives them.
        deadline = asyncio.get_running_loop().time() + self.total_timeout_seconds
        token = await self._token_before(deadline)
        request = self._request(method, path, parameters, content)
        response = await self._send(request, token, deadline)
        if response.status_code == httpx.codes.UNAUTHORIZED and "subscription" not in response.text.lower():
            token = await self._token_before(deadline, refused=token)
            response = await self._send(request, token, deadline)
        if response.is_error:
            error = refusal(response)
            if isinstance(error, RateLimited):
                await self._allowance.refused(error.retry_after_seconds)
            raise error
        return _read_json(response, self._credentials.api_url, is_write=_is_write(request))

    def _request(
        self,
        method: str,
        path: str,
        parameters: Mapping[str, str] | None,
        content: Mapping[str, Any] | None,
    ) -> httpx.Request:
        headers = {
            "Ocp-Apim-Subscription-Key": self._credentials.subscription_key,
            "Accept": "application/json",
        }
        url = self._credentials.api_url.rstrip("/") + path
        try:
            return self._client.build_request(method, url, params=parameters, json=content, headers=headers)
        except UnicodeEncodeError:  # a key with a character that no header can carry
            raise paused("subscription_key") from None

    async def _send(self, request: httpx.Request, token: _Token, deadline: float) -> httpx.Response:
        request.headers["Authorization"] = f"Bearer {token.value}"
        # Waiting for its turn, at most as long as its caller said, does not shorten the call itself.
        left = deadline - asyncio.get_running_loop().time()
        async with self._allowance.call(seconds_max=left):
            try:
                return await send(
                    self._client,
                    request,
                    vendor="snelstart",
                    total_timeout_seconds=left,
                    is_write=_is_write(request),
                )
            except RateLimited as error:
                await self._allowance.refused(error.retry_after_seconds)
                raise

    async def _token_before(self, deadline: float, *, refused: _Token | None = None) -> _Token:
        try:
            async with asyncio.timeout_at(deadline), self._renewal:
                token = self._token
                if token is None or token is refused or self._clock.now() >= token.renew_at:
                    token = await self._fetch_token()
                    self._token = token
                return token
        except TimeoutError:
            raise _unavailable("timeout", self._credentials.token_url) from None

    async def _fetch_token(self) -> _Token:
        url = self._credentials.token_url
        form = {"grant_type": "clientkey", "clientkey": self._credentials.connection_key}
        response = await send(
            self._client,
            self._client.build_request("POST", url, data=form),
            vendor="snelstart_login",
            total_timeout_seconds=self.total_timeout_seconds,
            is_write=False,
        )
        # SnelStart answers 400 for a wrong or withdrawn koppelsleutel; 401 means the same.
        if response.status_code in (httpx.codes.BAD_REQUEST, httpx.codes.UNAUTHORIZED):
            raise paused("connection_key")
        content = _read_json(response, url, is_write=False)
        try:
            life = timedelta(seconds=int(content.get("expires_in") or TOKEN_LIFE_SECONDS))
            value = str(content["access_token"])
        except (AttributeError, KeyError, TypeError, ValueError):
            raise _unavailable("unreadable_answer", url) from None
        early = timedelta(seconds=TOKEN_RENEWED_EARLY_SECONDS)
        return _Token(value=value, renew_at=self._clock.now() + life - early)

    def _rows(self, content: Any, *, need_id: bool = True) -> list[dict[str, Any]]:
        if isinstance(content, list) and all(
            isinstance(row, dict) and (not need_id or isinstance(row.get("id"), str)) for row in content
        ):
            return content
        raise _unavailable("unreadable_answer", self._credentials.api_url)


def _is_write(request: httpx.Request) -> bool:
    return request.method != "GET"


def _read_json(response: httpx.Response, url: str, *, is_write: bool) -> Any:
    if not response.is_success:  # a redirect, say: the address in the profile is not the API's
        raise paused("not_the_api", host=httpx.URL(url).host, status=str(response.status_code))
    if not response.content:
        return None
    try:
        return json.loads(response.content, parse_float=Decimal, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise _unavailable("unreadable_answer", url, outcome_unknown=is_write) from None


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _unavailable(variant: str, url: str, *, outcome_unknown: bool = False) -> UpstreamUnavailable:
    reason = Reason(
        code=ReasonCode.UPSTREAM_UNAVAILABLE, variant=variant, details={"host": httpx.URL(url).host}
    )
    return UpstreamUnavailable(reason, outcome_unknown=outcome_unknown)


class SnelstartSessions:
    """One session per credentials, so that services with many profiles share tokens and connections."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        clock: Clock,
        *,
        allowances: CallAllowances | None = None,
        total_timeout_seconds: float = TOTAL_TIMEOUT_SECONDS,
    ) -> None:
        self._client = client
        self._clock = clock
        self._allowances = allowances
        self._total_timeout_seconds = total_timeout_seconds
        self._sessions: dict[tuple[Credentials, str, str], SnelstartSession] = {}

    @classmethod
    def within_limits(
        cls,
        client: httpx.AsyncClient,
        clock: Clock,
        coordination: AsyncEngine,
        *,
        total_timeout_seconds: float,
    ) -> "SnelstartSessions":
        """Sessions that keep SnelStart's limits together with all other processes; to be closed."""
        allowances = CallAllowances(AllowanceStore(coordination), call_seconds_max=total_timeout_seconds)
        return cls(client, clock, allowances=allowances, total_timeout_seconds=total_timeout_seconds)

    async def close(self) -> None:
        """Give back what is left of the allowances."""
        if self._allowances is not None:
            await self._allowances.close()

    def of(self, stored: StoredProfile) -> SnelstartSession:
        """The session of a profile, within the limits of its administration."""
        settings = stored.profile.bookkeeping
        return self._session(Credentials.of(settings), stored.administration_id, settings.rate_limits)

    def require_calls(self, stored: StoredProfile) -> None:
        """AllowanceSpent when it is known that a call for this profile would have to wait too long."""
        if self._allowances is not None:
            limits = LIMITS[stored.profile.bookkeeping.rate_limits]
            self._allowances.require_free(stored.administration_id, limits)

    async def require_access(self, stored: StoredProfile, reason: Reason) -> None:
        """Log in anew and look whether what kept the profile out, by `reason`, is gone.

        MisconfiguredError when it is not. One call of the administration's allowance.
        """
        session = self.of_settings(stored.profile.bookkeeping, stored.administration_id)
        granted = await session.token_scopes()
        lacking = frozenset(_WORDS.findall(reason.details.get("scopes", ""))) - granted
        if granted and lacking:
            raise paused("scope", scopes=" ".join(sorted(lacking)))
        company = await session.get("/companyInfo")
        if company.get("administratieIdentifier") != stored.administration_id:
            raise paused("other_administration", administration=stored.administration_name)

    def of_settings(
        self, settings: BookkeepingSettings, administration_id: str | None = None
    ) -> SnelstartSession:
        """A session of its own. While the administration is not known its calls are counted by their key."""
        credentials = Credentials.of(settings)
        counted_as = (
            administration_id or f"key:{deterministic_id('connection-key', credentials.connection_key)}"
        )
        return self._new(credentials, counted_as, settings.rate_limits)

    def session(self, credentials: Credentials) -> SnelstartSession:
        """A session that heeds no limits."""
        return self._session(credentials, "", "")

    def _session(self, credentials: Credentials, counted_as: str, limits: str) -> SnelstartSession:
        key = (credentials, counted_as, limits)
        session = self._sessions.get(key)
        if session is None:
            if len(self._sessions) >= SESSIONS_MAX:
                self._sessions.pop(next(iter(self._sessions)))
            session = self._sessions[key] = self._new(credentials, counted_as, limits)
        return session

    def _new(self, credentials: Credentials, counted_as: str, limits: str) -> SnelstartSession:
        allowance = None
        if self._allowances is not None and counted_as:
            allowance = self._allowances.of(counted_as, LIMITS[limits])
        return SnelstartSession(
            self._client,
            self._clock,
            credentials,
            allowance=allowance,
            total_timeout_seconds=self._total_timeout_seconds,
        )
