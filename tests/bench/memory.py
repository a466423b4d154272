"""`python -m bench.memory [MESSAGES]`: what each service takes with 100,000 messages waiting.

First in its queue; then for their profile, which is off and is switched on: every message is called back.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import aio_pika

from bench.world import World, running_world
from fakes_console import OrderStory
from sconnect.clock import SystemClock
from sconnect.contracts import Message, encode
from sconnect.messaging import RabbitPublisher, connect_broker
from sconnect.messaging.edge import WAITS_FOR_PROFILE_HEADER
from sconnect.messaging.topology import (
    CONSOLE_EVENTS,
    RESOLVER_RECEIVED,
    WRITER_RESOLVED,
    WorkQueue,
)
from sconnect.stage.probing import WAIT_OF_PAUSED
from stack.broker import PrivateBroker
from stack.terminal import say
from stack.waiting import wait_until

MESSAGES = 100_000
PUBLISHED_AT_ONCE = 200
WATCHED_SECONDS = 60.0
# Called back at several hundred a second, by each of two services.
CALLED_BACK_SECONDS = 1_200.0
LOOK_SECONDS = 1.0
# A stage looks every 5 s, and calls back for a minute; meanwhile the fuse is probed as well.
WATCHED_AFTERWARDS_SECONDS = 90.0
LIMIT_MB = 150

Tell = Callable[[OrderStory], Message]
STAGES: tuple[tuple[WorkQueue, Tell], ...] = (
    (RESOLVER_RECEIVED, lambda story: story.received()),
    (WRITER_RESOLVED, lambda story: story.resolved()),
)
LOADS = (*STAGES, (CONSOLE_EVENTS, lambda story: story.waiting()))
Publish = Callable[[RabbitPublisher, OrderStory], Iterable[Awaitable[None]]]


async def fill(amqp_url: str, profile: str, count: int, publish: Publish) -> None:
    broker = connect_broker(amqp_url, connection_name="bench")
    await broker.start()
    publisher = RabbitPublisher(broker)
    for start in range(0, count, PUBLISHED_AT_ONCE):
        numbers = range(start, min(start + PUBLISHED_AT_ONCE, count))
        stories = [OrderStory(number=str(10_000_000 + number), profile=profile) for number in numbers]
        await asyncio.gather(*(each for story in stories for each in publish(publisher, story)))
    await broker.stop()


def to_all(publisher: RabbitPublisher, story: OrderStory) -> Iterable[Awaitable[None]]:
    """A message goes to every queue that wants its kind, so the console's gets the orders' news as well."""
    return (publisher.publish(tell(story)) for _, tell in LOADS)


def to_the_waits(publisher: RabbitPublisher, story: OrderStory) -> Iterable[Awaitable[None]]:
    """As the stages put away the orders of a profile that is paused."""
    for queue, tell in STAGES:
        message = tell(story)
        yield publisher.publish_to_wait(
            queue.wait(WAIT_OF_PAUSED),
            encode(message),
            headers={WAITS_FOR_PROFILE_HEADER: 1},
            message_id=message.id,
        )


async def depths(amqp_url: str, names: Iterable[str]) -> dict[str, int]:
    async with await aio_pika.connect(amqp_url) as connection, connection.channel() as channel:
        found = {}
        for name in names:
            declared = await channel.declare_queue(name, passive=True)
            found[name] = declared.declaration_result.message_count or 0
        return found


def waiting_for_their_profile(amqp_url: str) -> dict[str, int]:
    return asyncio.run(depths(amqp_url, [queue.wait(WAIT_OF_PAUSED) for queue, _ in STAGES]))


def resident_mb(pid: int, field: str) -> float:
    """VmRSS (now) or VmHWM (the most so far) of a process, in MB of a million bytes."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    (kib,) = (int(line.split()[1]) for line in lines if line.startswith(f"{field}:"))
    return kib * 1024 / 1_000_000


def forget_the_most(pid: int) -> None:
    """Let VmHWM begin anew: what a start or a sign-in took is over (proc(5), clear_refs)."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def show(world: World, title: str, field: str) -> dict[str, float]:
    found = {name: resident_mb(pid, field) for name, pid in world.pids().items()}
    say(f"{title}: " + ", ".join(f"{name} {mb:.0f} MB" for name, mb in sorted(found.items())))
    return found


@contextmanager
def measured_world() -> Iterator[tuple[World, str]]:
    """The product with one shop on a broker of its own, which tells its address."""
    with TemporaryDirectory() as name:
        broker = PrivateBroker(Path(name) / "broker")
        try:
            amqp_url = broker.start()
            # The waits take their time, or the first would be back before the last have come.
            with running_world(Path(name), amqp_url=amqp_url, wait_time_scale=1) as world:
                yield world, amqp_url
        finally:
            broker.stop()


def with_full_queues(count: int) -> dict[str, float]:
    """The most that each service took, in MB."""
    with measured_world() as (world, amqp_url):
        show(world, "With nothing to do", "VmRSS")
        forget_all(world)
        asyncio.run(fill(amqp_url, world.shops[0].demo.name, count, to_all))
        asyncio.run(SystemClock().sleep(WATCHED_SECONDS))
        found = asyncio.run(depths(amqp_url, [queue.name for queue, _ in LOADS]))
        say(f"After {count} of each, waiting: {found}")
        return show(world, "The most that each took", "VmHWM")


def with_a_profile_that_was_off(count: int) -> dict[str, float]:
    """The most that each service took, in MB, while the orders of a profile are called back."""
    with measured_world() as (world, amqp_url):
        shop = world.shops[0]
        world.switch(shop, enabled=False)
        # A stage knows that the profile is off once an order of it came.
        asyncio.run(fill(amqp_url, shop.demo.name, 1, to_all))
        require(lambda: all(waiting_for_their_profile(amqp_url).values()))
        asyncio.run(fill(amqp_url, shop.demo.name, count, to_the_waits))
        require(lambda: min(waiting_for_their_profile(amqp_url).values()) >= count)
        say(f"The profile is off, waiting: {waiting_for_their_profile(amqp_url)}")
        forget_all(world)
        world.switch(shop, enabled=True)
        require(lambda: min(waiting_for_their_profile(amqp_url).values()) == 0)
        asyncio.run(SystemClock().sleep(WATCHED_AFTERWARDS_SECONDS))
        return show(world, "It is on again; the most that each took", "VmHWM")


def forget_all(world: World) -> None:
    for pid in world.pids().values():
        forget_the_most(pid)


def require(condition: Callable[[], bool]) -> None:
    if not wait_until(condition, timeout_seconds=CALLED_BACK_SECONDS, interval_seconds=LOOK_SECONDS):
        raise RuntimeError("the orders of a profile that is off did not come to their wait, or back from it")


def main() -> None:
    """Print the figures; takes half an hour."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else MESSAGES
    most = [*with_full_queues(count).values(), *with_a_profile_that_was_off(count).values()]
    verdict = "all stay" if max(most) < LIMIT_MB else "NOT all stay"
    say(f"{verdict} under {LIMIT_MB} MB")


if __name__ == "__main__":
    main()
