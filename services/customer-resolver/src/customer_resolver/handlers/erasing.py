"""Forgets a person when the console asks for that, and tells what was forgotten."""

from typing import Protocol

import structlog

from sconnect.clock import Clock
from sconnect.contracts import ErasePersonRequested, Message, PersonErased
from sconnect.contracts.build import new_message
from sconnect.errors import Reason, ReasonCode, UnreadableMessage
from sconnect.messaging import Delivery, EventPublisher

log = structlog.get_logger(__name__)


class Erased(Protocol):
    @property
    def counts(self) -> dict[str, int]: ...
    @property
    def under_way(self) -> int: ...
    @property
    def customer_numbers(self) -> tuple[int, ...]: ...


class PersonEraser(Protocol):
    async def erase(self, email: str, *, by: str) -> Erased:
        """Forget what is kept of whoever has this address, outside the books. UpstreamUnavailable."""


class ErasePerson:
    """The message handler. Safe to run twice: what is gone stays gone, and the answer has one id.

    Half-done when it dies after forgetting and before telling: the answer then counts what was left to do.
    """

    def __init__(self, eraser: PersonEraser, publisher: EventPublisher, clock: Clock) -> None:
        self._eraser = eraser
        self._publisher = publisher
        self._clock = clock

    async def __call__(self, message: Message, _delivery: Delivery) -> None:
        if not isinstance(message, ErasePersonRequested):
            details = {"type": message.type}
            raise UnreadableMessage(
                Reason(code=ReasonCode.UNREADABLE_MESSAGE, variant="wrong_queue", details=details)
            )
        erased = await self._eraser.erase(message.email, by=message.requested_by)
        await self._publisher.publish(
            new_message(
                PersonErased,
                profile=message.profile,
                occurred_at=self._clock.now(),
                correlation_id=message.correlation_id,
                id_parts=(message.erasure_id,),
                erasure_id=message.erasure_id,
                erased=erased.counts,
                under_way=erased.under_way,
                customer_numbers=erased.customer_numbers,
            )
        )
        log.info("person_erased", erasure=message.erasure_id, **erased.counts)
