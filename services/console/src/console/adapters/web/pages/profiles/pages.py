"""All pages of profiles together."""

from fastapi import APIRouter

from console.adapters.web.desks import Desks
from console.adapters.web.pages.frame import Frame
from console.adapters.web.pages.profiles.importing import import_pages
from console.adapters.web.pages.profiles.making import copy_pages, leaving_pages, making_pages
from console.adapters.web.pages.profiles.rooms import ProfileRooms
from console.adapters.web.pages.profiles.state import listing_pages, state_pages
from console.adapters.web.pages.profiles.tabs import tab_pages
from console.adapters.web.pages.profiles.versions import version_pages


def profile_pages(frame: Frame, desks: Desks) -> APIRouter:
    rooms = ProfileRooms(frame, desks)
    router = APIRouter()
    for pages in (
        listing_pages(rooms),
        making_pages(rooms),
        import_pages(rooms),
        state_pages(rooms),
        tab_pages(rooms),
        copy_pages(rooms),
        leaving_pages(rooms),
        version_pages(rooms),
    ):
        router.include_router(pages)
    return router
