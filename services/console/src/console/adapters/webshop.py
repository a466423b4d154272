"""A profile's shop: whether its key opens the API, and what the shop sold of late."""

from typing import Any

import httpx

from console.adapters.shop_sales import read_orders, read_regions
from console.ports import ShopStatus
from sconnect.errors import MisconfiguredError, Reason, ReasonCode
from sconnect.http import send
from sconnect.ledgers import ShopSales
from sconnect.profiles import Profile
from sconnect.webshop import as_integer, as_list, as_object, as_words, parse

# The largest page that MyOnlineStore gives.
RECENT_ORDERS_MAX = 100
REFUSED = frozenset({httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN})


class Webshop:
    """Shop of console.ports; the vendor takes its tokens in the query string (MyOnlineStore API docs)."""

    def __init__(self, client: httpx.AsyncClient, *, total_timeout_seconds: float) -> None:
        self._client = client
        self._total_timeout_seconds = total_timeout_seconds

    async def log_in(self, profile: Profile) -> None:
        response = await self._get(profile, "orders/count")
        if "count" not in _object(_content(response)):
            raise _not_the_api(response)

    async def sales(self, profile: Profile) -> ShopSales:
        response = await self._get(profile, "orders", limit=str(RECENT_ORDERS_MAX), ordering="desc")
        orders = read_orders(_content(response))
        if orders is None:
            raise _not_the_api(response)
        # A shop's token may be refused this one call: it then has no VAT settings that we know of.
        regions = await self._get(profile, "tax-policy/regions", may_refuse=True)
        return ShopSales(orders=orders, regions=read_regions(_content(regions)))

    async def statuses(self, profile: Profile) -> tuple[ShopStatus, ...]:
        # This call asks for the partner token (MyOnlineStore API docs), which many shops do not have.
        response = await self._get(profile, "orderstatuses", may_refuse=True)
        rows = (as_object(row) for row in as_list(_content(response)))
        named = {as_integer(row.get("status")): as_words(row.get("description")) or "" for row in rows}
        return tuple(ShopStatus(id=number, name=name) for number, name in named.items() if number is not None)

    async def _get(
        self, profile: Profile, path: str, *, may_refuse: bool = False, **parameters: str
    ) -> httpx.Response:
        shop = profile.shop
        query = {"token": shop.token.get_secret_value(), "format": "json", **parameters}
        if shop.partner_token is not None:
            query["partner_token"] = shop.partner_token.get_secret_value()
        request = self._client.build_request("GET", f"{shop.api_url.rstrip('/')}/v1/{path}", params=query)
        response = await send(
            self._client,
            request,
            vendor="webshop",
            total_timeout_seconds=self._total_timeout_seconds,
            is_write=False,
        )
        # Who refused us is kept, for an error; the request, which holds the tokens, is not.
        response.extensions["host"] = request.url.host.encode()
        if response.is_success or may_refuse:
            return response
        if response.status_code in REFUSED:
            raise _misconfigured("shop_token")
        raise _not_the_api(response)


def _content(response: httpx.Response) -> Any:
    """The JSON of an answer; None when it is none."""
    try:
        return parse(response.content) if response.is_success else None
    except ValueError:
        return None


def _object(content: Any) -> dict[str, Any]:
    return content if isinstance(content, dict) else {}


def _not_the_api(response: httpx.Response) -> MisconfiguredError:
    host = response.extensions["host"].decode()
    return _misconfigured("not_the_api", host=host, status=str(response.status_code))


def _misconfigured(variant: str, **details: str) -> MisconfiguredError:
    return MisconfiguredError(Reason(code=ReasonCode.PROFILE_PAUSED, variant=variant, details=details))
