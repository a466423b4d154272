"""The customer-resolver's ports in memory; they pass the same suites as the real adapters (tests/ports)."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import uuid4

from stdnum import iban
from stdnum.eu import vat

from customer_resolver.domain.cards import CardAddress, CardField, NewCard
from customer_resolver.domain.recognition import CARRIERS_MAX, Candidates, Statistics, keys_of_relation
from customer_resolver.domain.relations import Relation, RelationAddress
from customer_resolver.ports import (
    CardGone,
    CardRefused,
    ExistingCard,
    Freshness,
    NumberTaken,
)
from sconnect.clock import Clock
from sconnect.errors import Reason, ReasonCode, UpstreamUnavailable

PAGE_SIZE = 3


class FakeDirectory:
    """One administration. `calls` counts what was asked of it; the hooks let things go wrong.

    `refuses` names parts of a card that are refused whatever they hold; `before_create` runs just before a
    card is looked at; `lose_answers` cards are made but answered by a cut connection, and after
    `die_after_create` the process is gone before the answer. `before_page` runs before each page of a read;
    `hidden_for_reads` holds relations that slip between the pages of that many complete reads. `with_fax`
    are the ids of cards with a fax number; `hide_from_deltas` keeps every read of changes empty.
    """

    def __init__(self, clock: Clock, administration_id: str = "administration-1") -> None:
        self._clock = clock
        self._administration_id = administration_id
        self._relations: dict[str, Relation] = {}
        self.calls: list[str] = []
        self.rows_read = 0
        self.refuses: set[CardField] = set()
        self.before_create: Callable[[], None] = lambda: None
        self.before_update: Callable[[], None] = lambda: None
        self.with_fax: set[str] = set()
        self.hide_from_deltas = False
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
            return (
                self.hide_from_deltas or relation.modified_on is None or relation.modified_on < modified_since
            )
        reads = self.hidden_for_reads.get(relation.relation_id, 0)
        self.hidden_for_reads[relation.relation_id] = reads - 1
        return reads > 0

    async def find_by_number(self, number: int) -> Relation | None:
        self.calls.append("by_number")
        return next((each for each in self._relations.values() if each.number == number), None)

    async def read_card(self, relation_id: str) -> ExistingCard:
        self.calls.append("read_card")
        relation = self._relations.get(relation_id)
        if relation is None or not relation.active:
            raise CardGone(relation_id)
        return ExistingCard(
            relation=relation, can_be_written=relation_id not in self.with_fax, content={"was": relation}
        )

    async def update(self, card: ExistingCard, values: Mapping[str, str | CardAddress]) -> Relation:
        self.calls.append("update")
        self.before_update()
        if card.relation.relation_id not in self._relations:
            raise CardGone(card.relation.relation_id)
        if refused := {part for part in self.refuses if part in values}:
            raise CardRefused(code="REL-0000", message="Geweigerd", fields=frozenset(refused))
        relation = self.add(with_values(card.relation, values))
        self._answer_or_lose()
        return relation

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
        self._answer_or_lose()
        return relation

    def _answer_or_lose(self) -> None:
        if self.lose_answers:
            self.lose_answers -= 1
            reason = Reason(code=ReasonCode.UPSTREAM_UNAVAILABLE, variant="connection_lost")
            raise UpstreamUnavailable(reason, outcome_unknown=True)

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


def with_values(relation: Relation, values: Mapping[str, str | CardAddress]) -> Relation:
    """A card after an update."""
    changes: dict[str, Any] = {}
    for part, value in values.items():
        match part:
            case CardField.ADDRESS if isinstance(value, CardAddress):
                contact = value.contact or relation.address.contact
                changes["address"] = replace(_written_address(value), contact=contact)
            case CardField.EMAIL:
                changes["emails"] = (value, *relation.emails[1:])
            case CardField.PHONE:
                changes["phones"] = (value,)
            case _:
                changes[part] = value
    return replace(relation, **changes)


def _address_of(card: NewCard) -> RelationAddress:
    return RelationAddress() if card.address is None else _written_address(card.address)


def _written_address(address: CardAddress) -> RelationAddress:
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
    keys: dict[str, frozenset[int]] = field(default_factory=dict)
    carriers: defaultdict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    full_read: int = 0
    freshness: Freshness = field(default_factory=Freshness)
    statistics: Statistics = field(default_factory=Statistics)

    def put(self, relation: Relation, keys: frozenset[int]) -> None:
        self._drop_keys(relation.relation_id)
        self.relations[relation.relation_id] = (relation, self.full_read)
        self.keys[relation.relation_id] = keys
        for key in keys:
            self.carriers[key].add(relation.relation_id)

    def drop(self, relation_id: str) -> None:
        self._drop_keys(relation_id)
        del self.relations[relation_id]

    def _drop_keys(self, relation_id: str) -> None:
        for key in self.keys.pop(relation_id, ()):
            self.carriers[key].discard(relation_id)
            if not self.carriers[key]:
                del self.carriers[key]


class FakeMirror:
    """`stale_batches` counts the batches of keys that another release made."""

    def __init__(self) -> None:
        self._administrations: dict[str, _Mirrored] = {}
        self.stale_batches = 0

    async def freshness(self, administration_id: str) -> Freshness:
        return replace(self._of(administration_id).freshness, keys_are_current=self.stale_batches == 0)

    async def begin_full_read(self, administration_id: str) -> int:
        self._of(administration_id).full_read += 1
        return self._of(administration_id).full_read

    async def save(self, administration_id: str, relations: Sequence[Relation]) -> None:
        mirrored = self._of(administration_id)
        for relation in relations:
            known, _ = mirrored.relations.get(relation.relation_id, (None, 0))
            if known == relation:  # the keys are made from it, which is most of the work
                mirrored.relations[relation.relation_id] = (relation, mirrored.full_read)
            else:
                mirrored.put(relation, keys_of_relation(relation, administration_id))

    async def count_unseen(self, administration_id: str, full_read: int) -> int:
        rows = self._of(administration_id).relations.values()
        return sum(1 for _, seen_by in rows if seen_by < full_read)

    async def finish_full_read(
        self, administration_id: str, full_read: int, began_at: datetime, statistics: Statistics
    ) -> None:
        mirrored = self._of(administration_id)
        for relation_id in [key for key, (_, seen_by) in mirrored.relations.items() if seen_by < full_read]:
            mirrored.drop(relation_id)
        mirrored.statistics = statistics
        mirrored.freshness = replace(mirrored.freshness, read_at=began_at, full_read_at=began_at)

    async def finish_delta(self, administration_id: str, began_at: datetime) -> None:
        mirrored = self._of(administration_id)
        mirrored.freshness = replace(mirrored.freshness, read_at=began_at)

    async def note_card_made(self, administration_id: str, card_made_on: datetime) -> None:
        mirrored = self._of(administration_id)
        mirrored.freshness = replace(mirrored.freshness, card_made_on=card_made_on)

    async def make_keys_anew(self, administration_id: str) -> bool:
        self.stale_batches = max(0, self.stale_batches - 1)
        return self.stale_batches > 0

    async def candidates(self, administration_id: str, keys: Collection[int]) -> Candidates:
        mirrored = self._of(administration_id)
        carriers = {key: mirrored.carriers[key] for key in keys if key in mirrored.carriers}
        few = [ids for ids in carriers.values() if len(ids) <= CARRIERS_MAX]
        found = sorted(frozenset[str]().union(*few))
        capped = {key: min(len(ids), CARRIERS_MAX + 1) for key, ids in carriers.items()}
        return Candidates(relations=tuple(mirrored.relations[each][0] for each in found), carriers=capped)

    async def statistics(self, administration_id: str) -> Statistics:
        return self._of(administration_id).statistics

    async def find_by_number(self, administration_id: str, number: int) -> Relation | None:
        found = [each for each in self._all(administration_id) if each.number == number]
        return next(iter(sorted(found, key=lambda relation: not relation.active)), None)

    async def find_by_id(self, administration_id: str, relation_id: str) -> Relation | None:
        relation, _ = self._of(administration_id).relations.get(relation_id, (None, 0))
        return relation

    async def highest_number(self, administration_id: str) -> int:
        return max([0, *(relation.number for relation in self._all(administration_id))])

    def _of(self, administration_id: str) -> _Mirrored:
        if administration_id not in self._administrations:
            self._administrations[administration_id] = _Mirrored()
        return self._administrations[administration_id]

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
