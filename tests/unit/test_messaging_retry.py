"""How long a message waits: a table."""

import pytest

from sconnect.errors import (
    AllowanceSpent,
    ConcurrentChange,
    ProfileUnavailable,
    RateLimited,
    Reason,
    ReasonCode,
    TransientError,
    UpstreamUnavailable,
)
from sconnect.messaging.retry import decide_retry

REASON = Reason(code=ReasonCode.UPSTREAM_UNAVAILABLE)


@pytest.mark.parametrize(
    ("error", "attempt", "wait", "next_attempt"),
    [
        (UpstreamUnavailable(REASON), 1, "5s", 2),
        (UpstreamUnavailable(REASON), 2, "30s", 3),
        (UpstreamUnavailable(REASON), 3, "2m", 4),
        (UpstreamUnavailable(REASON), 4, "10m", 5),
        (UpstreamUnavailable(REASON), 5, "1h", 6),
        (UpstreamUnavailable(REASON), 500, "1h", 501),
        (RateLimited(REASON, retry_after_seconds=31), 1, "2m", 2),
        (RateLimited(REASON, retry_after_seconds=5), 1, "5s", 2),
        (RateLimited(REASON, retry_after_seconds=1), 3, "2m", 4),
        (RateLimited(REASON, retry_after_seconds=90_000), 1, "1h", 2),
        (AllowanceSpent(REASON, retry_after_seconds=0.2), 3, "5s", 3),
        (AllowanceSpent(REASON, retry_after_seconds=28), 3, "30s", 3),
        (AllowanceSpent(REASON, retry_after_seconds=58), 1, "30s", 1),
        (AllowanceSpent(REASON, retry_after_seconds=3_000), 1, "1h", 1),
        (ConcurrentChange(REASON), 3, "5s", 3),
        (ConcurrentChange(REASON, retry_after_seconds=118), 1, "2m", 1),
        (ProfileUnavailable(REASON, retry_after_seconds=600), 2, "10m", 2),
    ],
)
def test_the_wait_follows_from_the_error_and_the_attempt(
    error: TransientError, attempt: int, wait: str, next_attempt: int
) -> None:
    decision = decide_retry(error, attempt=attempt)
    assert (decision.level.label, decision.next_attempt) == (wait, next_attempt)


@pytest.mark.parametrize(
    ("attempt", "waits"),
    [(1, {"5s"}), (2, {"30s"}), (3, {"30s", "2m"}), (4, {"2m", "10m"}), (9, {"10m", "1h"})],
)
def test_what_failed_together_comes_back_apart(attempt: int, waits: set[str]) -> None:
    error = UpstreamUnavailable(REASON)
    assert {decide_retry(error, attempt=attempt, spread=n / 10).level.label for n in range(10)} == waits


def test_a_wait_that_was_asked_for_is_not_cut_short_by_the_spread() -> None:
    error = RateLimited(REASON, retry_after_seconds=100)
    assert decide_retry(error, attempt=3, spread=0.0).level.label == "2m"
