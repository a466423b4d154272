"""What the console's handlers need from outside, by role."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from console.domain.audit import AuditEntry, AuditOutcome
from console.domain.findings import Finding
from console.domain.letter_jobs import ItemOutcome, JobOrder, LetterJob
from console.domain.letters import DeadLetter, LetterMark
from console.domain.links import RememberedLink
from console.domain.people import Person, Role
from console.domain.runs import ImportRun
from console.domain.search import DayFigures, OrderFilter, OrderPlace
from console.domain.standing import OrderRow, OrderStatus, ToldReason
from console.domain.visits import Session
from sconnect.contracts import DeadLetterDiscarded, Message, OrderReplayRequested
from sconnect.ledgers import Books, ShopSales
from sconnect.messaging import Delivery
from sconnect.profiles import AdministrationInfo, Profile, ProfileVersion, StoredProfile


@dataclass(frozen=True, kw_only=True, slots=True)
class Outgoing:
    """A message on its way to one work queue."""

    queue: str
    message_id: str
    body: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class PendingReplay:
    letter_id: str
    outgoing: Outgoing


@dataclass(frozen=True, kw_only=True, slots=True)
class Pause:
    profile: str
    stage: str
    reason: ToldReason
    since: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerTrouble:
    """What stops orders according to the last look at the books, under that version of the profile."""

    profile_version: int
    findings: tuple[Finding, ...]
    since: datetime


class EventRecord(Protocol):
    """All raise UpstreamUnavailable while the database is away; so do the other parts of the read model."""

    async def record(self, message: Message) -> None:
        """Take a message into the read model; repeats and any order are fine."""


class OrderBook(Protocol):
    async def order_uuids(self, profile: str) -> list[str]:
        """Of all orders of a profile, by number."""

    async def orders(self, profile: str, uuids: Sequence[str]) -> list[OrderRow]:
        """The rows of these orders, in this order; of one that is not known there is none."""

    async def order(self, profile: str, number: str) -> OrderRow | None: ...

    async def trail(self, profile: str, uuid: str) -> list[Message]:
        """Everything that was told about an order, the oldest first."""

    async def status_counts(self) -> Mapping[str, Mapping[OrderStatus, int]]:
        """By profile and status."""

    async def search(
        self, wanted: OrderFilter, *, after: OrderPlace | None, at_most: int
    ) -> list[tuple[OrderPlace, OrderRow]]:
        """Those that fit, the newest first, from the one that comes after `after`."""

    async def days(self, first: date, last: date) -> list[DayFigures]:
        """Of every day with orders, the oldest first."""

    async def reason_codes(self) -> list[str]:
        """The reasons for which any order is not in the books."""


class LetterBox(Protocol):
    async def letters(self, profile: str | None) -> list[DeadLetter]:
        """What waits for a person, the oldest first; without their messages."""

    async def letter(self, letter_id: str) -> DeadLetter | None: ...

    async def begin_replay(
        self, letter_id: str, request: OrderReplayRequested | None, outgoing: Outgoing | None, at: datetime
    ) -> bool:
        """Remember a replay before it is published, and the request in the order's trail.

        False when the letter has been overtaken, or is being replayed already. Without `outgoing` the copy
        in the queue is what will be sent on.
        """

    async def pending_replays(self) -> list[PendingReplay]:
        """Replays that were begun and whose message the broker has not confirmed."""

    async def finish_replay(self, letter_id: str) -> None: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class JobItem:
    """One letter of a job, with its order as far as it is known."""

    position: int
    letter: DeadLetter
    row: OrderRow | None


@dataclass(frozen=True, kw_only=True, slots=True)
class BegunReplay:
    """What a replay writes down and then publishes; both are None for a copy that is about no order."""

    position: int
    letter_id: str
    request: OrderReplayRequested | None = None
    outgoing: Outgoing | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class BegunDiscard:
    position: int
    event: DeadLetterDiscarded


class LetterJobs(Protocol):
    """Jobs over many dead letters; each call is one transaction."""

    async def chosen(self, job: JobOrder) -> list[DeadLetter]:
        """The letters that a job would take, the oldest first; without their messages."""

    async def add(self, job: LetterJob) -> None:
        """Remember the job and the letters it takes."""

    async def job(self, job_id: str) -> LetterJob | None: ...

    async def latest(self, *, limit: int) -> list[LetterJob]: ...

    async def next_open(self) -> LetterJob | None:
        """The oldest that is not finished."""

    async def items(self, job_id: str, outcome: ItemOutcome, *, limit: int) -> list[JobItem]:
        """The first letters that stand so, in their order."""

    async def begin_replays(
        self, job_id: str, begun: Sequence[BegunReplay], at: datetime
    ) -> list[BegunReplay]:
        """Mark each as a replay that is to be published; returns those that could still be marked."""

    async def begin_discards(self, job_id: str, begun: Sequence[BegunDiscard]) -> None: ...

    async def unpublished(self, job_id: str, *, limit: int) -> list[tuple[int, PendingReplay]]:
        """Begun replays whose message the broker has not confirmed, by position."""

    async def finish_items(self, job_id: str, positions: Sequence[int], letter_ids: Sequence[str]) -> None:
        """These are done; the replays among them are confirmed."""

    async def refuse_item(self, job_id: str, position: int, key: str, details: Mapping[str, str]) -> None: ...

    async def finish(self, job_id: str, at: datetime) -> None: ...


class LetterIndex(Protocol):
    """What the sweep over the dead-letter queues needs of the letters."""

    async def marks(self, queue: str) -> Mapping[str, LetterMark]:
        """By letter id, all letters of a queue that may have a copy in it."""

    async def add(self, letter: DeadLetter) -> None: ...

    async def reopen(self, letter_id: str) -> None: ...

    async def note_copies(self, *, held: Collection[str], gone: Collection[str]) -> None: ...

    async def forget_discarded(self, decided_before: datetime) -> None:
        """Drop the bodies of letters discarded before that moment."""


class LinkBook(Protocol):
    async def links(self, profile: str) -> Sequence[RememberedLink]:
        """What is remembered for a profile, the latest first."""

    async def link(self, link_id: str) -> RememberedLink | None: ...


class RunLog(Protocol):
    async def request(self, run: ImportRun) -> None: ...

    async def run(self, run_id: str) -> ImportRun | None: ...

    async def last_runs(self) -> Mapping[str, ImportRun]:
        """By profile, the run that finished last."""

    async def pauses(self) -> list[Pause]: ...

    async def ledger_troubles(self) -> Mapping[str, LedgerTrouble]:
        """By profile; a profile of which nothing was told has none."""

    async def forget_runs(self, finished_before: datetime) -> None:
        """Drop old runs, but never the last one of a profile."""


class DeadLetterQueues(Protocol):
    """The queues that hold dead letters; raises UpstreamUnavailable while the broker is away."""

    async def depth(self, queue: str) -> int:
        """The number of copies in the dead-letter queue of a work queue."""

    async def walk(self, queue: str, copies_max: int, remove: Callable[[Delivery], Awaitable[bool]]) -> None:
        """Offer the first `copies_max` copies in order; those for which `remove` says so are taken out.

        The others go back in their old order, also when `remove` raises.
        """


class SweepLease(Protocol):
    async def take(self, name: str, seconds: float) -> str | None: ...

    async def renew(self, name: str, token: str, seconds: float) -> bool: ...

    async def release(self, name: str, token: str) -> None: ...


class ProfileShelf(Protocol):
    """The profiles of the product; see sconnect.profiles.ProfileStore."""

    async def get(self, name: str) -> StoredProfile | None: ...

    async def all(self) -> Sequence[StoredProfile]: ...

    async def save(
        self,
        profile: Profile,
        *,
        administration: AdministrationInfo,
        saved_by: str,
        over_version: int | None = None,
    ) -> StoredProfile: ...

    async def delete(self, name: str) -> bool:
        """False when there was none."""


class ProfilePast(Protocol):
    """The versions that profiles had; see sconnect.profiles.ProfileHistory."""

    async def versions(
        self, name: str, *, before: int | None = None, at_most: int
    ) -> Sequence[ProfileVersion]: ...

    async def version(self, name: str, version: int) -> ProfileVersion | None: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenedBooks:
    """What a login to the accounting package showed; `granted` is empty when the login does not say."""

    administration_id: str
    administration_name: str
    granted: frozenset[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class ShopStatus:
    """A status that an order of the shop may have."""

    id: int
    name: str


class Shop(Protocol):
    """MisconfiguredError for a refused key, TransientError when the shop cannot be reached."""

    async def log_in(self, profile: Profile) -> None: ...

    async def sales(self, profile: Profile) -> ShopSales:
        """The last orders, at most a page of them, and the VAT settings when the shop shows them."""

    async def statuses(self, profile: Profile) -> Sequence[ShopStatus]:
        """Every status that the shop knows; none when its key may not see them."""


class Bookkeeping(Protocol):
    """MisconfiguredError for a refused key, TransientError when there is no answer."""

    async def log_in(self, profile: Profile) -> OpenedBooks: ...

    async def books(self, profile: Profile) -> Books: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class ServiceHealth:
    """`trouble` is what the service says itself, or why it could not be asked."""

    name: str
    ready: bool
    trouble: tuple[str, ...] = ()


class Neighbours(Protocol):
    async def health(self) -> tuple[ServiceHealth, ...]:
        """The readiness of every service, this one included."""


class PeopleBook(Protocol):
    """Names are spelled as `account_name` gives them."""

    async def person(self, name: str) -> Person | None: ...

    async def people(self) -> list[Person]:
        """By name."""

    async def add_person(self, person: Person, *, only_if_first: bool = False) -> bool:
        """False when the name is taken, or when there is anybody already and `only_if_first`."""

    async def change_person(
        self,
        name: str,
        *,
        role: Role | None = None,
        disabled: bool | None = None,
        password_hash: str | None = None,
        must_change_password: bool | None = None,
    ) -> bool:
        """Change what is given, and end the person's sessions.

        False, and nothing changed, when afterwards no administrator could sign in any more.
        """

    async def keep_better_hash(self, name: str, password_hash: str) -> None:
        """The same password, hashed the way that is current now."""


class SessionBook(Protocol):
    """Sessions by the hash of their token: who reads the database cannot sign in with what it holds."""

    async def begin_attempt(self, account: str, address: str, at: datetime) -> datetime | None:
        """Count an attempt to sign in before it is tried, so that many at once are all counted.

        Returns until when signing in is closed for this account or this address; then nothing is counted.
        """

    async def open_session(self, token_hash: str, name: str, address: str, at: datetime) -> None:
        """Begin a session, and forget the attempts that were counted for this account."""

    async def session(self, token_hash: str) -> Session | None: ...

    async def see_session(self, token_hash: str, at: datetime) -> None: ...

    async def close_session(self, token_hash: str) -> None: ...

    async def leave_notice(self, token_hash: str, notice: str | None) -> None:
        """What the next page tells, once."""

    async def forget_sessions(self, *, created_before: datetime, seen_before: datetime) -> None: ...


class AuditLog(Protocol):
    async def begin_action(self, at: datetime, by: str, action: str, subject: Mapping[str, str]) -> int:
        """Write down an action before it is tried; returns its number."""

    async def end_action(self, number: int, outcome: AuditOutcome) -> None: ...

    async def actions(self, *, before: int | None, at_most: int) -> list[AuditEntry]:
        """The newest first, those with a number below `before`."""

    async def forget_actions(self, before: datetime) -> None: ...


class Passwords(Protocol):
    """Slow on purpose; neither blocks the loop."""

    async def hash(self, password: str) -> str: ...

    async def matches(self, password_hash: str | None, password: str) -> bool:
        """False for no hash too, after just as long: the time must not tell whether an account exists."""

    def is_outdated(self, password_hash: str) -> bool: ...
