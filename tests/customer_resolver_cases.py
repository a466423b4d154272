"""Orders of obviously invented buyers, and a resolver to give them to."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from customer_resolver.domain.relations import Relation, RelationAddress
from customer_resolver.handlers.administrations import Administrations
from customer_resolver.handlers.creating import CardMaker
from customer_resolver.handlers.mirroring import MirrorKeeper
from customer_resolver.handlers.remembering import Remembering
from customer_resolver.handlers.resolving import ResolveCustomer
from customer_resolver.handlers.updating import CardUpdater
from factories import stored_profile
from fakes_customer_memory import FakeCardUpdates, FakeClaims, FakeLinkMemory, FakeResolutions
from fakes_customer_resolver import FakeDirectory, FakeLeases, FakeMirror
from sconnect.clock import ManualClock
from sconnect.contracts import (
    Amendment,
    Buyer,
    BuyerAddress,
    ResolvedCustomer,
    SalesOrder,
    SalesOrderCustomerResolved,
    SalesOrderReceived,
)
from sconnect.contracts.build import correlation_id_of, new_message
from sconnect.ids import deterministic_id
from sconnect.profiles import StoredProfile
from sconnect.stage import Claim

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
PROFILE = "voorbeeldwinkel"
MIRROR_AGE_SECONDS_MAX = 300
CLAIM_LEASE_SECONDS = 150


def address(**changes: Any) -> BuyerAddress:
    values = {
        "name": "Jan Voorbeeld",
        "street": "Voorbeeldstraat",
        "house_number": "12",
        "postcode": "1234AB",
        "city": "Utrecht",
        "country_code": "NL",
    }
    return BuyerAddress(**{**values, **changes})


def order(number: str = "1001", email: str | None = "jan@example.nl", **changes: Any) -> SalesOrder:
    """An order with `invoice` as the buyer's invoice address; everything else by its field's name."""
    buyer = Buyer(email=email, invoice=changes.pop("invoice", address()))
    values: dict[str, Any] = {
        "uuid": deterministic_id("order", number),
        "number": number,
        "placed_on": date(2026, 3, 2),
        "buyer": buyer,
    }
    return SalesOrder(**{**values, **changes})


def received(
    sales_order: SalesOrder, *, replay: int = 0, amendment: Amendment | None = None
) -> SalesOrderReceived:
    return new_message(
        SalesOrderReceived,
        profile=PROFILE,
        occurred_at=NOW,
        correlation_id=correlation_id_of(PROFILE, sales_order.uuid),
        id_parts=(sales_order.uuid, sales_order.revision),
        replay=replay,
        amendment=amendment,
        order=sales_order,
    )


def decision(kind: str, value: str | None = None, at: datetime = NOW) -> Amendment:
    return Amendment.model_validate(
        {"kind": kind, "value": value, "decided_by": "boekhouder", "at": at, "replay": 1}
    )


def claim(
    sales_order: SalesOrder,
    *,
    profile: StoredProfile | None = None,
    replay: int = 0,
    amendment: Amendment | None = None,
) -> Claim:
    return Claim(
        message=received(sales_order, replay=replay, amendment=amendment),
        profile=profile or stored_profile(),
        attempts=1,
        amendment=amendment,
        token="token-of-the-stage",
        lease_seconds=120.0,
    )


def relation(number: int, **changes: Any) -> Relation:
    """A relation; `postcode` and `country_code` are those of its address."""
    place = {name: changes.pop(name) for name in ("postcode", "country_code") if name in changes}
    values = {
        "address": RelationAddress(**place),
        "relation_id": deterministic_id("relation", number),
        "number": number,
        "name": f"Klant {number}",
    }
    return Relation(**{**values, **changes})


@dataclass
class World:
    """One administration, and a resolver on fakes; `another_worker` shares everything but the memory."""

    clock: ManualClock = field(default_factory=lambda: ManualClock(NOW))
    directory: FakeDirectory = field(init=False)
    mirror: FakeMirror = field(default_factory=FakeMirror)
    leases: FakeLeases = field(default_factory=FakeLeases)
    claims: FakeClaims = field(init=False)
    updates: FakeCardUpdates = field(default_factory=FakeCardUpdates)
    memory: FakeLinkMemory = field(default_factory=FakeLinkMemory)
    resolutions: FakeResolutions = field(default_factory=FakeResolutions)
    resolve: ResolveCustomer = field(init=False)

    def __post_init__(self) -> None:
        self.directory = FakeDirectory(self.clock)
        self.claims = FakeClaims(self.clock, lease_seconds=CLAIM_LEASE_SECONDS)
        self.resolve = self.another_worker()

    def another_worker(self) -> ResolveCustomer:
        return ResolveCustomer(
            administrations=Administrations(lambda _: self.directory),
            keeper=self.keeper(),
            mirror=self.mirror,
            maker=CardMaker(claims=self.claims, mirror=self.mirror, clock=self.clock),
            updater=CardUpdater(updates=self.updates, mirror=self.mirror, leases=self.leases),
            remembering=Remembering(memory=self.memory, mirror=self.mirror),
            resolutions=self.resolutions,
            clock=self.clock,
        )

    def keeper(self, *, first_read_wait_seconds: float = 5) -> MirrorKeeper:
        return MirrorKeeper(
            mirror=self.mirror,
            leases=self.leases,
            clock=self.clock,
            age_seconds_max=MIRROR_AGE_SECONDS_MAX,
            full_read_hour=3,
            first_read_wait_seconds=first_read_wait_seconds,
        )

    async def customer_of(self, sales_order: SalesOrder, **claim_fields: Any) -> ResolvedCustomer:
        """What one order's handler answers."""
        return customer_in(await self.resolve(claim(sales_order, **claim_fields)))

    def created(self) -> int:
        return self.directory.calls.count("create")


def customer_in(messages: tuple[Any, ...]) -> ResolvedCustomer:
    (message,) = messages
    assert isinstance(message, SalesOrderCustomerResolved)
    return message.customer
