"""The whole product with everything around it, each part of which a test may break."""

import asyncio
import os
import random
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Self, TypeVar
from uuid import uuid4

import aio_pika
import sqlalchemy

from factories import profile
from faults.child import SERVICES, ServiceProcess
from faults.orders import KNOWN_EMAIL, PlannedOrder, orders_of_a_run
from faults.proxy import CuttableLine
from sconnect.clock import SystemClock, dutch_date
from sconnect.contracts import ImportRequested
from sconnect.contracts.build import new_message
from sconnect.messaging import RabbitPublisher, connect_broker
from sconnect.messaging.declaration import declare_topology
from sconnect.messaging.topology import WORK_QUEUES, WaitLevel
from sconnect.messaging.trouble import BROKER_TROUBLE
from sconnect.persistence import create_engine
from sconnect.persistence.migrations import migrate
from sconnect.profiles import AdministrationInfo, ProfileStore, SecretsKeyring, new_secrets_key
from simulators.clock import system_clock
from simulators.server import running
from simulators.snelstart import create_app as create_snelstart
from simulators.snelstart.driver import AdministrationDriver
from simulators.webshop import create_app as create_webshop
from simulators.webshop.driver import ShopDriver
from stack.broker import PrivateBroker
from stack.migrate import COORDINATION_PACKAGES
from stack.postgres import PrivatePostgres

# The ladder of deadlines is many times shorter than in life, so that what heals in minutes heals in seconds.
WAIT_TIME_SCALE = 0.01
LEASE_SECONDS = 6.0
HTTP_TIMEOUT_SECONDS = 3.0
FREE_LIMITS = {"per_minute": 1_000_000, "per_hour": 1_000_000, "concurrent": 1_000}
FIRST_NUMBER = 1001
TAPPED = ("sales-order.received.v1", "sales-order.customer-resolved.v1")
TAP = "faults.tap"
STOP_SECONDS = 15.0
# What a service ends with when a part of it died; one that finds no broker at its start ends with 2.
PART_ENDED = 1

T = TypeVar("T")


class Administration:
    """A shop, and the administration its orders go to."""

    def __init__(self, name: str, webshop_url: str, snelstart_url: str, line: CuttableLine) -> None:
        self.name = name
        self.shop = ShopDriver(webshop_url, name=name, token=f"token-of-{name}")
        self.books = AdministrationDriver(snelstart_url, name=name)
        self.shop.open()
        self.books.open(limits=FREE_LIMITS)
        self.books.add_customer(naam="Bekende Klant", email=KNOWN_EMAIL)
        self._webshop_url = webshop_url
        self._books_url = f"http://127.0.0.1:{line.port}"

    def profile(self) -> Any:
        return profile(
            name=self.name,
            webshop_url=self._webshop_url,
            snelstart_url=self._books_url,
            shop={"token": self.shop.token, "start_order_number": FIRST_NUMBER},
            bookkeeping={
                "connection_key": self.books.connection_key,
                "subscription_key": self.books.subscription_key,
            },
            customers={"recognition": "email", "policy": "add"},
            planning={"interval": "manual"},
        )

    def close(self) -> None:
        self.shop.client.close()
        self.books.client.close()


class World:
    """A context manager; `database` is sqlite or postgres. Everything lives in `folder`."""

    def __init__(self, folder: Path, *, database: str) -> None:
        self.folder = folder
        self.database = database
        self.broker = PrivateBroker(folder / "broker")
        self.postgres = PrivatePostgres() if database == "postgres" else None
        self.services: dict[str, ServiceProcess] = {}
        self.administrations: dict[str, Administration] = {}
        self.orders: dict[str, list[PlannedOrder]] = {}
        self.complaints: list[str] = []
        self._stack = ExitStack()
        self._key = new_secrets_key()
        self._next_number = FIRST_NUMBER

    def __enter__(self) -> Self:
        with self._stack:
            self._start()
            self._stack = self._stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _start(self) -> None:
        self._stack.callback(self.broker.stop)
        self.broker.start()
        if self.postgres is not None:
            self._stack.callback(self.postgres.stop)
            self.postgres.start()
        webshop_url = self._stack.enter_context(running(create_webshop(system_clock)))
        snelstart_url = self._stack.enter_context(running(create_snelstart(system_clock)))
        self.broker_line = CuttableLine(self.broker.amqp_port)
        self.books_line = CuttableLine(int(snelstart_url.rpartition(":")[2]))
        for line in (self.broker_line, self.books_line):
            self._stack.callback(line.close)
        for name in ("tuin", "thee"):
            administration = Administration(name, webshop_url, snelstart_url, self.books_line)
            self.administrations[name] = administration
            self._stack.callback(administration.close)
        self.environment = self._environment()
        self._prepare()
        for name in SERVICES:
            log = self.folder / f"{name}.log"
            self.services[name] = ServiceProcess(name, self.environment, log)
            self._stack.callback(self.services[name].stop, STOP_SECONDS)
        for service in self.services.values():
            service.start()

    def _environment(self) -> dict[str, str]:
        urls = {name: self._new_database(name) for name in ("coordination", *SERVICES)}
        prefixes = {name: name.upper() for name in SERVICES}
        amqp_url = self.broker.url.replace(f":{self.broker.amqp_port}/", f":{self.broker_line.port}/")
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "SCONNECT_AMQP_URL": amqp_url,
            "SCONNECT_DATABASE_URL": urls["coordination"],
            "SCONNECT_SECRETS_KEY": self._key,
            "SCONNECT_TOKEN": "token-of-the-faults",
            "SCONNECT_ALLOW_LOCAL_APIS": "1",
            "SCONNECT_LOG_LEVEL": "INFO",
            "SCONNECT_HTTP_TOTAL_TIMEOUT_SECONDS": str(HTTP_TIMEOUT_SECONDS),
            "SCONNECT_LEASE_SECONDS": str(LEASE_SECONDS),
            "SCONNECT_SLOW_ADMINISTRATION_SECONDS": "2",
            "BOOKING_WRITER_LEASE_MARGIN_SECONDS": "1",
            "CUSTOMER_RESOLVER_CLAIM_LEASE_MARGIN_SECONDS": "2",
            "POLLER_LEASE_SECONDS": "3",
            "POLLER_ROUND_SECONDS": "0.2",
            "POLLER_SHOP_REQUESTS_PER_SECOND_MAX": "50",
            "CONSOLE_SWEEP_INTERVAL_SECONDS": "2",
            **{f"{prefix}_DATABASE_URL": urls[name] for name, prefix in prefixes.items()},
            **{f"{prefix}_HEALTH_PORT": "0" for prefix in prefixes.values()},
            **{f"CONSOLE_{prefix}_URL": "http://127.0.0.1:1" for prefix in prefixes.values()},
        }

    def _new_database(self, name: str) -> str:
        if self.postgres is not None:
            return self.postgres.create_database(name)
        return f"sqlite+aiosqlite:///{self.folder / name}.sqlite3"

    def _prepare(self) -> None:
        packages = dict.fromkeys(COORDINATION_PACKAGES, self.environment["SCONNECT_DATABASE_URL"])
        packages |= {name: self.environment[f"{name.upper()}_DATABASE_URL"] for name in SERVICES}
        for package, url in packages.items():
            migrate(url, package)
        asyncio.run(self._prepare_broker_and_profiles())

    async def _prepare_broker_and_profiles(self) -> None:
        await declare_topology(self.broker.url, wait_time_scale=WAIT_TIME_SCALE)
        async with await aio_pika.connect(self.broker.url) as connection, connection.channel() as channel:
            tap = await channel.declare_queue(TAP, durable=True, arguments={"x-queue-type": "quorum"})
            for key in TAPPED:
                await tap.bind("sconnect", key)
        engine = create_engine(self.environment["SCONNECT_DATABASE_URL"])
        store = ProfileStore(engine, SecretsKeyring([self._key]))
        for each in self.administrations.values():
            company = each.books.rows("/companyInfo")
            info = AdministrationInfo(
                id=company["administratieIdentifier"], name=company["administratieNaam"]
            )
            await store.save(each.profile(), administration=info, saved_by="test")
        await engine.dispose()

    def new_orders(self, name: str, rng: random.Random, *, days_ago: int = 0) -> list[PlannedOrder]:
        """Let the shop have the orders of a run."""
        placed_on = self.today() - timedelta(days=days_ago)
        orders = orders_of_a_run(self._next_number, today=placed_on, rng=rng)
        self._next_number += len(orders)
        self.orders.setdefault(name, []).extend(orders)
        self.administrations[name].shop.add(*(order.document for order in orders))
        return orders

    def today(self) -> date:
        return dutch_date(SystemClock().now())

    def ask_for_import(self, name: str) -> None:
        asyncio.run(self._publish_import_request(name))

    async def _publish_import_request(self, name: str) -> None:
        broker = connect_broker(self.broker.url, connection_name="faults")
        await broker.connect()
        run_id = str(uuid4())
        request = new_message(
            ImportRequested,
            profile=name,
            occurred_at=SystemClock().now(),
            correlation_id=run_id,
            id_parts=(run_id,),
            run_id=run_id,
            requested_by="faults",
        )
        await RabbitPublisher(broker).publish(request)
        await broker.stop()

    def calls_made(self) -> int:
        """To both vendors, since `forget_calls`."""
        doors = self._doors()
        return sum(len(door.control("GET", "/calls").json()) for door in doors)

    def faults_hit(self) -> int:
        """How many calls met a fault since `forget_calls`."""
        return sum(
            call["fault"] is not None
            for door in self._doors()
            for call in door.control("GET", "/calls").json()
        )

    def forget_calls(self) -> None:
        for door in self._doors():
            door.control("DELETE", "/calls")

    def forget_faults(self) -> None:
        for door in self._doors():
            door.control("DELETE", "/faults")

    def _doors(self) -> tuple[ShopDriver | AdministrationDriver, ...]:
        one = self.administrations["tuin"]
        return one.shop, one.books

    def raise_the_dead(self) -> int:
        """Start every service that died again, as a supervisor would; how many there were."""
        dead = [service for service in self.services.values() if not service.is_alive()]
        for service in dead:
            if service.exit_code() == PART_ENDED:
                self.complaints.append(f"{service.name} ended, and nobody had asked for that")
            service.start_again()
        return len(dead)

    def probe_at_once(self) -> None:
        """Let the stages find out now, and not within a minute, whether a paused profile works again."""
        for package in ("customer_resolver", "booking_writer"):
            with self._database(package) as connection:
                connection.execute(sqlalchemy.text("UPDATE profile_health SET next_probe_at_ms = 0"))

    def rows(self, package: str, statement: str, **values: Any) -> Sequence[Any]:
        """Rows of a service's database; empty while it cannot be asked."""
        try:
            with self._database(package) as connection:
                return connection.execute(sqlalchemy.text(statement), values).all()
        except sqlalchemy.exc.OperationalError:
            return ()

    @contextmanager
    def _database(self, package: str) -> Iterator[sqlalchemy.Connection]:
        url = sqlalchemy.make_url(self.environment[f"{package.upper()}_DATABASE_URL"])
        if url.drivername.startswith("sqlite"):
            url = url.set(drivername="sqlite")
        engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.NullPool)
        try:
            with engine.begin() as connection:
                yield connection
        finally:
            engine.dispose()

    def queue_depths(self) -> dict[str, int] | None:
        """Of every queue in which an order may be on its way; None while the broker is away."""
        names = [queue.name for queue in WORK_QUEUES]
        names += [queue.wait(level) for queue in WORK_QUEUES for level in WaitLevel]
        return self._asked(lambda channel: _depths(channel, names))

    def messages_seen(self) -> list[tuple[str, bytes]]:
        """Type and body of every order's message since the last look; they are not kept."""
        return self._asked(_drained) or []

    def publish_copies(self, copies: Sequence[tuple[str, bytes, str]]) -> None:
        """Queue, body and id of each."""

        async def publish(channel: Any) -> bool:
            for queue, body, message_id in copies:
                message = aio_pika.Message(
                    body, message_id=message_id, delivery_mode=aio_pika.DeliveryMode.PERSISTENT
                )
                await channel.default_exchange.publish(message, routing_key=queue)
            return True

        self._asked(publish)

    def _asked(self, question: Callable[[Any], Awaitable[T]]) -> T | None:
        async def ask() -> T:
            async with (
                asyncio.timeout(20),
                await aio_pika.connect(self.broker.url, timeout=5) as connection,
                connection.channel() as channel,
            ):
                return await question(channel)

        try:
            return asyncio.run(ask())
        except BROKER_TROUBLE:
            return None

    def log_tails(self, *, lines: int = 15) -> str:
        parts = []
        for name in self.services:
            log = (self.folder / f"{name}.log").read_text(errors="replace").splitlines()
            parts.append("\n".join([f"--- {name}", *log[-lines:]]))
        return "\n".join(parts)


async def _depths(channel: Any, names: Sequence[str]) -> dict[str, int]:
    depths = {}
    for name in names:
        declared = await channel.declare_queue(name, passive=True)
        depths[name] = declared.declaration_result.message_count or 0
    return depths


async def _drained(channel: Any) -> list[tuple[str, bytes]]:
    tap = await channel.get_queue(TAP, ensure=False)
    found = []
    while (message := await tap.get(fail=False, no_ack=True)) is not None:
        found.append((message.routing_key or "", message.body))
    return found
