"""Puts the webshop simulator together."""

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from simulators.clock import Clock
from simulators.faults import ControlDoor
from simulators.webshop.api import ConnectApi
from simulators.webshop.control import ShopControl
from simulators.webshop.problems import Refusal, refusal_response
from simulators.webshop.shops import Shop, Shops


def create_app(clock: Clock) -> Starlette:
    """Return a simulator without shops; the control door opens them."""
    shops = Shops(clock)
    api = ConnectApi(shops)
    door = ControlDoor(clock=clock, reset=shops.clear, tenant_of=api.tenant_of)
    return Starlette(
        routes=[*door.routes(), *ShopControl(shops).routes(), *api.routes()],
        middleware=[door.middleware()],
        exception_handlers={Refusal: _answer_refusal, HTTPException: _answer_unknown_path},
    )


async def _answer_refusal(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    shop: Shop | None = getattr(request.state, "shop", None)
    return refusal_response(error, shop.api.error_body if shop else "problem")


async def _answer_unknown_path(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return refusal_response(Refusal(error.status_code, error.detail), "problem")
