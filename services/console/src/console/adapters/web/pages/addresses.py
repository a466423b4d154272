"""What stands in the addresses of pages: what was asked, a day, a place in a list."""

from datetime import date, datetime
from urllib.parse import urlencode

PLACE_SEPARATOR = "|"


def with_query(path: str, **asked: str) -> str:
    """The address that asks this; what is empty is not asked."""
    given = {name: value for name, value in asked.items() if value}
    return f"{path}?{urlencode(given)}" if given else path


def read_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def place_text(at: datetime, identity: str) -> str:
    """Where something stands in a list by time."""
    return f"{at.isoformat()}{PLACE_SEPARATOR}{identity}"


def read_place(text: str) -> tuple[datetime, str] | None:
    at, separator, identity = text.partition(PLACE_SEPARATOR)
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return None
    return (moment, identity) if separator and moment.tzinfo is not None else None
