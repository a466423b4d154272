"""One import run of one profile, from the shop to the broker; and the probe of a profile that is paused."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from poller.domain.numbers import MISSING_NUMBERS_MAX, missing_numbers, next_order_number
from poller.domain.schedule import Pause, PollState, after_failure, after_probe, after_refusal, after_success
from poller.domain.windows import plan
from poller.handlers.messages import Occasion, profile_paused, profile_resumed, run_finished
from poller.handlers.orders import selection_for
from poller.handlers.post import Post
from poller.handlers.reading import Reading
from poller.ports import SCHEDULE, ImportRun, ImportRuns, Lease, OrderSources, PollStates, SeenOrders
from sconnect.clock import SHOP_TIME_ZONE, Clock
from sconnect.contracts import Message
from sconnect.errors import ConcurrentChange, DatabaseUnavailable, MisconfiguredError, Reason, TransientError
from sconnect.metrics import import_run_finished
from sconnect.profiles import StoredProfile

ORDERS_LISTED_MAX = 10_000
RUNS_KEPT = timedelta(days=45)
ON_THEIR_WAY = timedelta(minutes=10)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Memory:
    """The poller's own tables."""

    orders: SeenOrders
    states: PollStates
    runs: ImportRuns


class Importer:
    """Safe to run twice: the seen orders tell what was handed over before, and message ids repeat.

    Half-done when it dies: orders stored but not published (published first thing at the next turn) and a run
    that is still open (performed again). The operator sees the run going on until then.
    """

    def __init__(self, *, sources: OrderSources, memory: Memory, post: Post, clock: Clock) -> None:
        self._sources = sources
        self._memory = memory
        self._post = post
        self._clock = clock

    async def perform(self, run: ImportRun, profile: StoredProfile, lease: Lease) -> None:
        """Read, tell, finish. The shop's trouble fails the run; trouble of our own is raised, and the run
        stays open: a profile that is polled by hand has no other."""
        started_at = self._clock.now()
        before = await self._memory.states.get(run.profile)
        failure: Reason | None = None
        try:
            after = await self._read(run, profile, before, started_at, lease)
        except (ConcurrentChange, DatabaseUnavailable):
            raise
        except TransientError as error:
            failure, after = error.reason, self._failed(before, started_at, error)
        except MisconfiguredError as error:
            failure = error.reason
            after = after_refusal(
                before, failure, profile_version=profile.version, started_at=started_at, now=self._clock.now()
            )
        await self._remember(run.profile, before, after)
        await self._post.send(run.profile, lease)
        await self._finish(run, profile, started_at, failure)
        await self._post.send(run.profile, lease)

    async def refuse(self, run: ImportRun, reason: Reason) -> None:
        """Finish a run that cannot be performed."""
        now = self._clock.now()
        message = run_finished(run, started_at=now, occurred_at=now, failure=reason)
        await self._memory.runs.finish(run, started_at=now, at=now, failure=reason, message=message)
        import_run_finished(seconds=0, orders=0, failure=reason.code)
        log.warning("import_run_refused", profile=run.profile, run_id=run.run_id, reason=reason.text_key)

    async def abandon(self, profile: str, reason: Reason) -> None:
        """Finish the open run that met a bug, and leave the profile alone for a while."""
        now = self._clock.now()
        state = await self._memory.states.get(profile)
        await self._memory.states.save(profile, after_failure(state, started_at=now, now=now))
        run = await self._memory.runs.next_open(profile)
        if run is not None:
            await self.refuse(run, reason)

    async def probe(self, profile: StoredProfile) -> None:
        """Find out whether the shop lets a paused profile in again."""
        name = profile.profile.name
        before = await self._memory.states.get(name)
        if before.pause is None:
            return
        reason: Reason | None = None
        try:
            await self._sources.of(profile).probe()
        except TransientError:
            reason = before.pause.reason  # the shop is away: that tells nothing about the token
        except MisconfiguredError as error:
            reason = error.reason
        after = after_probe(before, reason, profile_version=profile.version, now=self._clock.now())
        await self._remember(name, before, after)

    async def _read(
        self, run: ImportRun, profile: StoredProfile, state: PollState, started_at: datetime, lease: Lease
    ) -> PollState:
        source = self._sources.of(profile)
        selection = await selection_for(profile, source)
        shop_time = started_at.astimezone(SHOP_TIME_ZONE)
        planned = plan(state, selection, shop_time)
        reading = Reading(
            source=source,
            orders=self._memory.orders,
            selection=selection,
            occasion=Occasion(profile=run.profile, occurred_at=started_at, run_id=run.run_id),
            run_id=run.run_id,
            unfinished_runs=await self._memory.runs.unfinished(run.profile),
            lease=lease,
            clock=self._clock,
        )
        await reading.read(planned.windows)
        if planned.looks_back:
            await self._memory.runs.forget_finished_before(started_at - RUNS_KEPT)
        return after_success(state, selection, started_at=shop_time, looked_back=planned.looks_back)

    def _failed(self, state: PollState, started_at: datetime, error: TransientError) -> PollState:
        asked = None if error.retry_after_seconds is None else timedelta(seconds=error.retry_after_seconds)
        return after_failure(state, started_at=started_at, now=self._clock.now(), asked=asked)

    async def _remember(self, profile: str, before: PollState, after: PollState) -> None:
        message = self._pause_message(profile, before, after)
        await self._memory.states.save(profile, after, message)
        if message is not None:
            log.warning("profile_pause_changed", profile=profile, message_type=message.type)

    def _pause_message(self, profile: str, before: PollState, after: PollState) -> Message | None:
        # Told again for new settings: saving a profile ends its pauses for whoever shows them.
        if after.pause is not None and not _is_same_pause(before.pause, after.pause):
            return profile_paused(profile, after.pause.reason, occurred_at=self._clock.now())
        if after.pause is None and before.pause is not None:
            return profile_resumed(profile, occurred_at=self._clock.now())
        return None

    async def _finish(
        self, run: ImportRun, profile: StoredProfile, started_at: datetime, failure: Reason | None
    ) -> None:
        orders, start_number = self._memory.orders, profile.profile.shop.start_order_number
        run_ids = [run.run_id, *await self._runs_just_before(run)]
        met = await orders.met_in_runs(run.profile, run_ids, limit=ORDERS_LISTED_MAX)
        gaps = await orders.number_gaps(run.profile, limit=MISSING_NUMBERS_MAX)
        now = self._clock.now()
        message = run_finished(
            run,
            started_at=started_at,
            occurred_at=now,
            order_uuids=met,
            next_order_number=next_order_number(await orders.highest_number(run.profile), start_number),
            missing_numbers=missing_numbers(gaps, start_number),
            failure=failure,
        )
        await self._memory.runs.finish(run, started_at=started_at, at=now, failure=failure, message=message)
        import_run_finished(
            seconds=(now - started_at).total_seconds(),
            orders=len(met),
            failure=failure.code if failure is not None else "",
        )
        log.info(
            "import_run_finished",
            profile=run.profile,
            run_id=run.run_id,
            orders=len(met),
            failure=None if failure is None else failure.text_key,
        )

    async def _runs_just_before(self, run: ImportRun) -> Sequence[str]:
        """Who asks for a run waits for its orders; those that the schedule handed over a moment earlier are
        on their way too, and this run does not find them any more."""
        if run.requested_by == SCHEDULE:
            return ()
        return await self._memory.runs.finished_since(run.profile, run.requested_at - ON_THEIR_WAY)


def _is_same_pause(one: Pause | None, other: Pause) -> bool:
    known = one is not None and (one.reason, one.profile_version)
    return known == (other.reason, other.profile_version)
