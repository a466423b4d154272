"""The servers that tests get: private, empty, and missing only where that is allowed."""

from pathlib import Path
from urllib.parse import urlsplit

import aio_pika
import pytest
from aio_pika.exceptions import ChannelNotFoundEntity
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from sconnect.errors import StartupError
from servers.presence import require_installed
from stack.broker import PrivateBroker


async def declare_a_queue(url: str, *, passive: bool = False) -> None:
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        await channel.declare_queue("parcels", durable=True, passive=passive)


async def test_each_test_has_a_vhost_of_its_own(rabbitmq_url: str, rabbitmq_vhost_url: str) -> None:
    assert urlsplit(rabbitmq_vhost_url).netloc == urlsplit(rabbitmq_url).netloc
    await declare_a_queue(rabbitmq_vhost_url)
    await declare_a_queue(rabbitmq_vhost_url, passive=True)
    with pytest.raises(ChannelNotFoundEntity):
        await declare_a_queue(rabbitmq_url, passive=True)


async def test_a_node_of_ones_own_keeps_its_queues_over_a_restart(own_rabbitmq_node: PrivateBroker) -> None:
    await declare_a_queue(own_rabbitmq_node.url)
    url = own_rabbitmq_node.restart()
    await declare_a_queue(url, passive=True)


@pytest.mark.parametrize("turn", [1, 2])
async def test_each_test_has_an_empty_database(database_engine: AsyncEngine, turn: int) -> None:
    async with database_engine.begin() as connection:
        await connection.execute(text("CREATE TABLE parcels (number INTEGER)"))


def nothing_installed(name: str) -> Path:
    raise StartupError(f"{name} is not installed.")


def test_a_missing_server_skips_on_a_laptop_and_fails_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="rabbitmq-server is not installed"):
        require_installed(nothing_installed, "rabbitmq-server")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="rabbitmq-server is not installed"):
        require_installed(nothing_installed, "rabbitmq-server")


def test_what_needs_a_server_carries_its_marker(request: pytest.FixtureRequest) -> None:
    needs = {
        "rabbitmq": {"rabbitmq_node", "own_rabbitmq_node"},
        "postgres": {"postgres_server"},
    }
    for item in request.session.items:
        fixtures = set(getattr(item, "fixturenames", ()))
        for marker, servers in needs.items():
            if fixtures & servers:
                assert item.get_closest_marker(marker), item.nodeid
