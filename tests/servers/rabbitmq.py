"""RabbitMQ nodes: one for the session with a fresh vhost per test, or a private one that a test may kill.

The one for the session is a container where a Docker engine has its image, else a private node too.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

import pytest

from servers.containers import ContainerBroker, engine_has_image_of
from servers.presence import require_installed
from stack.broker import PrivateBroker, broker_binary

Node = TypeVar("Node", ContainerBroker, PrivateBroker)


@pytest.fixture(scope="session")
def rabbitmq_node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ContainerBroker | PrivateBroker]:
    """The node that all tests share: leave it running, and stay inside a vhost of your own."""
    if engine_has_image_of("rabbitmq"):
        yield from _running(ContainerBroker())
    else:
        yield from _private_node(tmp_path_factory.mktemp("rabbitmq"))


@pytest.fixture(scope="session")
def rabbitmq_url(rabbitmq_node: ContainerBroker | PrivateBroker) -> str:
    """The AMQP address of the shared node's default vhost."""
    return rabbitmq_node.url


@pytest.fixture
def rabbitmq_vhost_url(rabbitmq_node: ContainerBroker | PrivateBroker) -> Iterator[str]:
    """The AMQP address of an empty vhost on the shared node, gone after the test."""
    name = f"test-{uuid4()}"
    yield rabbitmq_node.add_vhost(name)
    rabbitmq_node.delete_vhost(name)


@pytest.fixture
def own_rabbitmq_node(tmp_path: Path) -> Iterator[PrivateBroker]:
    """A node of the test's own, to kill, stop and start again; costs seconds."""
    yield from _private_node(tmp_path / "rabbitmq")


def _private_node(home: Path) -> Iterator[PrivateBroker]:
    require_installed(broker_binary, "rabbitmq-server")
    yield from _running(PrivateBroker(home))


def _running(node: Node) -> Iterator[Node]:
    try:
        node.start()
        yield node
    finally:
        node.stop()
