"""The customer-resolver's ports in memory; they pass the same suites as the real adapters (tests/ports)."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import uuid4

from stdnum import iban
from stdnum.eu import vat

from customer_resolver.domain.cards import CardField, NewCard
from customer_resolver.domain.relations import Relation, RelationAddress
from customer_resolver.ports import (
    CardRefused,
    ClaimKey,
    Freshness,
    HeldClaim,
    NumberTaken,
    OpenClaim,
    OrderReference,
    Resolution,
    SettledClaim,
)
from sconnect.clock import Clock
from sconnect.errors import ConcurrentChange, Reason, ReasonCode, UpstreamUnavailable

PAGE_SIZE = 3


class FakeDirectory:
    """One administration. `calls` counts what was asked of it; the hooks let things go wrong.

    `refuses` names parts of a card that are refused whatever they hold; `before_create` runs just before a
    card is looked at; `lose_answers` cards are made but answered by a cut connection, and after
    `die_after_create` the process is gone before the answer. `before_page` runs before each page of a read;
    `hidden_for_reads` holds relations that slip between the pages of that many complete reads.
    """

    def __init__(self, clock: Clock, administration_id: str = "administration-1") -> None:
        self._clock = clock
        self._administration_id = administration_id
        self._relations: dict[str, Relation] = {}
        self.calls: list[str] = []
        self.rows_read = 0
        self.refuses: set[CardField] = set()
        self.before_create: Callable[[], None] = lambda: None
        self.lose_answers = 0
        self.die_after_create = False
        self.before_page: Callable[[], Awaitable[None]] = _nothing
        self.hidden_for_reads: dict[str, int] = {}

    def add(self, relation: Relation) -> Relation:
        """Put a relation there by hand, as the bookkeeper does."""
        stamped = replace(relation, modified_on=self._clock.now())
        self._relations[relation.relation_id] = stamped
        return stamped

    def remove(self, relation_id: str) -> None:
        del self._relations[relation_id]

    @property
    def everything(self) -> tuple[Relation, ...]:
        return tuple(self._relations.values())

    async def administration_id(self) -> str:
        self.calls.append("administration_id")
        return self._administration_id

    async def country_codes(self) -> frozenset[str]:
        return frozenset({"NL", "BE", "DE", "GR"})

    async def relations(self, *, modified_since: datetime | None = None) -> AsyncIterator[Sequence[Relation]]:
        self.calls.append("all" if modified_since is None else "delta")
        rows = [
            relation for relation in self._relations.values() if not self._is_hidden(relation, modified_since)
        ]
        for start in range(0, len(rows), PAGE_SIZE):
            await self.before_page()
            self.rows_read += len(rows[start : start + PAGE_SIZE])
            yield rows[start : start + PAGE_SIZE]

    def _is_hidden(self, relation: Relation, modified_since: datetime | None) -> bool:
        if modified_since is not None:
            return relation.modified_on is None or relation.modified_on < modified_since
        reads = self.hidden_for_reads.get(relation.relation_id, 0)
        self.hidden_for_reads[relation.relation_id] = reads - 1
        return reads > 0

    async def find_by_number(self, number: int) -> Relation | None:
        self.calls.append("by_number")
        return next((each for each in self._relations.values() if each.number == number), None)

    async def create(self, card: NewCard, number: int) -> Relation:
        self.calls.append("create")
        self.before_create()
        if refused := self._refused_fields(card):
            raise CardRefused(code="REL-0000", message="Geweigerd", fields=frozenset(refused))
        if any(relation.number == number for relation in self._relations.values()):
            raise NumberTaken(f"number {number} is in use")
        relation = self.add(relation_of(card, number))
        if self.die_after_create:
            raise asyncio.CancelledError
        if self.lose_answers:
            self.lose_answers -= 1
            reason = Reason(code=ReasonCode.UPSTREAM_UNAVAILABLE, variant="connection_lost")
            raise UpstreamUnavailable(reason, outcome_unknown=True)
        return relation

    def _refused_fields(self, card: NewCard) -> set[CardField]:
        wrong = {each for each in self.refuses if card.has(each)}
        if card.iban is not None and not iban.is_valid(card.iban):
            wrong.add(CardField.IBAN)
        if card.vat_number is not None and not vat.is_valid(card.vat_number):
            wrong.add(CardField.VAT_NUMBER)
        return wrong


async def _nothing() -> None: ...


def relation_of(card: NewCard, number: int) -> Relation:
    return Relation(
        relation_id=str(uuid4()),
        number=number,
        name=card.name,
        emails=() if card.email is None else (card.email,),
        phones=() if card.phone is None else (card.phone,),
        address=_address_of(card),
        vat_number=card.vat_number,
        iban=card.iban,
    )


def _address_of(card: NewCard) -> RelationAddress:
    if (address := card.address) is None:
        return RelationAddress()
    return RelationAddress(
        contact=address.contact,
        street=address.street,
        postcode=address.postcode,
        city=address.city,
        country_code=address.country_code,
    )


@dataclass
class _Mirrored:
    relations: dict[str, tuple[Relation, int]] = field(default_factory=dict)
    full_read: int = 0
    freshness: Freshness = field(default_factory=Freshness)


class FakeMirror:
    def __init__(self) -> None:
        self._administrations: dict[str, _Mirrored] = {}

    async def freshness(self, administration_id: str) -> Freshness:
        return self._of(administration_id).freshness

    async def begin_full_read(self, administration_id: str) -> int:
        self._of(administration_id).full_read += 1
        return self._of(administration_id).full_read

    async def save(self, administration_id: str, relations: Sequence[Relation]) -> None:
        mirrored = self._of(administration_id)
        for relation in relations:
            mirrored.relations[relation.relation_id] = (relation, mirrored.full_read)

    async def count_unseen(self, administration_id: str, full_read: int) -> int:
        rows = self._of(administration_id).relations.values()
        return sum(1 for _, seen_by in rows if seen_by < full_read)

    async def finish_full_read(self, administration_id: str, full_read: int, began_at: datetime) -> None:
        mirrored = self._of(administration_id)
        mirrored.relations = {
            key: (relation, seen_by)
            for key, (relation, seen_by) in mirrored.relations.items()
            if seen_by >= full_read
        }
        mirrored.freshness = replace(mirrored.freshness, read_at=began_at, full_read_at=began_at)

    async def finish_delta(self, administration_id: str, began_at: datetime) -> None:
        mirrored = self._of(administration_id)
        mirrored.freshness = replace(mirrored.freshness, read_at=began_at)

    async def note_card_made(self, administration_id: str, card_made_on: datetime) -> None:
        mirrored = self._of(administration_id)
        mirrored.freshness = replace(mirrored.freshness, card_made_on=card_made_on)

    async def find_by_email(self, administration_id: str, email: str) -> tuple[Relation, ...]:
        found = [each for each in self._all(administration_id) if email in each.emails]
        return tuple(sorted(found, key=lambda relation: relation.number))

    async def find_by_number(self, administration_id: str, number: int) -> Relation | None:
        found = [each for each in self._all(administration_id) if each.number == number]
        return next(iter(sorted(found, key=lambda relation: not relation.active)), None)

    async def find_by_id(self, administration_id: str, relation_id: str) -> Relation | None:
        return next((each for each in self._all(administration_id) if each.relation_id == relation_id), None)

    async def highest_number(self, administration_id: str) -> int:
        return max([0, *(relation.number for relation in self._all(administration_id))])

    def _of(self, administration_id: str) -> _Mirrored:
        return self._administrations.setdefault(administration_id, _Mirrored())

    def _all(self, administration_id: str) -> Iterable[Relation]:
        return [relation for relation, _ in self._of(administration_id).relations.values()]


class FakeLeases:
    def __init__(self) -> None:
        self.held: dict[str, str] = {}

    async def take(self, name: str, seconds: float) -> str | None:
        return None if name in self.held else self.held.setdefault(name, str(uuid4()))

    async def renew(self, name: str, token: str, seconds: float) -> bool:
        return self.held.get(name) == token

    async def release(self, name: str, token: str) -> None:
        if self.held.get(name) == token:
            del self.held[name]


@dataclass
class _Claimed:
    order: OrderReference
    token: str
    number: int
    held_until: datetime
    sent: NewCard | None = None
    settled: SettledClaim | None = None


class FakeClaims:
    def __init__(self, clock: Clock, *, lease_seconds: float) -> None:
        self._clock = clock
        self._lease = timedelta(seconds=lease_seconds)
        self._claims: dict[ClaimKey, _Claimed] = {}
        self._last_reserved: dict[str, int] = {}

    async def find(self, key: ClaimKey) -> OpenClaim | SettledClaim | None:
        if (claimed := self._claims.get(key)) is None:
            return None
        return claimed.settled or OpenClaim(order=claimed.order, number=claimed.number)

    async def take(self, key: ClaimKey, order: OrderReference, *, above: int) -> HeldClaim | SettledClaim:
        claimed = self._claims.get(key)
        if claimed is None:
            return self._claim_new(key, order, above)
        if claimed.settled is not None:
            return claimed.settled
        if claimed.order != order and claimed.held_until > self._clock.now():
            raise _held_by_another()
        claimed.order, claimed.token, claimed.held_until = order, str(uuid4()), self._lease_end
        return HeldClaim(key=key, token=claimed.token, number=claimed.number, sent=claimed.sent)

    async def restart(self, settled: SettledClaim, order: OrderReference, *, above: int) -> HeldClaim:
        if self._claims[settled.key].settled != settled:
            raise _held_by_another()
        return self._claim_new(settled.key, order, above)

    async def record_sent(self, held: HeldClaim, card: NewCard | None) -> HeldClaim:
        claimed = self._held(held)
        claimed.sent, claimed.held_until = card, self._lease_end
        return replace(held, sent=card)

    async def reserve_next(self, held: HeldClaim, *, above: int) -> HeldClaim:
        claimed = self._held(held)
        claimed.number = self._reserve(held.key.administration_id, above)
        claimed.sent, claimed.held_until = None, self._lease_end
        return replace(held, number=claimed.number, sent=None)

    async def settle(self, key: ClaimKey, *, number: int, relation_id: str, settled_at: datetime) -> None:
        claimed = self._claims.get(key)
        if claimed is not None and claimed.settled is None and claimed.number == number:
            claimed.settled = SettledClaim(
                key=key, relation_id=relation_id, order=claimed.order, settled_at=settled_at
            )

    async def release(self, held: HeldClaim) -> None:
        claimed = self._claims[held.key]
        if claimed.token == held.token:
            claimed.held_until = self._clock.now()

    def _claim_new(self, key: ClaimKey, order: OrderReference, above: int) -> HeldClaim:
        number = self._reserve(key.administration_id, above)
        token = str(uuid4())
        self._claims[key] = _Claimed(order=order, token=token, number=number, held_until=self._lease_end)
        return HeldClaim(key=key, token=token, number=number, sent=None)

    def _reserve(self, administration_id: str, above: int) -> int:
        number = max(self._last_reserved.get(administration_id, 0), above) + 1
        self._last_reserved[administration_id] = number
        return number

    def _held(self, held: HeldClaim) -> _Claimed:
        claimed = self._claims[held.key]
        if claimed.token != held.token or claimed.settled is not None:
            raise _held_by_another()
        return claimed

    @property
    def _lease_end(self) -> datetime:
        return self._clock.now() + self._lease


class FakeResolutions:
    def __init__(self) -> None:
        self._resolutions: dict[OrderReference, tuple[datetime, Resolution]] = {}

    async def find(self, order: OrderReference) -> Resolution | None:
        return self._resolutions[order][1] if order in self._resolutions else None

    async def find_by_order_number(self, profile: str, order_number: str) -> Resolution | None:
        found = [
            (moment, resolution)
            for moment, resolution in self._resolutions.values()
            if (resolution.order.profile, resolution.order_number) == (profile, order_number)
        ]
        return max(found, key=lambda entry: entry[0])[1] if found else None

    async def save(self, resolution: Resolution, resolved_at: datetime) -> None:
        self._resolutions[resolution.order] = (resolved_at, resolution)

    def forget_everything(self) -> None:
        self._resolutions.clear()


def _held_by_another() -> ConcurrentChange:
    return ConcurrentChange(Reason(code=ReasonCode.UPSTREAM_UNAVAILABLE, variant="customer_being_made"))
