"""What the console does by itself, every minute and whenever a person decided something."""

import asyncio
from datetime import timedelta

import structlog

from console.handlers.access import AccessDesk
from console.handlers.sweep import DeadLetterSweep
from console.ports import AuditLog, RunLog
from sconnect.clock import Clock
from sconnect.errors import TransientError

log = structlog.get_logger(__name__)


class Housekeeping:
    """Sweeps the dead-letter queues and forgets what is old. What fails is tried again at the next round."""

    def __init__(
        self,
        *,
        sweep: DeadLetterSweep,
        runs: RunLog,
        access: AccessDesk,
        audit: AuditLog,
        clock: Clock,
        interval_seconds: float,
        runs_kept: timedelta,
        actions_kept: timedelta,
    ) -> None:
        self._sweep = sweep
        self._runs = runs
        self._access = access
        self._audit = audit
        self._clock = clock
        self._interval_seconds = interval_seconds
        self._runs_kept = runs_kept
        self._actions_kept = actions_kept
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Do not wait for the next round."""
        self._woken.set()

    async def run(self) -> None:
        """Goes on until it is cancelled."""
        while True:
            self._woken.clear()
            await self.round()
            await self._pause()

    async def round(self) -> None:
        try:
            await self._sweep.sweep()
            await self._runs.forget_runs(self._clock.now() - self._runs_kept)
            await self._access.forget_old_sessions()
            await self._audit.forget_actions(self._clock.now() - self._actions_kept)
        except TransientError as error:
            log.warning("housekeeping_put_off", cause=error.reason.text_key)

    async def _pause(self) -> None:
        interval = asyncio.create_task(self._clock.sleep(self._interval_seconds))
        woken = asyncio.create_task(self._woken.wait())
        try:
            await asyncio.wait((interval, woken), return_when=asyncio.FIRST_COMPLETED)
        finally:
            interval.cancel()
            woken.cancel()
