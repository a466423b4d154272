"""Reads the windows of one run and remembers every order in them."""

from collections.abc import Collection, Sequence

import structlog

from poller.domain.orders import (
    OrderState,
    SeenOrder,
    Selection,
    Unreadable,
    after_sighting,
    after_unreadable,
    is_order_number,
)
from poller.domain.windows import PageRead, Window, next_offset
from poller.handlers.messages import Occasion
from poller.handlers.orders import facts_of, record_of
from poller.ports import Lease, OrderSource, Record, SeenOrders, Sighting
from sconnect.calls import recorded_calls
from sconnect.clock import Clock
from sconnect.errors import TransientError

POSTPONED_ORDERS_MAX = 3

log = structlog.get_logger(__name__)


class Reading:
    """Safe to do twice: what was recorded is found again and changes nothing.

    Half-done when it dies: pages that are recorded, some of them not told yet; the next run reads from the
    same moment again. The operator sees the run as not finished.
    """

    def __init__(
        self,
        *,
        source: OrderSource,
        orders: SeenOrders,
        selection: Selection,
        occasion: Occasion,
        run_id: str,
        unfinished_runs: Collection[str],
        lease: Lease,
        clock: Clock,
    ) -> None:
        self._source = source
        self._orders = orders
        self._selection = selection
        self._occasion = occasion
        self._run_id = run_id
        self._unfinished_runs = unfinished_runs
        self._lease = lease
        self._clock = clock
        self._postponed: list[TransientError] = []

    async def read(self, windows: Sequence[Window]) -> None:
        """Raises what kept an order from being recorded, after its neighbours were."""
        for window in windows:
            await self._walk(window)
        if self._postponed:
            raise self._postponed[-1]

    async def _walk(self, window: Window) -> None:
        met: set[str] = set()
        offset: int | None = 0
        while offset is not None:
            self._lease.require_held()
            with recorded_calls(self._clock):
                page = await self._source.page(window, offset)
                new = {sighting.key: sighting for sighting in page if sighting.key not in met}
                met.update(new)
                new_to_us = await self._record(list(new.values()))
            read = PageRead(
                received=len(page), new_to_walk=len(new), new_to_us=new_to_us, lowest=_lowest(page)
            )
            offset = next_offset(window, offset, read)

    async def _record(self, sightings: Sequence[Sighting]) -> int:
        """Returns how many of them no run had met that came to its end.

        What a run met before it broke off tells nothing of what lies behind it.
        """
        profile = self._occasion.profile
        remembered = await self._orders.find(profile, [sighting.key for sighting in sightings])
        records: list[Record] = []
        for sighting in sightings:
            before = remembered.get(sighting.key)
            after = self._after(before, sighting)
            if after is not None:
                records.extend(await self._records_of(before, after, sighting))
        await self._orders.save(profile, records)
        for record in records:
            log.info(
                "order_seen",
                profile=profile,
                order=record.seen.number,
                state=record.seen.state.value,
                revision=record.seen.revision,
            )
        known = [seen for seen in remembered.values() if seen.run_id not in self._unfinished_runs]
        return len(sightings) - len(known)

    def _after(self, before: SeenOrder | None, sighting: Sighting) -> SeenOrder | None:
        if not isinstance(sighting.found, Unreadable):
            facts = facts_of(sighting.found)
            return after_sighting(before, facts, self._selection, run_id=self._run_id)
        if before is not None and before.state is OrderState.HANDED_OVER:
            log.warning("order_became_unreadable", order=before.number, field=sighting.found.field)
        return after_unreadable(before, sighting.found, self._selection, run_id=self._run_id)

    async def _records_of(
        self, before: SeenOrder | None, after: SeenOrder, sighting: Sighting
    ) -> Sequence[Record]:
        """Nothing when the original of a credit order cannot be read now: the others go on without it."""
        try:
            with recorded_calls(self._clock):
                record = await record_of(
                    before, after, sighting, self._occasion, source=self._source, selection=self._selection
                )
        except TransientError as error:
            log.warning("order_postponed", order=after.number, cause=error.reason.text_key)
            self._postponed.append(error)
            if len(self._postponed) > POSTPONED_ORDERS_MAX:
                raise
            return ()
        return (record,)


def _lowest(page: Sequence[Sighting]) -> int | None:
    numbers = [sighting.found.number for sighting in page]
    return min((int(number) for number in numbers if is_order_number(number)), default=None)
