"""How far an import run is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from console.domain.standing import OrderStatus, ToldReason


class RunState(StrEnum):
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportRun:
    """A run of the poller; `order_uuids` is None until the poller has said that it is over."""

    run_id: str
    profile: str
    requested_at: datetime | None = None
    requested_by: str | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    order_uuids: tuple[str, ...] | None = None
    next_order_number: int | None = None
    missing_numbers: tuple[int, ...] = ()
    failure: ToldReason | None = None


@dataclass(frozen=True, slots=True)
class OrderMark:
    """Where one order of a run stands."""

    order_uuid: str
    order_number: str
    status: OrderStatus


# What needs a person first.
_URGENCY = {status: place for place, status in enumerate((OrderStatus.DEAD_LETTERED, OrderStatus.WAITING))}


def most_urgent(marks: Iterable[OrderMark], at_most: int) -> list[str]:
    """The uuids of the first `at_most` orders to show: what needs a person first, then by number."""

    def place(mark: OrderMark) -> tuple[int, int, str]:
        return _URGENCY.get(mark.status, len(_URGENCY)), len(mark.order_number), mark.order_number

    return [mark.order_uuid for mark in sorted(marks, key=place)[:at_most]]


def run_state(run: ImportRun, statuses: Mapping[str, OrderStatus]) -> RunState:
    """Done when the poller is and every order it met has come to rest; `statuses` by order uuid.

    An order without a status is one whose events are still under way.
    """
    if run.failure is not None:
        return RunState.FAILED
    if run.order_uuids is None:
        return RunState.RUNNING
    at_rest = all(
        statuses.get(uuid, OrderStatus.IN_PROGRESS) is not OrderStatus.IN_PROGRESS for uuid in run.order_uuids
    )
    return RunState.DONE if at_rest else RunState.RUNNING
