"""When a message comes back: a pure decision, applied by the edge.

Transient trouble never becomes a dead letter: it stays at the longest wait until the world heals.
"""

from dataclasses import dataclass

from sconnect.errors import TransientError
from sconnect.messaging.topology import WaitLevel

_LEVELS = tuple(WaitLevel)


@dataclass(frozen=True, slots=True)
class RetryDecision:
    """Wait in this queue, then come back as this attempt (1 is the first)."""

    level: WaitLevel
    next_attempt: int


def decide_retry(error: TransientError, *, attempt: int) -> RetryDecision:
    """The wait after a transient error on this attempt.

    Attempts 1, 2, 3 … wait 5 s, 30 s, 2 min, 10 min and from the fifth on 1 hour; a wait that the other
    side asked for is never cut short (up to the hour that is our longest). Errors that are nobody's
    failure, such as a lease held by a colleague, do not count.
    """
    if not error.counts_as_attempt:
        return RetryDecision(_at_least(error.retry_after_seconds or 0), attempt)
    by_attempt = _LEVELS[min(attempt, len(_LEVELS)) - 1]
    by_request = _at_least(error.retry_after_seconds or 0)
    level = max(by_attempt, by_request, key=lambda level: level.seconds)
    return RetryDecision(level, attempt + 1)


def _at_least(seconds: float) -> WaitLevel:
    return next((level for level in _LEVELS if level.seconds >= seconds), _LEVELS[-1])
