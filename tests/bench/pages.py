"""`make bench-pages`: how fast the console's pages are with 100,000 orders, on both databases."""

import asyncio
import os
import time
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

from console.domain.people import Role
from console_crowd import BIG_RUN, PROFILES, fill, profile_of
from console_visitor import Visitor, visiting
from console_world import World, running_console
from factories import profile_document
from stack.postgres import PrivatePostgres
from stack.terminal import say

ORDERS = int(os.environ.get("BENCH_ORDERS", "100000"))
ROUNDS = 40
MIDDLE = ORDERS // 2


def pages() -> dict[str, tuple[str, dict[str, str] | None]]:
    """What is asked, by what it shows: an address, and what is typed when it is a search."""
    searches = {
        "orders found by number": {"q": str(MIDDLE)},
        "orders found by name": {"q": "voorbeelde"},
        "orders: nothing found": {"q": "niemand"},
        "orders: nothing found for a profile": {"q": "niemand", "profile": PROFILES[2], "status": "booked"},
    }
    return {what: (path, None) for what, path in _addresses().items()} | {
        what: ("/orders", typed) for what, typed in searches.items()
    }


def _addresses() -> dict[str, str]:
    return {
        "overview": "/",
        "orders, the newest": "/orders",
        "orders, a page in the middle": f"/orders?until=2025-10-01&profile={PROFILES[1]}",
        "orders that need a person": "/orders?status=dead_lettered",
        "orders of one reason and profile": f"/orders?reason=TOTAL_MISMATCH&profile={PROFILES[3]}",
        "one order": f"/profiles/{profile_of(MIDDLE)}/orders/{MIDDLE}",
        "an import of 5,000 orders": f"/imports/{BIG_RUN}",
        "users": "/users",
        "who did what": "/log",
    }


async def measure(visitor: Visitor, path: str, typed: dict[str, str] | None) -> list[float]:
    """Milliseconds of each round, from asking to the last byte."""
    took: list[float] = []
    proof = await visitor.proof()
    for _ in range(ROUNDS):
        began = time.perf_counter()
        answer = await (visitor.get(path) if typed is None else visitor.post(path, proof=proof, **typed))
        took.append((time.perf_counter() - began) * 1000)
        if answer.status_code != 200:
            raise SystemExit(f"{path} answers {answer.status_code}")
    return took


async def measure_all(world: World) -> None:
    for name in PROFILES:
        own_numbers = {"invoice_number": f"{name}-{{order_number}}"}
        document = profile_document(name=name, bookings=own_numbers)
        saved = await world.client.post("/api/profiles", json=document)
        saved.raise_for_status()
    began = time.perf_counter()
    await fill(world.engine, ORDERS)
    say(f"  filled with {ORDERS:,} orders in {time.perf_counter() - began:.0f} s")
    async with visiting(world, Role.ADMINISTRATOR) as visitor:
        for what, (path, typed) in pages().items():
            took = await measure(visitor, path, typed)
            p95 = quantiles(took, n=20)[-1]
            say(f"  {what:38} median {median(took):6.0f} ms   p95 {p95:6.0f} ms")
        began = time.perf_counter()
        content = (await visitor.client.get("/orders.csv", timeout=600)).text
        say(f"  all orders as CSV: {content.count(chr(10)):,} lines in {time.perf_counter() - began:.1f} s")


async def measure_on(kind: str, url: str) -> None:
    say(f"{kind}:")
    async with running_console(url) as world:
        await measure_all(world)


def main() -> None:
    with TemporaryDirectory() as folder:
        asyncio.run(measure_on("SQLite", f"sqlite+aiosqlite:///{Path(folder) / 'console.sqlite3'}"))
    server = PrivatePostgres()
    try:
        server.start()
        asyncio.run(measure_on("PostgreSQL", server.create_database("pages")))
    finally:
        server.stop()


if __name__ == "__main__":
    main()
