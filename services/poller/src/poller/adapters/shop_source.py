"""The shop's API over HTTP: MyOnlineStore Connect, version 1, JSON.

Both tokens travel in the query string: no URL may ever reach a log or an error.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx

from poller.adapters.shop_orders import read_document, read_order
from poller.domain.orders import is_order_number
from poller.domain.windows import PAGE_SIZE, Window
from poller.ports import OrderSource, Sighting
from sconnect.clock import SHOP_TIME_ZONE, Clock
from sconnect.errors import (
    MisconfiguredError,
    RateLimited,
    Reason,
    ReasonCode,
    TransientError,
    UpstreamUnavailable,
)
from sconnect.http import send
from sconnect.profiles import StoredProfile
from sconnect.webshop import as_integer, as_list, as_object, parse

REFUSED = frozenset({httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN})
# What answers these to a list of orders is not the shop's API.
ELSEWHERE = frozenset({httpx.codes.NOT_FOUND, httpx.codes.METHOD_NOT_ALLOWED, httpx.codes.GONE})
# An object with one of these is the only order, or the only status, of a list.
LISTED_FIELDS = frozenset({"uuid", "number", "credit_order"})


@dataclass(frozen=True, kw_only=True, slots=True)
class ShopLimits:
    """How hard one shop is asked; a call that fails is repeated, but no longer than a wait we can sit out."""

    requests_per_second_max: float = 2.0
    total_timeout_seconds: float = 20.0
    attempts_max: int = 3
    wait_seconds_first: float = 1.0
    wait_seconds_max: float = 60.0


class Pace:
    """Spreads the calls to one shop evenly over time, also when several tasks make them.

    Never waits longer than the time between two calls: the clock may have been put back since the last.
    """

    def __init__(self, clock: Clock, requests_per_second_max: float) -> None:
        self._clock = clock
        self._seconds_between = 1 / requests_per_second_max
        self._turn = asyncio.Lock()
        self._last: float | None = None

    async def wait(self) -> None:
        async with self._turn:
            now = self._clock.now().timestamp()
            free_at = now if self._last is None else self._last + self._seconds_between
            wait_seconds = min(max(0.0, free_at - now), self._seconds_between)
            if wait_seconds:
                await self._clock.sleep(wait_seconds)
            self._last = now + wait_seconds


class ShopOrderSources:
    """Makes the source of a profile; keeps the pace of every shop."""

    def __init__(self, client: httpx.AsyncClient, clock: Clock, limits: ShopLimits) -> None:
        self._client = client
        self._clock = clock
        self._limits = limits
        self._paces: dict[tuple[str, str], Pace] = {}

    def of(self, profile: StoredProfile) -> OrderSource:
        shop = profile.profile.shop
        base_url, token = str(shop.api_url).rstrip("/"), shop.token.get_secret_value()
        secrets = {"token": token}
        if shop.partner_token is not None:
            secrets["partner_token"] = shop.partner_token.get_secret_value()
        new_pace = Pace(self._clock, self._limits.requests_per_second_max)
        return ShopOrderSource(
            self._client,
            self._clock,
            self._limits,
            pace=self._paces.setdefault((base_url, token), new_pace),
            base_url=base_url,
            secrets=secrets,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """An answer that says something; `content` is the parsed JSON of a 200."""

    host: str
    status: int
    content: Any = None

    def required(self) -> Any:
        """The content, of a call that every shop must answer."""
        if self.status in REFUSED:
            details = {"status": str(self.status)}
            raise MisconfiguredError(
                Reason(code=ReasonCode.PROFILE_PAUSED, variant="shop_token", details=details)
            )
        if self.status != httpx.codes.OK:
            details = {"status": str(self.status), "host": self.host}
            raise MisconfiguredError(
                Reason(code=ReasonCode.PROFILE_PAUSED, variant="not_the_api", details=details)
            )
        return self.content


class ShopOrderSource:
    """OrderSource over MyOnlineStore's API."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        clock: Clock,
        limits: ShopLimits,
        *,
        pace: Pace,
        base_url: str,
        secrets: Mapping[str, str],
    ) -> None:
        self._client = client
        self._clock = clock
        self._limits = limits
        self._pace = pace
        self._base_url = base_url
        self._secrets = secrets

    async def page(self, window: Window, offset: int) -> Sequence[Sighting]:
        answer = await self._get("orders", _list_parameters(window, offset))
        return [read_order(raw) for raw in _listed(answer.required())]

    async def order(self, number: str) -> Sighting | None:
        if not is_order_number(number):
            return None
        answer = await self._get(f"orders/{number}", {})
        return None if answer.status == httpx.codes.NOT_FOUND else read_order(answer.required())

    async def credit_statuses(self) -> frozenset[int] | None:
        answer = await self._get("orderstatuses", {})
        # A shop without a partner's token is refused this one call; that says nothing about its own token.
        if answer.status != httpx.codes.OK:
            return None
        statuses = (as_object(status) for status in _listed(answer.content))
        numbers = (as_integer(status.get("status")) for status in statuses if _is_credit_status(status))
        return frozenset(number for number in numbers if number is not None)

    async def probe(self) -> None:
        (await self._get("orders", {"limit": "1"})).required()

    def read_again(self, document: str) -> Sighting:
        return read_document(document)

    async def _get(self, path: str, parameters: Mapping[str, str]) -> Answer:
        request = self._client.build_request(
            "GET", f"{self._base_url}/v1/{path}", params={"format": "json", **parameters, **self._secrets}
        )
        wait_seconds = self._limits.wait_seconds_first
        for attempts_left in reversed(range(self._limits.attempts_max)):
            await self._pace.wait()
            try:
                return await self._send(request)
            except TransientError as error:
                wait_seconds = max(wait_seconds, error.retry_after_seconds or 0)
                if attempts_left == 0 or wait_seconds > self._limits.wait_seconds_max:
                    raise
            await self._clock.sleep(wait_seconds)
            wait_seconds *= 2
        raise AssertionError("the last attempt returns or raises")

    async def _send(self, request: httpx.Request) -> Answer:
        timeout_seconds = self._limits.total_timeout_seconds
        try:
            response = await send(
                self._client,
                request,
                vendor="webshop",
                total_timeout_seconds=timeout_seconds,
                is_write=False,
            )
        except (RateLimited, UpstreamUnavailable) as error:
            raise type(error)(
                _shop_reason(error.reason), retry_after_seconds=error.retry_after_seconds
            ) from error
        host, status = request.url.host, response.status_code
        if status in REFUSED or status in ELSEWHERE or response.is_redirect:
            return Answer(host=host, status=status)
        if status != httpx.codes.OK:
            raise _unusable("status", status=str(status))
        try:
            return Answer(host=host, status=status, content=parse(response.content))
        except ValueError:
            # The body holds personal data, and the error would quote it.
            raise _unusable("not_json") from None


def _list_parameters(window: Window, offset: int) -> dict[str, str]:
    """The query of one page. `test` is never sent: MyOnlineStore then leaves test orders out."""
    parameters = {
        "limit": str(PAGE_SIZE),
        "offset": str(offset),
        "ordering": "desc" if window.descending else "asc",
    }
    if window.placed_from is not None:
        parameters["start_date"] = window.placed_from.isoformat()
    if window.placed_to is not None:
        # MyOnlineStore does not say whether this day still belongs to the list: the day after it may not.
        parameters["end_date"] = (window.placed_to + timedelta(days=1)).isoformat()
    if window.status_changed_from is not None:
        local = window.status_changed_from.astimezone(SHOP_TIME_ZONE)
        parameters["status_changed_start_date"] = f"{local:%Y-%m-%d %H:%M:%S}"
    if window.archived_only:
        parameters["archived"] = "1"
    return parameters


def _listed(content: Any) -> list[Any]:
    """The elements of a list that PHP may have written in another form."""
    if isinstance(content, list):
        return content
    elements = as_list(content)
    is_something_else = elements == [content] and not LISTED_FIELDS & content.keys()
    if not isinstance(content, dict) or is_something_else:
        raise _unusable("not_a_list")
    return elements


def _is_credit_status(status: Mapping[str, Any]) -> bool:
    return status.get("credit_order") in (True, "1", "true")


def _shop_reason(reason: Reason) -> Reason:
    """The same trouble, said of the shop."""
    return Reason(
        code=ReasonCode.UPSTREAM_UNAVAILABLE,
        variant="shop",
        details={**reason.details, "problem": reason.variant or ""},
    )


def _unusable(problem: str, **details: str) -> UpstreamUnavailable:
    reason = Reason(
        code=ReasonCode.UPSTREAM_UNAVAILABLE, variant="shop", details={"problem": problem, **details}
    )
    return UpstreamUnavailable(reason)
