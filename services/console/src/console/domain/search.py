"""What is looked for among the orders, and in which order they are shown."""

import unicodedata
from dataclasses import dataclass
from datetime import date

from console.domain.standing import OrderStatus

SEARCH_TEXT_LENGTH_MAX = 200
# Numbers sort as numbers up to this many digits.
SORT_NUMBER_LENGTH = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderFilter:
    """Every field that is not None narrows the list; `text` begins a number or a word of a name."""

    profile: str | None = None
    status: OrderStatus | None = None
    reason_code: str | None = None
    text: str | None = None
    first_day: date | None = None
    last_day: date | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderPlace:
    """Where an order stands in the list, the newest first: unique, so that no page skips or repeats one."""

    ordered_on: str
    sort_number: str
    profile: str
    order_uuid: str


@dataclass(frozen=True, kw_only=True, slots=True)
class DayFigures:
    """Orders placed on one day, and what the booked ones among them come to, in cents."""

    day: date
    orders: int
    booked: int
    booked_cents: int


def sort_number(number: str) -> str:
    """Order numbers as texts that sort like numbers; what is no number sorts after them."""
    return number.zfill(SORT_NUMBER_LENGTH) if number.isdecimal() else f"~{number}"


def folded(text: str) -> str:
    """Without accents and capitals, so that `Zoe` finds Zoë."""
    plain = unicodedata.normalize("NFKD", text)
    kept = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return " ".join(kept.casefold().split())


def search_text(*parts: str | None) -> str:
    """What a search looks in: each word after a space, so that a word is found by its beginning."""
    words = " ".join(folded(part) for part in parts if part)
    return f" {words}"[:SEARCH_TEXT_LENGTH_MAX]
