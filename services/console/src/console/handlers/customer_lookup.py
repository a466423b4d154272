"""Whose card a number is, before an order is booked on it."""

from dataclasses import dataclass

from console.domain.refusals import NotNow
from console.handlers.profiles import ProfileDesk
from console.ports import Bookkeeping, KnownCustomer
from sconnect.errors import MisconfiguredError, Reason, RejectedError, TransientError


@dataclass(frozen=True, kw_only=True, slots=True)
class NamedCustomer:
    """The customer with the number that somebody typed; `card` is None when the books could not be asked,
    for `unread`."""

    number: int
    card: KnownCustomer | None
    unread: Reason | None = None


class CustomerLookup:
    """Reads one card; a number typed wrong would otherwise book an order on a stranger."""

    def __init__(self, *, profiles: ProfileDesk, bookkeeping: Bookkeeping) -> None:
        self._profiles = profiles
        self._bookkeeping = bookkeeping

    async def find(self, profile: str, number: int) -> NamedCustomer:
        """NotKnown: no such profile. NotNow: nobody has that number, or no order can be booked on it."""
        stored = await self._profiles.profile(profile)
        try:
            card = await self._bookkeeping.customer(stored.profile, number)
        except (MisconfiguredError, TransientError, RejectedError) as error:
            return NamedCustomer(number=number, card=None, unread=error.reason)
        if card is None:
            raise NotNow("customer_not_in_books", number=str(number))
        if not card.bookable:
            raise NotNow("customer_not_bookable", number=str(number), name=card.name)
        return NamedCustomer(number=number, card=card)
