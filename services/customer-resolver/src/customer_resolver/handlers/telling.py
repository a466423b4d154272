"""Tells the console what is remembered of buyers, and forgets it when a person asks for that."""

import structlog

from customer_resolver.ports import Forgotten, LinkMemory, LinkNews
from sconnect.clock import Clock
from sconnect.contracts import CustomerLinkForgotten, CustomerLinkRemembered, ForgetLinkRequested, Message
from sconnect.contracts.build import new_message
from sconnect.errors import Reason, ReasonCode, SConnectError, UnreadableMessage
from sconnect.messaging import Delivery, EventPublisher

log = structlog.get_logger(__name__)


class LinkTeller:
    """A loop without an end: publishes news of links, then marks it as told.

    Safe to run twice and by many: an event's id is made from what it tells. Half-done when it dies: news
    that is published and not marked, which is told again.
    """

    def __init__(
        self, *, memory: LinkMemory, publisher: EventPublisher, clock: Clock, interval_seconds: float
    ) -> None:
        self._memory = memory
        self._publisher = publisher
        self._clock = clock
        self._interval_seconds = interval_seconds

    async def run(self) -> None:
        while True:
            try:
                await self.tell()
            except SConnectError as error:
                log.warning("links_not_told", cause=str(error))
            await self._clock.sleep(self._interval_seconds)

    async def tell(self) -> None:
        """Everything that is news now."""
        while news := await self._memory.untold():
            for each in news:
                await self._publisher.publish(self._event(each))
                await self._memory.mark_told(each)

    def _event(self, news: LinkNews) -> Message:
        link = news.link
        if news.forgotten is not None:
            return new_message(
                CustomerLinkForgotten,
                profile=link.order.profile,
                occurred_at=self._clock.now(),
                correlation_id=link.id,
                id_parts=(link.id,),
                link_id=link.id,
                why=news.forgotten.value,
                forgotten_by=news.forgotten_by,
            )
        return new_message(
            CustomerLinkRemembered,
            profile=link.order.profile,
            occurred_at=self._clock.now(),
            correlation_id=link.id,
            id_parts=(link.id,),
            link_id=link.id,
            relation_id=link.relation_id,
            customer_number=link.customer_number,
            customer_name=link.customer_name,
            buyer=link.buyer.company or link.buyer.person or link.buyer.email or "",
            order_number=link.order_number,
            decided_by=link.decided_by,
            decided_at=link.decided_at,
        )


class ForgetLink:
    """The message handler of a person's wish to forget a link. Safe to run twice: what is gone stays gone.

    Half-done when it dies: a link that is forgotten and not told of yet, which the teller makes good.
    """

    def __init__(self, memory: LinkMemory) -> None:
        self._memory = memory

    async def __call__(self, message: Message, _delivery: Delivery) -> None:
        if not isinstance(message, ForgetLinkRequested):
            details = {"type": message.type}
            raise UnreadableMessage(
                Reason(code=ReasonCode.UNREADABLE_MESSAGE, variant="wrong_queue", details=details)
            )
        await self._memory.forget(message.link_id, Forgotten.BY_HAND, by=message.requested_by)
        log.info("link_forgotten", link=message.link_id, why=Forgotten.BY_HAND.value)
