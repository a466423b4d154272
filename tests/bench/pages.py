"""`make bench-pages`: how fast the console's pages are with 100,000 orders, on both databases."""

import asyncio
import os
import time
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

from console.domain.people import Role
from console_crowd import BIG_RUN, LEDGER_WAITED_FOR, PROFILES, dead_letter_near, fill, profile_of
from console_visitor import Visitor, visiting
from console_world import World, running_console
from factories import profile_document
from stack.postgres import PrivatePostgres
from stack.terminal import say

ORDERS = int(os.environ.get("BENCH_ORDERS", "100000"))
DATABASES = os.environ.get("BENCH_DATABASES", "SQLite PostgreSQL").split()
ROUNDS = 20
MS_MAX = 300
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
        "needs you": "/needs-you",
        "needs you, one reason": "/needs-you/reasons/AMBIGUOUS_CUSTOMER",
        "needs you, one reason of a profile": f"/needs-you/reasons/TOTAL_MISMATCH?profile={PROFILES[3]}",
        "needs you, one order": f"/needs-you/letters/{dead_letter_near(MIDDLE)}",
        "needs you, choose a ledger": f"/needs-you/ledgers/{PROFILES[2]}?place={LEDGER_WAITED_FOR}",
        "put away": "/needs-you/put-away",
        "remembered customers": "/customers",
        "solved together": "/letter-jobs",
        "preview": "/previews",
        "profiles": "/profiles",
        "one profile": f"/profiles/{PROFILES[2]}",
        "one profile, its ledgers": f"/profiles/{PROFILES[2]}/bookings",
        "one profile, its customers": f"/profiles/{PROFILES[2]}/customers",
        "one profile, its history": f"/profiles/{PROFILES[2]}/history",
        "notifications": "/notifications",
        "users": "/users",
        "who did what": "/log",
    }


@dataclass(frozen=True, slots=True)
class Took:
    """Milliseconds of each round: on the clock from asking to the last byte, and of this process's processor.

    The second tells what a page costs here, asking included, when the machine is busy with other things.
    """

    clock: list[float]
    processor: list[float]

    def line(self, what: str) -> str:
        p95 = quantiles(self.clock, n=20)[-1]
        slow = "" if median(self.clock) < MS_MAX else f"   more than {MS_MAX} ms"
        return (
            f"  {what:42} median {median(self.clock):5.0f} ms   p95 {p95:5.0f} ms"
            f"   processor {median(self.processor):5.0f} ms{slow}"
        )


async def measure(visitor: Visitor, path: str, typed: dict[str, str] | None) -> Took:
    took = Took([], [])
    proof = await visitor.proof()
    for _ in range(ROUNDS):
        began, began_processor = time.perf_counter(), time.process_time()
        answer = await (visitor.get(path) if typed is None else visitor.post(path, proof=proof, **typed))
        took.clock.append((time.perf_counter() - began) * 1000)
        took.processor.append((time.process_time() - began_processor) * 1000)
        if answer.status_code != HTTPStatus.OK:
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
            say((await measure(visitor, path, typed)).line(what))
        began = time.perf_counter()
        lines = 0
        async with visitor.client.stream("GET", "/orders.csv", timeout=600) as answer:
            async for part in answer.aiter_bytes():
                lines += part.count(b"\n")
        say(f"  all orders as CSV: {lines:,} lines in {time.perf_counter() - began:.1f} s")


async def measure_on(kind: str, url: str) -> None:
    say(f"{kind}:")
    async with running_console(url) as world:
        await measure_all(world)


def main() -> None:
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    say(f"{os.cpu_count()} processors, load {load}; {ROUNDS} rounds of each page, one after the other")
    if "SQLite" in DATABASES:
        with TemporaryDirectory() as folder:
            asyncio.run(measure_on("SQLite", f"sqlite+aiosqlite:///{Path(folder) / 'console.sqlite3'}"))
    if "PostgreSQL" in DATABASES:
        server = PrivatePostgres()
        try:
            server.start()
            asyncio.run(measure_on("PostgreSQL", server.create_database("pages")))
        finally:
            server.stop()


if __name__ == "__main__":
    main()
