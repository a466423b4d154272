"""What can be asked about orders."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from console.domain.refusals import NotKnown
from console.domain.standing import OrderRow
from console.ports import OrderBook, ProfileShelf
from sconnect.contracts import Message

ORDERS_PER_PART = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderTrail:
    row: OrderRow
    messages: Sequence[Message]


class OrderDesk:
    def __init__(self, *, profiles: ProfileShelf, orders: OrderBook) -> None:
        self._profiles = profiles
        self._orders = orders

    async def orders(self, profile: str) -> AsyncIterator[Sequence[OrderRow]]:
        """All orders of a profile by number, part by part: of many thousands, nobody else has to wait.

        Of a deleted profile too. NotKnown, at once, for a profile that was never heard of.
        """
        uuids = await self._orders.order_uuids(profile)
        if not uuids and await self._profiles.get(profile) is None:
            raise NotKnown("profile_unknown", name=profile)
        return self._parts(profile, uuids)

    async def _parts(self, profile: str, uuids: Sequence[str]) -> AsyncIterator[Sequence[OrderRow]]:
        for start in range(0, len(uuids), ORDERS_PER_PART):
            yield await self._orders.orders(profile, uuids[start : start + ORDERS_PER_PART])

    async def trail(self, profile: str, number: str) -> OrderTrail:
        """One order with everything that was told about it. NotKnown: no such order."""
        row = await self._orders.order(profile, number)
        if row is None:
            raise NotKnown("order_unknown", number=number, profile=profile)
        return OrderTrail(row=row, messages=await self._orders.trail(profile, row.order_uuid))
