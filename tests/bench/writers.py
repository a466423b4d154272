"""Booking-writers alone: processes of their own between a broker, PostgreSQL and twenty administrations."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from bench.calls import Call, bookings_made, read_call
from booking_writer_desk import claim
from factories import profile, sales_order
from sconnect.contracts import SalesOrderCustomerResolved
from sconnect.messaging import RabbitPublisher, connect_broker
from sconnect.messaging.declaration import declare_topology
from sconnect.persistence import create_engine
from sconnect.persistence.migrations import migrate
from sconnect.profiles import AdministrationInfo, Profile, ProfileStore, SecretsKeyring, new_secrets_key
from simulators.snelstart.driver import AdministrationDriver
from stack.broker import PrivateBroker
from stack.demo import simulator_plan
from stack.home import Home
from stack.ports import free_port
from stack.postgres import PrivatePostgres
from stack.supervisor import Supervisor
from stack.waiting import answers, wait_until

START_SECONDS = 120.0
BOOKING_SECONDS = 600.0
PUBLISHED_AT_ONCE = 50
PREFETCH_DEFAULT = 4
WARM_UP_EACH = 4
LOOK_SECONDS = 0.25


@dataclass(frozen=True)
class Work:
    """What was done: the bookings' calls, and the seconds of processor time by who spent them."""

    calls: list[Call]
    processor_seconds: dict[str, float]


@dataclass(frozen=True)
class Administration:
    """One of the administrations, with the relation that everything is booked for."""

    driver: AdministrationDriver
    profile: Profile
    relation_id: str


class Bench:
    """What the writers share; `book` lets a number of them work through a queue."""

    def __init__(
        self,
        administrations: list[Administration],
        environment: dict[str, str],
        log: Path,
        servers: dict[str, int],
    ) -> None:
        self._administrations = administrations
        self._environment = environment
        self._log = log
        self._servers = servers
        self._last_number = 0
        self._booked = 0

    def delay_bookings(self, seconds: float) -> None:
        """Let every booking from now on take so long; an earlier delay ends."""
        driver = self._administrations[0].driver
        driver.control("DELETE", "/faults")
        driver.add_fault("slow", method="POST", path="verkoopboekingen", seconds=seconds, times=0)

    def book(self, orders: int, *, writers: int, prefetch: int = PREFETCH_DEFAULT) -> Work:
        """Warm up, hand the orders out over the administrations, and tell what it took."""
        with self._running(writers, prefetch) as pids:
            # Until every writer has met every administration: who has not, opens a session with it first.
            self._until_booked(len(self._administrations) * writers * WARM_UP_EACH, shuffled=True)
            before = self._processor_seconds(pids)
            calls = self._until_booked(orders)
            after = self._processor_seconds(pids)
        return Work(calls, {name: after[name] - before[name] for name in after})

    def _processor_seconds(self, writers: list[int]) -> dict[str, float]:
        servers = {name: processor_seconds(pid) for name, pid in self._servers.items()}
        return {"writers": sum(map(processor_seconds, writers))} | servers

    def _until_booked(self, orders: int, *, shuffled: bool = False) -> list[Call]:
        driver = self._administrations[0].driver
        driver.control("DELETE", "/calls")
        places = list(range(orders))
        if shuffled:
            Random(orders).shuffle(places)
        asyncio.run(self._publish(places))
        wanted = self._booked + orders
        if not wait_until(
            lambda: bookings_made(driver) >= wanted,
            timeout_seconds=BOOKING_SECONDS,
            interval_seconds=LOOK_SECONDS,
        ):
            raise RuntimeError(f"{bookings_made(driver)} of {wanted} orders were booked: see {self._log}")
        self._booked = wanted
        calls = [read_call(call) for call in driver.control("GET", "/calls").json()]
        return [call for call in calls if call.is_booking]

    async def _publish(self, places: list[int]) -> None:
        broker = connect_broker(self._environment["SCONNECT_AMQP_URL"], connection_name="bench")
        await broker.start()
        publisher = RabbitPublisher(broker)
        messages = list(map(self._message, places))
        for start in range(0, len(messages), PUBLISHED_AT_ONCE):
            batch = messages[start : start + PUBLISHED_AT_ONCE]
            await asyncio.gather(*(publisher.publish(message) for message in batch))
        await broker.stop()

    def _message(self, place: int) -> SalesOrderCustomerResolved:
        administration = self._administrations[place % len(self._administrations)]
        self._last_number += 1
        number = str(1000 + self._last_number)
        message = claim(sales_order(number=number, uuid=f"order-{number}")).message
        assert isinstance(message, SalesOrderCustomerResolved)
        customer = message.customer.model_copy(update={"relation_id": administration.relation_id})
        changed = {"customer": customer, "profile": administration.profile.name}
        return message.model_copy(update=changed)

    @contextmanager
    def _running(self, writers: int, prefetch: int) -> Iterator[list[int]]:
        ports = [free_port() for _ in range(writers)]
        processes = []
        with self._log.open("ab") as log:
            for port in ports:
                own = {
                    "BOOKING_WRITER_HEALTH_PORT": str(port),
                    "BOOKING_WRITER_PREFETCH_COUNT": str(prefetch),
                }
                environment = {**self._environment, **own}
                command = [sys.executable, "-m", "booking_writer"]
                processes.append(subprocess.Popen(command, env=environment, stdout=log, stderr=log))
        try:
            if not wait_until(lambda: all(map(is_ready, ports)), timeout_seconds=START_SECONDS):
                raise RuntimeError(f"a writer does not start: see {self._log}")
            yield [process.pid for process in processes]
        finally:
            for process in processes:
                process.terminate()
            for process in processes:
                process.wait(timeout=60)


def processor_seconds(pid: int) -> float:
    """What a process and its descendants spent so far, those that ended included (proc(5), stat)."""
    own = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:15]
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return sum(map(int, own)) / os.sysconf("SC_CLK_TCK") + sum(map(processor_seconds, map(int, children)))


def is_ready(port: int) -> bool:
    return answers(f"http://127.0.0.1:{port}/health/ready")


@contextmanager
def running_bench(folder: Path, *, administrations: int) -> Iterator[Bench]:
    """Start broker, database and simulator; stop them afterwards."""
    simulators = Supervisor(changed=lambda: None)
    plan = simulator_plan("snelstart", Home(folder), {"PATH": ""})
    broker, postgres = PrivateBroker(folder / "broker"), PrivatePostgres()
    with ExitStack() as stack:
        stack.callback(simulators.stop, [plan.name])
        simulators.start(plan, interrupted=lambda: False)
        stack.callback(broker.stop)
        amqp_url = broker.start()
        stack.callback(postgres.stop)
        postgres.start()
        environment = _environment(amqp_url, postgres)
        names = [f"bench-{number}" for number in range(administrations)]
        drivers = [stack.enter_context(AdministrationDriver(plan.url, name)) for name in names]
        opened = [_opened(driver, plan.url) for driver in drivers]
        asyncio.run(_prepare(environment, opened))
        servers = {"broker": broker.pids["rabbitmq"], "postgresql": postgres.pid}
        (simulator,) = simulators.processes
        if simulator.process is not None:
            servers["simulator"] = simulator.process.pid
        yield Bench(opened, environment, folder / "writers.log", servers)


def _environment(amqp_url: str, postgres: PrivatePostgres) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "SCONNECT_AMQP_URL": amqp_url,
        "SCONNECT_DATABASE_URL": postgres.create_database("coordination"),
        "SCONNECT_SECRETS_KEY": new_secrets_key(),
        "SCONNECT_ALLOW_LOCAL_APIS": "1",
        "BOOKING_WRITER_DATABASE_URL": postgres.create_database("writer"),
    }


def _opened(driver: AdministrationDriver, url: str) -> Administration:
    """An administration with the limits of a live one, and one customer."""
    driver.connection_key = f"key-of-{driver.name}"
    driver.open()
    (relation_id,) = driver.command("POST", "/relations", [_RELATION])["ids"]
    keys = {"connection_key": driver.connection_key, "subscription_key": driver.subscription_key}
    return Administration(driver, profile(name=driver.name, snelstart_url=url, bookkeeping=keys), relation_id)


_RELATION: dict[str, Any] = {"relatiecode": 10412, "naam": "Sanne Voorbeeld", "relatiesoort": ["Klant"]}


async def _prepare(environment: dict[str, str], administrations: list[Administration]) -> None:
    await declare_topology(environment["SCONNECT_AMQP_URL"])
    for package in ("sconnect.profiles", "sconnect.allowance"):
        await asyncio.to_thread(migrate, environment["SCONNECT_DATABASE_URL"], package)
    await asyncio.to_thread(migrate, environment["BOOKING_WRITER_DATABASE_URL"], "booking_writer")
    engine = create_engine(environment["SCONNECT_DATABASE_URL"])
    store = ProfileStore(engine, SecretsKeyring([environment["SCONNECT_SECRETS_KEY"]]))
    for each in administrations:
        company = each.driver.rows("/companyInfo")
        info = AdministrationInfo(id=company["administratieIdentifier"], name=company["administratieNaam"])
        await store.save(each.profile, administration=info, saved_by="bench")
    await engine.dispose()
