"""The broker of the soak, in memory: work, wait and dead-letter queues with the topology's own names."""

import random
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

from sconnect.clock import Clock
from sconnect.contracts import Message, encode
from sconnect.errors import UpstreamUnavailable
from sconnect.messaging import Delivery
from sconnect.messaging.publisher import HeaderValue
from sconnect.messaging.topology import CONSOLE_EVENTS, WORK_QUEUES, WaitLevel
from sconnect.messaging.trouble import BROKER_UNAVAILABLE
from sconnect.messaging.walking import Remover

SECONDS_OF_WAIT_QUEUE = {
    queue.wait(level): (queue.name, level.seconds) for queue in WORK_QUEUES for level in WaitLevel
}
QUEUES_OF_EVENT = {
    event: queue.name for queue in WORK_QUEUES if queue is not CONSOLE_EVENTS for event in queue.events
}


class MemoryBroker:
    """An EventPublisher and the WaitQueues of the probes, over queues whose waits run on `clock`.

    `failing` is the share of publishes that the broker does not confirm; half of those it took all the
    same. `on_event` hears every event once it is published; `published` counts them by type.
    """

    def __init__(self, clock: Clock, chance: random.Random, *, failing: float) -> None:
        self._clock = clock
        self._chance = chance
        self._failing = failing
        self.work: dict[str, deque[Delivery]] = {queue.name: deque() for queue in WORK_QUEUES}
        self.waits: dict[str, deque[tuple[datetime, Delivery]]] = {
            name: deque() for name in SECONDS_OF_WAIT_QUEUE
        }
        self.dead_letters: dict[str, dict[str, Delivery]] = {queue.name: {} for queue in WORK_QUEUES}
        self.published: Counter[str] = Counter()
        self.waited: Counter[str] = Counter()
        self.on_event: Callable[[Message], None] = lambda _message: None

    async def publish(self, message: Message) -> None:
        self._fail_at_times(lambda: self._route(message))
        self._route(message)

    def put(self, command: Message) -> None:
        """What the console sends, over a connection of its own."""
        self._route(command)

    async def publish_to_queue(
        self, queue: str, body: bytes, *, headers: Mapping[str, HeaderValue], message_id: str
    ) -> None:
        self.work[queue].append(Delivery(queue=queue, body=body, message_id=message_id, headers=headers))

    async def publish_to_wait(
        self, queue: str, body: bytes, *, headers: Mapping[str, HeaderValue], message_id: str
    ) -> None:
        work_queue, seconds = SECONDS_OF_WAIT_QUEUE[queue]
        copy = Delivery(queue=work_queue, body=body, message_id=message_id, headers=headers)
        self.waited[queue.rpartition(".")[2]] += 1
        self.waits[queue].append((self._clock.now() + timedelta(seconds=seconds), copy))

    async def publish_to_dead_letters(
        self, queue: str, body: bytes, *, headers: Mapping[str, HeaderValue], message_id: str
    ) -> None:
        copy = Delivery(queue=queue, body=body, message_id=message_id, headers=headers)
        self.dead_letters[queue][message_id] = copy

    async def depth(self, name: str) -> int:
        return len(self.waits[name])

    async def walk(
        self, name: str, *, told_as: str, copies_max: int, remove: Remover, removals_max: int | None = None
    ) -> None:
        kept, removals = [], 0
        for _ in range(copies_max):
            if removals == removals_max:
                break
            due, copy = self.waits[name].popleft()
            if await remove(copy):
                removals += 1
            else:
                kept.append((due, copy))
        self.waits[name].extendleft(reversed(kept))

    def next_due(self) -> datetime | None:
        """When the first message comes back; a queue with a time to live lets go at its head only."""
        return min((waiting[0][0] for waiting in self.waits.values() if waiting), default=None)

    def let_go(self) -> None:
        """What has waited long enough goes back to work."""
        for waiting in self.waits.values():
            while waiting and waiting[0][0] <= self._clock.now():
                _, copy = waiting.popleft()
                self.work[copy.queue].append(copy)

    async def deliver(self, queue: str, consume: Callable[[Delivery], Awaitable[None]]) -> int:
        """Everything that is there now; returns how many messages that was."""
        waiting = self.work[queue]
        count = len(waiting)
        for _ in range(count):
            await consume(waiting.popleft())
        return count

    def _route(self, message: Message) -> None:
        self.published[message.type] += 1
        if (queue := QUEUES_OF_EVENT.get(message.type)) is not None:
            self.work[queue].append(Delivery(queue=queue, body=encode(message), message_id=message.id))
        self.on_event(message)

    def _fail_at_times(self, route: Callable[[], None]) -> None:
        if self._chance.random() >= self._failing:
            return
        if self._chance.random() < 0.5:  # the confirm is lost, the message is not
            route()
        raise UpstreamUnavailable(BROKER_UNAVAILABLE)
