"""A console's database with very many orders, written in bulk: what months of events leave behind."""

import asyncio
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from console.adapters.sql.orders import row_values
from console.adapters.sql.tables import import_runs, order_events, orders
from console.domain.standing import conclude
from console.handlers.news import news_of
from fakes_console import NOON, OrderStory
from sconnect.contracts import BuyerAddress, Message, encode

PROFILES = tuple(f"winkel-{number}" for number in range(1, 6))
FIRST_NAMES = ("Sanne", "Jan", "Zoë", "Piet", "Fatima", "Noor", "Daan", "Els", "Koen", "Lotte")
LAST_NAMES = ("Voorbeeld", "de Proef", "Testers", "van den Voorbeelde", "Bedacht", "el Proefi", "Nepman")
ORDERS_PER_DAY = 300
ROWS_AT_ONCE = 2000
BIG_RUN = "a-big-run"
BIG_RUN_ORDERS = 5000


async def fill(engine: AsyncEngine, count: int) -> None:
    """Orders 1 to `count`, over all profiles and many days, the last ones today; and one big import run."""
    rows: list[dict[str, Any]] = []
    async with engine.begin() as connection:
        for numbers in _batched(count):
            rows, events = await asyncio.to_thread(_tables, numbers, count)
            await connection.execute(insert(orders), rows)
            await connection.execute(insert(order_events), events)
        uuids = [OrderStory(number=str(number), profile=PROFILES[0]).uuid for number in _of_first(count)]
        await connection.execute(
            insert(import_runs).values(
                run_id=BIG_RUN,
                profile=PROFILES[0],
                started_at=NOON,
                finished_at=NOON,
                order_uuids="[" + ",".join(f'"{uuid}"' for uuid in uuids) + "]",
            )
        )


def profile_of(number: int) -> str:
    return PROFILES[number % len(PROFILES)]


def _of_first(count: int) -> list[int]:
    return list(range(len(PROFILES), count + 1, len(PROFILES)))[:BIG_RUN_ORDERS]


def _batched(count: int) -> Iterator[range]:
    for start in range(1, count + 1, ROWS_AT_ONCE):
        yield range(start, min(start + ROWS_AT_ONCE, count + 1))


def _tables(numbers: range, count: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    rows: list[dict[str, Any]] = []
    events: list[dict[str, Any]] = []
    for number in numbers:
        story = OrderStory(number=str(number), profile=profile_of(number))
        told = _told(story, number, NOON.date() - timedelta(days=(count - number) // ORDERS_PER_DAY))
        standing = conclude(news for message in told if (news := news_of(message)) is not None)
        key = {"profile": story.profile, "order_uuid": story.uuid}
        rows.append(key | row_values(standing))
        events += [
            key
            | {
                "id": message.id,
                "type": message.type,
                "occurred_at": message.occurred_at,
                "body": encode(message).decode(),
            }
            for message in told
        ]
    return rows, events


def _told(story: OrderStory, number: int, placed_on: date) -> list[Message]:
    name = f"{FIRST_NAMES[number % 10]} {LAST_NAMES[number % 7]}"
    order = story.order()
    buyer = order.buyer.model_copy(update={"invoice": BuyerAddress(name=name, city="Teststad")})
    contents = {"placed_on": placed_on, "buyer": buyer, "total": f"{number % 400}.{number % 100:02d}"}
    received, resolved = story.received(), story.resolved()
    read = received.model_copy(update={"order": order.model_copy(update=contents)})
    match number % 40:
        case 7:
            return [read, story.dead_lettered()]
        case 13:
            return [read, story.dead_lettered(stage="booking-writer", code="TOTAL_MISMATCH")]
        case 21:
            return [read, story.waiting(attempt=3)]
        case 33:
            return [read, story.skipped()]
    recognised = resolved.model_copy(update={"order": resolved.order.model_copy(update=contents)})
    return [read, recognised, story.booked()]
