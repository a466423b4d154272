"""One message as it was handed to a consumer."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

ATTEMPT_HEADER = "x-attempt"
DELIVERY_COUNT_HEADER = "x-delivery-count"


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """`delivery_count` is the broker's count of earlier deliveries, 0 for the first."""

    queue: str
    body: bytes
    message_id: str
    headers: Mapping[str, Any] = field(default_factory=dict)

    @property
    def attempt(self) -> int:
        return _whole_number(self.headers.get(ATTEMPT_HEADER), 1)

    @property
    def delivery_count(self) -> int:
        return _whole_number(self.headers.get(DELIVERY_COUNT_HEADER), 0)


DeliveryHandler = Callable[[Delivery], Awaitable[None]]


def _whole_number(value: object, default: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else default
