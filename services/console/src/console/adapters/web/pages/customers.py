"""Which customers are remembered for which buyers, and forgetting one."""

from datetime import datetime
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from console.adapters.web.desks import Desks
from console.adapters.web.pages.frame import Frame, own_path
from console.adapters.web.pages.needs import Back
from console.adapters.web.pages.orders import Text
from console.adapters.web.requests import Identifier
from console.domain.links import LinkPlace
from console.handlers.links import LinkPage

CUSTOMERS = "/customers"
PLACE_SEPARATOR = "|"


def customer_pages(frame: Frame, desks: Desks) -> APIRouter:
    router = APIRouter()

    @router.get(CUSTOMERS)
    async def list_customers(request: Request, profile: Text = "", after: Text = "") -> Response:
        profiles = [stored.profile.name for stored in await desks.profiles.profiles()]
        shown = profile or next(iter(profiles), "")
        page = LinkPage(links=(), more=None)
        if shown:
            page = await desks.links.page(shown, after=_place(after))
        return await frame.page(
            request,
            "customers.html",
            profiles=profiles,
            profile=shown,
            links=page.links,
            here=_address(shown, after),
            newest=_address(shown),
            is_first=not after,
            older=_address(shown, _place_text(page.more)) if page.more else None,
        )

    @router.post(f"{CUSTOMERS}/{{link_id}}/forget")
    async def forget_link(request: Request, link_id: Identifier, back: Back = "") -> Response:
        link = await desks.links.forget(link_id, by=request.state.visitor.name)
        path = own_path(back) if back else CUSTOMERS
        return await frame.go(request, path, notice="link_forgotten", customer=link.customer_name)

    return router


def _address(profile: str, after: str = "") -> str:
    asked = {name: value for name, value in (("profile", profile), ("after", after)) if value}
    return f"{CUSTOMERS}?{urlencode(asked)}" if asked else CUSTOMERS


def _place_text(place: LinkPlace) -> str:
    return f"{place.at.isoformat()}{PLACE_SEPARATOR}{place.link_id}"


def _place(text: str) -> LinkPlace | None:
    at, separator, link_id = text.partition(PLACE_SEPARATOR)
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return None
    return LinkPlace(at=moment, link_id=link_id) if separator and moment.tzinfo is not None else None
