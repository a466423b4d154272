"""Makes a customer's card once, however often it is tried and by however many."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

import structlog

from customer_resolver.domain.buyers import Buyer
from customer_resolver.domain.cards import NewCard, compose_card
from customer_resolver.domain.relations import Relation
from customer_resolver.handlers.administrations import Administration
from customer_resolver.handlers.mirroring import FRESH_BEFORE_CARD
from customer_resolver.ports import (
    CardRefused,
    ClaimKey,
    Claims,
    CustomerMirror,
    HeldClaim,
    NumberTaken,
    OpenClaim,
    OrderReference,
    SettledClaim,
)
from sconnect.clock import Clock
from sconnect.errors import Reason, ReasonCode, RejectedError, SConnectError

# Enough for ten numbers that others took meanwhile and every optional part refused one by one.
REQUESTS_MAX = 15

log = structlog.get_logger(__name__)


def claim_key(administration_id: str, buyer: Buyer, order: OrderReference) -> ClaimKey:
    """What keeps two orders of one buyer from making two cards; without an e-mail address, the order."""
    if buyer.email is None:
        return ClaimKey(administration_id=administration_id, value=f"order:{order.profile}:{order.uuid}")
    digest = hashlib.sha256(buyer.email.encode()).hexdigest()
    return ClaimKey(administration_id=administration_id, value=f"email:{digest}")


@dataclass(frozen=True, kw_only=True, slots=True)
class MadeCard:
    """The relation, whether it was made for this order, and what the card had to do without."""

    relation: Relation
    is_new: bool
    notes: tuple[str, ...] = ()


class CardMaker:
    """Creates relations through claims.

    Safe to run twice: a number is reserved and the card written down before it is sent, so a repeat is
    refused (SnelStart REL-0008) and the relation with that number recognised. Half-done when it dies: an
    open claim, which the same order continues, or any other once its lease is over.
    """

    def __init__(self, *, claims: Claims, mirror: CustomerMirror, clock: Clock) -> None:
        self._claims = claims
        self._mirror = mirror
        self._clock = clock

    async def make(
        self,
        administration: Administration,
        buyer: Buyer,
        order: OrderReference,
        *,
        decided_at: datetime | None,
        mirror_read_at: datetime,
    ) -> MadeCard | None:
        """The card of this buyer; None when another order made one meanwhile that the mirror now shows.

        A person who asked for a card at `decided_at` gets one of its own, unless one was made since.
        `mirror_read_at` is when the refresh before it began.
        """
        key = claim_key(administration.id, buyer, order)
        highest = await self._mirror.highest_number(administration.id)
        claim = await self._claims.take(key, order, above=highest)
        if isinstance(claim, SettledClaim):
            relation = await self._mirror.find_by_id(administration.id, claim.relation_id)
            if relation is not None and relation.bookable:
                if decided_at is None and buyer.email in relation.emails:
                    return None
                if _still_serves(claim, relation, decided_at):
                    return MadeCard(relation=relation, is_new=claim.order == order)
            claim = await self._claims.restart(claim, order, above=highest)
        made = await self._make(administration, buyer, claim)
        await self._note_freshness(administration, made.relation, mirror_read_at)
        return made

    async def foresee(
        self, administration: Administration, buyer: Buyer, order: OrderReference
    ) -> Relation | NewCard:
        """What `make` would come to without a person's decision: a card made earlier, or this new one."""
        claim = await self._claims.find(claim_key(administration.id, buyer, order))
        if isinstance(claim, SettledClaim):
            relation = await self._mirror.find_by_id(administration.id, claim.relation_id)
            if relation is not None and relation.bookable and _still_serves(claim, relation, None):
                return relation
        return await _compose(administration, buyer)

    async def settle_if_ours(self, key: ClaimKey, order: OrderReference, relation: Relation) -> bool:
        """Whether a recognised relation is the card that this order asked for, its answer lost."""
        claim = await self._claims.find(key)
        if isinstance(claim, SettledClaim):
            return claim.order == order and claim.relation_id == relation.relation_id
        if not isinstance(claim, OpenClaim) or claim.number != relation.number:
            return False
        await self._settle(key, relation)
        return claim.order == order

    async def _make(self, administration: Administration, buyer: Buyer, claim: HeldClaim) -> MadeCard:
        try:
            relation, card = await self._ask(administration, buyer, claim)
        except SConnectError as error:
            # While the outcome is unknown the request may still be under way: nobody else may ask yet.
            if not getattr(error, "outcome_unknown", False):
                await self._claims.release(claim)
            raise
        await self._mirror.save(administration.id, [relation])
        await self._settle(claim.key, relation)
        log.info("customer_created", administration=administration.id, customer_number=relation.number)
        return MadeCard(relation=relation, is_new=True, notes=card.notes)

    async def _note_freshness(
        self, administration: Administration, relation: Relation, mirror_read_at: datetime
    ) -> None:
        """The card's stamp tells what the administration's clock said shortly after the mirror was read."""
        if relation.modified_on and self._clock.now() - mirror_read_at < FRESH_BEFORE_CARD:
            await self._mirror.note_card_made(administration.id, relation.modified_on)

    async def _settle(self, key: ClaimKey, relation: Relation) -> None:
        await self._claims.settle(
            key, number=relation.number, relation_id=relation.relation_id, settled_at=self._clock.now()
        )

    async def _ask(
        self, administration: Administration, buyer: Buyer, claim: HeldClaim
    ) -> tuple[Relation, NewCard]:
        card = claim.sent or await _compose(administration, buyer)
        for _ in range(REQUESTS_MAX):
            await self._claims.record_sent(claim, card)
            try:
                return await administration.directory.create(card, claim.number), card
            except CardRefused as refusal:
                card = await self._without_what_was_refused(claim, card, refusal)
                continue
            except NumberTaken:
                relation = await administration.directory.find_by_number(claim.number)
            if relation is not None and card.became(relation):
                return relation, card
            claim = await self._another_number(administration, claim, taken_by=relation)
            card = await _compose(administration, buyer)
        raise _refused(code="REL-0008", message="relatiecode")

    async def _without_what_was_refused(
        self, claim: HeldClaim, card: NewCard, refusal: CardRefused
    ) -> NewCard:
        """One bad part refuses the whole card: go on without it, when the card can do without."""
        objectionable = sorted(field for field in refusal.fields if card.has(field))
        if not objectionable:
            await self._claims.record_sent(claim, None)
            raise _refused(code=refusal.code, message=refusal.message) from refusal
        for field in objectionable:
            card = card.without(field)
        return card

    async def _another_number(
        self, administration: Administration, claim: HeldClaim, *, taken_by: Relation | None
    ) -> HeldClaim:
        if taken_by is not None:
            await self._mirror.save(administration.id, [taken_by])
        highest = await self._mirror.highest_number(administration.id)
        return await self._claims.reserve_next(claim, above=highest)


def _still_serves(claim: SettledClaim, relation: Relation, decided_at: datetime | None) -> bool:
    """An earlier card is used again when it is newer than the decision, or had to do without e-mail."""
    return not relation.emails if decided_at is None else claim.settled_at >= decided_at


async def _compose(administration: Administration, buyer: Buyer) -> NewCard:
    card = compose_card(buyer, await administration.directory.country_codes())
    if card is None:
        raise RejectedError(Reason(code=ReasonCode.CUSTOMER_REFUSED, variant="nameless"))
    return card


def _refused(*, code: str, message: str) -> RejectedError:
    details = {"code": code, "message": message}
    return RejectedError(Reason(code=ReasonCode.CUSTOMER_REFUSED, details=details))
