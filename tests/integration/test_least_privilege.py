"""A login per service that can do only its part: tried by doing more, on a real RabbitMQ and PostgreSQL."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Iterator

import aio_pika
import psycopg
import pytest
from aio_pika.abc import AbstractChannel
from aiormq.exceptions import ChannelAccessRefused, ProbableAuthenticationError
from pydantic import SecretStr
from sqlalchemy import make_url

from sconnect.clock import SystemClock
from sconnect.contracts import known_types
from sconnect.errors import StartupError
from sconnect.messaging import Delivery, RabbitPublisher, connect_broker, subscribe
from sconnect.messaging.declaration import declare_topology
from sconnect.messaging.rights import SERVICES as SERVICE_NAMES
from sconnect.messaging.topology import (
    CONSOLE_EVENTS,
    DEAD_LETTER_EXCHANGE,
    EXCHANGE,
    POLLER_IMPORT_REQUESTED,
    PREVIEW_QUEUES,
    RESOLVER_RECEIVED,
    WAIT_EXCHANGE,
    WORK_QUEUES,
    WRITER_RESOLVED,
    WaitLevel,
    WorkQueue,
    queues,
)
from sconnect.messaging.walking import QueueWalker
from sconnect.persistence import require_migrated
from sconnect.persistence.migrations import migrate
from servers.containers import ContainerPostgres
from servers.presence import require_installed
from stack.broker import PrivateBroker, broker_binary
from stack.database_rights import COORDINATION, COORDINATION_RIGHTS, grant_rights, role_of
from stack.migrate import database_of_package
from stack.postgres import PrivatePostgres
from stack.services import SERVICES, ServiceKind

WORKERS = {"poller", "customer-resolver", "booking-writer"}
OWN_WORK = {
    "poller": POLLER_IMPORT_REQUESTED,
    "customer-resolver": RESOLVER_RECEIVED,
    "booking-writer": WRITER_RESOLVED,
    "console": CONSOLE_EVENTS,
}
# What is decisive: who may say that an order came in, whose it is, and that it is in the books.
STEPS = {
    "sales-order.received.v1": "poller",
    "sales-order.customer-resolved.v1": "customer-resolver",
    "sales-booking.written.v1": "booking-writer",
    "poller.import-requested.v1": "console",
    "poller.order-replay-requested.v1": "console",
    "customer-resolver.forget-link-requested.v1": "console",
    "customer-resolver.erase-person-requested.v1": "console",
    "sales-order.discarded.v1": "console",
}

DEADLINE_SECONDS = 20

Action = Callable[[AbstractChannel], Awaitable[object]]

service = pytest.mark.parametrize("service", SERVICE_NAMES)


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateBroker]:
    """A node that knows the services as `make run` and the containers have it, with the topology."""
    require_installed(broker_binary, "rabbitmq-server")
    node = PrivateBroker(tmp_path_factory.mktemp("rights"))
    try:
        asyncio.run(declare_topology(node.start()))
        yield node
    finally:
        node.stop()


async def may(node: PrivateBroker, service: str, action: Action) -> bool:
    """Whether RabbitMQ lets the service do this."""
    async with await aio_pika.connect(node.service_url(service)) as connection:
        try:
            await action(await connection.channel(on_return_raises=True))
        except ChannelAccessRefused:
            return False
    return True


def publishing(exchange: str, key: str) -> Action:
    async def publish(channel: AbstractChannel) -> None:
        sent_to = await channel.get_exchange(exchange, ensure=False)
        await sent_to.publish(aio_pika.Message(b"x"), key, mandatory=False)

    return publish


def reading(queue: str) -> Action:
    async def read(channel: AbstractChannel) -> None:
        await (await channel.get_queue(queue, ensure=False)).get(no_ack=False, fail=False)

    return read


async def keep(_copy: Delivery) -> bool:
    return False


@pytest.mark.rabbitmq
class TestRabbitmq:
    @service
    async def test_the_rights_suffice_for_what_a_service_does(
        self, node: PrivateBroker, service: str
    ) -> None:
        url, queue = node.service_url(service), OWN_WORK[service]
        taken: list[str] = []

        async def take(delivery: Delivery) -> None:
            taken.append(delivery.message_id)

        broker = connect_broker(url, connection_name=service, graceful_timeout_seconds=1)
        for each in (*WORK_QUEUES, *PREVIEW_QUEUES):
            if each.name.startswith(f"{service}."):
                subscribe(broker, each, take, prefetch_count=1)
        await broker.start()
        publisher = RabbitPublisher(broker)
        await publisher.publish_to_queue(queue.name, b"x", headers={}, message_id="m")
        async with asyncio.timeout(DEADLINE_SECONDS):
            while "m" not in taken:
                await SystemClock().sleep(0.02)
        await broker.stop()
        walker = QueueWalker(SecretStr(url))
        if service == "console":
            assert len(await walker.depths(queue.name for queue in queues())) == len(queues())
            await walker.walk(queue.dead_letter, told_as=queue.name, copies_max=1, remove=keep)
        else:
            wait = queue.wait(WaitLevel.TEN_MINUTES)
            await walker.walk(wait, told_as=queue.name, copies_max=await walker.depth(wait), remove=keep)

    @service
    async def test_nobody_makes_or_removes_anything(self, node: PrivateBroker, service: str) -> None:
        own = OWN_WORK[service].name
        for action in (
            lambda channel: channel.declare_queue(f"{service}.new", durable=True),
            lambda channel: channel.declare_exchange("new", aio_pika.ExchangeType.TOPIC),
            lambda channel: channel.queue_delete(own),
            lambda channel: channel.exchange_delete(EXCHANGE),
        ):
            assert not await may(node, service, action)

    @service
    async def test_a_service_reads_its_own_queues_and_no_others(
        self, node: PrivateBroker, service: str
    ) -> None:
        for queue in queues():
            consumer, _, rest = queue.name.partition(".")
            if service == "console":
                expected = rest.endswith("dead-letter") or queue.name in {
                    "console.events",
                    "console.previews",
                }
            else:
                expected = consumer == service and not rest.endswith("dead-letter")
            assert await may(node, service, reading(queue.name)) is expected, queue.name

    @service
    async def test_nobody_listens_in_by_binding_a_queue(self, node: PrivateBroker, service: str) -> None:
        async def bind(channel: AbstractChannel) -> None:
            queue = await channel.get_queue(OWN_WORK[service].name, ensure=False)
            await queue.bind(EXCHANGE, "#")

        assert not await may(node, service, bind)

    @service
    @pytest.mark.parametrize("key", STEPS)
    async def test_each_step_of_an_order_is_told_by_its_own_service_alone(
        self, node: PrivateBroker, service: str, key: str
    ) -> None:
        assert await may(node, service, publishing(EXCHANGE, key)) is (STEPS[key] == service)

    @service
    @pytest.mark.parametrize("queue", WORK_QUEUES, ids=lambda queue: queue.name)
    async def test_work_is_sent_back_by_its_consumer_and_replayed_by_the_console(
        self, node: PrivateBroker, service: str, queue: WorkQueue
    ) -> None:
        is_own = queue.name.startswith(f"{service}.")
        assert await may(node, service, publishing(EXCHANGE, queue.name)) is (is_own or service == "console")
        for level in WaitLevel:
            waiting = publishing(WAIT_EXCHANGE, queue.wait(level))
            assert await may(node, service, waiting) is (is_own and service != "console")
        dead = publishing(DEAD_LETTER_EXCHANGE, queue.name)
        assert await may(node, service, dead) is (is_own or service == "console")

    @service
    async def test_everything_else_may_be_told(self, node: PrivateBroker, service: str) -> None:
        console_only = {"profile.changed.v1"} if service != "console" else set()
        for key in known_types().keys() - STEPS.keys() - console_only:
            assert await may(node, service, publishing(EXCHANGE, key)), key

    async def test_a_wrong_password_and_the_usual_guest_are_refused(self, node: PrivateBroker) -> None:
        place = node.url.partition("@")[2]
        for wrong in (f"amqp://sconnect-poller:wrong@{place}", f"amqp://guest:guest@{place}"):
            with pytest.raises(ProbableAuthenticationError):
                await aio_pika.connect(wrong)


Databases = dict[str, str]


@pytest.fixture(scope="module")
def databases(postgres_server: ContainerPostgres | PrivatePostgres) -> Iterator[Databases]:
    """Variable to the address of its owner, of migrated databases on which the services have their rights."""
    suffix = secrets.token_hex(4)
    names = {f"{kind.prefix}_DATABASE_URL": f"{kind.package}_{suffix}" for kind in SERVICES}
    names[COORDINATION] = f"coordination_{suffix}"
    urls = {variable: postgres_server.create_database(name) for variable, name in names.items()}
    for package, url in database_of_package(urls).items():
        migrate(url, package)
    grant_rights(urls, PASSWORDS)
    yield urls
    for name in names.values():
        postgres_server.drop_database(name)


PASSWORDS = {kind.name: f"{kind.name}'s" for kind in SERVICES}
kinds = pytest.mark.parametrize("kind", SERVICES, ids=lambda kind: kind.name)


def login(databases: Databases, kind: ServiceKind, variable: str | None = None) -> str:
    """The SQLAlchemy address of a database as the service signs in there."""
    address = make_url(databases[variable or f"{kind.prefix}_DATABASE_URL"])
    return address.set(username=role_of(kind), password=PASSWORDS[kind.name]).render_as_string(
        hide_password=False
    )


def refused(url: str, statement: str) -> bool:
    """Whether PostgreSQL refuses this for want of rights."""
    try:
        with psycopg.connect(url.replace("+psycopg", "")) as connection:
            connection.execute(statement)
            connection.rollback()
    except psycopg.errors.InsufficientPrivilege:
        return True
    except psycopg.OperationalError as error:
        if "permission denied for database" not in str(error):
            raise
        return True
    return False


def tables(url: str) -> list[str]:
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    return [name for (name,) in rows]


@pytest.mark.postgres
class TestPostgresql:
    @kinds
    def test_a_service_changes_the_rows_of_its_own_tables(
        self, databases: Databases, kind: ServiceKind
    ) -> None:
        url = login(databases, kind)
        require_migrated(url, kind.package)
        own = [name for name in tables(url) if not name.startswith("alembic_version")]
        assert len(own) > 2
        for name in own:
            assert not refused(url, f"DELETE FROM {name}")

    @kinds
    def test_it_changes_no_table_itself(self, databases: Databases, kind: ServiceKind) -> None:
        for variable in (None, COORDINATION):
            url = login(databases, kind, variable)
            assert refused(url, "CREATE TABLE mine (id int)")
            assert refused(url, "CREATE TEMPORARY TABLE mine (id int)")
            for name in tables(url):
                assert refused(url, f"DROP TABLE {name}")
            versions = [name for name in tables(url) if name.startswith("alembic_version")]
            assert versions
            for name in versions:
                assert refused(url, f"UPDATE {name} SET version_num = '0'")

    @kinds
    def test_it_does_not_enter_the_database_of_another(self, databases: Databases, kind: ServiceKind) -> None:
        for other in SERVICES:
            if other is not kind:
                assert refused(login(databases, kind, f"{other.prefix}_DATABASE_URL"), "SELECT 1")

    @kinds
    def test_what_is_shared_has_rights_of_its_own(self, databases: Databases, kind: ServiceKind) -> None:
        url = login(databases, kind, COORDINATION)
        require_migrated(url, "sconnect.profiles")
        shared = [name for name in tables(url) if not name.startswith("alembic_version")]
        assert set(shared) == set(COORDINATION_RIGHTS["console"])
        for name in shared:
            rights = COORDINATION_RIGHTS[kind.name].get(name, ())
            assert refused(url, f"SELECT * FROM {name}") is ("SELECT" not in rights)
            assert refused(url, f"DELETE FROM {name}") is ("DELETE" not in rights)
        assert refused(url, "DELETE FROM profiles") is (kind.name != "console")

    @kinds
    def test_it_becomes_nobody_else(self, databases: Databases, kind: ServiceKind) -> None:
        url = login(databases, kind)
        owner = make_url(databases[COORDINATION]).username
        for statement in ("CREATE ROLE other", f"SET ROLE {owner}"):
            assert refused(url, statement)

    def test_giving_the_rights_again_changes_nothing(self, databases: Databases) -> None:
        grant_rights(databases, PASSWORDS)
        self.test_what_is_shared_has_rights_of_its_own(databases, SERVICES[1])

    def test_one_database_for_all_is_refused(self, databases: Databases) -> None:
        together = dict.fromkeys(databases, databases[COORDINATION])
        with pytest.raises(StartupError, match="needs a database of its own"):
            grant_rights(together, PASSWORDS)

    def test_a_server_that_is_away_is_one_sentence_without_the_password(self, databases: Databases) -> None:
        away = {name: f"postgresql+psycopg://owner:geheim@127.0.0.1:1/{name.lower()}" for name in databases}
        with pytest.raises(StartupError, match="cannot be given") as refusal:
            grant_rights(away, PASSWORDS)
        assert "geheim" not in str(refusal.value)
