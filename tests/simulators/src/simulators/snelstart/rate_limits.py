"""The limits of the gateway per administration: calls a minute, calls an hour, calls at once."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil

from simulators.clock import Clock
from simulators.snelstart.refusals import RefusedError, gateway
from simulators.snelstart.wire import Reply

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Limits:
    """How many calls an administration may make; 0 stands for no limit."""

    per_minute: int
    per_hour: int
    concurrent: int


# SnelStart developer portal, certificering: the product "Development & Test" and "Maatwerk & Production".
TEST_LIMITS = Limits(per_minute=100, per_hour=1_000, concurrent=5)
PRODUCTION_LIMITS = Limits(per_minute=500, per_hour=5_000, concurrent=50)


class LimitAnswer(StrEnum):
    """How a refused call is answered; SnelStart documents neither body nor headers."""

    RETRY_AFTER = "retry_after"
    BARE = "bare"
    # Azure API Management answers a spent quota with 403; the hourly limit may be one.
    QUOTA = "quota"


class RateLimiter:
    """Counts the calls of one administration in sliding windows; a refused call does not count."""

    def __init__(self, limits: Limits, clock: Clock) -> None:
        self.limits = limits
        self._clock = clock
        self._minute: deque[datetime] = deque()
        self._hour: deque[datetime] = deque()
        self._running = 0

    @contextmanager
    def call(self, answer: LimitAnswer) -> Iterator[None]:
        """Count one call while it runs; raises RefusedError when a limit is reached."""
        self._admit(answer)
        self._running += 1
        try:
            yield
        finally:
            self._running -= 1

    def _admit(self, answer: LimitAnswer) -> None:
        now = self._clock()
        _forget(self._minute, now - MINUTE)
        _forget(self._hour, now - HOUR)
        if _reached(len(self._hour), self.limits.per_hour):
            raise _refusal(answer, _seconds_until(self._hour[0] + HOUR, now), is_hourly=True)
        if _reached(len(self._minute), self.limits.per_minute):
            raise _refusal(answer, _seconds_until(self._minute[0] + MINUTE, now))
        if _reached(self._running, self.limits.concurrent):
            raise _refusal(answer, 1)
        self._minute.append(now)
        self._hour.append(now)


def _forget(calls: deque[datetime], until: datetime) -> None:
    while calls and calls[0] <= until:
        calls.popleft()


def _reached(count: int, limit: int) -> bool:
    return 0 < limit <= count


def _seconds_until(moment: datetime, now: datetime) -> int:
    return max(ceil((moment - now).total_seconds()), 1)


def _refusal(answer: LimitAnswer, seconds: int, *, is_hourly: bool = False) -> RefusedError:
    if answer is LimitAnswer.BARE:
        return RefusedError(Reply(429))
    if answer is LimitAnswer.QUOTA and is_hourly:
        left = timedelta(seconds=seconds)
        return gateway(403, f"Out of call volume quota. Quota will be replenished in {left!s:0>8}.")
    retry_after = {"Retry-After": str(seconds)}
    return gateway(429, f"Rate limit is exceeded. Try again in {seconds} seconds.", retry_after)
