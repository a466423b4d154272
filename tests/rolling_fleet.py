"""Resolvers and writers in processes of their own, one of which is restarted after the other."""

import asyncio
import os
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import count, pairwise
from pathlib import Path
from typing import Any

import aio_pika
from aio_pika.abc import AbstractIncomingMessage

from customer_resolver_cases import NOW, PROFILE, received
from factories import profile, sales_order
from sconnect.clock import SystemClock
from sconnect.contracts import (
    Buyer,
    CustomerOrigin,
    Message,
    ResolvedCustomer,
    SalesBookingWritten,
    SalesOrder,
    SalesOrderCustomerResolved,
    decode,
)
from sconnect.contracts.build import correlation_id_of, new_message
from sconnect.ids import deterministic_id
from sconnect.messaging import RabbitPublisher, connect_broker
from sconnect.messaging.declaration import declare_topology
from sconnect.messaging.topology import CONSOLE_EVENTS, RESOLVER_RECEIVED, WRITER_RESOLVED
from sconnect.persistence import create_engine
from sconnect.persistence.migrations import migrate
from sconnect.profiles import AdministrationInfo, ProfileStore, SecretsKeyring, new_secrets_key
from simulators.snelstart.driver import AdministrationDriver

DEADLINE_SECONDS = 90
QUEUES = {"customer_resolver": RESOLVER_RECEIVED.name, "booking_writer": WRITER_RESOLVED.name}
FREE_LIMITS = {"per_minute": 10_000_000, "per_hour": 10_000_000, "concurrent": 1000}
EMAIL = "sanne@example.nl"


def fleet_environment(folder: Path, amqp_url: str, **settings: str) -> dict[str, str]:
    """SQLite on one machine; a lease that nobody can wait for without being noticed."""
    addresses = {
        f"{name}_DATABASE_URL": f"sqlite+aiosqlite:///{folder / name.lower()}.sqlite3"
        for name in ("SCONNECT", "CUSTOMER_RESOLVER", "BOOKING_WRITER")
    }
    return {
        "PATH": os.environ["PATH"],
        "SCONNECT_AMQP_URL": amqp_url,
        **addresses,
        "SCONNECT_SECRETS_KEY": new_secrets_key(),
        "SCONNECT_ALLOW_LOCAL_APIS": "1",
        "SCONNECT_LEASE_SECONDS": "120",
        "CUSTOMER_RESOLVER_HEALTH_PORT": "0",
        "BOOKING_WRITER_HEALTH_PORT": "0",
        **settings,
    }


@dataclass
class Fleet:
    """The processes on one broker, and what the console was told about the orders that were sent."""

    environment: dict[str, str]
    folder: Path
    running: dict[str, list[asyncio.subprocess.Process]] = field(default_factory=dict)
    sent_at: dict[str, float] = field(default_factory=dict)
    booked_at: dict[str, float] = field(default_factory=dict)
    outcomes: Counter[str] = field(default_factory=Counter)
    all_sent: asyncio.Event = field(default_factory=asyncio.Event)
    relation_id: str = ""

    async def prepare(self, driver: AdministrationDriver) -> None:
        """Queues, tables, a profile, and the customer of all orders."""
        await declare_topology(self.environment["SCONNECT_AMQP_URL"])
        for database, package in (
            ("SCONNECT_DATABASE_URL", "sconnect.profiles"),
            ("SCONNECT_DATABASE_URL", "sconnect.allowance"),
            ("CUSTOMER_RESOLVER_DATABASE_URL", "customer_resolver"),
            ("BOOKING_WRITER_DATABASE_URL", "booking_writer"),
        ):
            await asyncio.to_thread(migrate, self.environment[database], package)
        self.relation_id = driver.add_customer(relatiecode=10412, naam="Sanne Voorbeeld", email=EMAIL)
        company = driver.rows("/companyInfo")
        keys = {"connection_key": driver.connection_key, "subscription_key": driver.subscription_key}
        engine = create_engine(self.environment["SCONNECT_DATABASE_URL"])
        await ProfileStore(engine, SecretsKeyring([self.environment["SCONNECT_SECRETS_KEY"]])).save(
            profile(snelstart_url=str(driver.client.base_url).rstrip("/"), bookkeeping=keys),
            administration=AdministrationInfo(
                id=company["administratieIdentifier"], name=company["administratieNaam"]
            ),
            saved_by="test",
        )
        await engine.dispose()

    async def start(self, package: str) -> asyncio.subprocess.Process:
        """One more process of that service; returns when RabbitMQ knows its consumer."""
        processes = self.running.setdefault(package, [])
        log = (self.folder / f"{package}.log").open("ab")
        processes.append(
            await asyncio.create_subprocess_exec(
                sys.executable, "-m", package, env=self.environment, stdout=log, stderr=log
            )
        )
        log.close()
        await self._until_consumers(package, len(processes))
        return processes[-1]

    async def stop(self, package: str) -> float:
        """SIGTERM to the oldest process of that service; the seconds until it ended with exit code 0."""
        process = self.running[package].pop(0)
        began = time.monotonic()
        process.terminate()
        async with asyncio.timeout(DEADLINE_SECONDS):
            code = await process.wait()
        assert code == 0, self.log(package)
        return time.monotonic() - began

    async def kill_all(self) -> None:
        for process in [process for processes in self.running.values() for process in processes]:
            if process.returncode is None:
                process.kill()
            await process.wait()

    async def send_until(self, is_over: asyncio.Event, *, pause_seconds: float) -> None:
        """Orders from 1001 on, one every `pause_seconds`, as the poller hands them over; at least one."""
        broker = connect_broker(self.environment["SCONNECT_AMQP_URL"], connection_name="test")
        await broker.start()
        publisher = RabbitPublisher(broker)
        for number in map(str, count(1001)):
            order = sales_order(
                uuid=deterministic_id("order", number), number=number, buyer=Buyer(email=EMAIL)
            )
            self.sent_at[number] = time.monotonic()
            await publisher.publish(self._as_received(order))
            if is_over.is_set():
                break
            await SystemClock().sleep(pause_seconds)
        await broker.stop()
        self.all_sent.set()

    def _as_received(self, order: SalesOrder) -> Message:
        if "customer_resolver" in self.running:
            return received(order)
        customer = ResolvedCustomer(
            relation_id=self.relation_id, number=10412, origin=CustomerOrigin.MATCHED, explanation="email"
        )
        return new_message(
            SalesOrderCustomerResolved,
            profile=PROFILE,
            occurred_at=NOW,
            correlation_id=correlation_id_of(PROFILE, order.uuid),
            id_parts=(order.uuid, order.revision),
            order=order,
            customer=customer,
        )

    async def collect(self) -> None:
        """Until the console was told of the booking of every order that was sent."""
        async with await aio_pika.connect(self.environment["SCONNECT_AMQP_URL"]) as connection:
            queue = await (await connection.channel()).get_queue(CONSOLE_EVENTS.name)
            await queue.consume(self._note, no_ack=True)
            await self.all_sent.wait()
            try:
                async with asyncio.timeout(DEADLINE_SECONDS):
                    while self.booked_at.keys() != self.sent_at.keys():
                        await SystemClock().sleep(0.05)
            except TimeoutError:
                missing = sorted(self.sent_at.keys() - self.booked_at.keys())
                raise AssertionError(f"not booked: {missing}\n{self.log('booking_writer')}") from None

    async def _note(self, message: AbstractIncomingMessage) -> None:
        event: Any = decode(message.body)
        if isinstance(event, SalesBookingWritten) and event.order.number not in self.booked_at:
            self.booked_at[event.order.number] = time.monotonic()
            self.outcomes[event.outcome] += 1

    def longest_wait_seconds(self) -> float:
        """Of one order, from its hand-over to the news of its booking."""
        return max(told - self.sent_at[number] for number, told in self.booked_at.items())

    def longest_pause_seconds(self) -> float:
        """Between two bookings."""
        told = sorted(self.booked_at.values())
        return max(later - earlier for earlier, later in pairwise(told))

    async def dead_letters(self) -> int:
        return sum([await self._count(f"{queue}.dead-letter") for queue in QUEUES.values()])

    def log(self, package: str) -> str:
        return (self.folder / f"{package}.log").read_text(errors="replace")[-4000:]

    async def _until_consumers(self, package: str, number: int) -> None:
        async with asyncio.timeout(DEADLINE_SECONDS):
            while await self._consumers(QUEUES[package]) < number:
                await SystemClock().sleep(0.1)

    async def _consumers(self, queue: str) -> int:
        async with await aio_pika.connect(self.environment["SCONNECT_AMQP_URL"]) as connection:
            declared = await (await connection.channel()).declare_queue(queue, passive=True)
            return declared.declaration_result.consumer_count or 0

    async def _count(self, queue: str) -> int:
        async with await aio_pika.connect(self.environment["SCONNECT_AMQP_URL"]) as connection:
            declared = await (await connection.channel()).declare_queue(queue, passive=True)
            return declared.declaration_result.message_count or 0
