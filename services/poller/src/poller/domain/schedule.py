"""When a profile is polled: its interval, the nightly look-back, growing delays after a failure, probes."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from poller.domain.orders import Selection
from sconnect.errors import Reason

LOOK_BACK_FROM = time(2, 0)  # the shop's time, once a night
RETRY_DELAY_FIRST = timedelta(seconds=30)
RETRY_DELAY_MAX = timedelta(hours=1)
RETRY_DOUBLINGS_MAX = 10  # enough to reach the longest delay
PROBE_INTERVAL = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Pause:
    """Why a profile is not polled; `profile_version` is the one that failed."""

    reason: Reason
    profile_version: int
    probed_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class PollState:
    """What the poller remembers of a profile.

    `read_from` is the start of the last run that read everything; it did so for `start_number` and the
    statuses `accepted` (None: all). `started_at` is the last run whatever its outcome, `failures` counts the
    runs that failed since, and `not_before` is when the next may try.
    """

    read_from: datetime | None = None
    start_number: int | None = None
    accepted: frozenset[int] | None = frozenset()
    looked_back_on: date | None = None
    started_at: datetime | None = None
    failures: int = 0
    not_before: datetime | None = None
    pause: Pause | None = None


def is_due(state: PollState, interval: timedelta | None, now: datetime) -> bool:
    """Whether the schedule wants a run now, in the shop's time zone; `interval` None is only on request."""
    if interval is None or state.pause is not None:
        return False
    if state.failures and state.not_before is not None:
        return now >= state.not_before or _was_ahead(state, now, RETRY_DELAY_MAX)
    if state.started_at is None or now >= state.started_at + interval or _was_ahead(state, now, interval):
        return True
    return is_look_back_due(state, now)


def _was_ahead(state: PollState, now: datetime, margin: timedelta) -> bool:
    """Whether the last run began in a future that a clock put right since; hosts differ by less."""
    return state.started_at is not None and state.started_at > now + margin


def is_look_back_due(state: PollState, now: datetime) -> bool:
    """`now` carries the shop's time zone: a night is one there."""
    return now.time() >= LOOK_BACK_FROM and state.looked_back_on != now.date()


def is_probe_due(pause: Pause, profile_version: int, now: datetime) -> bool:
    """A paused profile is tried once a minute, and at once after its settings changed."""
    waits = pause.probed_at - PROBE_INTERVAL < now < pause.probed_at + PROBE_INTERVAL
    return profile_version != pause.profile_version or not waits


def retry_delay(failures: int, asked: timedelta | None = None) -> timedelta:
    """How long to wait after the n-th failure in a row; never shorter than the shop asked for."""
    doublings = min(failures - 1, RETRY_DOUBLINGS_MAX)
    delay = min(RETRY_DELAY_FIRST * (1 << doublings), RETRY_DELAY_MAX)
    return max(delay, asked or timedelta())


def after_success(
    state: PollState, selection: Selection, *, started_at: datetime, looked_back: bool
) -> PollState:
    """The state once a run read everything; `started_at` carries the shop's time zone."""
    return replace(
        state,
        read_from=started_at,
        start_number=selection.start_number,
        accepted=selection.accepted,
        looked_back_on=started_at.date() if looked_back else state.looked_back_on,
        started_at=started_at,
        failures=0,
        not_before=None,
        pause=None,
    )


def after_failure(
    state: PollState, *, started_at: datetime, now: datetime, asked: timedelta | None = None
) -> PollState:
    failures = state.failures + 1
    return replace(
        state, started_at=started_at, failures=failures, not_before=now + retry_delay(failures, asked)
    )


def after_refusal(
    state: PollState, reason: Reason, *, profile_version: int, started_at: datetime, now: datetime
) -> PollState:
    """The shop refuses the token: nothing is tried on schedule until a probe goes well."""
    pause = Pause(reason=reason, profile_version=profile_version, probed_at=now)
    return replace(state, started_at=started_at, pause=pause)


def after_probe(state: PollState, reason: Reason | None, *, profile_version: int, now: datetime) -> PollState:
    """A probe that went well (no reason) makes the profile due at once."""
    if reason is None:
        return replace(state, pause=None, started_at=None, failures=0, not_before=None)
    return replace(state, pause=Pause(reason=reason, profile_version=profile_version, probed_at=now))
