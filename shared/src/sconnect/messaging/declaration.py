"""Puts the topology on a broker, or writes it down as a definitions file for operators."""

from typing import Any

from aio_pika.abc import AbstractChannel, ExchangeType
from aiormq.exceptions import AMQPError

from sconnect.errors import StartupError
from sconnect.messaging.nodes import open_connection
from sconnect.messaging.topology import exchanges, queues
from sconnect.messaging.trouble import BROKER_TROUBLE

CONNECT_TIMEOUT_SECONDS = 20


async def declare_topology(amqp_url: str, *, wait_time_scale: float = 1.0) -> None:
    """Declares every exchange, queue and binding; a second run changes nothing.

    StartupError when the broker cannot be reached or holds a queue of that name with other arguments.
    """
    try:
        connection = await open_connection(amqp_url, timeout_seconds=CONNECT_TIMEOUT_SECONDS)
    except BROKER_TROUBLE as error:
        raise StartupError(
            "RabbitMQ cannot be reached or refuses the login; check SCONNECT_AMQP_URL"
            f" ({type(error).__name__})."
        ) from error
    async with connection:
        channel = await connection.channel()
        try:
            await _declare(channel, wait_time_scale)
        except AMQPError as error:
            raise StartupError(f"RabbitMQ refuses the queues of this product: {error}.") from error


async def _declare(channel: AbstractChannel, wait_time_scale: float) -> None:
    for exchange in exchanges():
        await channel.declare_exchange(exchange.name, ExchangeType(exchange.kind), durable=True)
    for queue in queues(wait_time_scale=wait_time_scale):
        declared = await channel.declare_queue(queue.name, durable=True, arguments=queue.arguments)
        for exchange_name, routing_key in queue.bindings:
            await declared.bind(exchange_name, routing_key)


def definitions(*, virtual_host: str = "/") -> dict[str, Any]:
    """The topology in RabbitMQ's definitions format (`rabbitmqctl import_definitions`)."""
    return {
        "exchanges": [
            {
                "name": exchange.name,
                "vhost": virtual_host,
                "type": exchange.kind,
                "durable": True,
                "auto_delete": False,
                "internal": False,
                "arguments": {},
            }
            for exchange in exchanges()
        ],
        "queues": [
            {
                "name": queue.name,
                "vhost": virtual_host,
                "durable": True,
                "auto_delete": False,
                "arguments": queue.arguments,
            }
            for queue in queues()
        ],
        "bindings": [
            {
                "source": exchange_name,
                "vhost": virtual_host,
                "destination": queue.name,
                "destination_type": "queue",
                "routing_key": routing_key,
                "arguments": {},
            }
            for queue in queues()
            for exchange_name, routing_key in queue.bindings
        ],
    }
