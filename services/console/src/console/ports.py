"""What the console's handlers need from outside, by role."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from console.domain.letters import DeadLetter, LetterMark
from console.domain.links import RememberedLink
from console.domain.runs import ImportRun
from console.domain.standing import OrderRow, OrderStatus, ToldReason
from sconnect.contracts import Message, OrderReplayRequested
from sconnect.ledgers import Books, ShopSales
from sconnect.messaging import Delivery
from sconnect.profiles import AdministrationInfo, Profile, StoredProfile


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
        self, profile: Profile, *, administration: AdministrationInfo, saved_by: str
    ) -> StoredProfile: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenedBooks:
    """What a login to the accounting package showed; `granted` is empty when the login does not say."""

    administration_id: str
    administration_name: str
    granted: frozenset[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Chart:
    """The administration as a mapping is checked against it, and how its ledgers are called, by number."""

    books: Books
    names: Mapping[int, str]


class Shop(Protocol):
    """MisconfiguredError for a refused key, TransientError when the shop cannot be reached."""

    async def log_in(self, profile: Profile) -> None: ...

    async def sales(self, profile: Profile) -> ShopSales:
        """The last orders, at most a page of them, and the VAT settings when the shop shows them."""


class Bookkeeping(Protocol):
    """MisconfiguredError for a refused key, TransientError when there is no answer."""

    async def log_in(self, profile: Profile) -> OpenedBooks: ...

    async def chart(self, profile: Profile) -> Chart: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class ServiceHealth:
    """`trouble` is what the service says itself, or why it could not be asked."""

    name: str
    ready: bool
    trouble: tuple[str, ...] = ()


class Neighbours(Protocol):
    async def health(self) -> tuple[ServiceHealth, ...]:
        """The readiness of every service, this one included."""
