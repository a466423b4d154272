"""Whether the console's own database and broker are there."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from faststream.rabbit import RabbitBroker
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from sconnect.errors import UpstreamUnavailable
from sconnect.persistence import translate_database_errors

BROKER_PING_TIMEOUT_SECONDS: Final = 2.0

Check = Callable[[], Awaitable[str | None]]


def database_check(engine: AsyncEngine) -> Check:
    @translate_database_errors()
    async def ask() -> None:
        async with engine.connect() as connection:
            await connection.execute(select(1))

    async def check() -> str | None:
        try:
            await ask()
        except UpstreamUnavailable:
            return "the database cannot be reached"
        return None

    return check


def own_problems(
    broker: RabbitBroker, checks: Mapping[str, Check]
) -> Callable[[], Awaitable[Mapping[str, str]]]:
    async def problems() -> Mapping[str, str]:
        found = {name: sentence for name, check in checks.items() if (sentence := await check()) is not None}
        if not await broker.ping(timeout=BROKER_PING_TIMEOUT_SECONDS):
            found["rabbitmq"] = "RabbitMQ is not connected"
        return found

    return problems
