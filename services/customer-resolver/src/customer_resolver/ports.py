"""What the resolver needs from the world outside; the adapters fulfil it, and so do the tests' fakes."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from customer_resolver.domain.cards import CardField, NewCard
from customer_resolver.domain.relations import Relation
from sconnect.errors import SConnectError
from sconnect.profiles import StoredProfile


class NumberTaken(SConnectError):
    """Another relation has the number that was asked for."""


class CardRefused(SConnectError):
    """The administration does not take this card.

    `fields` are the parts it objects to, empty when it objects to anything that a card cannot do without;
    `code` and `message` are the vendor's own ("-" without a code).
    """

    def __init__(self, *, code: str, message: str, fields: frozenset[CardField] = frozenset()) -> None:
        super().__init__(f"card refused: {code}")
        self.code = code
        self.message = message
        self.fields = fields


class CustomerDirectory(Protocol):
    """The relations of one administration. Calls raise TransientError and MisconfiguredError as well."""

    async def administration_id(self) -> str:
        """The administration that the profile's key opens now."""

    async def country_codes(self) -> frozenset[str]:
        """The two-letter codes of the countries that an address may have."""

    def relations(self, *, modified_since: datetime | None = None) -> AsyncIterator[Sequence[Relation]]:
        """All relations, or those modified since, page by page; system relations included."""

    async def find_by_number(self, number: int) -> Relation | None: ...

    async def create(self, card: NewCard, number: int) -> Relation:
        """Make a customer with this number. Raises NumberTaken or CardRefused; nothing was made then."""


class Directories(Protocol):
    """Opens the administration of a profile; nothing is called yet."""

    def __call__(self, profile: StoredProfile) -> CustomerDirectory: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Freshness:
    """When the reads began that the mirror rests on; None: never.

    `card_made_on` is the ModifiedOn of the last card that was made from here, on the administration's own
    clock: two minutes before it (see FRESH_BEFORE_CARD) the mirror was complete.
    """

    read_at: datetime | None = None
    full_read_at: datetime | None = None
    card_made_on: datetime | None = None


class CustomerMirror(Protocol):
    """A copy of the relations of each administration, so that a known customer costs no call."""

    async def freshness(self, administration_id: str) -> Freshness: ...

    async def begin_full_read(self, administration_id: str) -> int:
        """The number of this read: what is saved from now on was seen by it."""

    async def save(self, administration_id: str, relations: Sequence[Relation]) -> None:
        """Add these relations or bring them up to date."""

    async def count_unseen(self, administration_id: str, full_read: int) -> int:
        """How many relations this read, or anything since it began, has not shown."""

    async def finish_full_read(self, administration_id: str, full_read: int, began_at: datetime) -> None:
        """Forget what was not seen; the mirror is complete as of `began_at`."""

    async def finish_delta(self, administration_id: str, began_at: datetime) -> None:
        """All that was modified before `began_at` is in the mirror."""

    async def note_card_made(self, administration_id: str, card_made_on: datetime) -> None: ...

    async def find_by_email(self, administration_id: str, email: str) -> tuple[Relation, ...]:
        """All relations, inactive ones too, one of whose addresses is this (normalised) one."""

    async def find_by_number(self, administration_id: str, number: int) -> Relation | None: ...

    async def find_by_id(self, administration_id: str, relation_id: str) -> Relation | None: ...

    async def highest_number(self, administration_id: str) -> int:
        """0 when there is none."""


class ReadLeases(Protocol):
    """Keeps two processes from reading the same thing at the same time (see sconnect.persistence)."""

    async def take(self, name: str, seconds: float) -> str | None: ...

    async def renew(self, name: str, token: str, seconds: float) -> bool: ...

    async def release(self, name: str, token: str) -> None: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderReference:
    """An order of a profile, whatever its revision."""

    profile: str
    uuid: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ClaimKey:
    """What identifies a buyer inside an administration; `value` is a hash where it would be personal data."""

    administration_id: str
    value: str


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldClaim:
    """The right to make the card for a key. `sent` is what may have reached SnelStart under `number`."""

    key: ClaimKey
    token: str
    number: int
    sent: NewCard | None


@dataclass(frozen=True, kw_only=True, slots=True)
class SettledClaim:
    """A card was made for the key."""

    key: ClaimKey
    relation_id: str
    order: OrderReference
    settled_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenClaim:
    """A card is being made, or may have been; see HeldClaim for who may go on."""

    order: OrderReference
    number: int


class Claims(Protocol):
    """Who makes a card for which buyer: one at a time, each with a number reserved before it asks for it.

    A claim that was taken over by another order raises ConcurrentChange in the hands of the first.
    """

    async def find(self, key: ClaimKey) -> OpenClaim | SettledClaim | None: ...

    async def take(self, key: ClaimKey, order: OrderReference, *, above: int) -> HeldClaim | SettledClaim:
        """The claim; a new one reserves a number higher than `above` and than any reserved before.

        The order that holds it, or any order once its lease is over, goes on with its number and `sent`.
        Raises ConcurrentChange while another order works on it.
        """

    async def restart(self, settled: SettledClaim, order: OrderReference, *, above: int) -> HeldClaim:
        """Claim again what was settled; ConcurrentChange when somebody did so first."""

    async def record_sent(self, held: HeldClaim, card: NewCard | None) -> HeldClaim:
        """Write down what is about to be sent (None: nothing can have been made), and hold on longer."""

    async def reserve_next(self, held: HeldClaim, *, above: int) -> HeldClaim:
        """Another number, under which nothing was sent yet."""

    async def settle(self, key: ClaimKey, *, number: int, relation_id: str, settled_at: datetime) -> None:
        """The card exists under the number that was reserved; does nothing when the claim has moved on."""

    async def release(self, held: HeldClaim) -> None:
        """Let any order go on at once; does nothing when it was lost already."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Resolution:
    """The customer that one version of an order was given; `origin` and `explanation` as on the wire."""

    order: OrderReference
    order_number: str
    revision: int
    replay: int
    administration_id: str
    relation_id: str
    customer_number: int
    origin: str
    explanation: str
    vat_number: str | None
    country_code: str | None


class Resolutions(Protocol):
    """The last answer per order."""

    async def find(self, order: OrderReference) -> Resolution | None: ...

    async def find_by_order_number(self, profile: str, order_number: str) -> Resolution | None: ...

    async def save(self, resolution: Resolution, resolved_at: datetime) -> None: ...
