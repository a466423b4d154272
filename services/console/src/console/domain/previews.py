"""What can be asked of a preview, and how far its answer is."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from console.domain.refusals import NotSensible


@dataclass(frozen=True, kw_only=True, slots=True)
class OneOrder:
    """The order with this number in the shop."""

    number: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PlacedBetween:
    """The orders placed on these days and in between; the shop's (Dutch) calendar dates."""

    first_day: date
    last_day: date


@dataclass(frozen=True, kw_only=True, slots=True)
class LastOrders:
    """So many orders with the highest numbers."""

    count: int


Selection = OneOrder | PlacedBetween | LastOrders


def require_sensible(selection: Selection, *, orders_max: int) -> None:
    """NotSensible for days in the wrong order, or for more orders than one preview may have."""
    match selection:
        case PlacedBetween(first_day=first, last_day=last) if first > last:
            raise NotSensible("preview_days_reversed", first=first.isoformat(), last=last.isoformat())
        case LastOrders(count=count) if count < 1:
            raise NotSensible("preview_no_orders", count=str(count))
        case LastOrders(count=count) if count > orders_max:
            raise NotSensible("preview_too_many", orders_max=str(orders_max))


class PreviewState(StrEnum):
    """FAILED: no order could be read; FINISHED: every order has its answer, be it that there is none."""

    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"
