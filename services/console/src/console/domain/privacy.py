"""What became of a wish to be forgotten."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptOrders:
    """The trails that hold the person's data: how many, and how many of those wait for something yet."""

    count: int
    unfinished: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Erasure:
    """`answered_at` is None until the customer-resolver told what it forgot; nothing here tells who it was.

    `customer_numbers` are the cards that stand in the accounting package, `under_way` cards being made.
    """

    id: str
    requested_by: str
    requested_at: datetime
    kept: KeptOrders
    answered_at: datetime | None = None
    erased: Mapping[str, int] = field(default_factory=dict)
    under_way: int = 0
    customer_numbers: tuple[int, ...] = ()
