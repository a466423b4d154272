"""`python -m bench.memory [MESSAGES]`: what each service takes with 100,000 messages waiting in its queue."""

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import aio_pika

from bench.world import World, running_world
from fakes_console import OrderStory
from sconnect.clock import SystemClock
from sconnect.contracts import Message
from sconnect.messaging import RabbitPublisher, connect_broker
from sconnect.messaging.topology import (
    CONSOLE_EVENTS,
    RESOLVER_RECEIVED,
    WRITER_RESOLVED,
    WorkQueue,
)
from stack.broker import PrivateBroker
from stack.terminal import say

MESSAGES = 100_000
PUBLISHED_AT_ONCE = 200
WATCHED_SECONDS = 60.0
LIMIT_MB = 150

Tell = Callable[[OrderStory], Message]
LOADS: tuple[tuple[WorkQueue, Tell], ...] = (
    (RESOLVER_RECEIVED, lambda story: story.received()),
    (WRITER_RESOLVED, lambda story: story.resolved()),
    (CONSOLE_EVENTS, lambda story: story.waiting()),
)


async def fill(amqp_url: str, profile: str, count: int) -> None:
    """A message goes to every queue that wants its kind, so the console's gets the orders' news as well."""
    broker = connect_broker(amqp_url, connection_name="bench")
    await broker.start()
    publisher = RabbitPublisher(broker)
    for start in range(0, count, PUBLISHED_AT_ONCE):
        numbers = range(start, min(start + PUBLISHED_AT_ONCE, count))
        stories = [OrderStory(number=str(10_000_000 + number), profile=profile) for number in numbers]
        await asyncio.gather(*(publisher.publish(tell(story)) for story in stories for _, tell in LOADS))
    await broker.stop()


async def waiting(amqp_url: str) -> dict[str, int]:
    async with await aio_pika.connect(amqp_url) as connection, connection.channel() as channel:
        found = {}
        for queue, _ in LOADS:
            declared = await channel.declare_queue(queue.name, passive=True)
            found[queue.name] = declared.declaration_result.message_count or 0
        return found


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


def main() -> None:
    """Print the figures; takes some minutes."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else MESSAGES
    with TemporaryDirectory() as name:
        broker = PrivateBroker(Path(name) / "broker")
        try:
            amqp_url = broker.start()
            with running_world(Path(name), amqp_url=amqp_url) as world:
                show(world, "With nothing to do", "VmRSS")
                for pid in world.pids().values():
                    forget_the_most(pid)
                asyncio.run(fill(amqp_url, world.shops[0].demo.name, count))
                asyncio.run(SystemClock().sleep(WATCHED_SECONDS))
                say(f"After {count} of each, waiting: {asyncio.run(waiting(amqp_url))}")
                most = show(world, "The most that each took", "VmHWM")
        finally:
            broker.stop()
    verdict = "all stay" if max(most.values()) < LIMIT_MB else "NOT all stay"
    say(f"{verdict} under {LIMIT_MB} MB")


if __name__ == "__main__":
    main()
