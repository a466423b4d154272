"""Import runs that a person asks for."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import uuid4

from console.domain.refusals import NotKnown, NotNow
from console.domain.runs import ImportRun, RunState, most_urgent, run_state
from console.domain.standing import OrderRow, OrderStatus
from console.ports import OrderBook, ProfileShelf, RunLog
from sconnect.clock import Clock
from sconnect.contracts import ImportRequested
from sconnect.contracts.build import new_message
from sconnect.messaging import EventPublisher


@dataclass(frozen=True, kw_only=True, slots=True)
class RunProgress:
    run: ImportRun
    state: RunState
    orders: Sequence[OrderRow] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class RunSummary:
    """How far a run is in figures, and the rows of the orders that are shown."""

    run: ImportRun
    state: RunState
    counts: Mapping[OrderStatus, int]
    shown: Sequence[OrderRow] = ()

    @property
    def heard_of(self) -> int:
        return sum(self.counts.values())

    @property
    def settled(self) -> int:
        return self.heard_of - self.counts.get(OrderStatus.IN_PROGRESS, 0)


class ImportDesk:
    """Twice means two runs, which do no more than one: the poller hands every order over once.

    Half-done when it dies: a run without a command, that nobody waits for any more.
    """

    def __init__(
        self,
        *,
        profiles: ProfileShelf,
        orders: OrderBook,
        runs: RunLog,
        publisher: EventPublisher,
        clock: Clock,
    ) -> None:
        self._profiles = profiles
        self._orders = orders
        self._runs = runs
        self._publisher = publisher
        self._clock = clock

    async def start(self, profile: str, *, by: str) -> ImportRun:
        """Ask the poller to import now. NotKnown: no such profile; NotNow: it is switched off."""
        stored = await self._profiles.get(profile)
        if stored is None:
            raise NotKnown("profile_unknown", name=profile)
        if not stored.profile.enabled:
            raise NotNow("profile_disabled", name=profile)
        run = ImportRun(run_id=str(uuid4()), profile=profile, requested_at=self._clock.now(), requested_by=by)
        await self._runs.request(run)
        await self._publisher.publish(
            new_message(
                ImportRequested,
                profile=profile,
                occurred_at=self._clock.now(),
                correlation_id=run.run_id,
                id_parts=(run.run_id,),
                run_id=run.run_id,
                requested_by=by,
            )
        )
        return run

    async def progress(self, run_id: str) -> RunProgress:
        """How far a run is, with what became of its orders. NotKnown: no such run."""
        run = await self._known(run_id)
        rows = await self._orders.orders(run.profile, run.order_uuids or ())
        statuses = {row.order_uuid: row.standing.status for row in rows}
        rows.sort(key=lambda row: (len(row.standing.order_number), row.standing.order_number))
        return RunProgress(run=run, state=run_state(run, statuses), orders=rows)

    async def summary(self, run_id: str, *, shown_max: int) -> RunSummary:
        """How far a run is, counted whole and shown in part, the most urgent first. NotKnown: no such run.

        A run of thousands is looked at every second while it goes on: only what is shown is read whole.
        """
        run = await self._known(run_id)
        marks = await self._orders.marks_of(run.profile, run.order_uuids or ())
        return RunSummary(
            run=run,
            state=run_state(run, {mark.order_uuid: mark.status for mark in marks}),
            counts=Counter(mark.status for mark in marks),
            shown=await self._orders.orders(run.profile, most_urgent(marks, shown_max)),
        )

    async def _known(self, run_id: str) -> ImportRun:
        run = await self._runs.run(run_id)
        if run is None:
            raise NotKnown("run_unknown", id=run_id)
        return run
