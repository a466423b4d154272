"""TLS to RabbitMQ and PostgreSQL by their addresses, against real servers with certificates of our own."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from sconnect.errors import StartupError, UpstreamUnavailable
from sconnect.messaging import RabbitPublisher, connect_broker
from sconnect.messaging.declaration import declare_topology
from sconnect.messaging.topology import RESOLVER_RECEIVED
from sconnect.messaging.walking import QueueWalker
from sconnect.persistence import create_engine
from sconnect.persistence.migrations import migrate
from servers.certificates import Authority, ServerFiles, by_address, by_name
from servers.presence import require_installed
from stack.broker import PrivateBroker, amqp_answers, broker_binary
from stack.ports import free_port
from stack.postgres import UNPRIVILEGED_USER, PrivatePostgres, postgres_binary


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[PrivateBroker, int, ServerFiles]]:
    """A node that takes TLS on a second port, whose certificate is for 127.0.0.1 and not for localhost."""
    require_installed(broker_binary, "rabbitmq-server")
    files = Authority(tmp_path_factory.mktemp("tls")).server(by_address("127.0.0.1"))
    port = free_port()
    node = PrivateBroker(
        tmp_path_factory.mktemp("tls-node"),
        more_settings=(
            f"listeners.ssl.1 = 127.0.0.1:{port}",
            f"ssl_options.cacertfile = {files.authority}",
            f"ssl_options.certfile = {files.certificate}",
            f"ssl_options.keyfile = {files.key}",
        ),
    )
    try:
        node.start()
        yield node, port, files
    finally:
        node.stop()


def amqps(node: PrivateBroker, port: int, authority: Path, host: str = "127.0.0.1") -> str:
    login = node.url.partition("://")[2].partition("@")[0]
    return f"amqps://{login}@{host}:{port}/%2F?cafile={authority}"


@pytest.mark.rabbitmq
async def test_everything_that_speaks_to_rabbitmq_does_so_over_tls(
    broker: tuple[PrivateBroker, int, ServerFiles],
) -> None:
    node, port, files = broker
    url = amqps(node, port, files.authority)
    await declare_topology(url)
    connected = connect_broker(url, connection_name="tls", graceful_timeout_seconds=1)
    await connected.start()
    queue = RESOLVER_RECEIVED
    await RabbitPublisher(connected).publish_to_dead_letters(queue.name, b"x", headers={}, message_id="1")
    assert await QueueWalker(SecretStr(url)).depth(queue.dead_letter) == 1
    # Nothing else is spoken there.
    assert not await asyncio.to_thread(amqp_answers, port)
    await connected.stop()


@pytest.mark.rabbitmq
async def test_a_broker_with_another_certificate_or_name_is_not_trusted(
    broker: tuple[PrivateBroker, int, ServerFiles], tmp_path: Path
) -> None:
    node, port, files = broker
    stranger = Authority(tmp_path, "stranger").file
    for url in (amqps(node, port, stranger), amqps(node, port, files.authority, host="localhost")):
        with pytest.raises(StartupError, match="cannot be reached"):
            await declare_topology(url)
        with pytest.raises(UpstreamUnavailable):
            await QueueWalker(SecretStr(url)).depth(RESOLVER_RECEIVED.name)


@pytest.fixture(scope="module")
def postgres() -> Iterator[tuple[PrivatePostgres, Path]]:
    """A server that takes TLS, whose certificate is for localhost and not for 127.0.0.1."""
    require_installed(postgres_binary, "postgres")
    folder = Path(tempfile.mkdtemp(prefix="sconnect-tls-"))
    files = Authority(folder).server(by_name("localhost"))
    if os.geteuid() == 0:
        for path in (folder, *folder.iterdir()):
            shutil.chown(path, UNPRIVILEGED_USER, UNPRIVILEGED_USER)
    server = PrivatePostgres(
        more_settings=("ssl=on", f"ssl_cert_file={files.certificate}", f"ssl_key_file={files.key}")
    )
    try:
        server.start()
        yield server, files.authority
    finally:
        server.stop()
        shutil.rmtree(folder)


def with_tls(url: str, authority: Path, *, host: str = "localhost") -> str:
    return f"{url.replace('127.0.0.1', host)}?sslmode=verify-full&sslrootcert={authority}"


@pytest.mark.postgres
async def test_tables_and_rows_travel_to_postgresql_over_tls(postgres: tuple[PrivatePostgres, Path]) -> None:
    server, authority = postgres
    url = with_tls(server.create_database("over_tls"), authority)
    await asyncio.to_thread(migrate, url, "sconnect.profiles")
    engine = create_engine(url)
    async with engine.connect() as connection:
        encrypted = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
        assert await connection.scalar(text(encrypted)) is True
        assert await connection.scalar(text("SELECT count(*) FROM profiles")) == 0
    await engine.dispose()


@pytest.mark.postgres
def test_a_database_with_another_certificate_or_name_is_not_trusted(
    postgres: tuple[PrivatePostgres, Path], tmp_path: Path
) -> None:
    server, authority = postgres
    url = server.create_database("not_trusted")
    stranger = Authority(tmp_path, "stranger").file
    for untrusted in (with_tls(url, stranger), with_tls(url, authority, host="127.0.0.1")):
        with pytest.raises(StartupError, match=r"cannot be used: .*certificate") as refusal:
            migrate(untrusted, "sconnect.profiles")
        assert str(url).partition("://")[2].partition("@")[0] not in str(refusal.value)
