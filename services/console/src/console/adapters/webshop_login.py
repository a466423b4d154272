"""Tries a profile's key on the webshop."""

from typing import Any

import httpx

from sconnect.errors import MisconfiguredError, Reason, ReasonCode
from sconnect.http import send
from sconnect.profiles import Profile


class WebshopLogin:
    """Shop of console.ports; the vendor takes its tokens in the query string (MyOnlineStore API docs)."""

    def __init__(self, client: httpx.AsyncClient, *, total_timeout_seconds: float) -> None:
        self._client = client
        self._total_timeout_seconds = total_timeout_seconds

    async def log_in(self, profile: Profile) -> None:
        shop = profile.shop
        parameters = {"token": shop.token.get_secret_value(), "format": "json"}
        if shop.partner_token is not None:
            parameters["partner_token"] = shop.partner_token.get_secret_value()
        request = self._client.build_request(
            "GET", f"{shop.api_url.rstrip('/')}/v1/orders/count", params=parameters
        )
        response = await send(
            self._client, request, total_timeout_seconds=self._total_timeout_seconds, is_write=False
        )
        if response.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
            raise _misconfigured("shop_token")
        if not response.is_success or not _is_a_count(response):
            raise _misconfigured("not_the_api", host=request.url.host, status=str(response.status_code))


def _is_a_count(response: httpx.Response) -> bool:
    try:
        content: Any = response.json()
    except ValueError:
        return False
    return isinstance(content, dict) and "count" in content


def _misconfigured(variant: str, **details: str) -> MisconfiguredError:
    return MisconfiguredError(Reason(code=ReasonCode.PROFILE_PAUSED, variant=variant, details=details))
