"""JSON as SnelStart reads and writes it: money stays exact, moments carry no zone."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, TypeAlias

Row: TypeAlias = dict[str, Any]

CENT = Decimal("0.01")

# A private-use character marks the numbers in the text, so that a Decimal never passes through a float.
DECIMAL_MARK = "\ue000"
MARKED_DECIMAL = re.compile(f'"{DECIMAL_MARK}([^"]+)"')


@dataclass(frozen=True)
class Reply:
    """What an endpoint answers; `payload` is JSON, or None for an empty body."""

    status: int = 200
    payload: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def body(self) -> bytes:
        return b"" if self.payload is None else encode(self.payload)


def encode(value: Any) -> bytes:
    """Write JSON; Decimals become numbers with the digits they have."""
    text = json.dumps(value, default=_mark_decimal, ensure_ascii=False, separators=(",", ":"))
    return MARKED_DECIMAL.sub(r"\1", text).encode()


def decode(body: bytes) -> Any:
    """Read JSON; raises ValueError when it is none."""
    return json.loads(body, parse_float=Decimal, parse_constant=_refuse_constant)


def to_cents(amount: Decimal) -> Decimal:
    """Round to two decimals, halves away from zero."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def moment_text(moment: datetime) -> str:
    """Write a naive moment as .NET does: the fraction without trailing zeros, or none."""
    text = moment.isoformat()
    return text.rstrip("0") if moment.microsecond else text


def day_text(day: date) -> str:
    """Write a calendar day as the API shows it: midnight, without a zone."""
    return f"{day.isoformat()}T00:00:00"


def day_of(moment: str) -> date:
    """Return the calendar day of a moment as the API writes it."""
    return date.fromisoformat(moment[:10])


def _mark_decimal(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{DECIMAL_MARK}{value:f}"
    raise TypeError(f"{type(value).__name__} has no place in JSON")


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")
