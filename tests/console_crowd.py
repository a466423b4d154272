"""A console's database with very many orders, written in bulk: what months of events leave behind.

One order of each kind is told as the services would tell it; the others are copies with a number, buyer, date
and total of their own. Telling each would take many times as long, and leave the same rows.
"""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from console.adapters.sql.orders import row_values
from console.adapters.sql.reasons import reason_values
from console.adapters.sql.tables import dead_letters, import_runs, order_events, orders
from console.domain.ledger_places import waited_for
from console.domain.search import search_text, sort_number
from console.domain.standing import conclude
from console.handlers.letters import letter_of
from console.handlers.news import news_of
from fakes_console import NOON, OrderStory
from sconnect.contracts import BuyerAddress, Message, OrderDeadLettered, encode

PROFILES = tuple(f"winkel-{number}" for number in range(1, 6))
FIRST_NAMES = ("Sanne", "Jan", "Zoë", "Piet", "Fatima", "Noor", "Daan", "Els", "Koen", "Lotte")
LAST_NAMES = ("Voorbeeld", "de Proef", "Testers", "van den Voorbeelde", "Bedacht", "el Proefi", "Nepman")
ORDERS_PER_DAY = 300
ROWS_AT_ONCE = 2000
LEDGER_WAITED_FOR = "revenue.nl_exempt"
BIG_RUN = "a-big-run"
BIG_RUN_ORDERS = 5000
# What stands in a pattern for the order's own; nothing else looks like these.
OF_PATTERN = OrderStory(number="987654321", profile="winkel-patroon")
NAME, DAY, TOTAL = "Patroon Naam", date(1999, 1, 9), "98765.43"

Row = dict[str, Any]


async def fill(engine: AsyncEngine, count: int) -> None:
    """Orders 1 to `count`, over all profiles and many days, the last ones today; and one big import run.

    Every tenth order needs a person, for one of four reasons.
    """
    async with engine.begin() as connection:
        for numbers in _batched(count):
            made = await asyncio.to_thread(_tables, numbers, count)
            await connection.execute(insert(orders), made.orders)
            await connection.execute(insert(order_events), made.events)
            if made.letters:
                await connection.execute(insert(dead_letters), made.letters)
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


def dead_letter_near(number: int) -> str:
    """The id of a dead letter that waits for a customer, of an order close to that one."""
    close = number - number % 40 + 7
    return f"{OrderStory(number=str(close), profile=profile_of(close)).uuid}-0"


def _of_first(count: int) -> list[int]:
    return list(range(len(PROFILES), count + 1, len(PROFILES)))[:BIG_RUN_ORDERS]


def _batched(count: int) -> Iterator[range]:
    for start in range(1, count + 1, ROWS_AT_ONCE):
        yield range(start, min(start + ROWS_AT_ONCE, count + 1))


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of three tables."""

    orders: list[Row]
    events: list[Row]
    letters: list[Row]


def _tables(numbers: range, count: int) -> Rows:
    made = Rows([], [], [])
    for number in numbers:
        pattern = _pattern(number % 40)
        own = _Own(number, NOON.date() - timedelta(days=(count - number) // ORDERS_PER_DAY))
        made.orders.extend(own.order(row) for row in pattern.orders)
        made.events.extend(own.copy(row, place) for place, row in enumerate(pattern.events))
        made.letters.extend(own.letter(row) for row in pattern.letters)
    return made


class _Own:
    """What one order has of its own."""

    def __init__(self, number: int, placed_on: date) -> None:
        story = OrderStory(number=str(number), profile=profile_of(number))
        self._number, self._uuid = story.number, story.uuid
        self._name = f"{FIRST_NAMES[number % 10]} {LAST_NAMES[number % 7]}"
        self._cents = number % 400 * 100 + number % 100
        self._since = NOON - timedelta(seconds=number)
        self._replaced = (
            (OF_PATTERN.uuid, story.uuid),
            (OF_PATTERN.number, story.number),
            (OF_PATTERN.profile, story.profile),
            (NAME, self._name),
            (DAY.isoformat(), placed_on.isoformat()),
            (TOTAL, f"{self._cents // 100}.{self._cents % 100:02d}"),
        )

    def copy(self, row: Row, place: int) -> Row:
        """The row with what is this order's own, its id too."""
        made = {name: self._text(value) if isinstance(value, str) else value for name, value in row.items()}
        identity = f"{self._uuid}-{place}"
        if "body" in made:
            made["body"] = made["body"].replace(row["id"], identity)
        return made | {"id": identity}

    def order(self, row: Row) -> Row:
        made = self.copy(row, 0)
        del made["id"]
        words = search_text(self._number, row["invoice_number"] and self._number, self._name)
        own = {"sort_number": sort_number(self._number), "search_text": words, "total_cents": self._cents}
        return made | own

    def letter(self, row: Row) -> Row:
        return self.copy(row, 0) | {"since": self._since}

    def _text(self, text: str) -> str:
        for old, new in self._replaced:
            text = text.replace(old, new)
        return text


@cache
def _pattern(kind: int) -> Rows:
    told = _told(OF_PATTERN, kind)
    standing = conclude(news for message in told if (news := news_of(message)) is not None)
    key = {"profile": OF_PATTERN.profile, "order_uuid": OF_PATTERN.uuid}
    events = [
        key
        | {
            "id": message.id,
            "type": message.type,
            "occurred_at": message.occurred_at,
            "body": encode(message).decode(),
        }
        for message in told
    ]
    letters = [_letter(message) for message in told if isinstance(message, OrderDeadLettered)]
    return Rows([key | row_values(standing)], events, letters)


def _letter(message: OrderDeadLettered) -> Row:
    letter = letter_of(message)
    revision, replay = letter.version or (None, None)
    same = ("id", "profile", "order_uuid", "order_number", "service", "queue", "attempts", "since", "message")
    return {
        **{name: getattr(letter, name) for name in same},
        **reason_values(letter.reason),
        "revision": revision,
        "replay": replay,
        "suggestions": json.dumps([dict(suggestion) for suggestion in letter.suggestions]),
        "state": letter.state.value,
        "copy_held": letter.copy_held,
        "ledger_field": waited_for(letter.reason),
    }


def _told(story: OrderStory, kind: int) -> list[Message]:
    order = story.order()
    buyer = order.buyer.model_copy(update={"invoice": BuyerAddress(name=NAME, city="Teststad")})
    contents = {"placed_on": DAY, "buyer": buyer, "total": TOTAL}
    received, resolved = story.received(), story.resolved()
    read = received.model_copy(update={"order": order.model_copy(update=contents)})
    match kind:
        case 7 | 17:
            return [read, story.dead_lettered()]
        case 13:
            return [read, story.dead_lettered(stage="booking-writer", code="TOTAL_MISMATCH")]
        case 27:
            letter = story.dead_lettered(stage="booking-writer", code="LEDGER_UNMAPPED")
            details = {"amount": TOTAL, "field": f"bookings.ledgers.{LEDGER_WAITED_FOR}"}
            reason = letter.reason.model_copy(update={"details": details})
            return [read, letter.model_copy(update={"reason": reason})]
        case 21:
            return [read, story.waiting(attempt=3)]
        case 33:
            return [read, story.skipped()]
    recognised = resolved.model_copy(update={"order": resolved.order.model_copy(update=contents)})
    return [read, recognised, story.booked()]
