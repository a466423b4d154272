"""The three services of the soak: their own code, over tables, queues and vendors in memory."""

import random
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bench.in_memory.broker import MemoryBroker
from bench.in_memory.vendors import SoakBookkeeping, SoakDirectory, Weather
from booking_writer.handlers.vat_numbers import VatNumbers
from booking_writer.handlers.watching import LedgerWatch
from booking_writer.handlers.writing import WriteBooking, WritingLimits
from customer_resolver.handlers.administrations import Administrations
from customer_resolver.handlers.creating import CardMaker
from customer_resolver.handlers.mirroring import MirrorKeeper
from customer_resolver.handlers.nightly import NightlyReads
from customer_resolver.handlers.remembering import Remembering
from customer_resolver.handlers.resolving import ResolveCustomer
from customer_resolver.handlers.telling import ForgetLink, LinkTeller
from customer_resolver.handlers.updating import CardUpdater
from fakes_booking_writer import FakeBookingRows, FakeLedgerFindings, FakeVatRegister
from fakes_customer_memory import FakeCardUpdates, FakeClaims, FakeLinkMemory, FakeResolutions
from fakes_customer_resolver import FakeLeases, FakeMirror
from fakes_poller import FakeImportRuns, FakePollStates, FakeProfiles, FakeSeenOrders, FakeShop, FakeShops
from fakes_poller import FakeLeases as FakePollLeases
from fakes_stage import FakeOrderRows, FakeProfileHealth, StageMemory
from poller.app import Poller, build_poller
from poller.domain.orders import OrderState
from poller.handlers.importing import Memory
from poller.handlers.polling import PollingLimits
from poller.handlers.replay_journal import ReplayJournal
from poller.ports import Record
from sconnect.clock import ManualClock
from sconnect.contracts.events import StageName
from sconnect.errors import Reason
from sconnect.messaging import Delivery, Edge, SilentJournal
from sconnect.messaging.fuse import UnexpectedErrorFuse
from sconnect.messaging.topology import (
    POLLER_REPLAY_REQUESTED,
    RESOLVER_FORGET_LINK,
    RESOLVER_RECEIVED,
    WRITER_RESOLVED,
    WorkQueue,
)
from sconnect.profiles import StoredProfile
from sconnect.service.retention import DailyPruning, Ends, Forget, Retention
from sconnect.stage import Hands, OrderStage, StageHandler
from sconnect.stage.probing import ProfileProbes

LEASE_SECONDS = 120.0
CLAIM_MARGIN_SECONDS = 30.0
# The shortest that may be set. Longer ones keep more rows, and no other ones.
RETENTION = Retention(trail_years=1, oss_years=1)


class SoakSeenOrders(FakeSeenOrders):
    """The poller never forgets an order, so this must grow: here by a byte for each that is long past."""

    def __init__(self, orders: int, first_number: int) -> None:
        super().__init__()
        self._orders = orders
        self._first_number = first_number
        self.put_away: dict[str, bytearray] = {}

    def put_away_below(self, profile: str, number: int) -> None:
        """No run reads these any more: the shop shows them to nobody who asks for the last 45 days."""
        past = self.put_away.setdefault(profile, bytearray(self._orders))
        for (owner, key), (seen, _document) in list(self._rows.items()):
            if owner != profile or int(seen.number) >= number or seen.state is not OrderState.HANDED_OVER:
                continue
            if (profile, key) not in self._messages:
                past[int(seen.number) - self._first_number] = 1
                del self._rows[profile, key]

    async def save(self, profile: str, records: Sequence[Record]) -> None:
        past = self.put_away.get(profile, b"")
        for record in records:
            place = int(record.seen.number) - self._first_number
            assert place >= len(past) or not past[place], f"{profile}: order {record.seen.number} came back"
        await super().save(profile, records)

    async def number_gaps(self, profile: str, *, limit: int) -> Sequence[tuple[int, int]]:
        """Of those that are not put away: what is missing between the others was there."""
        past = self.put_away.get(profile, b"")
        gaps = await super().number_gaps(profile, limit=limit)
        first = self._first_number
        return [gap for gap in gaps if not all(past[gap[0] + 1 - first : gap[1] - first])]


class Consumer:
    """One stage of the product: its edge, its tables, and the probes of its paused profiles."""

    def __init__(
        self, stage: StageName, queue: WorkQueue, handler: StageHandler, desk: "Desk", books: "Probed"
    ) -> None:
        self.memory = StageMemory()
        self.hands = Hands(4, slow_seconds=60.0)
        self.fuse = UnexpectedErrorFuse()
        self.health = FakeProfileHealth(self.memory, clock=desk.clock)
        self.stage = OrderStage(
            stage=stage,
            handler=handler,
            rows=FakeOrderRows(self.memory, stage=stage, clock=desk.clock),
            health=self.health,
            profiles=desk.profiles,
            publisher=desk.broker,
            clock=desk.clock,
            lease_seconds=LEASE_SECONDS,
            fuse=self.fuse,
            on_fuse_blown=_blown,
            hands=self.hands,
        )
        self.edge = Edge(
            queue=queue,
            handler=self.stage,
            publisher=desk.broker,
            clock=desk.clock,
            journal=self.stage,
            spread=desk.chance.random,
        )
        self.probes = ProfileProbes(
            stage=stage,
            queue=queue,
            probe=books.probe,
            health=self.health,
            profiles=desk.profiles,
            waits=desk.broker,
            publisher=desk.broker,
            clock=desk.clock,
        )


@dataclass(kw_only=True)
class Desk:
    """What all services share."""

    clock: ManualClock
    chance: random.Random
    broker: MemoryBroker
    profiles: FakeProfiles


@dataclass
class Probed:
    """The login that tells whether a profile can be served again."""

    weather: dict[str, Weather]

    async def probe(self, stored: StoredProfile, _reason: Reason) -> None:
        self.weather[stored.profile.name].require_open()


class SoakPoller:
    """The poller over shops in memory."""

    def __init__(self, desk: Desk, shops: Mapping[str, FakeShop], orders: int, first_number: int) -> None:
        self.seen = SoakSeenOrders(orders, first_number)
        self.memory = Memory(orders=self.seen, states=FakePollStates(), runs=FakeImportRuns())
        self.service: Poller = build_poller(
            profiles=desk.profiles,
            memory=self.memory,
            profile_leases=FakePollLeases(),
            sources=FakeShops(dict(shops)),
            publisher=desk.broker,
            clock=desk.clock,
            limits=PollingLimits(),
        )
        self.replays = Edge(
            queue=POLLER_REPLAY_REQUESTED,
            handler=self.service.replays,
            publisher=desk.broker,
            clock=desk.clock,
            journal=ReplayJournal(desk.broker, desk.clock),
        )

    async def is_done(self, profiles: Collection[str]) -> bool:
        """Nothing is left to be read or told."""
        states = await self.memory.states.all()
        is_read = all(name in states and not states[name].failures for name in profiles)
        outboxes = (self.memory.states, self.memory.orders, self.memory.runs)
        has_news = [bool(await outbox.profiles_with_outgoing()) for outbox in outboxes]
        return is_read and not any(has_news) and not await self.memory.runs.open_profiles()


class SoakResolver:
    """The customer-resolver over relations in memory."""

    def __init__(self, desk: Desk, directories: dict[str, SoakDirectory], probed: Probed) -> None:
        self.mirror = FakeMirror()
        self.links = FakeLinkMemory()
        self.claims = FakeClaims(desk.clock, lease_seconds=LEASE_SECONDS + CLAIM_MARGIN_SECONDS)
        self.resolutions = FakeResolutions()
        self.leases = FakeLeases()
        administrations = Administrations(lambda stored: directories[stored.profile.name])
        self.keeper = MirrorKeeper(
            mirror=self.mirror,
            leases=self.leases,
            clock=desk.clock,
            age_seconds_max=300.0,
            full_read_hour=3,
            first_read_wait_seconds=30.0,
        )
        self.resolve = ResolveCustomer(
            administrations=administrations,
            keeper=self.keeper,
            mirror=self.mirror,
            maker=CardMaker(claims=self.claims, mirror=self.mirror, clock=desk.clock),
            updater=CardUpdater(updates=FakeCardUpdates(), mirror=self.mirror, leases=self.leases),
            remembering=Remembering(memory=self.links, mirror=self.mirror),
            resolutions=self.resolutions,
            clock=desk.clock,
        )
        self.nightly = NightlyReads(
            profiles=desk.profiles,
            administrations=administrations,
            keeper=self.keeper,
            clock=desk.clock,
            check_interval_seconds=60.0,
        )
        self.teller = LinkTeller(
            memory=self.links, publisher=desk.broker, clock=desk.clock, interval_seconds=2.0
        )
        self.forgets = Edge(
            queue=RESOLVER_FORGET_LINK,
            handler=ForgetLink(self.links),
            publisher=desk.broker,
            clock=desk.clock,
            journal=SilentJournal(),
        )
        self.orders = Consumer("customer-resolver", RESOLVER_RECEIVED, self.resolve, desk, probed)
        self.pruning = _pruning(
            desk,
            {
                "order rows": self.orders.memory.forget,
                "resolutions": _before(self.resolutions.forget_before),
                "card claims": _before(self.claims.forget_settled_before),
            },
        )


class SoakWriter:
    """The booking-writer over books in memory."""

    def __init__(self, desk: Desk, books: dict[str, SoakBookkeeping], probed: Probed) -> None:
        self.rows = FakeBookingRows()
        self.write = WriteBooking(
            books=lambda stored: books[stored.profile.name],
            rows=self.rows,
            watch=LedgerWatch(findings=FakeLedgerFindings(), publisher=desk.broker, clock=desk.clock),
            vat_numbers=VatNumbers(FakeVatRegister()),
            clock=desk.clock,
            limits=WritingLimits(post_seconds_max=20.0, lease_margin_seconds=10.0),
        )
        self.orders = Consumer("booking-writer", WRITER_RESOLVED, self.write, desk, probed)
        forgets = {
            "order rows": self.orders.memory.forget,
            "bookings": _before(self.rows.forget_booked_before),
        }
        self.pruning = _pruning(desk, forgets)


@dataclass
class Services:
    poller: SoakPoller
    resolver: SoakResolver
    writer: SoakWriter

    def edges(self) -> dict[str, Callable[[Delivery], Awaitable[None]]]:
        return {
            POLLER_REPLAY_REQUESTED.name: self.poller.replays,
            RESOLVER_FORGET_LINK.name: self.resolver.forgets,
            RESOLVER_RECEIVED.name: self.resolver.orders.edge,
            WRITER_RESOLVED.name: self.writer.orders.edge,
        }


def _pruning(desk: Desk, forgets: dict[str, Forget]) -> DailyPruning:
    return DailyPruning(forgets, retention=RETENTION, clock=desk.clock)


def _before(forget: Callable[[datetime], int]) -> Forget:
    async def forget_before(ends: Ends) -> int:
        return forget(ends.trail)

    return forget_before


def _blown() -> None:
    raise AssertionError("unexpected errors in three profiles: a bug of ours")
