"""A console on a real port, over a database of its own; the rest of the world is given."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import uvicorn
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from console.adapters.argon2_passwords import Argon2Passwords
from console.adapters.snelstart_administration import SnelstartAdministration
from console.adapters.sql import SqlReadModel
from console.adapters.web import Desks
from console.adapters.webshop import Webshop
from console.app import Console, Outside, build_console
from console.notice_ports import NoticeChannel
from console.ports import Bookkeeping, OpenedBooks, Passwords, Shop
from console.settings import ConsoleSettings
from fakes_console import NOON, FakeBookkeeping, FakeDeadLetterQueues, FakeNeighbours, FakeShop
from sconnect.clock import ManualClock
from sconnect.http import HttpLimits, create_http_client
from sconnect.ledgers import Account, AccountFunction, Books
from sconnect.messaging.memory import RecordingPublisher
from sconnect.persistence import create_engine
from sconnect.persistence.migrations import migrate
from sconnect.profiles import ProfileHistory, ProfileStore, SecretsKeyring, new_secrets_key
from sconnect.snelstart import SnelstartSessions
from simulators.server import listen

TOKEN = "token-of-the-tests"
# On a machine that is busy with other things.
ANSWER_SECONDS_MAX = 60
NOBODY = "http://127.0.0.1:1"
# As cheap as argon2 can be: what is tested is who gets in, not how long it takes.
CHEAP_MEMORY_KIB = 8


def sales_ledgers() -> dict[int, Account]:
    """The ledgers that the profile of tests/factories.py names."""
    functions = {
        AccountFunction.SALES_HIGH: (8100, 8300, 8310, 8320),
        AccountFunction.SALES_LOW: (8110, 8301, 8311, 8321),
        AccountFunction.NEUTRAL: (8990,),
    }
    return {
        number: Account(
            number=number,
            is_active=True,
            bands=frozenset(),
            needs_cost_centre=False,
            function=function,
            is_balance_sheet=False,
        )
        for function, numbers in functions.items()
        for number in numbers
    }


def some_bookkeeping() -> FakeBookkeeping:
    granted = "boekhouden:read boekhouden:write orders:read relaties:read relaties:write settings:read"
    return FakeBookkeeping(
        opened=OpenedBooks(
            administration_id="administration-1",
            administration_name="Voorbeeld Speelgoed",
            granted=frozenset(granted.split()),
        ),
        contents=Books(accounts=sales_ledgers(), cost_centres=frozenset({1})),
    )


@dataclass(kw_only=True)
class World:
    """What a test of the console can reach and change."""

    url: str
    database_url: str
    engine: AsyncEngine
    console: Console
    desks: Desks
    passwords: Passwords
    read_model: SqlReadModel
    profiles: ProfileStore
    publisher: RecordingPublisher
    queues: FakeDeadLetterQueues
    neighbours: FakeNeighbours
    clock: ManualClock
    client: httpx.AsyncClient


@asynccontextmanager
async def running_console(
    database_url: str,
    *,
    shop: Shop | None = None,
    bookkeeping: Bookkeeping | None = None,
    public_url: str | None = None,
    allow_local_apis: bool = True,
    channels: tuple[NoticeChannel, ...] = (),
) -> AsyncIterator[World]:
    """A console whose vendors are `shop` and `bookkeeping`, by default ones that agree with everything."""
    await asyncio.to_thread(prepare_database, database_url)
    engine = create_engine(database_url)
    profiles = ProfileStore(engine, SecretsKeyring([new_secrets_key()]))
    publisher, queues, neighbours = RecordingPublisher(), FakeDeadLetterQueues(), FakeNeighbours()
    clock = ManualClock(NOON)
    outside = Outside(
        engine=engine,
        profiles=profiles,
        past=ProfileHistory(engine),
        shop=shop or FakeShop(),
        bookkeeping=bookkeeping or some_bookkeeping(),
        neighbours=neighbours,
        publisher=publisher,
        queues=queues,
        passwords=Argon2Passwords(memory_kib=CHEAP_MEMORY_KIB, passes=1, lanes=1),
        clock=clock,
        channels=channels,
    )
    console = build_console(
        outside,
        _settings(database_url, public_url),
        token=SecretStr(TOKEN),
        language="nl",
        allow_local_apis=allow_local_apis,
    )
    async with (
        serving(console.web) as url,
        httpx.AsyncClient(
            base_url=url, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=ANSWER_SECONDS_MAX
        ) as client,
    ):
        yield World(
            url=url,
            database_url=database_url,
            engine=engine,
            console=console,
            desks=console.desks,
            passwords=outside.passwords,
            read_model=console.read_model,
            profiles=profiles,
            publisher=publisher,
            queues=queues,
            neighbours=neighbours,
            clock=clock,
            client=client,
        )
    await engine.dispose()


def _settings(database_url: str, public_url: str | None) -> ConsoleSettings:
    return ConsoleSettings(
        database_url=SecretStr(database_url),
        health_port=0,
        poller_url=NOBODY,
        customer_resolver_url=NOBODY,
        booking_writer_url=NOBODY,
        public_url=public_url,
    )


def prepare_database(url: str) -> None:
    """All tables of the console; the first SQLite file is migrated, the others are copies of it."""
    file = Path(make_url(url).database or "")
    if url.startswith("sqlite") and _MIGRATED:
        file.write_bytes(_MIGRATED[0])
        return
    for package in ("console", "sconnect.profiles", "sconnect.allowance"):
        migrate(url, package)
    if url.startswith("sqlite"):
        _MIGRATED.append(file.read_bytes())


_MIGRATED: list[bytes] = []


@asynccontextmanager
async def vendors() -> AsyncIterator[tuple[Webshop, SnelstartAdministration]]:
    """The real adapters to the vendors, for use with simulators."""
    client = create_http_client(HttpLimits(), allow_local_apis=True)
    sessions = SnelstartSessions(client, ManualClock(NOON), total_timeout_seconds=5)
    yield (
        Webshop(client, total_timeout_seconds=5),
        SnelstartAdministration(sessions),
    )
    await client.aclose()


@asynccontextmanager
async def serving(app: FastAPI) -> AsyncIterator[str]:
    """The app on a free port, in the loop of the test; gives its address."""
    listener = listen("127.0.0.1", 0)
    config = uvicorn.Config(app, lifespan="off", log_config=None, access_log=False, ws="none")
    server = uvicorn.Server(config)
    task = asyncio.create_task(server._serve([listener]))
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task
