"""Makes a customer's card once, however often it is tried and by however many."""

from collections.abc import Collection
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
    ClaimId,
    Claims,
    CustomerMirror,
    HeldClaim,
    LapsedClaim,
    NumberTaken,
    OpenClaim,
    OrderReference,
    SettledClaim,
)
from sconnect.clock import Clock
from sconnect.errors import ConcurrentChange, Reason, ReasonCode, RejectedError, SConnectError

# Enough for ten numbers that others took meanwhile and every optional part refused one by one.
REQUESTS_MAX = 15
# Lapsed claims in the way of one order: more than a handful means that others are busy with them.
LAPSED_MAX = 10

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class MadeCard:
    """The relation that was made for an order, and what the card had to do without."""

    relation: Relation
    notes: tuple[str, ...] = ()


class CardMaker:
    """Creates relations through claims.

    Safe to run twice: a number is reserved and the card written down before it is sent, so a repeat is
    refused (SnelStart REL-0008) and the relation with that number recognised. Half-done when it dies: an
    open claim, which the same order continues; another one in whose way it is, once its lease is over,
    looks whether the card is there.
    """

    def __init__(self, *, claims: Claims, mirror: CustomerMirror, clock: Clock) -> None:
        self._claims = claims
        self._mirror = mirror
        self._clock = clock

    async def claim(
        self,
        administration: Administration,
        order: OrderReference,
        keys: Collection[int],
        *,
        decided_at: datetime | None,
    ) -> HeldClaim | MadeCard:
        """The right to make the card of an order, or the card that it was given before.

        A person who asked for a card at `decided_at` gets a new one unless one was made since. Whoever gets
        the right must look once more whether the card is still wanted: an order that shares a key may have
        made it a moment ago. Raises ConcurrentChange while such an order is at work.
        """
        claim_id = ClaimId(administration_id=administration.id, order=order)
        claim = await self._take(administration, claim_id, keys)
        if isinstance(claim, SettledClaim):
            relation = await self._mirror.find_by_id(administration.id, claim.relation_id)
            if relation is not None and relation.bookable and _still_serves(claim, decided_at):
                return MadeCard(relation=relation)
            claim = await self._take(administration, claim_id, keys, anew=True)
        if isinstance(claim, SettledClaim):
            raise _being_made()
        return claim

    async def make(
        self, administration: Administration, buyer: Buyer, claim: HeldClaim, *, mirror_read_at: datetime
    ) -> MadeCard:
        """The card of this buyer; `mirror_read_at` is when the refresh before it began."""
        try:
            relation, card = await self._ask(administration, buyer, claim)
        except SConnectError as error:
            # While the outcome is unknown the request may still be under way: nobody else may ask yet.
            if not getattr(error, "outcome_unknown", False):
                await self._claims.release(claim)
            raise
        # Into the mirror before the keys are given back: who gets them then looks there.
        await self._mirror.save(administration.id, [relation])
        await self._settle(claim.id, relation)
        log.info("customer_created", administration=administration.id, customer_number=relation.number)
        await self._note_freshness(administration, relation, mirror_read_at)
        return MadeCard(relation=relation, notes=card.notes)

    async def give_up(self, claim: HeldClaim) -> None:
        """No card is wanted any more."""
        await self._claims.release(claim)

    async def settle_if_ours(
        self, administration: Administration, order: OrderReference, relation: Relation
    ) -> bool:
        """Whether a recognised relation is the card that this order asked for, its answer lost."""
        claim_id = ClaimId(administration_id=administration.id, order=order)
        claim = await self._claims.find(claim_id)
        if isinstance(claim, SettledClaim):
            return claim.relation_id == relation.relation_id
        if not isinstance(claim, OpenClaim) or claim.number != relation.number:
            return False
        await self._settle(claim_id, relation)
        return True

    async def compose(self, administration: Administration, buyer: Buyer) -> NewCard:
        """The card of a buyer; RejectedError when there is nothing to call it."""
        card = compose_card(buyer, await administration.directory.country_codes())
        if card is None:
            raise RejectedError(Reason(code=ReasonCode.CUSTOMER_REFUSED, variant="nameless"))
        return card

    async def _take(
        self, administration: Administration, claim_id: ClaimId, keys: Collection[int], *, anew: bool = False
    ) -> HeldClaim | SettledClaim:
        for _ in range(LAPSED_MAX):
            highest = await self._mirror.highest_number(administration.id)
            claim = await self._claims.take(claim_id, keys, above=highest, anew=anew)
            if not isinstance(claim, LapsedClaim):
                return claim
            await self._clear_away(administration, claim)
        raise _being_made()

    async def _clear_away(self, administration: Administration, lapsed: LapsedClaim) -> None:
        """Nobody works on it any more, and what was sent has arrived or never will."""
        relation = None
        if lapsed.sent is not None:
            relation = await administration.directory.find_by_number(lapsed.number)
        if relation is None or lapsed.sent is None or not lapsed.sent.became(relation):
            await self._claims.abandon(lapsed)
            return
        await self._mirror.save(administration.id, [relation])
        await self._settle(lapsed.id, relation)

    async def _note_freshness(
        self, administration: Administration, relation: Relation, mirror_read_at: datetime
    ) -> None:
        """The card's stamp tells what the administration's clock said shortly after the mirror was read."""
        if relation.modified_on and self._clock.now() - mirror_read_at < FRESH_BEFORE_CARD:
            await self._mirror.note_card_made(administration.id, relation.modified_on)

    async def _settle(self, claim_id: ClaimId, relation: Relation) -> None:
        await self._claims.settle(
            claim_id, number=relation.number, relation_id=relation.relation_id, settled_at=self._clock.now()
        )

    async def _ask(
        self, administration: Administration, buyer: Buyer, claim: HeldClaim
    ) -> tuple[Relation, NewCard]:
        card = claim.sent or await self.compose(administration, buyer)
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
            card = await self.compose(administration, buyer)
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


def _still_serves(claim: SettledClaim, decided_at: datetime | None) -> bool:
    return decided_at is None or claim.settled_at >= decided_at


def _refused(*, code: str, message: str) -> RejectedError:
    details = {"code": code, "message": message}
    return RejectedError(Reason(code=ReasonCode.CUSTOMER_REFUSED, details=details))


def _being_made() -> ConcurrentChange:
    return ConcurrentChange(Reason(code=ReasonCode.UPSTREAM_UNAVAILABLE, variant="customer_being_made"))
