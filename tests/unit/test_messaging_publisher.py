"""Whatever RabbitMQ's client raises while the broker is away means the same: the message waits."""

from typing import Any

import pytest
from aio_pika.exceptions import AMQPConnectionError
from aiormq.exceptions import ChannelClosed, ChannelInvalidStateError
from faststream.exceptions import IncorrectState

from sconnect.errors import UpstreamUnavailable
from sconnect.messaging import RabbitPublisher, connect_broker
from sconnect.messaging.topology import RESOLVER_RECEIVED


@pytest.mark.parametrize(
    "error",
    [
        AMQPConnectionError(),
        ChannelClosed(0, "closed"),
        # A RuntimeError: on a channel that is closed and not open again yet.
        ChannelInvalidStateError("closed"),
        ConnectionResetError(),
        IncorrectState(),
        TimeoutError(),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_a_broker_that_is_away_is_trouble_that_heals(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker = connect_broker("amqp://guest:guest@localhost:1/", connection_name="test")

    async def publish(*_arguments: Any, **_keywords: Any) -> None:
        raise error

    monkeypatch.setattr(broker, "publish", publish)
    publisher = RabbitPublisher(broker)
    with pytest.raises(UpstreamUnavailable) as away:
        await publisher.publish_to_queue(RESOLVER_RECEIVED.name, b"{}", headers={}, message_id="m-1")
    assert away.value.reason.text_key == "UPSTREAM_UNAVAILABLE.broker"
