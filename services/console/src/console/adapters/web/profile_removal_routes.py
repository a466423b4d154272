"""The address at which a profile is taken away; administrators only."""

from collections.abc import Mapping

from fastapi import APIRouter

from console.adapters.web.access import ADMINISTRATORS_ONLY
from console.adapters.web.document import Document
from console.adapters.web.requests import ProfileName
from console.domain.standing import OrderStatus
from console.handlers.profile_removal import LeftOver, ProfileRemoval


class LeftOverDocument(Document):
    """Orders that are not settled: in progress and waiting ones become dead letters, dead letters stay."""

    profile: str
    orders: Mapping[OrderStatus, int]

    @classmethod
    def of(cls, left_over: LeftOver) -> "LeftOverDocument":
        return cls(profile=left_over.profile, orders=left_over.orders)


def profile_removal_routes(removal: ProfileRemoval) -> APIRouter:
    router = APIRouter(prefix="/profiles", tags=["profiles"], dependencies=[ADMINISTRATORS_ONLY])

    @router.get("/{name}/left-over")
    async def show_left_over(name: ProfileName) -> LeftOverDocument:
        """What deleting the profile would leave; nothing is deleted."""
        return LeftOverDocument.of(await removal.left_over(name))

    @router.delete("/{name}")
    async def delete_profile(name: ProfileName) -> LeftOverDocument:
        return LeftOverDocument.of(await removal.delete(name))

    return router
