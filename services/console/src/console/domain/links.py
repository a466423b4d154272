"""Which customer a buyer was given, as the console tells it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class RememberedLink:
    """`decided_by` is None when the customer's card was made without anybody's decision."""

    id: str
    profile: str
    customer_number: int
    customer_name: str
    buyer: str
    order_number: str
    decided_by: str | None
    decided_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class LinkPlace:
    """Where a link stands in the list."""

    at: datetime
    link_id: str
