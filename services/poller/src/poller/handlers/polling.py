"""Decides every second which profiles have work, and does it for several of them side by side."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog

from poller.domain.schedule import PollState, is_due, is_probe_due
from poller.handlers.importing import Importer, Memory
from poller.handlers.post import Post
from poller.ports import SCHEDULE, ImportRun, Lease, ProfileLeases, Profiles
from sconnect.clock import SHOP_TIME_ZONE, Clock
from sconnect.errors import ConcurrentChange, Reason, ReasonCode, TransientError
from sconnect.ids import deterministic_id
from sconnect.profiles import StoredProfile
from sconnect.tasks import cancel_until_done
from sconnect.tracing import running

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class PollingLimits:
    """`rest_seconds` is how long a profile is left alone after our own database or broker failed it."""

    round_seconds: float = 1.0
    rest_seconds: float = 5.0
    silence_seconds_max: float = 60.0
    profiles_at_once_max: int = 4


class Polling:
    """One process's share of the polling; the lease of each profile keeps several processes apart."""

    def __init__(
        self,
        *,
        profiles: Profiles,
        memory: Memory,
        leases: ProfileLeases,
        importer: Importer,
        post: Post,
        clock: Clock,
        limits: PollingLimits,
    ) -> None:
        self._profiles = profiles
        self._memory = memory
        self._leases = leases
        self._importer = importer
        self._post = post
        self._clock = clock
        self._limits = limits
        self._room = asyncio.Semaphore(limits.profiles_at_once_max)
        self._working: dict[str, asyncio.Task[None]] = {}
        self._resting_until: dict[str, datetime] = {}
        self._trouble: str | None = None
        self._interrupted: dict[str, str] = {}
        self._round_made_at = clock.now()

    async def run(self) -> None:
        """Poll until cancelled. Whatever was going on then is picked up by the next process."""
        try:
            while True:
                await self.round()
                await self._clock.sleep(self._limits.round_seconds)
        finally:
            await cancel_until_done(self._working.values())

    async def round(self) -> None:
        """Start what is to be done now, without waiting for it."""
        try:
            stored = {each.profile.name: each for each in await self._profiles.all()}
            wanted = await self._wanted(stored)
        except TransientError as error:
            self._trouble = f"no profile can be polled ({error.reason.text_key})"
            log.warning("polling_held_up", cause=error.reason.text_key)
            return
        finally:
            self._round_made_at = self._clock.now()
        self._trouble = None
        self._interrupted = {name: why for name, why in self._interrupted.items() if name in wanted}
        for name in sorted(wanted - self._working.keys() - self._resting()):
            self._start(name, partial(self._work, name, stored.get(name)))

    async def check(self) -> str | None:
        """For the health answer: one sentence when this process is not polling."""
        silence = self._clock.now() - self._round_made_at
        if silence > timedelta(seconds=self._limits.silence_seconds_max):
            return f"no round of polling for {silence.total_seconds():.0f} s"
        if self._trouble is None and self._interrupted:
            causes = ", ".join(sorted(set(self._interrupted.values())))
            return f"polling is interrupted and goes on later; profiles: {len(self._interrupted)} ({causes})"
        return self._trouble

    async def until_idle(self) -> None:
        """Wait for everything that was started."""
        while self._working:
            await asyncio.wait(self._working.values())

    async def _wanted(self, stored: Mapping[str, StoredProfile]) -> set[str]:
        states = await self._memory.states.all()
        due = {
            name for name, profile in stored.items() if self._has_work(profile, states.get(name, PollState()))
        }
        return due | await self._memory.runs.open_profiles() | await self._post.profiles()

    def _has_work(self, profile: StoredProfile, state: PollState) -> bool:
        return profile.profile.enabled and (
            self._is_due(profile, state) or self._is_probe_due(profile, state)
        )

    def _is_due(self, profile: StoredProfile, state: PollState) -> bool:
        seconds = profile.profile.planning.interval_seconds
        interval = None if seconds is None else timedelta(seconds=seconds)
        return is_due(state, interval, self._clock.now().astimezone(SHOP_TIME_ZONE))

    def _is_probe_due(self, profile: StoredProfile, state: PollState) -> bool:
        return state.pause is not None and is_probe_due(state.pause, profile.version, self._clock.now())

    def _resting(self) -> set[str]:
        now = self._clock.now()
        longest = timedelta(seconds=self._limits.rest_seconds)  # unless the clock was put back
        return {name for name, until in self._resting_until.items() if now < until <= now + longest}

    def _start(self, name: str, work: Callable[[], Awaitable[None]], *, abandons: bool = True) -> None:
        task = asyncio.create_task(self._within_limits(name, work))
        self._working[name] = task
        task.add_done_callback(partial(self._done, name, abandons))

    async def _within_limits(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        async with self._room:
            with structlog.contextvars.bound_contextvars(profile=name):
                await work()

    async def _work(self, name: str, profile: StoredProfile | None) -> None:
        async with self._leases.hold(name) as lease:
            if lease is None:
                return
            await self._post.send(name, lease)
            if profile is None or not profile.profile.enabled:
                await self._refuse_runs(name, profile)
                await self._post.send(name, lease)
                return
            await self._perform_runs(profile, lease)
            if self._is_probe_due(profile, await self._memory.states.get(name)):
                await self._importer.probe(profile)
                await self._post.send(name, lease)

    async def _perform_runs(self, profile: StoredProfile, lease: Lease) -> None:
        name = profile.profile.name
        while run := await self._memory.runs.next_open(name) or await self._due_run(profile):
            lease.require_held()
            with running("import run", sconnect__profile=name, sconnect__run_id=run.run_id):
                await self._importer.perform(run, profile, lease)

    async def _due_run(self, profile: StoredProfile) -> ImportRun | None:
        # Judged again: another poller, or a run by hand, may have done it since the round began.
        name = profile.profile.name
        if not self._is_due(profile, await self._memory.states.get(name)):
            return None
        run = self._scheduled_run(name)
        await self._memory.runs.request(run)
        return run

    def _scheduled_run(self, profile: str) -> ImportRun:
        now = self._clock.now()
        run_id = deterministic_id("scheduled run", profile, now.isoformat())
        return ImportRun(run_id=run_id, profile=profile, requested_at=now, requested_by=SCHEDULE)

    async def _refuse_runs(self, name: str, profile: StoredProfile | None) -> None:
        reason = Reason(code=ReasonCode.PROFILE_PAUSED, variant="disabled")
        if profile is None:
            details = {"profile": name}
            reason = Reason(code=ReasonCode.UNREADABLE_MESSAGE, variant="profile_unknown", details=details)
        while run := await self._memory.runs.next_open(name):
            await self._importer.refuse(run, reason)

    async def _abandon(self, name: str, reason: Reason) -> None:
        async with self._leases.hold(name) as lease:
            if lease is not None:
                await self._importer.abandon(name, reason)
                await self._post.send(name, lease)

    def _done(self, name: str, abandons: bool, task: asyncio.Task[None]) -> None:  # noqa: FBT001
        """One profile's trouble stops neither this process nor the other profiles."""
        del self._working[name]
        error = None if task.cancelled() else task.exception()
        if error is None:
            if not task.cancelled():
                self._interrupted.pop(name, None)
            return
        rest = timedelta(seconds=self._limits.rest_seconds)
        self._resting_until[name] = self._clock.now() + rest
        if isinstance(error, TransientError):
            log.warning("polling_interrupted", profile=name, cause=error.reason.text_key)
            if not isinstance(error, ConcurrentChange):
                self._interrupted[name] = error.reason.text_key
            return
        log.error("polling_failed_unexpectedly", profile=name, exc_info=error)
        if abandons:
            reason = Reason(code=ReasonCode.UNEXPECTED, details={"error": type(error).__name__})
            self._start(name, partial(self._abandon, name, reason), abandons=False)
