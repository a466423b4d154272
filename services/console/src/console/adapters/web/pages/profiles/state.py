"""The list of profiles, and of each how it stands: what is left to do, what a check found, on and off."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import Response

from console.adapters.web.access import ADMINISTRATORS_ONLY
from console.adapters.web.pages.profiles.problems import remarks_of, remarks_on
from console.adapters.web.pages.profiles.rooms import OVERVIEW, ProfileRooms, address_of, by
from console.adapters.web.pages.profiles.tabs import saved
from console.adapters.web.requests import ProfileName
from console.handlers.profiles import ProfileRefused
from sconnect.profiles import Ledgers, ProfileProblems, StoredProfile


@dataclass(frozen=True, kw_only=True, slots=True)
class Steps:
    """What a profile still lacks before it can be switched on."""

    has_ledgers: bool
    unconfirmed: int
    is_checked: bool

    @classmethod
    def of(cls, stored: StoredProfile, *, is_checked: bool) -> "Steps":
        bookings = stored.profile.bookings
        return cls(
            has_ledgers=bookings.ledgers not in (None, Ledgers()),
            unconfirmed=len(bookings.unconfirmed_ledgers),
            is_checked=is_checked,
        )


def listing_pages(rooms: ProfileRooms) -> APIRouter:
    router = APIRouter()

    @router.get("/profiles")
    async def list_profiles(request: Request) -> Response:
        return await rooms.frame.page(
            request, "profiles.html", profiles=await rooms.desks.profiles.profiles()
        )

    return router


def state_pages(rooms: ProfileRooms) -> APIRouter:
    router = APIRouter(prefix="/profiles/{name}")
    desks = rooms.desks

    async def show(
        request: Request, stored: StoredProfile, error: ProfileProblems | ProfileRefused | None = None
    ) -> Response:
        words = rooms.words(request)
        checked = desks.checks.last(stored)
        return await rooms.page(
            request,
            "profile.html",
            stored,
            OVERVIEW,
            steps=Steps.of(stored, is_checked=checked is not None),
            checked=checked,
            found=remarks_on(checked.findings if checked else (), words),
            refusals=() if error is None else remarks_of(error, words),
        )

    @router.get("")
    async def show_profile(request: Request, name: ProfileName) -> Response:
        return await show(request, await desks.profiles.profile(name))

    @router.post("/check")
    async def check_profile(request: Request, name: ProfileName) -> Response:
        await desks.checks.check(name)
        return await rooms.frame.go(request, f"{address_of(name)}#check")

    @router.post("/enable", dependencies=[ADMINISTRATORS_ONLY])
    async def enable_profile(request: Request, name: ProfileName) -> Response:
        return await switch(request, name, on=True)

    @router.post("/disable", dependencies=[ADMINISTRATORS_ONLY])
    async def disable_profile(request: Request, name: ProfileName) -> Response:
        return await switch(request, name, on=False)

    async def switch(request: Request, name: str, *, on: bool) -> Response:
        try:
            applied = await desks.profiles.change(name, {"enabled": on}, by=by(request))
        except (ProfileProblems, ProfileRefused) as error:
            return await show(request, await desks.profiles.profile(name), error)
        return await saved(rooms, request, applied, address_of(name))

    return router
