"""`make bench`: what a booked order costs, and how the pipeline compares with a bare loop."""

import asyncio
import os
from collections import Counter
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from bench.bare_loop import measure_bare_loop
from bench.calls import Call, orders_per_second
from bench.world import World, running_world
from stack.broker import PrivateBroker
from stack.terminal import say

ROUNDS = 3
# One administration allows 500 calls a minute: a second round in it would measure that.
SHOPS = 10
ORDERS_PER_ROUND = 200
KNOWN_BUYER = 0


def calls_per_booking(calls: list[Call]) -> float:
    return len(calls) / sum(call.is_booking for call in calls)


def show_calls(title: str, calls: list[Call]) -> None:
    say(f"{title}: {calls_per_booking(calls):.2f} SnelStart calls per booked order")
    for (method, path), count in Counter((call.method, call.path) for call in calls).most_common(6):
        say(f"    {count:6} {method} {path}")


def bare_bodies(world: World, round_number: int) -> list[dict[str, Any]]:
    """The bookings that the product made, as new ones: the same work for the vendor."""
    booked = world.shops[0].bookings()[:ORDERS_PER_ROUND]
    return [
        {name: value for name, value in booking.items() if name not in ("id", "uri", "modifiedOn")}
        | {"factuurnummer": f"BARE-{round_number}-{i}"}
        for i, booking in enumerate(booked)
    ]


def measure_bare_rounds(world: World, folder: Path) -> list[float]:
    broker, administration = PrivateBroker(folder / "bare-broker"), world.shops[0].administration
    url = str(administration.client.base_url).rstrip("/") + "/v2/verkoopboekingen"
    headers = administration.headers() | {"Content-Type": "application/json"}
    try:
        amqp_url = broker.start()
        return [
            asyncio.run(measure_bare_loop(amqp_url, url, headers, bare_bodies(world, round_number)))
            for round_number in range(ROUNDS)
        ]
    finally:
        broker.stop()


def main() -> None:
    """Print the figures; takes a few minutes."""
    # One shop: what others read for the first time is not a cost of these orders.
    with TemporaryDirectory() as name, running_world(Path(name)) as world:
        show_calls("Every buyer new", world.import_orders(range(ORDERS_PER_ROUND)))
        show_calls("One known buyer", world.import_orders([KNOWN_BUYER] * ORDERS_PER_ROUND))
    with TemporaryDirectory() as name, running_world(Path(name), shops=SHOPS) as world:
        world.import_orders([KNOWN_BUYER] * SHOPS)
        rounds = [world.import_orders([KNOWN_BUYER] * ORDERS_PER_ROUND) for _ in range(ROUNDS)]
        pipeline = [orders_per_second(calls) for calls in rounds]
        bare = measure_bare_rounds(world, Path(name))
    say(
        f"\n{ORDERS_PER_ROUND} orders of {SHOPS} shops, {ROUNDS} rounds, {os.cpu_count()} cores,"
        " orders per second"
    )
    say(f"    pipeline   median {median(pipeline):7.1f}   rounds {[round(one, 1) for one in pipeline]}")
    say(f"    bare loop  median {median(bare):7.1f}   rounds {[round(one, 1) for one in bare]}")
    say(f"    ratio      {median(pipeline) / median(bare):.2f}")


if __name__ == "__main__":
    main()
