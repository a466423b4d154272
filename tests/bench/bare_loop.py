"""The least that moves orders: take a message, post its body, ack. No checks, no memory, no second chance."""

import asyncio
import json
from time import perf_counter
from typing import Any

import aio_pika
import httpx

PREFETCH_COUNT = 4
QUEUE = "bare-loop"


async def measure_bare_loop(
    amqp_url: str, api_url: str, headers: dict[str, str], bodies: list[dict[str, Any]]
) -> float:
    """Return the orders per second from the first message taken to the last one acked."""
    connection = await aio_pika.connect(amqp_url)
    async with connection, httpx.AsyncClient(headers=headers, trust_env=False) as client:
        channel = await connection.channel()
        await channel.set_qos(prefetch_count=PREFETCH_COUNT)
        queue = await channel.declare_queue(QUEUE, durable=True, arguments={"x-queue-type": "quorum"})
        for body in bodies:
            message = aio_pika.Message(json.dumps(body).encode(), delivery_mode=2)
            await channel.default_exchange.publish(message, QUEUE)
        left = len(bodies)
        finished = asyncio.Event()

        async def post(message: aio_pika.abc.AbstractIncomingMessage) -> None:
            nonlocal left
            answer = await client.post(api_url, content=message.body)
            answer.raise_for_status()
            await message.ack()
            left -= 1
            if left == 0:
                finished.set()

        started = perf_counter()
        await queue.consume(post)
        await finished.wait()
        return len(bodies) / (perf_counter() - started)
