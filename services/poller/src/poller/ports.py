"""What the poller asks of the world: the shop, its own memory, and one poller per profile at a time."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from poller.domain.orders import SeenOrder, Unreadable
from poller.domain.schedule import PollState
from poller.domain.windows import Window
from sconnect.contracts import Message, SalesOrder
from sconnect.errors import Reason
from sconnect.profiles import StoredProfile


@dataclass(frozen=True, kw_only=True, slots=True)
class Sighting:
    """An order as the shop showed it, translated if that can be done; `document` is its JSON."""

    found: SalesOrder | Unreadable
    document: str

    @property
    def key(self) -> str:
        return self.found.key if isinstance(self.found, Unreadable) else self.found.uuid

    @property
    def order(self) -> SalesOrder | None:
        return None if isinstance(self.found, Unreadable) else self.found


class OrderSource(Protocol):
    """One shop.

    Its calls raise UpstreamUnavailable, RateLimited, or MisconfiguredError when it refuses the token.
    """

    async def page(self, window: Window, offset: int) -> Sequence[Sighting]:
        """At most PAGE_SIZE orders of the window, `offset` orders after its first."""

    async def order(self, number: str) -> Sighting | None:
        """The order with this number; None when the shop does not have it."""

    async def credit_statuses(self) -> frozenset[int] | None:
        """The statuses that mark a credit order; None when the shop does not tell."""

    async def probe(self) -> None:
        """One small call, to see whether the shop lets us in."""

    def read_again(self, document: str) -> Sighting:
        """Translate an order from the JSON it was kept as."""


class OrderSources(Protocol):
    def of(self, profile: StoredProfile) -> OrderSource:
        """The shop of a profile, with the token it has now."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Outgoing:
    """A message that is stored with the row it is about, until the broker has confirmed it."""

    key: str
    message: Message


class Outbox(Protocol):
    """Rows with a message each that may not have been published yet; a newer message takes its place."""

    async def outgoing(self, profile: str, *, limit: int) -> Sequence[Outgoing]:
        """The first unconfirmed messages; of orders by ascending number."""

    async def confirm(self, profile: str, sent: Sequence[Outgoing]) -> None:
        """Mark these as published; a row that got a newer message since keeps that one."""

    async def profiles_with_outgoing(self) -> frozenset[str]: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """What to store of an order; without a message nothing is told, and none that waits is taken back."""

    seen: SeenOrder
    document: str
    message: Message | None = None


class SeenOrders(Outbox, Protocol):
    """Every order the poller ever met, per profile and key (the shop's uuid)."""

    async def find(self, profile: str, keys: Sequence[str]) -> Mapping[str, SeenOrder]: ...

    async def document(self, profile: str, key: str) -> str | None:
        """The JSON of the order as it was stored last."""

    async def save(self, profile: str, records: Sequence[Record]) -> None:
        """Store all or none; ConcurrentChange when one was stored by someone else since it was found."""

    async def highest_number(self, profile: str) -> int | None: ...

    async def number_gaps(self, profile: str, *, limit: int) -> Sequence[tuple[int, int]]:
        """Neighbouring numbers with something missing between them, the highest first."""

    async def met_in_runs(self, profile: str, run_ids: Sequence[str], *, limit: int) -> Sequence[str]:
        """Keys of the orders that these runs changed or that wait for their status, newest first."""


class PollStates(Outbox, Protocol):
    async def all(self) -> Mapping[str, PollState]:
        """What is remembered, by profile."""

    async def get(self, profile: str) -> PollState:
        """What is remembered of a profile; a blank state for one that was never polled."""

    async def save(self, profile: str, state: PollState, message: Message | None = None) -> None: ...


SCHEDULE = "schedule"
"""Who requested a run that nobody asked for."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportRun:
    run_id: str
    profile: str
    requested_at: datetime
    requested_by: str


class ImportRuns(Outbox, Protocol):
    async def request(self, run: ImportRun) -> None:
        """Remember that a run is wanted; does nothing when it is known already."""

    async def next_open(self, profile: str) -> ImportRun | None:
        """The oldest run that is not finished, also when a poller died in the middle of it."""

    async def open_profiles(self) -> frozenset[str]: ...

    async def finished_since(self, profile: str, instant: datetime) -> Sequence[str]:
        """The ids of the runs that finished at that moment or later."""

    async def unfinished(self, profile: str) -> frozenset[str]:
        """The ids of the runs that are open, and of those that failed since the last that read everything."""

    async def finish(
        self, run: ImportRun, *, started_at: datetime, at: datetime, failure: Reason | None, message: Message
    ) -> None: ...

    async def forget_finished_before(self, instant: datetime) -> None: ...


class Profiles(Protocol):
    async def get(self, name: str) -> StoredProfile | None: ...

    async def all(self) -> Sequence[StoredProfile]: ...


class Lease(Protocol):
    def require_held(self) -> None:
        """Raises ConcurrentChange when the lease was lost, for example because this process was frozen."""


class ProfileLeases(Protocol):
    def hold(self, profile: str) -> AbstractAsyncContextManager[Lease | None]:
        """Hold the profile's lease inside the block, renewing it; None when another poller has it."""
