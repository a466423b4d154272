"""What the console's handlers need from outside, by role."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from console.domain.audit import AuditEntry, AuditOutcome
from console.domain.findings import Finding
from console.domain.links import LinkPlace, RememberedLink
from console.domain.people import Person, Role
from console.domain.runs import ImportRun, RunSummary
from console.domain.search import DayFigures, OrderFilter, OrderPlace
from console.domain.standing import OrderRow, OrderStatus, ToldReason
from console.domain.visits import Session
from console.ports.letters import (
    BegunDiscard,
    BegunReplay,
    JobItem,
    JobResult,
    LetterBox,
    LetterIndex,
    LetterJobs,
    LetterList,
    Outgoing,
    PendingReplay,
)
from sconnect.contracts import Message
from sconnect.ledgers import Books, ShopSales
from sconnect.messaging import Delivery
from sconnect.profiles import AdministrationInfo, Profile, ProfileVersion, StoredProfile

__all__ = [
    "AuditLog",
    "BegunDiscard",
    "BegunReplay",
    "Bookkeeping",
    "DeadLetterQueues",
    "EventRecord",
    "JobItem",
    "JobResult",
    "KnownCustomer",
    "LedgerTrouble",
    "LetterBox",
    "LetterIndex",
    "LetterJobs",
    "LetterList",
    "LinkBook",
    "Neighbours",
    "OpenedBooks",
    "OrderBook",
    "Outgoing",
    "Passwords",
    "Pause",
    "PendingReplay",
    "PeopleBook",
    "ProfilePast",
    "ProfileShelf",
    "RunLog",
    "ServiceHealth",
    "SessionBook",
    "Shop",
    "ShopStatus",
    "SweepLease",
]


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


class LinkBook(Protocol):
    async def links_part(
        self, profile: str, *, after: LinkPlace | None, at_most: int
    ) -> Sequence[RememberedLink]:
        """What is remembered for a profile, the latest first, those that come after that place."""

    async def link(self, link_id: str) -> RememberedLink | None: ...


class RunLog(Protocol):
    async def request(self, run: ImportRun) -> None: ...

    async def run(self, run_id: str) -> ImportRun | None: ...

    async def summary(self, run_id: str, *, shown_max: int) -> RunSummary | None: ...

    async def last_runs(self) -> Mapping[str, ImportRun]:
        """By profile, the run that finished last; without its orders."""

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


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownCustomer:
    """A card in the books as far as it tells whose it is; `bookable`: an active customer."""

    number: int
    name: str
    street: str
    city: str
    email: str
    bookable: bool


class Bookkeeping(Protocol):
    """MisconfiguredError for a refused key, TransientError when there is no answer."""

    async def log_in(self, profile: Profile) -> OpenedBooks: ...

    async def books(self, profile: Profile) -> Books: ...

    async def customer(self, profile: Profile, number: int) -> KnownCustomer | None:
        """Whose card has this number; None when nobody's has."""


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

    async def end_action(
        self, number: int, outcome: AuditOutcome, made: Mapping[str, str] | None = None
    ) -> None:
        """Write down how it ended; `made` adds to the subject what has a name only since."""

    async def actions(self, *, before: int | None, at_most: int) -> list[AuditEntry]:
        """The newest first, those with a number below `before`."""

    async def forget_actions(self, before: datetime) -> None: ...


class Passwords(Protocol):
    """Slow on purpose; neither blocks the loop."""

    async def hash(self, password: str) -> str: ...

    async def matches(self, password_hash: str | None, password: str) -> bool:
        """False for no hash too, after just as long: the time must not tell whether an account exists."""

    def is_outdated(self, password_hash: str) -> bool: ...
