"""The console's outside world in memory, and messages as the services would tell them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

from console.ports import KnownCustomer, OpenedBooks, ServiceHealth, ShopStatus
from sconnect.contracts import (
    Buyer,
    DeadLetterDiscarded,
    ImportRunFinished,
    Message,
    OrderChanged,
    OrderDeadLettered,
    OrderKey,
    OrderLine,
    OrderReplayRequested,
    OrderSkipped,
    OrderWaiting,
    ProfilePaused,
    ProfileResumed,
    ResolvedCustomer,
    SalesBookingWritten,
    SalesOrder,
    SalesOrderCustomerResolved,
    SalesOrderReceived,
    WireReason,
    encode,
)
from sconnect.contracts.build import correlation_id_of, new_message
from sconnect.errors import (
    MisconfiguredError,
    Reason,
    ReasonCode,
    RejectedError,
    TransientError,
    UpstreamUnavailable,
)
from sconnect.ids import deterministic_id
from sconnect.ledgers import Books, ShopSales
from sconnect.messaging import Delivery
from sconnect.messaging.edge import dead_letter_id_of_body
from sconnect.profiles import AdministrationInfo, Profile, StoredProfile

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
PROFILE = "houten-speelgoed"

M = TypeVar("M", bound=Message)


@dataclass(kw_only=True)
class OrderStory:
    """What the services tell about one order; `at` is the number of seconds after noon."""

    number: str = "1001"
    profile: str = PROFILE
    total: str = "68.000000"

    @property
    def uuid(self) -> str:
        return deterministic_id("order", self.profile, self.number)

    def key(self, revision: int = 1) -> OrderKey:
        return OrderKey(uuid=self.uuid, number=self.number, revision=revision)

    def order(self, revision: int = 1) -> SalesOrder:
        return SalesOrder(
            uuid=self.uuid,
            number=self.number,
            revision=revision,
            placed_on=date(2026, 3, 2),
            currency="EUR",
            total=self.total,
            lines=(OrderLine(kind="article", description="Blokkendoos"),),
            buyer=Buyer(email="jan.voorbeeld@example.nl"),
        )

    def received(self, *, at: int = 1, revision: int = 1, replay: int = 0) -> SalesOrderReceived:
        return self._tell(SalesOrderReceived, at, replay, order=self.order(revision))

    def resolved(
        self, *, at: int = 2, revision: int = 1, replay: int = 0, customer: int = 10412
    ) -> SalesOrderCustomerResolved:
        resolved = ResolvedCustomer(
            relation_id=deterministic_id("relation", customer),
            number=customer,
            origin="matched",
            explanation="email",
        )
        return self._tell(
            SalesOrderCustomerResolved, at, replay, order=self.order(revision), customer=resolved
        )

    def booked(self, *, at: int = 3, revision: int = 1, replay: int = 0) -> SalesBookingWritten:
        return self._tell(
            SalesBookingWritten,
            at,
            replay,
            order=self.key(revision),
            outcome="written",
            booking_id=deterministic_id("booking", self.number),
            invoice_number=self.number,
            invoice_date=date(2026, 3, 2),
            total="68.00",
            customer_number=10412,
            lines=({"ledger_number": 8100, "amount": "56.20", "vat_rate_band": "high", "description": "A"},),
            vat_rows=({"category": "sales_high", "amount": "11.80"},),
        )

    def waiting(
        self,
        *,
        at: int = 2,
        stage: str = "booking-writer",
        attempt: int = 1,
        code: str = "UPSTREAM_UNAVAILABLE",
        revision: int = 1,
        replay: int = 0,
    ) -> OrderWaiting:
        return self._tell(
            OrderWaiting,
            at,
            replay,
            discriminator=(stage, code, attempt),
            order=self.key(revision),
            stage=stage,
            reason=WireReason(code=code, details={"host": "api.example.nl"}),
            attempt=attempt,
        )

    def skipped(self, *, at: int = 2, code: str = "ZERO_TOTAL", replay: int = 0) -> OrderSkipped:
        reason = WireReason(code=code)
        return self._tell(OrderSkipped, at, replay, order=self.key(), stage="booking-writer", reason=reason)

    def dead_lettered(
        self,
        *,
        at: int = 2,
        stage: str = "customer-resolver",
        code: str = "AMBIGUOUS_CUSTOMER",
        revision: int = 1,
        replay: int = 0,
    ) -> OrderDeadLettered:
        queue, body = self._work(stage, revision, replay)
        return self._tell(
            OrderDeadLettered,
            at,
            replay,
            discriminator=(stage,),
            dead_letter_id=self.dead_letter_id(stage=stage, revision=revision, replay=replay),
            order=self.key(revision),
            stage=stage,
            queue=queue,
            reason=WireReason(code=code),
            suggestions=({"customer_number": "10412", "name": "Jan Voorbeeld", "agreed": "email"},),
            attempts=1,
            message=body,
        )

    def dead_letter_id(self, *, stage: str = "customer-resolver", revision: int = 1, replay: int = 0) -> str:
        return deterministic_id("dead-letter", stage, self.profile, self.uuid, revision, replay)

    def discarded(
        self, *, at: int = 3, stage: str = "customer-resolver", revision: int = 1, replay: int = 0
    ) -> DeadLetterDiscarded:
        return self._tell(
            DeadLetterDiscarded,
            at,
            replay,
            dead_letter_id=self.dead_letter_id(stage=stage, revision=revision, replay=replay),
            order=self.key(revision),
            discarded_by="administrator",
            why="Boek ik zelf",
        )

    def replay_requested(self, *, at: int = 4, revision: int = 1, replay: int = 1) -> OrderReplayRequested:
        return self._tell(
            OrderReplayRequested, at, replay, order=self.key(revision), requested_by="administrator"
        )

    def changed(self, *, at: int = 9, revision: int = 2) -> OrderChanged:
        return self._tell(OrderChanged, at, 0, order=self.key(revision), stage="booking-writer")

    def _work(self, stage: str, revision: int, replay: int) -> tuple[str | None, str | None]:
        if stage == "customer-resolver":
            body = encode(self.received(revision=revision, replay=replay))
            return "customer-resolver.sales-order-received", body.decode()
        if stage == "booking-writer":
            body = encode(self.resolved(revision=revision, replay=replay))
            return "booking-writer.sales-order-customer-resolved", body.decode()
        return None, None

    def _tell(
        self,
        contract: type[M],
        at: int,
        replay: int,
        *,
        discriminator: tuple[object, ...] = (),
        **fields: Any,
    ) -> M:
        order = fields["order"]
        return new_message(
            contract,
            profile=self.profile,
            occurred_at=NOON + timedelta(seconds=at),
            correlation_id=correlation_id_of(self.profile, self.uuid),
            id_parts=(self.uuid, order.revision, *discriminator),
            replay=replay,
            **fields,
        )


@dataclass
class FakeShop:
    """Lets everybody in, or raises `trouble`; `sold` is what it sold of late, None when it does not tell."""

    trouble: MisconfiguredError | TransientError | None = None
    sold: ShopSales | None = field(default_factory=ShopSales)
    known_statuses: tuple[ShopStatus, ...] = ()

    async def log_in(self, profile: Profile) -> None:
        if self.trouble is not None:
            raise self.trouble

    async def sales(self, profile: Profile) -> ShopSales:
        if self.sold is None:
            raise UpstreamUnavailable(Reason(code=ReasonCode.UPSTREAM_UNAVAILABLE, variant="shop"))
        return self.sold

    async def statuses(self, profile: Profile) -> tuple[ShopStatus, ...]:
        return self.known_statuses


@dataclass
class FakeBookkeeping:
    """One administration for all connection keys, or `trouble`."""

    opened: OpenedBooks
    contents: Books
    trouble: MisconfiguredError | TransientError | RejectedError | None = None
    customers: dict[int, KnownCustomer] = field(default_factory=dict)

    async def log_in(self, profile: Profile) -> OpenedBooks:
        if self.trouble is not None:
            raise self.trouble
        return self.opened

    async def books(self, profile: Profile) -> Books:
        if self.trouble is not None:
            raise self.trouble
        return self.contents

    async def customer(self, profile: Profile, number: int) -> KnownCustomer | None:
        if self.trouble is not None:
            raise self.trouble
        return self.customers.get(number)


@dataclass
class FakeDeadLetterQueues:
    """The copies by work queue, the oldest first; `before_each_copy` is what happens meanwhile."""

    copies: dict[str, list[Delivery]] = field(default_factory=dict)
    walks: list[str] = field(default_factory=list)
    before_each_copy: Callable[[], Awaitable[None]] | None = None

    def put(self, copy: Delivery) -> None:
        self.copies.setdefault(copy.queue, []).append(copy)

    async def depth(self, queue: str) -> int:
        return len(self.copies.get(queue, []))

    async def walk(self, queue: str, copies_max: int, remove: Callable[[Delivery], Awaitable[bool]]) -> None:
        self.walks.append(queue)
        unread = list(self.copies.get(queue, []))
        kept: list[Delivery] = []
        try:
            for _ in range(min(copies_max, len(unread))):
                if self.before_each_copy is not None:
                    await self.before_each_copy()
                kept.append(unread.pop(0))
                if await remove(kept[-1]):
                    kept.pop()
        finally:
            self.copies[queue] = kept + unread


@dataclass
class FakeNeighbours:
    services: tuple[ServiceHealth, ...] = (ServiceHealth(name="console", ready=True),)

    async def health(self) -> tuple[ServiceHealth, ...]:
        return self.services


@dataclass
class FakeProfileShelf:
    """Profiles by name, which nobody saves."""

    stored: dict[str, StoredProfile] = field(default_factory=dict)

    async def get(self, name: str) -> StoredProfile | None:
        return self.stored.get(name)

    async def all(self) -> tuple[StoredProfile, ...]:
        return tuple(self.stored.values())

    async def delete(self, name: str) -> bool:
        return self.stored.pop(name, None) is not None

    async def save(
        self,
        profile: Profile,
        *,
        administration: AdministrationInfo,
        saved_by: str,
        over_version: int | None = None,
    ) -> StoredProfile:
        raise AssertionError("nothing is to be saved here")


def copy_of(letter: OrderDeadLettered) -> Delivery:
    """The copy that the stage puts in the dead-letter queue."""
    return Delivery(
        queue=letter.queue or "",
        body=(letter.message or "").encode(),
        message_id=letter.id,
        headers={
            "x-dead-letter-id": letter.dead_letter_id,
            "x-reason-code": letter.reason.code,
            "x-reason-variant": letter.reason.variant or "",
            "x-reason-details": "{}",
            "x-attempt": letter.attempts,
        },
    )


def run_finished(
    run_id: str, *, at: int = 5, orders: tuple[str, ...] = (), profile: str = PROFILE
) -> ImportRunFinished:
    return new_message(
        ImportRunFinished,
        profile=profile,
        occurred_at=NOON + timedelta(seconds=at),
        correlation_id=run_id,
        id_parts=(run_id,),
        run_id=run_id,
        started_at=NOON,
        order_uuids=orders,
        next_order_number=1005,
        missing_numbers=(1003,),
    )


def paused(stage: str, *, at: int) -> ProfilePaused:
    reason = WireReason(code="PROFILE_PAUSED", variant="connection_key")
    return _about_profile(ProfilePaused, stage, at, reason=reason)


def resumed(stage: str, *, at: int) -> ProfileResumed:
    return _about_profile(ProfileResumed, stage, at)


def _about_profile(contract: type[M], stage: str, at: int, **fields: Any) -> M:
    return new_message(
        contract,
        profile=PROFILE,
        occurred_at=NOON + timedelta(seconds=at),
        correlation_id=PROFILE,
        id_parts=(stage, at),
        stage=stage,
        **fields,
    )


def unreadable(queue: str, body: bytes) -> tuple[OrderDeadLettered, Delivery]:
    """What a stage tells of a body that no contract can read, and the copy that it sets aside."""
    delivery = Delivery(queue=queue, body=body, message_id="unreadable")
    letter_id = dead_letter_id_of_body(delivery)
    letter = new_message(
        OrderDeadLettered,
        profile="",
        occurred_at=NOON,
        correlation_id=letter_id,
        id_parts=(letter_id,),
        dead_letter_id=letter_id,
        order=None,
        stage="customer-resolver",
        queue=queue,
        reason=WireReason(code="UNREADABLE_MESSAGE", variant="not_json"),
        attempts=1,
    )
    return letter, replace(delivery, headers={"x-dead-letter-id": letter_id})
