"""A broker that takes the connection and hangs up: one that is starting, or away behind a proxy.

On the event loop of the services: there the client raises another error than on Python's own.
"""

import socket
from collections.abc import Iterator
from threading import Thread
from typing import Any

import pytest
import uvloop
from pydantic import SecretStr

from sconnect.errors import StartupError, UpstreamUnavailable
from sconnect.messaging import connect_broker
from sconnect.messaging.declaration import declare_topology
from sconnect.messaging.nodes import open_connection
from sconnect.messaging.topology import RESOLVER_RECEIVED
from sconnect.messaging.walking import QueueWalker

# One of many is told by a reset, which the client has an error of its own for.
TRIES = 10


def again_and_again(attempt: Any, expected: type[Exception]) -> list[Exception]:
    """What was raised at each try; nothing but the expected may be."""

    async def tries() -> list[Exception]:
        raised: list[Exception] = []
        for _ in range(TRIES):
            with pytest.raises(expected) as trouble:
                await attempt()
            raised.append(trouble.value)
        return raised

    return uvloop.run(tries())


@pytest.fixture
def url() -> Iterator[str]:
    """Where somebody takes every connection and hangs up at once."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def hang_up() -> None:
            while True:
                try:
                    taken, _ = server.accept()
                except OSError:
                    return
                taken.close()

        hanging_up = Thread(target=hang_up)
        hanging_up.start()
        yield f"amqp://iemand:geheim@127.0.0.1:{server.getsockname()[1]}/"
        server.shutdown(socket.SHUT_RDWR)
        hanging_up.join()


def test_connecting_fails_with_the_error_of_a_connection(url: str) -> None:
    again_and_again(lambda: open_connection(url, timeout_seconds=5), ConnectionError)


def test_the_next_node_is_asked(url: str, rabbitmq_vhost_url: str) -> None:
    login, _, rest = rabbitmq_vhost_url.rpartition("@")
    hanging_up = url.rpartition("@")[2].rstrip("/")

    async def connect() -> None:
        for _ in range(TRIES):
            async with await open_connection(f"{login}@{hanging_up},{rest}", timeout_seconds=5) as connection:
                assert not connection.is_closed

    uvloop.run(connect())


def test_a_look_at_the_queues_is_put_off(url: str) -> None:
    walker = QueueWalker(SecretStr(url))
    troubles = again_and_again(lambda: walker.depth(RESOLVER_RECEIVED.dead_letter), UpstreamUnavailable)
    assert {trouble.reason.variant for trouble in troubles} == {"broker"}  # type: ignore[attr-defined]


def test_declaring_ends_in_one_sentence(url: str) -> None:
    for refusal in again_and_again(lambda: declare_topology(url), StartupError):
        assert str(refusal).startswith("RabbitMQ cannot be reached")
        assert "geheim" not in str(refusal)


def test_a_service_starts_with_the_error_of_a_connection(url: str) -> None:
    async def start() -> None:
        broker = connect_broker(url, connection_name="example")
        try:
            await broker.start()
        finally:
            await broker.stop()

    again_and_again(start, ConnectionError)
