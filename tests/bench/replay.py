"""`python -m bench.replay [LETTERS]`: replay of many dead letters on a real RabbitMQ, also when killed."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import aio_pika
import httpx

from console.adapters.sql import SqlReadModel, Transactions
from fakes_console import OrderStory, copy_of
from sconnect.clock import SystemClock
from sconnect.contracts import decode
from sconnect.messaging import RabbitPublisher, connect_broker
from sconnect.messaging.declaration import declare_topology
from sconnect.messaging.topology import WRITER_RESOLVED
from sconnect.persistence import create_engine
from sconnect.persistence.migrations import migrate
from sconnect.profiles import new_secrets_key
from stack.broker import PrivateBroker
from stack.ports import free_port
from stack.terminal import say

LETTERS = 10_000
KILL_AFTER_SECONDS = 3.0
DEADLINE_SECONDS = 600
TOKEN = "token-of-the-bench"
NOBODY = "http://127.0.0.1:1"
PUBLISHED_AT_ONCE = 100


async def fill(database_url: str, amqp_url: str, count: int) -> None:
    """Dead letters of the writer, each with its row, its trail and its copy."""
    await declare_topology(amqp_url)
    engine = create_engine(database_url)
    read_model = SqlReadModel(Transactions(engine))
    broker = connect_broker(amqp_url, connection_name="bench")
    await broker.connect()
    publisher = RabbitPublisher(broker)
    for start in range(0, count, PUBLISHED_AT_ONCE):
        stories = [OrderStory(number=str(start + n)) for n in range(min(PUBLISHED_AT_ONCE, count - start))]
        for story in stories:
            await read_model.record(story.received())
            await read_model.record(story.dead_lettered(stage="booking-writer", code="LEDGER_UNMAPPED"))
        await asyncio.gather(*(set_aside(publisher, story) for story in stories))
    await broker.stop()
    await engine.dispose()


async def set_aside(publisher: RabbitPublisher, story: OrderStory) -> None:
    copy = copy_of(story.dead_lettered(stage="booking-writer", code="LEDGER_UNMAPPED"))
    headers = {name: value for name, value in copy.headers.items() if isinstance(value, str | int)}
    await publisher.publish_to_dead_letters(
        copy.queue, copy.body, headers=headers, message_id=copy.message_id
    )


class Console:
    """The console as a process that can be killed."""

    def __init__(self, environment: dict[str, str], port: int) -> None:
        self._environment = {**os.environ, **environment}
        self._client = httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}/api", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=60
        )
        self.process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        command = [sys.executable, "-m", "console"]
        self.process = await asyncio.to_thread(subprocess.Popen, command, env=self._environment)
        async with asyncio.timeout(DEADLINE_SECONDS):
            while not await self._answers():
                await SystemClock().sleep(0.1)

    async def _answers(self) -> bool:
        try:
            return (await self._client.get("/dead-letter-jobs")).is_success
        except httpx.TransportError:
            return False

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    async def replay_all(self) -> Any:
        asked = {"kind": "replay", "everything": True}
        answer = await self._client.post("/dead-letter-jobs", json=asked)
        return answer.raise_for_status().json()

    async def until_done(self, job: Any) -> Any:
        async with asyncio.timeout(DEADLINE_SECONDS):
            while job["state"] == "running":
                await SystemClock().sleep(0.2)
                job = (await self._client.get(f"/dead-letter-jobs/{job['id']}")).json()
        return job


async def numbers_in_work_queue(amqp_url: str) -> list[str]:
    """Order number and replay number of every message, in the order of the queue."""
    found: list[str] = []
    async with await aio_pika.connect(amqp_url) as connection, connection.channel() as channel:
        queue = await channel.get_queue(WRITER_RESOLVED.name, ensure=False)
        while (copy := await queue.get(fail=False, no_ack=True)) is not None:
            message = decode(copy.body)
            found.append(f"{json.loads(copy.body)['order']['number']}/{message.replay}")
    return found


async def measure(folder: Path, amqp_url: str, *, count: int, kill: bool) -> dict[str, Any]:
    database_url = f"sqlite+aiosqlite:///{folder / f'console-{kill}.sqlite3'}"
    for package in ("console", "sconnect.profiles", "sconnect.allowance"):
        await asyncio.to_thread(migrate, database_url, package)
    await fill(database_url, amqp_url, count)
    port = free_port()
    console = Console(
        {
            "CONSOLE_DATABASE_URL": database_url,
            "CONSOLE_HEALTH_PORT": str(port),
            "CONSOLE_SWEEP_INTERVAL_SECONDS": "3600",
            "SCONNECT_AMQP_URL": amqp_url,
            "SCONNECT_DATABASE_URL": database_url,
            "SCONNECT_SECRETS_KEY": new_secrets_key(),
            "SCONNECT_TOKEN": TOKEN,
            **{f"CONSOLE_{name}_URL": NOBODY for name in ("POLLER", "CUSTOMER_RESOLVER", "BOOKING_WRITER")},
        },
        port,
    )
    try:
        await console.start()
        job = await console.replay_all()
        began_at = time.perf_counter()
        if kill:
            await SystemClock().sleep(KILL_AFTER_SECONDS)
            console.kill()
            await console.start()
        job = await console.until_done(job)
        seconds = time.perf_counter() - began_at
    finally:
        console.kill()
    sent = await numbers_in_work_queue(amqp_url)
    in_order = sum(int(a.split("/")[0]) < int(b.split("/")[0]) for a, b in pairwise(sent))
    return {
        "seconds": round(seconds, 1),
        "job": {name: job[name] for name in ("state", "total", "done", "refused")},
        "orders sent": len(set(sent)),
        "messages repeated": len(sent) - len(set(sent)),
        "replay numbers": dict(Counter(each.split("/")[1] for each in sent)),
        "neighbours in order": f"{in_order / max(1, len(sent) - 1):.3f}",
    }


def main() -> None:
    """Print the figures; takes a few minutes."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else LETTERS
    with TemporaryDirectory() as name:
        for kill in (False, True):
            broker = PrivateBroker(Path(name) / f"broker-{kill}")
            try:
                told = asyncio.run(measure(Path(name), broker.start(), count=count, kill=kill))
            finally:
                broker.stop()
            say(f"{count} dead letters, console {'killed once' if kill else 'undisturbed'}: {told}")


if __name__ == "__main__":
    main()
