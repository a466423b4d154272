"""The endpoints of the Connect API that a bookkeeping connector reads."""

from dataclasses import replace
from typing import Any, Final

from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulators.webshop.payments import order_payments, with_text_prices
from simulators.webshop.problems import Refusal
from simulators.webshop.queries import Page, Parameters, read_filter, read_page
from simulators.webshop.shape import shaped
from simulators.webshop.shop_details import GATEWAYS, OFFLINE_LOCATIONS, tax_regions
from simulators.webshop.shops import Order, Shop, Shops, is_test_order, is_visible

VERSIONS: Final = frozenset({"1", "2-beta"})


class ConnectApi:
    """The read side of the API, for all shops; the token in the query selects the shop."""

    def __init__(self, shops: Shops) -> None:
        self._shops = shops

    def routes(self) -> list[Route]:
        """Return the routes of both versions."""
        endpoints = {
            "orders": self._orders,
            "orders/count": self._count,
            "orders/{number}": self._order,
            "orders/{number}/payments": self._payments,
            "orderstatuses": self._order_statuses,
            "store": self._store,
            "tax-policy/regions": self._tax_regions,
            "payment/stores/{store}/gateways": self._gateways,
            "offlinelocations": self._offline_locations,
        }
        return [
            Route(f"/v{{version}}/{path}", handler, methods=["GET"]) for path, handler in endpoints.items()
        ]

    def tenant_of(self, connection: HTTPConnection) -> str | None:
        """Return the name of the shop whose token the call carries."""
        shop = self._shops.by_token(connection.query_params.get("token", ""))
        return shop.name if shop else None

    async def _orders(self, request: Request) -> Response:
        shop = self._shop(request)
        parameters = Parameters(request.query_params)
        selection = replace(
            read_filter(parameters, shop.api),
            debtor_email=parameters.text("debtor_email"),
            debtor_id=parameters.text("debtor_id"),
        )
        page: Page = read_page(parameters, shop.api)
        parameters.check()
        orders = page.of(filter(selection.selects, shop.visible(self._shops.now())))
        return JSONResponse([self._shaped(request, shop, order) for order in orders])

    async def _count(self, request: Request) -> Response:
        shop = self._shop(request)
        parameters = Parameters(request.query_params)
        selection = read_filter(parameters, shop.api)
        parameters.check()
        return JSONResponse({"count": sum(map(selection.selects, shop.visible(self._shops.now())))})

    async def _order(self, request: Request) -> Response:
        shop = self._shop(request)
        return JSONResponse(self._shaped(request, shop, self._numbered(request, shop)))

    async def _payments(self, request: Request) -> Response:
        shop = self._shop(request)
        embed = set(request.query_params.get("embed", "").split(","))
        order = self._numbered(request, shop)
        is_test = shop.shape_of(order).test_payment
        payments = order_payments(order, shop.store["id"], embed, is_test=is_test)
        if shop.api.payment_prices == "text":
            payments = [with_text_prices(payment) for payment in payments]
        return JSONResponse({"payments": payments})

    async def _order_statuses(self, request: Request) -> Response:
        shop = self._shop(request)
        if shop.partner_token_required and "partner_token" not in request.query_params:
            raise Refusal(403, "This call needs a partner token.")
        return JSONResponse(shop.order_statuses)

    async def _store(self, request: Request) -> Response:
        return JSONResponse(self._shop(request).store)

    async def _tax_regions(self, request: Request) -> Response:
        shop = self._shop(request)
        regions = tax_regions()
        return JSONResponse({"regions": regions} if shop.api.tax_policy == "wrapped" else regions)

    async def _gateways(self, request: Request) -> Response:
        shop = self._shop(request)
        if request.path_params["store"] not in ("me", shop.store["id"]):
            raise Refusal(404, "There is no such store.")
        return JSONResponse({"gateways": GATEWAYS})

    async def _offline_locations(self, request: Request) -> Response:
        self._shop(request)
        parameters = Parameters(request.query_params)
        deleted = parameters.flag("deleted")
        parameters.check()
        return JSONResponse([place for place in OFFLINE_LOCATIONS if deleted in (None, place["deleted"])])

    def _shop(self, request: Request) -> Shop:
        if request.path_params["version"] not in VERSIONS:
            raise Refusal(404, "There is no such version.")
        shop = self._shops.by_token(request.query_params.get("token", ""))
        if shop is None:
            raise Refusal(401, "The token is not valid.")
        request.state.shop = shop
        if shop.api.token_expired:
            raise Refusal(shop.api.refused_token_status, "The token has expired.")
        partner_token = request.query_params.get("partner_token")
        if partner_token is not None and partner_token != shop.partner_token:
            raise Refusal(shop.api.refused_token_status, "The partner token is not valid.")
        if request.query_params.get("format", "json") != "json":
            raise Refusal(422, "Only JSON is simulated.", {"format": "This value should be json."})
        return shop

    def _numbered(self, request: Request, shop: Shop) -> Order:
        order = shop.order(request.path_params["number"])
        if order is None or is_test_order(order) or not is_visible(order, self._shops.now()):
            raise Refusal(404, "There is no order with this number.")
        return order

    def _shaped(self, request: Request, shop: Shop, order: Order) -> dict[str, Any]:
        return shaped(order, shop.shape_of(order), request.path_params["version"])
