"""What the resolver needs from the world outside; the adapters fulfil it, and so do the tests' fakes."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from customer_resolver.domain.buyers import Buyer
from customer_resolver.domain.cards import CardAddress, CardField, NewCard
from customer_resolver.domain.recognition import Candidates, Statistics
from customer_resolver.domain.relations import Relation
from customer_resolver.domain.updates import FieldChange
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


class CardGone(SConnectError):
    """The card is there no longer, or is not active."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ExistingCard:
    """A card as it was read to be changed; `content` is the vendor's whole record of it.

    `can_be_written` is False when writing it back would lose something that it has.
    """

    relation: Relation
    can_be_written: bool
    content: Mapping[str, object]


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

    async def read_card(self, relation_id: str) -> ExistingCard:
        """The card as it is now. Raises CardGone."""

    async def update(self, card: ExistingCard, values: Mapping[str, str | CardAddress]) -> Relation:
        """Give the card these values and leave all else as it was read. Raises CardRefused, CardGone."""


class Directories(Protocol):
    """Opens the administration of a profile; nothing is called yet."""

    def __call__(self, profile: StoredProfile) -> CustomerDirectory: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Freshness:
    """When the reads began that the mirror rests on; None: never.

    `card_made_on` is the ModifiedOn of the last card that was made from here, on the administration's own
    clock: two minutes before it (see FRESH_BEFORE_CARD) the mirror was complete. Keys that are not current
    were made with the normal form of another release, and find nothing.
    """

    read_at: datetime | None = None
    full_read_at: datetime | None = None
    card_made_on: datetime | None = None
    keys_are_current: bool = True


class CustomerMirror(Protocol):
    """A copy of the relations of each administration, so that a known customer costs no call."""

    async def freshness(self, administration_id: str) -> Freshness: ...

    async def begin_full_read(self, administration_id: str) -> int:
        """The number of this read: what is saved from now on was seen by it."""

    async def save(self, administration_id: str, relations: Sequence[Relation]) -> None:
        """Add these relations or bring them up to date."""

    async def count_unseen(self, administration_id: str, full_read: int) -> int:
        """How many relations this read, or anything since it began, has not shown."""

    async def finish_full_read(
        self, administration_id: str, full_read: int, began_at: datetime, statistics: Statistics
    ) -> None:
        """Forget what was not seen; the mirror is complete as of `began_at`, and these are its statistics."""

    async def finish_delta(self, administration_id: str, began_at: datetime) -> None:
        """All that was modified before `began_at` is in the mirror."""

    async def note_card_made(self, administration_id: str, card_made_on: datetime) -> None: ...

    async def make_keys_anew(self, administration_id: str) -> bool:
        """Some of the keys that an older normal form made; False when there are none left."""

    async def candidates(self, administration_id: str, keys: Collection[int]) -> Candidates:
        """All relations, inactive ones and suppliers too, that carry one of these keys; see Candidates."""

    async def statistics(self, administration_id: str) -> Statistics:
        """How often names occur, as of the last complete read; empty before the first."""

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
class OrderVersion:
    """One version of an order, and when the buyer placed it."""

    order: OrderReference
    revision: int
    replay: int
    placed_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class SentUpdate:
    """What was last sent to change a card, and for which order."""

    order: OrderVersion
    changes: tuple[FieldChange, ...]


class CardUpdates(Protocol):
    """The last update of each card, written down before it is sent."""

    async def last(self, administration_id: str, relation_id: str) -> SentUpdate | None: ...

    async def record(self, administration_id: str, relation_id: str, sent: SentUpdate) -> None: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class ClaimId:
    """The claim of one order in one administration."""

    administration_id: str
    order: OrderReference


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldClaim:
    """The right to make the card of an order. `sent` is what may have reached SnelStart under `number`."""

    id: ClaimId
    token: str
    number: int
    sent: NewCard | None


@dataclass(frozen=True, kw_only=True, slots=True)
class LapsedClaim:
    """A claim in the way whose lease is over: its card exists under `number`, or was never made."""

    id: ClaimId
    token: str
    number: int
    sent: NewCard | None


@dataclass(frozen=True, kw_only=True, slots=True)
class SettledClaim:
    """The card of this order was made."""

    id: ClaimId
    relation_id: str
    settled_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenClaim:
    """The card of this order is being made, or may have been."""

    id: ClaimId
    number: int


class Claims(Protocol):
    """Who makes a card: of all orders that share a key one at a time, each with a number reserved first.

    The keys are all that the buyer could be found by, so that two orders of one new buyer always share one.
    A claim that was lost to another worker raises ConcurrentChange in the hands of the first.
    """

    async def find(self, claim_id: ClaimId) -> OpenClaim | SettledClaim | None: ...

    async def take(
        self, claim_id: ClaimId, keys: Collection[int], *, above: int, anew: bool = False
    ) -> HeldClaim | LapsedClaim | SettledClaim:
        """The claim on all these keys at once, or on none of them.

        A new one reserves a number higher than `above` and than any reserved before; the same order goes on
        with its number and `sent`, or starts `anew` when it was settled. Raises ConcurrentChange while
        another order that shares a key works on it, and returns its claim when its lease is over.
        """

    async def record_sent(self, held: HeldClaim, card: NewCard | None) -> HeldClaim:
        """Write down what is about to be sent (None: nothing can have been made), and hold on longer."""

    async def reserve_next(self, held: HeldClaim, *, above: int) -> HeldClaim:
        """Another number, under which nothing was sent yet."""

    async def settle(self, claim_id: ClaimId, *, number: int, relation_id: str, settled_at: datetime) -> None:
        """The card exists under the reserved number; does nothing when the claim has moved on."""

    async def release(self, held: HeldClaim) -> None:
        """Let any order go on at once; does nothing when it was lost already."""

    async def abandon(self, lapsed: LapsedClaim) -> None:
        """Nothing was made under its number, nor will be; does nothing when its order went on meanwhile."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Resolution:
    """The customer that one version of an order was given; `origin` and `explanation` as on the wire.

    `trace` is what recognition compared, as a document: with it the decision can be taken again.
    """

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
    differs: tuple[str, ...] = ()
    changes: tuple[FieldChange, ...] = ()
    trace: Mapping[str, object] | None = None


class Resolutions(Protocol):
    """The last answer per order."""

    async def find(self, order: OrderReference) -> Resolution | None: ...

    async def find_by_order_number(self, profile: str, order_number: str) -> Resolution | None: ...

    async def save(self, resolution: Resolution, resolved_at: datetime) -> None: ...


class Forgotten(StrEnum):
    """Why a link is remembered no longer; the words are those on the wire."""

    BY_HAND = "by_hand"
    CUSTOMER_INACTIVE = "customer_inactive"
    CUSTOMER_RENAMED = "customer_renamed"
    REPLACED = "replaced"


@dataclass(frozen=True, kw_only=True, slots=True)
class RememberedLink:
    """A buyer was given this customer, by a person or (`decided_by` None) with a new card.

    `buyer` has what the link is found by and no more. `customer_name` is how the card was called then, and
    `turned_down` are relations that a person did not choose.
    """

    id: str
    administration_id: str
    order: OrderReference
    order_number: str
    buyer: Buyer
    relation_id: str
    customer_number: int
    customer_name: str
    decided_by: str | None
    decided_at: datetime
    turned_down: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class LinkNews:
    """Something about a link that the console does not know yet; `forgotten` None: it is remembered."""

    link: RememberedLink
    forgotten: Forgotten | None = None
    forgotten_by: str | None = None


class LinkMemory(Protocol):
    """Which customer a buyer was given, per administration. What changes in it is news until it is told."""

    async def recall(self, administration_id: str, keys: Sequence[int]) -> tuple[RememberedLink, ...]:
        """The links that have one of these keys, that of the first key first."""

    async def remember(self, link: RememberedLink, keys: Sequence[int]) -> None:
        """From now on these keys lead to this link; one that is left without a key is forgotten.

        Remembering the same link again changes nothing.
        """

    async def forget(self, link_id: str, why: Forgotten, *, by: str | None = None) -> None:
        """Does nothing when there is no such link."""

    async def untold(self) -> tuple[LinkNews, ...]:
        """News, oldest first, and not all at once when there is much."""

    async def mark_told(self, news: LinkNews) -> None: ...
