"""The whole product in one process: all services on a real broker, each with its own database file."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr

import booking_writer.app
import console.app
import customer_resolver.app
import poller.app
from booking_writer.settings import BookingWriterSettings
from console.settings import ConsoleSettings
from console_world import NOBODY, TOKEN, serving
from customer_resolver.settings import CustomerResolverSettings
from factories import profile
from poller.settings import PollerSettings
from sconnect.clock import SystemClock
from sconnect.messaging.declaration import declare_topology
from sconnect.persistence import create_engine
from sconnect.persistence.migrations import migrate
from sconnect.profiles import AdministrationInfo, ProfileStore, SecretsKeyring, new_secrets_key
from sconnect.service import CommonSettings, Service
from sconnect.service.health import HealthState, health_app
from simulators.clock import system_clock
from simulators.server import running
from simulators.snelstart import create_app as create_snelstart
from simulators.snelstart.driver import AdministrationDriver
from simulators.webshop import create_app as create_webshop
from simulators.webshop.driver import ShopDriver

NAME = "voorbeeldwinkel"
DEADLINE_SECONDS = 60
STAGES = ("poller", "customer_resolver", "booking_writer")
# Looking costs calls, which are counted, reads on in the mirror of the relations, and is noted as an action:
# no more is allowed.
OF_LOOKING = frozenset(
    {
        "actions",
        "call_allowances",
        "leases",
        "mirrored_administrations",
        "mirrored_relations",
        "mirrored_relation_keys",
    }
)

Loop = Callable[[], Awaitable[None]]
Rows = dict[str, list[tuple[Any, ...]]]


@dataclass(kw_only=True)
class Vendors:
    """One shop and one administration, in simulators on real ports."""

    webshop_url: str
    snelstart_url: str
    shop: ShopDriver
    administration: AdministrationDriver

    def writes(self) -> list[tuple[str, str]]:
        """Everything that was asked of either vendor but to look, the logins apart."""
        calls = (*self.shop.calls(), *self.administration.control("GET", "/calls").json())
        return [
            (call["method"], call["path"])
            for call in calls
            if call["method"] != "GET" and not call["path"].endswith("/token")
        ]


@contextmanager
def vendors() -> Iterator[Vendors]:
    with (
        running(create_webshop(system_clock)) as webshop_url,
        running(create_snelstart(system_clock)) as snelstart_url,
        ShopDriver(webshop_url) as shop,
        AdministrationDriver(snelstart_url) as administration,
    ):
        shop.open()
        administration.open()
        yield Vendors(
            webshop_url=webshop_url, snelstart_url=snelstart_url, shop=shop, administration=administration
        )


class Product:
    """What a test can reach; `client` is signed in to the console's API."""

    def __init__(
        self,
        home: Path,
        vendors: Vendors,
        client: httpx.AsyncClient,
        profiles: ProfileStore,
        polling: Any,
        *,
        loops: Mapping[str, Loop],
    ) -> None:
        self.home = home
        self.vendors = vendors
        self.client = client
        self.profiles = profiles
        self.url = str(client.base_url)
        self.loops = loops
        self._polling = polling

    async def save_profile(self, **changes: Any) -> None:
        """Switched off unless `changes` say otherwise."""
        administration = self.vendors.administration
        keys = {
            "connection_key": administration.connection_key,
            "subscription_key": administration.subscription_key,
        }
        shop = {"token": self.vendors.shop.token} | changes.pop("shop", {})
        given = profile(
            webshop_url=self.vendors.webshop_url,
            snelstart_url=self.vendors.snelstart_url,
            shop=shop,
            bookkeeping=keys,
            **{"enabled": False} | changes,
        )
        company = administration.rows("/companyInfo")
        info = AdministrationInfo(id=company["administratieIdentifier"], name=company["administratieNaam"])
        await self.profiles.save(given, administration=info, saved_by="test")

    async def preview(self, **selection: Any) -> dict[str, Any]:
        """The preview once it is over."""
        answer = await self.client.post(f"/api/profiles/{NAME}/previews", json=selection)
        assert answer.status_code == 202, answer.text
        seen: dict[str, Any] = answer.json()
        async with asyncio.timeout(DEADLINE_SECONDS):
            while seen["state"] == "running":
                await SystemClock().sleep(0.05)
                seen = (await self.client.get(f"/api/previews/{seen['id']}")).json()
        return seen

    async def orders(self) -> dict[str, dict[str, Any]]:
        """What became of every imported order, by number."""
        listed = (await self.client.get(f"/api/profiles/{NAME}/orders")).json()
        return {order["order_number"]: order for order in listed}

    async def poll(self) -> None:
        """One round of the poller, which imports what is due, whole."""
        await self._polling.round()
        await self._polling.until_idle()

    async def until_at_rest(self, count: int) -> dict[str, dict[str, Any]]:
        async with asyncio.timeout(DEADLINE_SECONDS):
            while True:
                orders = await self.orders()
                at_rest = [each for each in orders.values() if each["status"] != "in_progress"]
                if len(at_rest) == len(orders) == count:
                    return orders
                await SystemClock().sleep(0.1)

    def tables(self) -> dict[str, Rows]:
        """Every row of every database, what looking leaves behind apart."""
        return {file.stem: _rows(file) for file in sorted(self.home.glob("*.sqlite3"))}


@asynccontextmanager
async def product(
    home: Path,
    amqp_url: str,
    world: Vendors,
    *,
    down: tuple[str, ...] = (),
    answer_seconds_max: float = 60,
) -> AsyncIterator[Product]:
    """All services but those that are `down`, which do not answer for their health either."""
    await declare_topology(amqp_url)
    common = CommonSettings(
        amqp_url=SecretStr(amqp_url),
        database_url=SecretStr(_database(home, "coordination")),
        secrets_key=SecretStr(new_secrets_key()),
        allow_local_apis=True,
    )
    for package in ("sconnect.profiles", "sconnect.allowance"):
        await asyncio.to_thread(migrate, _database(home, "coordination"), package)
    for package in (*STAGES, "console"):
        await asyncio.to_thread(migrate, _database(home, package), package)
    async with AsyncExitStack() as stack:
        urls: dict[str, Any] = {
            f"{stage}_url": NOBODY if stage in down else _healthy(stack, stage) for stage in STAGES
        }
        of_console = ConsoleSettings(
            SCONNECT_TOKEN=TOKEN,
            database_url=SecretStr(_database(home, "console")),
            health_port=0,
            preview_answer_seconds_max=answer_seconds_max,
            **urls,
        )
        polling: Any = None
        loops: dict[str, Loop] = {}
        for stage, build in _builders(common, home).items():
            if stage not in down:
                service = await stack.enter_async_context(_started(await build()))
                loops |= service.loops
                if stage == "poller":
                    polling = getattr(service.loops["polling"], "__self__", None)
        desk = await stack.enter_async_context(_started(await console.app.build(common, of_console)))
        loops |= desk.loops
        url = await stack.enter_async_context(serving(desk.web_app))
        headers = {"Authorization": f"Bearer {TOKEN}", "Accept-Language": "en"}
        client = await stack.enter_async_context(httpx.AsyncClient(base_url=url, headers=headers))
        engine = create_engine(_database(home, "coordination"))
        keyring = SecretsKeyring([common.secrets_key.get_secret_value() if common.secrets_key else ""])
        yield Product(home, world, client, ProfileStore(engine, keyring), polling, loops=loops)
        await engine.dispose()


def _builders(common: CommonSettings, home: Path) -> dict[str, Callable[[], Awaitable[Service]]]:
    database = {name: SecretStr(_database(home, name)) for name in STAGES}
    of_poller = PollerSettings(
        database_url=database["poller"], health_port=0, shop_requests_per_second_max=50
    )
    of_resolver = CustomerResolverSettings(database_url=database["customer_resolver"], health_port=0)
    of_writer = BookingWriterSettings(database_url=database["booking_writer"], health_port=0)
    return {
        "poller": lambda: poller.app.build(common, of_poller),
        "customer_resolver": lambda: customer_resolver.app.build(common, of_resolver),
        "booking_writer": lambda: booking_writer.app.build(common, of_writer),
    }


@asynccontextmanager
async def _started(service: Service) -> AsyncIterator[Service]:
    """The service at its queues; what it would do by itself at intervals is left out."""
    assert service.broker is not None
    await service.broker.start()
    try:
        yield service
    finally:
        await service.broker.stop()
        for close in service.closers:
            await close()


def _healthy(stack: AsyncExitStack, name: str) -> str:
    state = HealthState(name, {})
    state.not_ready_because = None
    return stack.enter_context(running(health_app(state)))


def _database(home: Path, name: str) -> str:
    return f"sqlite+aiosqlite:///{home / name}.sqlite3"


def _rows(file: Path) -> Rows:
    with sqlite3.connect(file) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        names = [name for (name,) in tables]
        return {
            name: sorted(connection.execute(f'SELECT * FROM "{name}"').fetchall(), key=repr)
            for name in names
            if name not in OF_LOOKING
        }
