"""Brings the card of a known customer up to date, once per order, and never at the cost of the booking."""

from dataclasses import dataclass, replace

import structlog

from customer_resolver.domain.buyers import Buyer
from customer_resolver.domain.relations import Relation
from customer_resolver.domain.updates import (
    NOT_UPDATED_FAX,
    NOT_UPDATED_OLDER_ORDER,
    NOT_UPDATED_REFUSED,
    WOULD_UPDATE,
    CardUpdate,
    FieldChange,
    plan_update,
)
from customer_resolver.handlers.administrations import Administration
from customer_resolver.ports import (
    CardGone,
    CardRefused,
    CardUpdates,
    CustomerMirror,
    ExistingCard,
    OrderVersion,
    ReadLeases,
    SentUpdate,
)
from sconnect.errors import ConcurrentChange, Reason, ReasonCode, SConnectError

# Longer than a read and a write take together (20 s each), so that nobody writes beside a slow writer.
UPDATE_LEASE_SECONDS = 60.0
# Every optional part refused one by one, and the name.
REQUESTS_MAX = 7

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Updated:
    """The card as it is now, what was changed on it for this order, and what was not."""

    relation: Relation
    changes: tuple[FieldChange, ...] = ()
    notes: tuple[str, ...] = ()


class CardUpdater:
    """Read, merge, write: SnelStart replaces the whole card.

    Safe to run twice: what is sent is written down first, so that a repeat that finds the card as it wanted
    it still tells what was changed. Half-done when it dies: a card that may be up to date, which the next
    attempt reads. One card is written by one worker at a time.
    """

    def __init__(self, *, updates: CardUpdates, mirror: CustomerMirror, leases: ReadLeases) -> None:
        self._updates = updates
        self._mirror = mirror
        self._leases = leases

    async def bring_up_to_date(
        self, administration: Administration, buyer: Buyer, relation: Relation, order: OrderVersion
    ) -> Updated:
        """Costs no call when the mirror's card is as the shop would have it."""
        codes = await administration.directory.country_codes()
        plan = plan_update(buyer, relation, codes)
        if not plan.values:
            return Updated(relation=relation, notes=plan.notes)
        name = f"card-update:{administration.id}:{relation.relation_id}"
        token = await self._leases.take(name, UPDATE_LEASE_SECONDS)
        if token is None:
            raise _being_updated()
        try:
            updated = await self._update(administration, buyer, relation, order)
        except CardGone:
            # The mirror did not know yet; the next attempt recognises the buyer without this card.
            await self._mirror.save(administration.id, [replace(relation, active=False)])
            await self._leases.release(name, token)
            raise _being_updated() from None
        except SConnectError as error:
            # While the outcome is unknown the request may still be under way: the lease runs out by itself.
            if not getattr(error, "outcome_unknown", False):
                await self._leases.release(name, token)
            raise
        await self._leases.release(name, token)
        return updated

    async def foresee(
        self, administration: Administration, buyer: Buyer, relation: Relation
    ) -> tuple[str, ...]:
        """The words of what would be changed on the card that the mirror has; nothing is written."""
        plan = plan_update(buyer, relation, await administration.directory.country_codes())
        return (*(f"{WOULD_UPDATE}.{change.field}" for change in plan.changes), *plan.notes)

    async def _update(
        self, administration: Administration, buyer: Buyer, relation: Relation, order: OrderVersion
    ) -> Updated:
        last = await self._updates.last(administration.id, relation.relation_id)
        if last is not None and last.order.placed_at > order.placed_at:
            return Updated(relation=relation, notes=(NOT_UPDATED_OLDER_ORDER,))
        card = await self._read(administration, relation)
        codes = await administration.directory.country_codes()
        plan = plan_update(buyer, card.relation, codes)
        if not plan.values:
            sent_before = last.changes if last is not None and last.order == order else ()
            return Updated(relation=card.relation, changes=sent_before, notes=plan.notes)
        if not card.can_be_written:
            return Updated(relation=card.relation, notes=(*plan.notes, NOT_UPDATED_FAX))
        return await self._write(administration, card, plan, order)

    async def _read(self, administration: Administration, relation: Relation) -> ExistingCard:
        """As it is now: others may have changed it since the mirror was read."""
        card = await administration.directory.read_card(relation.relation_id)
        await self._mirror.save(administration.id, [card.relation])
        return card

    async def _write(
        self, administration: Administration, card: ExistingCard, plan: CardUpdate, order: OrderVersion
    ) -> Updated:
        relation_id = card.relation.relation_id
        for _ in range(REQUESTS_MAX):
            sent = SentUpdate(order=order, changes=plan.changes)
            await self._updates.record(administration.id, relation_id, sent)
            try:
                relation = await administration.directory.update(card, plan.values)
            except CardRefused as refusal:
                plan = _less(plan, refusal)
                if plan.values:
                    continue
                relation = card.relation
                await self._updates.record(administration.id, relation_id, replace(sent, changes=()))
            await self._mirror.save(administration.id, [relation])
            fields = [change.field for change in plan.changes]
            log.info("customer_updated", customer_number=relation.number, fields=fields, notes=plan.notes)
            return Updated(relation=relation, changes=plan.changes, notes=plan.notes)
        raise AssertionError("every refusal takes a part away")


def _less(plan: CardUpdate, refusal: CardRefused) -> CardUpdate:
    """The booking does not wait for a card that SnelStart will not change: the order says so instead."""
    log.warning("card_update_refused", code=refusal.code, fields=sorted(refusal.fields))
    objectionable = sorted(part for part in refusal.fields if part in plan.values)
    if not objectionable:
        return plan.with_note(NOT_UPDATED_REFUSED)
    for part in objectionable:
        plan = plan.without(part)
    return plan


def _being_updated() -> ConcurrentChange:
    return ConcurrentChange(Reason(code=ReasonCode.UPSTREAM_UNAVAILABLE, variant="customer_being_updated"))
