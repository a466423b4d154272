"""When a message comes back: a pure decision, applied by the edge.

Transient trouble never becomes a dead letter: it stays at the longest wait until the world heals.
"""

from dataclasses import dataclass

from sconnect.errors import AllowanceSpent, TransientError
from sconnect.messaging.topology import WaitLevel

_LEVELS = tuple(WaitLevel)
# Of the long waits one in three is a level shorter: what failed together does not come back together.
SHORTER_SHARE = 1 / 3
_FIRST_SPREAD_LEVEL = _LEVELS.index(WaitLevel.TWO_MINUTES)
# How much longer than asked an order may wait for an allowance before an earlier return is better.
LATE_SHARE_MAX = 0.25


@dataclass(frozen=True, slots=True)
class RetryDecision:
    """Wait in this queue, then come back as this attempt (1 is the first)."""

    level: WaitLevel
    next_attempt: int


def decide_retry(error: TransientError, *, attempt: int, spread: float = 1.0) -> RetryDecision:
    """The wait after a transient error on this attempt; `spread` is a random number from 0 to 1.

    Attempts 1, 2, 3 … wait 5 s, 30 s, 2 min, 10 min and from the fifth on 1 hour; a wait that the other
    side asked for is never cut short (up to the hour that is our longest). Errors that are nobody's
    failure, such as a lease held by a colleague, do not count.
    """
    asked = error.retry_after_seconds or 0
    if not error.counts_as_attempt:
        level = _near(asked) if isinstance(error, AllowanceSpent) else _at_least(asked)
        return RetryDecision(level, attempt)
    index = min(attempt, len(_LEVELS)) - 1
    if index >= _FIRST_SPREAD_LEVEL and spread < SHORTER_SHARE:
        index -= 1
    level = max(_LEVELS[index], _at_least(asked), key=lambda level: level.seconds)
    return RetryDecision(level, attempt + 1)


def _at_least(seconds: float) -> WaitLevel:
    return next((level for level in _LEVELS if level.seconds >= seconds), _LEVELS[-1])


def _near(seconds: float) -> WaitLevel:
    """Our own estimate may be met early: then the order asks again."""
    after = _at_least(seconds)
    if after.seconds <= seconds * (1 + LATE_SHARE_MAX) or after is _LEVELS[0]:
        return after
    return _LEVELS[_LEVELS.index(after) - 1]
