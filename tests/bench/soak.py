"""`python -m bench.soak [ORDERS]`: very many orders through the whole product; memory, tables and queues.

Exit code 1 when a service's memory grows, a message is left in a queue, or an order is not booked once.
"""

import asyncio
import signal
import sqlite3
import statistics
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import aio_pika

from bench.memory import resident_mb
from bench.world import World, running_world
from sconnect.messaging.topology import WORK_QUEUES, WaitLevel
from stack.broker import PrivateBroker
from stack.terminal import say

ORDERS = 100_000
BATCHES = 20
# SnelStart allows an administration 5,000 calls an hour.
SHOPS = 40
# In every batch one order in so many is of a buyer who never ordered before.
ORDERS_PER_BUYER = 10
# A heap breathes; a leak of a kilobyte for each order would show as 50 MB between these halves.
GROWTH_MB_MAX = 15.0


@dataclass(frozen=True, kw_only=True)
class Look:
    """What stood where after so many orders: MB of each service, rows and MB of the databases, messages."""

    orders: int
    seconds: float
    memory_mb: dict[str, float]
    rows: int
    database_mb: float
    messages: int


def look(world: World, folder: Path, amqp_url: str, orders: int, seconds: float) -> Look:
    databases = sorted((folder / "home").rglob("*.sqlite3"))
    return Look(
        orders=orders,
        seconds=seconds,
        memory_mb={name: resident_mb(pid, "VmRSS") for name, pid in sorted(world.pids().items())},
        rows=sum(map(rows_in, databases)),
        database_mb=sum(file.stat().st_size for file in databases) / 1_000_000,
        messages=asyncio.run(messages_left(amqp_url)),
    )


def rows_in(database: Path) -> int:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        names = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        ).fetchall()
        return sum(connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for (name,) in names)


async def messages_left(amqp_url: str) -> int:
    """In all work, wait and dead-letter queues."""
    names = [name for queue in WORK_QUEUES for name in (queue.name, queue.dead_letter)]
    names += [queue.wait(level) for queue in WORK_QUEUES for level in WaitLevel]
    async with await aio_pika.connect(amqp_url) as connection, connection.channel() as channel:
        declared = [await channel.declare_queue(name, passive=True) for name in names]
    return sum(queue.declaration_result.message_count or 0 for queue in declared)


def soak(world: World, folder: Path, amqp_url: str, orders: int) -> list[Look]:
    batch, looks = max(1, orders // BATCHES), []
    for number in range(BATCHES):
        began_at = time.monotonic()
        buyers = [buyer_of(place) for place in range(number * batch, (number + 1) * batch)]
        # A batch each day: the poller reads the orders of the last days again at every run.
        world.import_orders(buyers, days_ago=BATCHES - number)
        seen = look(world, folder, amqp_url, (number + 1) * batch, time.monotonic() - began_at)
        looks.append(seen)
        services = " ".join(f"{name} {mb:.0f}" for name, mb in seen.memory_mb.items())
        say(
            f"{seen.orders} orders, {batch / seen.seconds:.0f}/s; MB: {services}; databases"
            f" {seen.database_mb:.0f} MB, {seen.rows / seen.orders:.1f} rows an order;"
            f" {seen.messages} messages left"
        )
    return looks


def buyer_of(place: int) -> int:
    """Of the order with this place among all; the orders of a shop are SHOPS places apart."""
    met = place // SHOPS // ORDERS_PER_BUYER + 1
    return met - 1 if place // SHOPS % ORDERS_PER_BUYER == 0 else place // SHOPS * 7919 % met


def complaints(looks: Sequence[Look], booked: Counter[str]) -> list[str]:
    """What grew between the second and the last quarter, was left, or was doubled."""
    quarter = len(looks) // 4
    found = [f"{number} is booked {count} times" for number, count in booked.items() if count > 1]
    if len(booked) != looks[-1].orders:
        found.append(f"{len(booked)} of {looks[-1].orders} orders are booked")
    for name in looks[-1].memory_mb:
        early, late = (
            statistics.median(seen.memory_mb[name] for seen in part)
            for part in (looks[quarter : 2 * quarter], looks[-quarter:])
        )
        if late - early > GROWTH_MB_MAX:
            found.append(f"{name} grew from {early:.0f} to {late:.0f} MB")
    if looks[-1].messages:
        found.append(f"{looks[-1].messages} messages were left in the queues")
    return found


def main() -> int:
    """Print the figures; 100,000 orders take hours. SIGTERM ends it in order, as Ctrl-C does."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    orders = int(sys.argv[1]) if len(sys.argv) > 1 else ORDERS
    with TemporaryDirectory() as name:
        broker = PrivateBroker(Path(name) / "broker")
        try:
            amqp_url = broker.start()
            with running_world(Path(name), amqp_url=amqp_url, shops=SHOPS) as world:
                looks = soak(world, Path(name), amqp_url, orders)
                booked = Counter(
                    f"{shop.demo.name} {booking['factuurnummer']}"
                    for shop in world.shops
                    for booking in shop.bookings()
                )
        finally:
            broker.stop()
    found = complaints(looks, booked)
    say(
        "\n".join(found)
        or f"{looks[-1].orders} orders: each booked once, nothing grew, no queue holds a message"
    )
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
