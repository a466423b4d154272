"""What people are told of outside the console, and when: at most one digest per interval and channel."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from console.domain.findings import Finding
from console.domain.standing import ToldReason
from sconnect.ids import deterministic_id

FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=1)
# Far beyond the attempt after which the wait no longer grows.
DOUBLINGS_MAX = 16


class SubjectKind(StrEnum):
    """LETTER: an order or message that needs a person. PAUSE: a profile stands still. LEDGERS: it will."""

    LETTER = "letter"
    PAUSE = "pause"
    LEDGERS = "ledgers"


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """One thing to tell of. The same thing has the same `key`; told once, it is not news any more."""

    kind: SubjectKind
    key: str
    profile: str
    since: datetime
    order_number: str | None = None
    stage: str | None = None
    reason: ToldReason | None = None
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Digest:
    """All that is new for one channel. The same news has the same `id`, so that a repeat can be known.

    `letters_open` counts everything that needs a person now, told before or not; a test has no subjects.
    """

    id: str
    at: datetime
    subjects: tuple[Subject, ...]
    letters_open: int = 0
    is_test: bool = False

    @classmethod
    def of(cls, channel: str, subjects: Sequence[Subject], at: datetime, *, letters_open: int) -> "Digest":
        identity = deterministic_id(channel, *sorted(subject.key for subject in subjects))
        return cls(id=identity, at=at, subjects=tuple(subjects), letters_open=letters_open)

    @classmethod
    def test(cls, channel: str, at: datetime, *, letters_open: int) -> "Digest":
        identity = deterministic_id(channel, "test", at.isoformat())
        return cls(id=identity, at=at, subjects=(), letters_open=letters_open, is_test=True)


@dataclass(frozen=True, kw_only=True, slots=True)
class Untold:
    """How much is new for a channel, and since when."""

    count: int
    oldest: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ChannelMemory:
    """What is remembered of a channel. `attempts` were begun since it last worked.

    `trouble_key` names a sentence of section `notice`: why the last attempt failed, or whom it did not reach.
    """

    last_sent_at: datetime | None = None
    last_count: int = 0
    attempts: int = 0
    next_attempt_at: datetime | None = None
    trouble_at: datetime | None = None
    trouble_key: str | None = None
    trouble_details: dict[str, str] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class NoticePlan:
    """At most one digest per `interval`; the first news waits `gathering`, to go with what follows it."""

    interval: timedelta = timedelta(hours=1)
    gathering: timedelta = timedelta(minutes=1)

    def is_due(self, memory: ChannelMemory, untold: Untold, now: datetime) -> bool:
        if untold.count == 0 or untold.oldest is None:
            return False
        if memory.next_attempt_at is not None:
            return now >= memory.next_attempt_at
        if memory.last_sent_at is not None and now < memory.last_sent_at + self.interval:
            return False
        return now >= untold.oldest + self.gathering


def wait_after(attempts: int) -> timedelta:
    """How long to wait after so many attempts in a row, the one that begins now included."""
    doublings = min(attempts - 1, DOUBLINGS_MAX)
    return min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)
