"""What no contract can read is set aside at once, in every queue, with a reason; its neighbours go on."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import aio_pika
import pytest_asyncio
from pydantic import SecretStr

import booking_writer.app
import console.app
import customer_resolver.app
import poller.app
from booking_writer.settings import BookingWriterSettings
from console.settings import ConsoleSettings
from customer_resolver.settings import CustomerResolverSettings
from factories import profile
from poller.settings import PollerSettings
from sconnect.clock import SystemClock
from sconnect.contracts import (
    Buyer,
    ErasePersonRequested,
    ForgetLinkRequested,
    ImportRequested,
    Message,
    OrderKey,
    OrderReplayRequested,
    OrderSkipped,
    ResolvedCustomer,
    SalesOrder,
    SalesOrderCustomerResolved,
    SalesOrderReceived,
    WireReason,
    encode,
)
from sconnect.contracts.build import new_message
from sconnect.messaging.declaration import declare_topology
from sconnect.messaging.topology import (
    CONSOLE_EVENTS,
    POLLER_IMPORT_REQUESTED,
    POLLER_REPLAY_REQUESTED,
    PREVIEW_QUEUES,
    RESOLVER_ERASE_PERSON,
    RESOLVER_FORGET_LINK,
    RESOLVER_RECEIVED,
    WORK_QUEUES,
    WRITER_RESOLVED,
    PreviewQueue,
    WaitLevel,
    WorkQueue,
)
from sconnect.messaging.walking import QueueWalker
from sconnect.persistence import create_engine
from sconnect.persistence.migrations import migrate
from sconnect.profiles import AdministrationInfo, ProfileStore, SecretsKeyring, new_secrets_key
from sconnect.service import CommonSettings

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DEADLINE_SECONDS = 60
NOBODY = "http://127.0.0.1:1"
KEY = OrderKey(uuid="u-1", number="1001", revision=1)
ORDER = SalesOrder(uuid="u-1", number="1001", placed_on=date(2026, 3, 2), buyer=Buyer())
CUSTOMER = ResolvedCustomer(relation_id="r", number=7, origin="matched", explanation="email")
FIELDS: dict[WorkQueue, tuple[type[Message], dict[str, Any]]] = {
    POLLER_IMPORT_REQUESTED: (ImportRequested, {"run_id": "r-1", "requested_by": "test"}),
    POLLER_REPLAY_REQUESTED: (OrderReplayRequested, {"order": KEY, "requested_by": "test"}),
    RESOLVER_RECEIVED: (SalesOrderReceived, {"order": ORDER}),
    RESOLVER_ERASE_PERSON: (
        ErasePersonRequested,
        {"erasure_id": "e-1", "email": "iemand@example.nl", "requested_by": "test"},
    ),
    RESOLVER_FORGET_LINK: (ForgetLinkRequested, {"link_id": "l-1", "requested_by": "test"}),
    WRITER_RESOLVED: (SalesOrderCustomerResolved, {"order": ORDER, "customer": CUSTOMER}),
    CONSOLE_EVENTS: (
        OrderSkipped,
        {"order": KEY, "stage": "poller", "reason": WireReason(code="TEST_ORDER")},
    ),
}
OF_ORDERS = (POLLER_REPLAY_REQUESTED, RESOLVER_RECEIVED, WRITER_RESOLVED)
# What each queue says to an event of the console's. The stages look at its order first, and know no such
# profile; the console itself takes it.
TO_A_STRANGER = {
    POLLER_IMPORT_REQUESTED: "UNREADABLE_MESSAGE.wrong_queue",
    POLLER_REPLAY_REQUESTED: "UNREADABLE_MESSAGE.wrong_queue",
    RESOLVER_ERASE_PERSON: "UNREADABLE_MESSAGE.wrong_queue",
    RESOLVER_FORGET_LINK: "UNREADABLE_MESSAGE.wrong_queue",
    RESOLVER_RECEIVED: "UNREADABLE_MESSAGE.profile_unknown",
    WRITER_RESOLVED: "UNREADABLE_MESSAGE.profile_unknown",
}
# What no release of ours ever writes.
ODD_HEADERS = {"x-attempt": "many", "x-delivery-count": {"deep": ["list", None]}, "traceparent": -1}


def valid(queue: WorkQueue, *, profile_name: str) -> bytes:
    contract, fields = FIELDS[queue]
    return encode(
        new_message(
            contract,
            profile=profile_name,
            occurred_at=NOON,
            correlation_id="c",
            id_parts=(profile_name,),
            **fields,
        )
    )


def unreadable_bodies() -> dict[str, tuple[bytes, str]]:
    """Body and the reason that an operator is told, by what is wrong with it."""
    broken = json.loads(valid(RESOLVER_RECEIVED, profile_name="off"))
    del broken["order"]["number"]
    return {
        "empty": (b"", "UNREADABLE_MESSAGE.not_json"),
        "no JSON": (b'{"type": "sales-order.received.v1", ', "UNREADABLE_MESSAGE.not_json"),
        "no UTF-8": (b"\xff\xfe\x00", "UNREADABLE_MESSAGE.not_json"),
        "no object": (b"[1, 2]", "UNREADABLE_MESSAGE.no_type"),
        "another version": (b'{"type": "sales-order.received.v99"}', "UNKNOWN_VERSION."),
        "a field missing": (json.dumps(broken).encode(), "UNREADABLE_MESSAGE.bad_field"),
        "10 MB": (b'"' + b"x" * 10 * 1024 * 1024 + b'"', "UNREADABLE_MESSAGE.too_large"),
    }


class Running:
    """All services in one loop, on a broker and databases of the test's own."""

    def __init__(self, amqp_url: str) -> None:
        self._amqp_url = amqp_url
        self._walker = QueueWalker(SecretStr(amqp_url))

    async def publish(
        self, queue: WorkQueue | PreviewQueue, *bodies: bytes, headers: Mapping[str, Any] | None = None
    ) -> None:
        """As a stranger would: no id and, unless given, no header; nothing but a body."""
        async with await aio_pika.connect(self._amqp_url) as connection, connection.channel() as channel:
            for body in bodies:
                message = aio_pika.Message(body, headers=dict(headers or {}))
                await channel.default_exchange.publish(message, routing_key=queue.name)

    async def until_depth(self, name: str, depth: int) -> None:
        async with asyncio.timeout(DEADLINE_SECONDS):
            while await self._walker.depth(name) != depth:
                await SystemClock().sleep(0.1)

    async def reasons(self, queue: WorkQueue) -> list[str]:
        """Of the copies in a dead-letter queue."""
        async with await aio_pika.connect(self._amqp_url) as connection, connection.channel() as channel:
            source = await channel.get_queue(queue.dead_letter, ensure=False)
            found = []
            while (copy := await source.get(fail=False)) is not None:
                assert copy.headers["x-dead-letter-id"]
                code, variant = copy.headers["x-reason-code"], copy.headers["x-reason-variant"]
                found.append(f"{code!s}.{variant!s}")
        return found


@pytest_asyncio.fixture
async def running(tmp_path: Path, rabbitmq_vhost_url: str) -> AsyncIterator[Running]:
    await declare_topology(rabbitmq_vhost_url)
    database = SecretStr(f"sqlite+aiosqlite:///{tmp_path / 'all.sqlite3'}")
    packages = ("sconnect.profiles", "sconnect.allowance")
    for package in packages:
        await asyncio.to_thread(migrate, database.get_secret_value(), package)
    key = new_secrets_key()
    engine = create_engine(database.get_secret_value())
    store = ProfileStore(engine, SecretsKeyring([key]))
    administration = AdministrationInfo(id="a", name="Voorbeeld")
    await store.save(profile(name="off", enabled=False), administration=administration, saved_by="test")
    await engine.dispose()
    common = CommonSettings(
        amqp_url=SecretStr(rabbitmq_vhost_url), database_url=database, secrets_key=SecretStr(key)
    )
    services = [service async for service in built(common, tmp_path)]
    for service in services:
        assert service.broker is not None
        await service.broker.start()
    yield Running(rabbitmq_vhost_url)
    for service in services:
        assert service.broker is not None
        await service.broker.stop()
        for close in service.closers:
            await close()


async def built(common: CommonSettings, folder: Path) -> AsyncIterator[Any]:
    def of(package: str) -> dict[str, Any]:
        url = f"sqlite+aiosqlite:///{folder / package}.sqlite3"
        migrate(url, package)
        return {"database_url": SecretStr(url), "health_port": 0}

    urls: dict[str, Any] = {
        f"{name}_url": NOBODY for name in ("poller", "customer_resolver", "booking_writer")
    }
    yield await poller.app.build(common, PollerSettings(**of("poller")))
    yield await customer_resolver.app.build(common, CustomerResolverSettings(**of("customer_resolver")))
    yield await booking_writer.app.build(common, BookingWriterSettings(**of("booking_writer")))
    token_file = folder / "token"
    yield await console.app.build(common, ConsoleSettings(**of("console"), **urls, token_file=token_file))


def expected_reasons(queue: WorkQueue) -> list[str]:
    """What the copies in a queue's dead letters must say."""
    reasons = [reason for _, reason in unreadable_bodies().values()]
    if queue in OF_ORDERS:
        reasons.append("UNREADABLE_MESSAGE.profile_unknown")
    if queue in TO_A_STRANGER:
        reasons.append(TO_A_STRANGER[queue])
    return sorted(reasons)


async def test_every_queue_sets_aside_what_it_cannot_work_on_and_goes_on(running: Running) -> None:
    bad = [body for body, _ in unreadable_bodies().values()]
    for preview_queue in PREVIEW_QUEUES:
        await running.publish(preview_queue, *bad)
    for queue in WORK_QUEUES:
        await running.publish(queue, *bad)
        if queue in OF_ORDERS:
            await running.publish(queue, valid(queue, profile_name="gone"))
        if queue in TO_A_STRANGER:
            await running.publish(queue, valid(CONSOLE_EVENTS, profile_name="gone-too"), headers=ODD_HEADERS)
        await running.publish(queue, valid(queue, profile_name="off"), headers=ODD_HEADERS)

    for queue in WORK_QUEUES:
        expected = expected_reasons(queue)
        await running.until_depth(queue.dead_letter, len(expected))
        await running.until_depth(queue.name, 0)
        assert sorted(await running.reasons(queue)) == expected
    # The neighbours: their profile is switched off, so that they wait for it.
    for queue in OF_ORDERS:
        await running.until_depth(queue.wait(WaitLevel.TEN_MINUTES), 1)
    # Nobody waits for such a preview: it is dropped.
    for preview_queue in PREVIEW_QUEUES:
        await running.until_depth(preview_queue.name, 0)
