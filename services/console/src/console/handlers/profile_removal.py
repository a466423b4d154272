"""Takes a profile away; what becomes of its orders is told before and after."""

from collections.abc import Mapping
from dataclasses import dataclass

from console.domain.refusals import NotKnown
from console.domain.standing import OrderStatus
from console.ports import OrderBook, ProfileShelf

NOT_SETTLED = (OrderStatus.IN_PROGRESS, OrderStatus.WAITING, OrderStatus.DEAD_LETTERED)


@dataclass(frozen=True, kw_only=True, slots=True)
class LeftOver:
    """Orders of a profile that are not settled, by status."""

    profile: str
    orders: Mapping[OrderStatus, int]


class ProfileRemoval:
    """Safe to do twice: the second finds no profile. Half-done when it dies: nothing, it is one statement.

    Nothing is lost silently: what is under way or waits becomes a dead letter when its turn comes, with the
    reason that its profile is gone; dead letters stay; trails and bookings stay.
    """

    def __init__(self, *, profiles: ProfileShelf, orders: OrderBook) -> None:
        self._profiles = profiles
        self._orders = orders

    async def left_over(self, name: str) -> LeftOver:
        """What deleting would leave. NotKnown when there is no such profile."""
        if await self._profiles.get(name) is None:
            raise NotKnown("profile_unknown", name=name)
        counts = (await self._orders.status_counts()).get(name, {})
        return LeftOver(profile=name, orders={status: counts.get(status, 0) for status in NOT_SETTLED})

    async def delete(self, name: str) -> LeftOver:
        left_over = await self.left_over(name)
        if not await self._profiles.delete(name):
            raise NotKnown("profile_unknown", name=name)
        return left_over
