"""One message as it was handed to a consumer."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

ATTEMPT_HEADER = "x-attempt"
DELIVERY_COUNT_HEADER = "x-delivery-count"
# On a copy that waits for the order's worker: how often the message was taken up before and came to no end.
# The broker begins to count anew with every copy.
EARLIER_DELIVERIES_HEADER = "x-earlier-deliveries"


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """`delivery_count` is how often it was delivered before and came to no end, 0 for the first time."""

    queue: str
    body: bytes
    message_id: str
    headers: Mapping[str, Any] = field(default_factory=dict)

    @property
    def attempt(self) -> int:
        return _whole_number(self.headers.get(ATTEMPT_HEADER), 1)

    @property
    def delivery_count(self) -> int:
        counted = (DELIVERY_COUNT_HEADER, EARLIER_DELIVERIES_HEADER)
        return sum(_whole_number(self.headers.get(header), 0) for header in counted)


DeliveryHandler = Callable[[Delivery], Awaitable[None]]


def _whole_number(value: object, default: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else default
