"""`make bench-pages`: how fast the console's pages are with 100,000 orders, on both databases."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.page_addresses import PROFILE, Asked, asked, missing_from
from bench.page_document import DOCUMENT, Took, document, verdict
from console.adapters.argon2_passwords import Argon2Passwords
from console.domain.people import Role
from console.domain.previews import LastOrders
from console_answers import BOOKED, answer
from console_crowd import PROFILES, fill
from console_past import fill_past
from console_visitor import Visitor, account, visiting
from console_world import World, running_console
from factories import profile_document
from sconnect.clock import SystemClock
from sconnect.contracts import OrderKey
from stack.postgres import PrivatePostgres
from stack.terminal import say

WHOLE = 100_000
WHOLE_DATABASES = ("SQLite", "PostgreSQL")
ORDERS = int(os.environ.get("BENCH_ORDERS", str(WHOLE)))
DATABASES = os.environ.get("BENCH_DATABASES", " ".join(WHOLE_DATABASES)).split()
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "20"))
ROUNDS_OF_LONG_LISTS = 3
MIDDLE = ORDERS // 2
PREVIEWED = 100
VERSIONS = 40


async def measure(visitor: Visitor, wanted: Asked) -> Took:
    took = Took()
    proof = await visitor.proof()
    # Once without looking: the first reads templates, and what the database has not in memory yet.
    await ask(visitor, wanted, proof)
    for _ in range(ROUNDS if wanted.until == "last byte" else ROUNDS_OF_LONG_LISTS):
        began, began_processor = time.perf_counter(), time.process_time()
        status, ended = await ask(visitor, wanted, proof)
        took.clock.append((ended - began) * 1000)
        took.processor.append((time.process_time() - began_processor) * 1000)
        if status not in wanted.statuses:
            raise SystemExit(f"{wanted.path} answers {status}")
    return took


async def ask(visitor: Visitor, wanted: Asked, proof: str) -> tuple[int, float]:
    """The status, and when the last byte was there, or the first when only that is timed."""
    if wanted.until == "first byte":
        async with visitor.client.stream("GET", wanted.path) as answered:
            parts = answered.aiter_raw()
            await anext(parts, b"")
            first_byte = time.perf_counter()
            async for _ in parts:
                pass
            return answered.status_code, first_byte
    answered = await (
        visitor.get(wanted.path)
        if wanted.typed is None
        else visitor.post(wanted.path, proof=proof, **wanted.typed)
    )
    return answered.status_code, time.perf_counter()


async def measure_all(world: World) -> dict[str, Took]:
    """Print a line a page; returns what each took."""
    preview = await furnish(world)
    table = asked(MIDDLE, preview)
    forgotten = missing_from(table, world.console.web.routes)
    if forgotten:
        raise SystemExit(f"not measured: {', '.join(forgotten)}")
    measured: dict[str, Took] = {}

    def note(what: str, took: Took) -> None:
        measured[what] = took
        say(took.line(what))

    async with visiting(world, Role.ADMINISTRATOR) as visitor:
        for what, wanted in table.items():
            note(what, await measure(visitor, wanted))
        note("overview, while all orders are sent as a file", await while_a_list_is_read(visitor))
    note("signing in", await measure_the_door(world))
    return measured


async def furnish(world: World) -> str:
    """Fill everything; returns the id of a finished preview."""
    for name in PROFILES:
        own_numbers = {"invoice_number": f"{name}-{{order_number}}"}
        document = profile_document(name=name, bookings=own_numbers)
        (await world.client.post("/api/profiles", json=document)).raise_for_status()
    for version in range(VERSIONS):
        change = {"planning": {"interval": ("5m", "15m")[version % 2]}}
        (await world.client.patch(f"/api/profiles/{PROFILE}", json=change)).raise_for_status()
    began = time.perf_counter()
    await fill(world.engine, ORDERS)
    await fill_past(world.engine, ORDERS)
    say(f"  filled with {ORDERS:,} orders in {time.perf_counter() - began:.0f} s")
    preview = await world.desks.previews.ask(PROFILE, LastOrders(count=PREVIEWED), by="bench")
    orders = [OrderKey(uuid=f"uuid-{number}", number=str(number)) for number in range(1, PREVIEWED + 1)]
    await answer(world, *(BOOKED.model_copy(update={"order": order}) for order in orders))
    return preview.id


async def while_a_list_is_read(visitor: Visitor) -> Took:
    """What the overview takes while somebody takes all orders away, and how long that lasts."""
    async with _reading(visitor, "/orders.csv"):
        return await measure(visitor, Asked(path="/"))


@asynccontextmanager
async def _reading(visitor: Visitor, path: str) -> AsyncIterator[None]:
    async def read() -> None:
        began, lines = time.perf_counter(), 0
        async with visitor.client.stream("GET", path, timeout=600) as answered:
            async for part in answered.aiter_bytes():
                lines += part.count(b"\n")
        say(f"  {path}: {lines:,} lines in {time.perf_counter() - began:.1f} s")

    reader = asyncio.create_task(read())
    yield
    await reader


async def measure_the_door(world: World) -> Took:
    """Signing in with a password that is kept as the product keeps it: slow to check, on purpose."""
    name, password = await account(world, Role.BOOKKEEPER)
    kept = await Argon2Passwords().hash(password)
    await world.console.people.change_person(name, password_hash=kept, must_change_password=False)
    async with visiting(world) as stranger:
        return await measure_form(stranger, name, password)


async def measure_form(stranger: Visitor, name: str, password: str) -> Took:
    took = Took()
    for _ in range(ROUNDS):
        began, began_processor = time.perf_counter(), time.process_time()
        answered = await stranger.sign_in(name, password)
        took.clock.append((time.perf_counter() - began) * 1000)
        took.processor.append((time.process_time() - began_processor) * 1000)
        if answered.status_code != HTTPStatus.SEE_OTHER:
            raise SystemExit(f"signing in answers {answered.status_code}")
        stranger.client.cookies.clear()
    return took


async def measure_on(kind: str, url: str) -> dict[str, Took]:
    say(f"{kind}:")
    async with running_console(url) as world:
        return await measure_all(world)


def measure_databases() -> dict[str, dict[str, Took]]:
    measured: dict[str, dict[str, Took]] = {}
    if "SQLite" in DATABASES:
        with TemporaryDirectory() as folder:
            url = f"sqlite+aiosqlite:///{Path(folder) / 'console.sqlite3'}"
            measured["SQLite"] = asyncio.run(measure_on("SQLite", url))
    if "PostgreSQL" in DATABASES:
        server = PrivatePostgres()
        try:
            server.start()
            measured["PostgreSQL"] = asyncio.run(measure_on("PostgreSQL", server.create_database("pages")))
        finally:
            server.stop()
    return measured


def main() -> None:
    before = _load()
    say(f"{os.cpu_count()} processors, load {before}; {ROUNDS} rounds of each page, one after the other")
    measured = measure_databases()
    for kind, pages in measured.items():
        say(f"{kind}: {verdict([what for what, took in pages.items() if took.is_slow])}")
    circumstances = f"{os.cpu_count()} processors, load {before} before and {_load()} after, {ROUNDS} rounds"
    if ORDERS == WHOLE and len(measured) == len(WHOLE_DATABASES):
        DOCUMENT.write_text(document(measured, at=SystemClock().now(), circumstances=circumstances))
        say(f"written: {DOCUMENT}")


def _load() -> str:
    return f"{os.getloadavg()[0]:.1f}"


if __name__ == "__main__":
    main()
