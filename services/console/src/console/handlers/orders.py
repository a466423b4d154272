"""What can be asked about orders."""

from collections.abc import Sequence
from dataclasses import dataclass

from console.domain.refusals import NotKnown
from console.domain.standing import OrderRow
from console.ports import OrderBook, ProfileShelf
from sconnect.contracts import Message


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderTrail:
    row: OrderRow
    messages: Sequence[Message]


class OrderDesk:
    def __init__(self, *, profiles: ProfileShelf, orders: OrderBook) -> None:
        self._profiles = profiles
        self._orders = orders

    async def orders(self, profile: str) -> Sequence[OrderRow]:
        """All orders of a profile by number; of a deleted profile too. NotKnown: never heard of it."""
        rows = await self._orders.orders(profile)
        if not rows and await self._profiles.get(profile) is None:
            raise NotKnown("profile_unknown", name=profile)
        return rows

    async def trail(self, profile: str, number: str) -> OrderTrail:
        """One order with everything that was told about it. NotKnown: no such order."""
        row = await self._orders.order(profile, number)
        if row is None:
            raise NotKnown("order_unknown", number=number, profile=profile)
        return OrderTrail(row=row, messages=await self._orders.trail(profile, row.order_uuid))
