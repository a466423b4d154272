"""An EventPublisher that keeps what it is given; it passes the same suite as the real one."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sconnect.contracts import Message
from sconnect.messaging.publisher import HeaderValue


@dataclass(frozen=True, slots=True)
class PublishedCopy:
    queue: str
    body: bytes
    headers: Mapping[str, HeaderValue]
    message_id: str


@dataclass(slots=True)
class RecordingPublisher:
    """`failures` are raised one by one, before anything is kept."""

    events: list[Message] = field(default_factory=list)
    queued: list[PublishedCopy] = field(default_factory=list)
    waiting: list[PublishedCopy] = field(default_factory=list)
    dead_letters: list[PublishedCopy] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)

    async def publish(self, message: Message) -> None:
        self._fail_if_asked()
        self.events.append(message)

    async def publish_to_queue(
        self, queue: str, body: bytes, *, headers: Mapping[str, HeaderValue], message_id: str
    ) -> None:
        self._fail_if_asked()
        self.queued.append(PublishedCopy(queue, body, dict(headers), message_id))

    async def publish_to_wait(
        self, queue: str, body: bytes, *, headers: Mapping[str, HeaderValue], message_id: str
    ) -> None:
        self._fail_if_asked()
        self.waiting.append(PublishedCopy(queue, body, dict(headers), message_id))

    async def publish_to_dead_letters(
        self, queue: str, body: bytes, *, headers: Mapping[str, HeaderValue], message_id: str
    ) -> None:
        self._fail_if_asked()
        self.dead_letters.append(PublishedCopy(queue, body, dict(headers), message_id))

    def _fail_if_asked(self) -> None:
        if self.failures:
            raise self.failures.pop(0)
