"""What the console does by itself, every minute and whenever a person decided something."""

import asyncio
from datetime import timedelta

import structlog

from console.handlers.sweep import DeadLetterSweep
from console.ports import RunLog
from sconnect.clock import Clock
from sconnect.errors import TransientError

log = structlog.get_logger(__name__)


class Housekeeping:
    """Sweeps the dead-letter queues and forgets old runs. What fails is tried again at the next round."""

    def __init__(
        self,
        *,
        sweep: DeadLetterSweep,
        runs: RunLog,
        clock: Clock,
        interval_seconds: float,
        runs_kept: timedelta,
    ) -> None:
        self._sweep = sweep
        self._runs = runs
        self._clock = clock
        self._interval_seconds = interval_seconds
        self._runs_kept = runs_kept
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
