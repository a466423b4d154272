"""How far an import run is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from console.domain.standing import OrderRow, OrderStatus, ToldReason


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


@dataclass(frozen=True, kw_only=True, slots=True)
class RunSummary:
    """How far a run is in figures; `shown` has the orders to show, what needs a person first, then by number.

    `run` comes without its orders, which may be very many; `met` counts them, None until the run is over.
    """

    run: ImportRun
    met: int | None
    counts: Mapping[OrderStatus, int]
    shown: Sequence[OrderRow]

    @property
    def state(self) -> RunState:
        return run_state(self.run, self.met, self.counts)

    @property
    def heard_of(self) -> int:
        return sum(self.counts.values())

    @property
    def settled(self) -> int:
        return self.heard_of - self.counts.get(OrderStatus.IN_PROGRESS, 0)


def run_state(run: ImportRun, met: int | None, counts: Mapping[OrderStatus, int]) -> RunState:
    """Done when the poller is and every one of the orders it `met` has come to rest; `counts` by status.

    An order that is not counted is one whose events are still under way.
    """
    if run.failure is not None:
        return RunState.FAILED
    if met is None:
        return RunState.RUNNING
    at_rest = sum(counts.values()) - counts.get(OrderStatus.IN_PROGRESS, 0)
    return RunState.DONE if at_rest == met else RunState.RUNNING
