"""Which customers are remembered for which buyers, and forgetting one."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from console.adapters.web.desks import Desks
from console.adapters.web.pages.addresses import place_text, read_place, with_query
from console.adapters.web.pages.frame import Frame, own_path
from console.adapters.web.pages.needs import Back
from console.adapters.web.pages.orders import Text
from console.adapters.web.requests import Identifier
from console.domain.links import LinkPlace
from console.handlers.links import LinkPage

CUSTOMERS = "/customers"


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
            older=_address(shown, place_text(page.more.at, page.more.link_id)) if page.more else None,
        )

    @router.post(f"{CUSTOMERS}/{{link_id}}/forget")
    async def forget_link(request: Request, link_id: Identifier, back: Back = "") -> Response:
        link = await desks.links.forget(link_id, by=request.state.visitor.name)
        path = own_path(back) if back else CUSTOMERS
        return await frame.go(request, path, notice="link_forgotten", customer=link.customer_name)

    return router


def _address(profile: str, after: str = "") -> str:
    return with_query(CUSTOMERS, profile=profile, after=after)


def _place(text: str) -> LinkPlace | None:
    place = read_place(text)
    return None if place is None else LinkPlace(at=place[0], link_id=place[1])
