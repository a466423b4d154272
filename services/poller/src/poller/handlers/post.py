"""Publishes what the rows have to tell: row, publish, confirm, mark. A crash in between repeats a message."""

from collections.abc import Sequence

from poller.ports import Lease, Outbox, Outgoing
from sconnect.messaging import EventPublisher

MESSAGES_PER_MARK = 50


class Post:
    """Publishes from all outboxes, in the order in which they are given."""

    def __init__(self, publisher: EventPublisher, outboxes: Sequence[Outbox]) -> None:
        self._publisher = publisher
        self._outboxes = outboxes

    async def profiles(self) -> frozenset[str]:
        """The profiles that have something to tell."""
        return frozenset().union(*[await outbox.profiles_with_outgoing() for outbox in self._outboxes])

    async def send(self, profile: str, lease: Lease) -> None:
        """Publish everything that waits. UpstreamUnavailable leaves what was not confirmed waiting."""
        for outbox in self._outboxes:
            while batch := await outbox.outgoing(profile, limit=MESSAGES_PER_MARK):
                lease.require_held()
                await self.send_these(profile, outbox, batch)

    async def send_these(self, profile: str, outbox: Outbox, batch: Sequence[Outgoing]) -> None:
        sent: list[Outgoing] = []
        try:
            for outgoing in batch:
                await self._publisher.publish(outgoing.message)
                sent.append(outgoing)
        finally:
            await outbox.confirm(profile, sent)
