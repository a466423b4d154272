"""Private RabbitMQ nodes: one for the session with a fresh vhost per test, or one that a test may kill."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from servers.presence import require_installed
from stack.broker import PrivateBroker, broker_binary


@pytest.fixture(scope="session")
def rabbitmq_node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateBroker]:
    """The node that all tests share: leave it running, and stay inside a vhost of your own."""
    yield from _running_node(tmp_path_factory.mktemp("rabbitmq"))


@pytest.fixture(scope="session")
def rabbitmq_url(rabbitmq_node: PrivateBroker) -> str:
    """The AMQP address of the shared node's default vhost."""
    return rabbitmq_node.url


@pytest.fixture
def rabbitmq_vhost_url(rabbitmq_node: PrivateBroker) -> Iterator[str]:
    """The AMQP address of an empty vhost on the shared node, gone after the test."""
    name = f"test-{uuid4()}"
    yield rabbitmq_node.add_vhost(name)
    rabbitmq_node.delete_vhost(name)


@pytest.fixture
def own_rabbitmq_node(tmp_path: Path) -> Iterator[PrivateBroker]:
    """A node of the test's own, to kill, stop and start again; costs seconds."""
    yield from _running_node(tmp_path / "rabbitmq")


def _running_node(home: Path) -> Iterator[PrivateBroker]:
    require_installed(broker_binary, "rabbitmq-server")
    node = PrivateBroker(home)
    try:
        node.start()
        yield node
    finally:
        node.stop()
