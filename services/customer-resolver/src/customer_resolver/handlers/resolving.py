"""Gives an order its customer."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from customer_resolver.domain.cards import as_on_card
from customer_resolver.domain.decisions import (
    MADE_FOR_THIS_ORDER,
    Create,
    Decision,
    Known,
    Link,
    Origin,
    Policy,
    Refuse,
    decide,
)
from customer_resolver.domain.recognition import Recognised, Recognition, recognise
from customer_resolver.domain.relations import Relation
from customer_resolver.handlers.administrations import Administration, Administrations
from customer_resolver.handlers.creating import CardMaker, MadeCard
from customer_resolver.handlers.mirroring import MirrorKeeper
from customer_resolver.handlers.questions import (
    Answer,
    Foreseen,
    ForeseenCard,
    Question,
    question_about,
)
from customer_resolver.handlers.remembering import Remembering
from customer_resolver.handlers.updating import CardUpdater
from customer_resolver.ports import CustomerMirror, OrderReference, RememberedLink, Resolution, Resolutions
from sconnect.clock import Clock
from sconnect.contracts import (
    CardChange,
    CustomerOrigin,
    Message,
    ResolvedCustomer,
    SalesOrder,
    SalesOrderCustomerResolved,
    SalesOrderReceived,
)
from sconnect.contracts.build import order_event
from sconnect.errors import Reason, ReasonCode, SConnectError, UnreadableMessage
from sconnect.ids import deterministic_id
from sconnect.profiles import StoredProfile
from sconnect.stage import Claim

# Whose card is brought up to date under that policy: not the collective debtor's, not a credited order's.
_UPDATED = frozenset({CustomerOrigin.MATCHED, CustomerOrigin.REMEMBERED, CustomerOrigin.DECIDED})

# How old a look at the administration may be for a preview, which makes nothing.
FORESEEN_AGE_MAX = timedelta(seconds=30)

log = structlog.get_logger(__name__)


class ResolveCustomer:
    """The stage's work on one order.

    Safe to run twice: one version of an order keeps the answer it was given, a card is asked for under a
    reserved number, and a card is changed after what it is changed to was written down. Half-done when it
    dies: a card that may exist, or may be up to date, which the next attempt recognises. The operator sees
    the order in progress meanwhile, or waiting with its reason.
    """

    def __init__(
        self,
        *,
        administrations: Administrations,
        keeper: MirrorKeeper,
        mirror: CustomerMirror,
        maker: CardMaker,
        updater: CardUpdater,
        remembering: Remembering,
        resolutions: Resolutions,
        clock: Clock,
    ) -> None:
        self._administrations = administrations
        self._keeper = keeper
        self._mirror = mirror
        self._maker = maker
        self._updater = updater
        self._remembering = remembering
        self._resolutions = resolutions
        self._clock = clock
        self._read_to_foresee: dict[str, datetime] = {}

    async def __call__(self, claim: Claim) -> tuple[Message, ...]:
        message = claim.message
        if not isinstance(message, SalesOrderReceived):
            raise _wrong_queue(message)
        question = question_about(
            message.order, claim.profile, replay=message.replay, amendment=claim.amendment
        )
        resolution = await self._resolutions.find(question.reference)
        if resolution is None or not _answers(resolution, claim, message):
            resolution = await self._resolve(claim, question)
            await self._resolutions.save(resolution, self._clock.now())
        log.info(
            "customer_resolved",
            customer_number=resolution.customer_number,
            origin=resolution.origin,
            explanation=resolution.explanation,
        )
        return (self._event(message, resolution),)

    async def foresee(self, stored: StoredProfile, order: SalesOrder) -> Foreseen:
        """The customer that this order would get now. Reads what `__call__` reads, and makes nothing.

        Raises what the order would be set aside for, or what keeps it from being looked at.
        """
        question = question_about(order, stored)
        administration = await self._administrations.open(stored)
        await self._keeper.ensure_recent(administration)
        decision = await self._decide(administration, question, may_forget=False)
        if not isinstance(decision, Link):
            await self._refresh_to_foresee(administration)
            decision = await self._decide(administration, question, may_forget=False)
        match decision:
            case Refuse(error=error):
                raise error
            case Link() as link:
                return await self._foresee_update(administration, question, _linked(link))
            case Create(levels=levels):
                card = await self._maker.compose(administration, question.buyer)
                return ForeseenCard(card=card, levels=(*levels, *card.notes))

    async def _foresee_update(
        self, administration: Administration, question: Question, answer: Answer
    ) -> Answer:
        if not _is_brought_up_to_date(question, answer):
            return answer
        words = await self._updater.foresee(administration, question.buyer, answer.relation)
        return replace(answer, levels=(*answer.levels, *words))

    async def _refresh_to_foresee(self, administration: Administration) -> None:
        """As before a card is made, but once for all new buyers of one preview."""
        now = self._clock.now()
        read_at = self._read_to_foresee.get(administration.id)
        if read_at is None or now - read_at > FORESEEN_AGE_MAX:
            await self._keeper.refresh(administration)
            self._read_to_foresee[administration.id] = now

    async def _resolve(self, order_claim: Claim, question: Question) -> Resolution:
        administration = await self._administrations.open(order_claim.profile)
        answer = await self._answer(administration, question, order_claim)
        if _is_brought_up_to_date(question, answer):
            updating = self._bring_up_to_date(administration, question, answer)
            answer = await order_claim.undisturbed(updating)
        return _resolution(question, administration, answer)

    async def _answer(self, administration: Administration, question: Question, order_claim: Claim) -> Answer:
        await self._keeper.ensure_recent(administration)
        decision = await self._decide(administration, question)
        # Only a link may rest on an older mirror; and who replays an order has often just changed a card.
        must_look = isinstance(decision, Refuse) or question.version.replay > 0
        if must_look and not isinstance(decision, Create):
            await self._keeper.refresh(administration)
            decision = await self._decide(administration, question)
        match decision:
            case Refuse(error=error):
                raise error
            case Link() as link:
                return await self._link(administration, question, link)
            case Create() as create:
                return await self._create(administration, question, create, order_claim)

    async def _decide(
        self, administration: Administration, question: Question, *, may_forget: bool = True
    ) -> Decision:
        recalled = await self._remembering.recall(administration, question.buyer, may_forget=may_forget)
        known = Known(
            named=await self._named(administration, question),
            original=await self._customer_of_credited(administration, question),
            remembered=recalled.relation,
            remembered_at=recalled.decided_at,
            turned_down=recalled.turned_down,
            recognised=await self._recognise(administration, question),
        )
        return decide(question.buyer, question.rules, known, question.decision)

    async def _recognise(self, administration: Administration, question: Question) -> Recognised:
        return recognise(
            as_on_card(question.buyer),
            await self._mirror.candidates(administration.id, question.keys),
            await self._mirror.statistics(administration.id),
            administration_id=administration.id,
            by=question.rules.recognition,
            threshold=question.rules.threshold,
        )

    async def _named(self, administration: Administration, question: Question) -> Relation | None:
        number = question.named_number
        return None if number is None else await self._mirror.find_by_number(administration.id, number)

    async def _customer_of_credited(
        self, administration: Administration, question: Question
    ) -> Relation | None:
        if (credited := question.credited) is None:
            return None
        profile = question.reference.profile
        original = None
        if credited.uuid is not None:
            original = await self._resolutions.find(OrderReference(profile=profile, uuid=credited.uuid))
        if original is None:
            original = await self._resolutions.find_by_order_number(profile, credited.number)
        if original is None or original.administration_id != administration.id:
            return None
        return await self._mirror.find_by_id(administration.id, original.relation_id)

    async def _link(self, administration: Administration, question: Question, link: Link) -> Answer:
        if link.origin is Origin.MATCHED and await self._maker.settle_if_ours(
            administration, question.reference, link.relation
        ):
            levels = (MADE_FOR_THIS_ORDER,)
            return Answer(relation=link.relation, origin=CustomerOrigin.CREATED, levels=levels)
        if link.origin is Origin.DECIDED:
            await self._learn(administration, question, link.relation, link.passed_over)
        return _linked(link)

    async def _create(
        self, administration: Administration, question: Question, create: Create, order_claim: Claim
    ) -> Answer:
        """The claim first: an order that has to wait for another of the same buyer asks nobody anything."""
        claim = await self._maker.claim(
            administration, question.reference, question.claim_keys, decided_at=create.decided_at
        )
        if isinstance(claim, MadeCard):
            return await self._made(administration, question, create, claim)
        try:
            mirror_read_at = await self._keeper.refresh(administration)
            decision = await self._decide(administration, question)
        except (SConnectError, asyncio.CancelledError):
            await self._maker.give_up(claim)
            raise
        if isinstance(decision, Create):
            making = self._maker.make(administration, question.buyer, claim, mirror_read_at=mirror_read_at)
            made = await order_claim.undisturbed(making)
            return await self._made(administration, question, decision, made)
        await self._maker.give_up(claim)
        if isinstance(decision, Refuse):
            raise decision.error
        return await self._link(administration, question, decision)

    async def _made(
        self, administration: Administration, question: Question, create: Create, made: MadeCard
    ) -> Answer:
        if create.decided_at is not None or _is_not_found_again(question, made.relation):
            await self._learn(administration, question, made.relation, create.passed_over)
        return Answer(
            relation=made.relation,
            origin=CustomerOrigin.CREATED,
            levels=(*create.levels, *made.notes),
            trace=create.trace,
        )

    async def _learn(
        self,
        administration: Administration,
        question: Question,
        relation: Relation,
        passed_over: frozenset[str],
    ) -> None:
        """The next order of this buyer gets the same customer, and not one of those that were passed over."""
        version = question.version
        link_id = ("link", administration.id, version.order.profile, version.order.uuid, version.replay)
        await self._remembering.learn(
            RememberedLink(
                id=deterministic_id(*link_id),
                administration_id=administration.id,
                order=version.order,
                order_number=question.order_number,
                buyer=question.buyer,
                relation_id=relation.relation_id,
                customer_number=relation.number,
                customer_name=relation.name,
                decided_by=question.decided_by,
                decided_at=self._clock.now(),
                turned_down=passed_over,
            )
        )

    async def _bring_up_to_date(
        self, administration: Administration, question: Question, answer: Answer
    ) -> Answer:
        updated = await self._updater.bring_up_to_date(
            administration, question.buyer, answer.relation, question.version
        )
        return replace(
            answer,
            relation=updated.relation,
            levels=(*answer.levels, *updated.notes),
            changes=updated.changes,
        )

    def _event(self, message: SalesOrderReceived, resolution: Resolution) -> SalesOrderCustomerResolved:
        customer = ResolvedCustomer(
            relation_id=resolution.relation_id,
            number=resolution.customer_number,
            origin=CustomerOrigin(resolution.origin),
            explanation=resolution.explanation,
            vat_number=resolution.vat_number,
            country_code=resolution.country_code,
            differs=resolution.differs,
            changes=tuple(
                CardChange(field=change.field, old=change.old, new=change.new)
                for change in resolution.changes
            ),
        )
        return order_event(
            SalesOrderCustomerResolved,
            message,
            message.order,
            occurred_at=self._clock.now(),
            customer=customer,
        )


def _is_brought_up_to_date(question: Question, answer: Answer) -> bool:
    return question.rules.policy is Policy.ADD_AND_UPDATE and answer.origin in _UPDATED


def _linked(link: Link) -> Answer:
    return Answer(
        relation=link.relation,
        origin=CustomerOrigin(link.origin.value),
        levels=link.levels,
        differs=link.differs,
        trace=link.trace,
    )


def _is_not_found_again(question: Question, relation: Relation) -> bool:
    """A card on which the profile's recognition finds nothing of this buyer's next order."""
    by_code = question.rules.recognition is Recognition.CUSTOMER_CODE
    return by_code or (question.buyer.email is not None and not relation.emails)


def _wrong_queue(message: Message) -> UnreadableMessage:
    return UnreadableMessage(
        Reason(code=ReasonCode.UNREADABLE_MESSAGE, variant="wrong_queue", details={"type": message.type})
    )


def _answers(resolution: Resolution, claim: Claim, message: SalesOrderReceived) -> bool:
    """Whether it was given to this very version, in the administration that the profile still has."""
    return (
        resolution.revision == message.order.revision
        and resolution.replay == message.replay
        and resolution.administration_id == claim.profile.administration_id
    )


def _resolution(question: Question, administration: Administration, answer: Answer) -> Resolution:
    return Resolution(
        order=question.reference,
        order_number=question.order_number,
        revision=question.version.revision,
        replay=question.version.replay,
        administration_id=administration.id,
        relation_id=answer.relation.relation_id,
        customer_number=answer.relation.number,
        origin=answer.origin.value,
        explanation=",".join(answer.levels),
        vat_number=answer.relation.vat_number,
        country_code=answer.relation.country_code,
        differs=answer.differs,
        changes=answer.changes,
        trace=None if answer.trace is None else answer.trace.as_document(),
    )
