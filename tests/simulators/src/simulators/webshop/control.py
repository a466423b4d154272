"""The webshop's own part of the control door: shops, their orders, the sample orders."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any, Final, TypeAlias

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulators.faults import CONTROL_PREFIX
from simulators.webshop.samples import numbered_samples
from simulators.webshop.shops import Shop, Shops

Handler: TypeAlias = Callable[[Request], Awaitable[Response]]

BOOKED_PARTS: Final = frozenset({"orderlines", "price"})


class ControlRefusal(Exception):
    """The control call cannot be carried out."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class ShopControl:
    """Opens shops, and puts orders into them."""

    def __init__(self, shops: Shops) -> None:
        self._shops = shops

    def routes(self) -> list[Route]:
        """Return the routes under `/_control/shops`."""
        shop = f"{CONTROL_PREFIX}/shops/{{name}}"
        orders = f"{shop}/orders"
        return [
            _route(shop, "PUT", self._put_shop),
            _route(orders, "GET", self._list_orders),
            _route(orders, "POST", self._add_orders),
            _route(f"{orders}/{{number}}", "PATCH", self._change_order),
            _route(f"{orders}/{{number}}", "DELETE", self._remove_order),
            _route(f"{shop}/samples", "POST", self._add_samples),
        ]

    async def _put_shop(self, request: Request) -> Response:
        shop = self._shops.put(request.path_params["name"], await request.json())
        return JSONResponse({"name": shop.name})

    async def _list_orders(self, request: Request) -> Response:
        return JSONResponse(list(self._shop(request).orders.values()))

    async def _add_orders(self, request: Request) -> Response:
        given = await request.json()
        stored = self._shop(request).keep(given if isinstance(given, list) else [given])
        return JSONResponse({"stored": stored}, 201)

    async def _change_order(self, request: Request) -> Response:
        shop = self._shop(request)
        order = self._order(request, shop)
        changes = await request.json()
        if BOOKED_PARTS & changes.keys() and not shop.api.lines_editable:
            raise ControlRefusal(409, "The lines of an order change only with the option lines_editable.")
        return JSONResponse(shop.change(order, changes, self._shops.now()))

    async def _remove_order(self, request: Request) -> Response:
        shop = self._shop(request)
        del shop.orders[self._order(request, shop)["uuid"]]
        return Response(status_code=204)

    async def _add_samples(self, request: Request) -> Response:
        shop = self._shop(request)
        wanted = await request.json()
        samples = numbered_samples(
            date.fromisoformat(wanted["today"]),
            kinds=wanted.get("kinds"),
            first_number=wanted["first_number"],
            shop=shop.name,
        )
        shop.keep(sample.order for sample in samples)
        listed = [{"number": sample.order["number"], "kind": sample.kind} for sample in samples]
        return JSONResponse(listed, 201)

    def _shop(self, request: Request) -> Shop:
        shop = self._shops.by_name(request.path_params["name"])
        if shop is None:
            raise ControlRefusal(404, "There is no such shop.")
        return shop

    def _order(self, request: Request, shop: Shop) -> dict[str, Any]:
        order = shop.order(request.path_params["number"])
        if order is None:
            raise ControlRefusal(404, "There is no order with this number.")
        return order


def _route(path: str, method: str, handler: Handler) -> Route:
    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except ControlRefusal as refusal:
            return JSONResponse({"error": str(refusal)}, refusal.status)
        except (KeyError, TypeError, ValueError) as error:
            return JSONResponse({"error": f"{type(error).__name__}: {error}"}, 422)

    return Route(path, answer, methods=[method])
