"""A person's wish to be forgotten: asked of who remembers, and what stays by law."""

from typing import Protocol
from uuid import uuid4

from console.domain.privacy import Erasure, KeptOrders
from console.domain.refusals import NotKnown
from sconnect.clock import Clock
from sconnect.contracts import ErasePersonRequested
from sconnect.contracts.build import new_message
from sconnect.messaging import EventPublisher

NO_PROFILE = ""


class ErasureBook(Protocol):
    async def kept_orders(self, email: str) -> KeptOrders:
        """The orders in whose trail the address stands."""

    async def request_erasure(self, erasure: Erasure) -> None: ...

    async def erasure(self, erasure_id: str) -> Erasure | None: ...


class PrivacyDesk:
    """The address itself is kept nowhere: it travels in one message.

    A request that dies before it is published was never made; its row then stays without an answer.
    """

    def __init__(self, book: ErasureBook, publisher: EventPublisher, clock: Clock) -> None:
        self._book = book
        self._publisher = publisher
        self._clock = clock

    async def erase(self, email: str, *, by: str) -> Erasure:
        """Ask the customer-resolver to forget who has this address; `erasure` tells when it has."""
        now, erasure_id = self._clock.now(), str(uuid4())
        kept = await self._book.kept_orders(email)
        erasure = Erasure(id=erasure_id, requested_by=by, requested_at=now, kept=kept)
        await self._book.request_erasure(erasure)
        await self._publisher.publish(
            new_message(
                ErasePersonRequested,
                profile=NO_PROFILE,
                occurred_at=now,
                correlation_id=erasure_id,
                id_parts=(erasure_id,),
                erasure_id=erasure_id,
                email=email,
                requested_by=by,
            )
        )
        return erasure

    async def erasure(self, erasure_id: str) -> Erasure:
        """NotKnown: no such request."""
        erasure = await self._book.erasure(erasure_id)
        if erasure is None:
            raise NotKnown("erasure_unknown", id=erasure_id)
        return erasure
