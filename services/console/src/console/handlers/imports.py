"""Import runs that a person asks for."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from console.domain.refusals import NotKnown, NotNow
from console.domain.runs import ImportRun, RunState, RunSummary, run_state
from console.domain.standing import OrderRow
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
        run = await self._runs.run(run_id)
        if run is None:
            raise NotKnown("run_unknown", id=run_id)
        rows = await self._orders.orders(run.profile, run.order_uuids or ())
        rows.sort(key=lambda row: (len(row.standing.order_number), row.standing.order_number))
        met = None if run.order_uuids is None else len(run.order_uuids)
        counts = Counter(row.standing.status for row in rows)
        return RunProgress(run=run, state=run_state(run, met, counts), orders=rows)

    async def summary(self, run_id: str, *, shown_max: int) -> RunSummary:
        """How far a run is, counted whole and shown in part, the most urgent first. NotKnown: no such run.

        A run of thousands is looked at every second while it goes on: only what is shown is read whole.
        """
        summary = await self._runs.summary(run_id, shown_max=shown_max)
        if summary is None:
            raise NotKnown("run_unknown", id=run_id)
        return summary
