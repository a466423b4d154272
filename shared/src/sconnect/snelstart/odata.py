"""Literals of the OData v3 dialect that SnelStart's `$filter` speaks (developer portal, OData)."""

from datetime import UTC, datetime
from uuid import UUID


def text(value: str) -> str:
    """A quoted text; a quote inside is doubled."""
    return "'" + value.replace("'", "''") + "'"


def guid(value: str) -> str:
    """A guid literal; ValueError when the value is none, so that nothing else can slip into a filter."""
    return f"guid'{UUID(value)}'"


def moment(value: datetime) -> str:
    """A datetime literal. SnelStart's stamps carry no zone; an aware instant is written in UTC."""
    if value.tzinfo is not None:
        value = value.astimezone(UTC).replace(tzinfo=None)
    return f"datetime'{value.isoformat(timespec='seconds')}'"
