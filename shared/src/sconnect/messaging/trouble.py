"""Which errors of RabbitMQ's client mean that the broker is away, and pass by themselves."""

from collections.abc import Awaitable
from typing import Final, TypeVar

from aio_pika.abc import AbstractChannel, AbstractConnection
from aio_pika.exceptions import AMQPError as AioPikaError
from aiormq.exceptions import AMQPError, ChannelInvalidStateError

from sconnect.errors import Reason, ReasonCode

T = TypeVar("T")

BROKER_UNAVAILABLE: Final = Reason(code=ReasonCode.UPSTREAM_UNAVAILABLE, variant="broker")

# A channel that is being opened anew raises an error of a family of its own, a RuntimeError.
BROKER_TROUBLE: Final = (AMQPError, AioPikaError, ChannelInvalidStateError, OSError, TimeoutError)


async def connected(connecting: Awaitable[T]) -> T:
    """What connecting returns; ConnectionResetError when the broker hung up while it greeted us.

    aiormq (7.2.4) tells so with what Python ends a loop or a file with. Seen where a broker was starting, and
    where a line was cut: the console ended, for no loop of it expected that.
    """
    try:
        return await connecting
    except (StopAsyncIteration, EOFError) as error:
        raise ConnectionResetError("RabbitMQ hung up before the connection was open") from error


async def open_channel(connection: AbstractConnection) -> AbstractChannel:
    """A channel that is open; ConnectionResetError when the connection was lost since."""
    try:
        channel = connection.channel()
        await channel.initialize()
    except RuntimeError as error:  # without a class of its own
        raise ConnectionResetError("RabbitMQ hung up before the channel was open") from error
    return channel
