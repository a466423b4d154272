"""Gives an order its customer."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from customer_resolver.domain.buyers import Buyer
from customer_resolver.domain.cards import NewCard
from customer_resolver.domain.decisions import (
    DECIDED,
    Create,
    Decision,
    Known,
    Link,
    Origin,
    PersonsDecision,
    Refuse,
    Rules,
    UseCustomer,
    decide,
)
from customer_resolver.domain.relations import Relation
from customer_resolver.handlers.administrations import Administration, Administrations
from customer_resolver.handlers.buyers import read_buyer, read_decision, read_rules
from customer_resolver.handlers.creating import CardMaker, claim_key
from customer_resolver.handlers.mirroring import MirrorKeeper
from customer_resolver.ports import CustomerMirror, OrderReference, Resolution, Resolutions
from sconnect.clock import Clock
from sconnect.contracts import (
    CreditedOrder,
    CustomerOrigin,
    Message,
    ResolvedCustomer,
    SalesOrder,
    SalesOrderCustomerResolved,
    SalesOrderReceived,
)
from sconnect.contracts.build import order_event
from sconnect.errors import ConcurrentChange, Reason, ReasonCode, UnreadableMessage
from sconnect.profiles import StoredProfile
from sconnect.stage import Claim

log = structlog.get_logger(__name__)


NUMBER_DIGITS_MAX = 10
FORESEEN_AGE_MAX = timedelta(seconds=30)

EMAIL_UNKNOWN = "email_unknown"
MADE_BEFORE = "made_before"


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """Everything about an order that decides who its customer is."""

    reference: OrderReference
    buyer: Buyer
    credited: CreditedOrder | None
    rules: Rules
    decision: PersonsDecision | None

    @property
    def named_number(self) -> int | None:
        """The customer number that a person gives, or else the profile; None for none, or for no number."""
        match self.decision:
            case UseCustomer(number=text):
                usable = text.isascii() and text.isdigit() and len(text) <= NUMBER_DIGITS_MAX
                return int(text) if usable else None
            case _:
                collective = self.rules.collective
                return collective.number if collective and collective.takes(self.buyer) else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """`levels` are the words of the explanation; each has its sentence in sconnect.texts."""

    relation: Relation
    origin: CustomerOrigin
    levels: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ForeseenCard:
    """Nobody is recognised: this card would be made."""

    card: NewCard
    levels: tuple[str, ...]


Foreseen = Answer | ForeseenCard


class ResolveCustomer:
    """The stage's work on one order.

    Safe to run twice: one version of an order keeps the answer it was given, and a card is asked for under a
    reserved number. Half-done when it dies: a card that may exist, which the next attempt recognises. The
    operator sees the order in progress meanwhile, or waiting with its reason.
    """

    def __init__(
        self,
        *,
        administrations: Administrations,
        keeper: MirrorKeeper,
        mirror: CustomerMirror,
        maker: CardMaker,
        resolutions: Resolutions,
        clock: Clock,
    ) -> None:
        self._administrations = administrations
        self._keeper = keeper
        self._mirror = mirror
        self._maker = maker
        self._resolutions = resolutions
        self._clock = clock
        self._read_to_foresee: dict[str, datetime] = {}

    async def __call__(self, claim: Claim) -> tuple[Message, ...]:
        message = claim.message
        if not isinstance(message, SalesOrderReceived):
            raise _wrong_queue(message)
        reference = OrderReference(profile=message.profile, uuid=message.order.uuid)
        resolution = await self._resolutions.find(reference)
        if resolution is None or not _answers(resolution, claim, message):
            resolution = await self._resolve(claim, message, reference)
            await self._resolutions.save(resolution, self._clock.now())
        log.info("customer_resolved", customer_number=resolution.customer_number, origin=resolution.origin)
        return (self._event(message, resolution),)

    async def _resolve(
        self, claim: Claim, message: SalesOrderReceived, reference: OrderReference
    ) -> Resolution:
        question = Question(
            reference=reference,
            buyer=read_buyer(message.order),
            credited=message.order.credits,
            rules=read_rules(claim.profile.profile),
            decision=read_decision(claim.amendment),
        )
        administration = await self._administrations.open(claim.profile)
        answer = await self._answer(administration, question, is_replay=message.replay > 0)
        return _resolution(message, administration, answer)

    async def _answer(self, administration: Administration, question: Question, *, is_replay: bool) -> Answer:
        await self._keeper.ensure_recent(administration)
        decision = await self._decide(administration, question)
        # Only a link may rest on an older mirror; and who replays an order has often just changed a card.
        if isinstance(decision, Link) and not is_replay:
            return await self._link(administration, question, decision)
        mirror_read_at = await self._keeper.refresh(administration)
        match await self._decide(administration, question):
            case Refuse(error=error):
                raise error
            case Link() as link:
                return await self._link(administration, question, link)
            case Create() as create:
                return await self._create(administration, question, create, mirror_read_at)

    async def foresee(self, stored: StoredProfile, order: SalesOrder) -> Foreseen:
        """The customer that this order would get now. Reads what `__call__` reads, and makes nothing.

        Raises what the order would be set aside for, or what keeps it from being looked at.
        """
        question = Question(
            reference=OrderReference(profile=stored.profile.name, uuid=order.uuid),
            buyer=read_buyer(order),
            credited=order.credits,
            rules=read_rules(stored.profile),
            decision=None,
        )
        administration = await self._administrations.open(stored)
        await self._keeper.ensure_recent(administration)
        decision = await self._decide(administration, question)
        if not isinstance(decision, Link):
            await self._refresh_to_foresee(administration)
            decision = await self._decide(administration, question)
        match decision:
            case Refuse(error=error):
                raise error
            case Link(relation=relation, origin=origin, levels=levels):
                return Answer(relation=relation, origin=CustomerOrigin(origin.value), levels=levels)
            case Create():
                return await self._foresee_card(administration, question)

    async def _refresh_to_foresee(self, administration: Administration) -> None:
        """As before a card is made, but once for all new buyers of one preview."""
        now = self._clock.now()
        read_at = self._read_to_foresee.get(administration.id)
        if read_at is None or now - read_at > FORESEEN_AGE_MAX:
            await self._keeper.refresh(administration)
            self._read_to_foresee[administration.id] = now

    async def _foresee_card(self, administration: Administration, question: Question) -> Foreseen:
        made = await self._maker.foresee(administration, question.buyer, question.reference)
        if isinstance(made, Relation):
            return Answer(relation=made, origin=CustomerOrigin.MATCHED, levels=(MADE_BEFORE,))
        return ForeseenCard(card=made, levels=(EMAIL_UNKNOWN, *made.notes))

    async def _decide(self, administration: Administration, question: Question) -> Decision:
        known = Known(
            named=await self._named(administration, question),
            original=await self._customer_of_credited(administration, question),
            matches=()
            if question.buyer.email is None
            else await self._mirror.find_by_email(administration.id, question.buyer.email),
        )
        return decide(question.buyer, question.rules, known, question.decision)

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
        if link.origin is Origin.MATCHED:
            key = claim_key(administration.id, question.buyer, question.reference)
            if await self._maker.settle_if_ours(key, question.reference, link.relation):
                return Answer(relation=link.relation, origin=CustomerOrigin.CREATED, levels=(EMAIL_UNKNOWN,))
        return Answer(relation=link.relation, origin=CustomerOrigin(link.origin.value), levels=link.levels)

    async def _create(
        self,
        administration: Administration,
        question: Question,
        create: Create,
        mirror_read_at: datetime,
    ) -> Answer:
        made = await self._maker.make(
            administration,
            question.buyer,
            question.reference,
            decided_at=create.decided_at,
            mirror_read_at=mirror_read_at,
        )
        if made is None:
            again = await self._decide(administration, question)
            if isinstance(again, Link):
                return await self._link(administration, question, again)
            raise ConcurrentChange(
                Reason(code=ReasonCode.UPSTREAM_UNAVAILABLE, variant="customer_being_made")
            )
        if made.is_new:
            why = EMAIL_UNKNOWN if create.decided_at is None else DECIDED
            return Answer(relation=made.relation, origin=CustomerOrigin.CREATED, levels=(why, *made.notes))
        return Answer(relation=made.relation, origin=CustomerOrigin.MATCHED, levels=(MADE_BEFORE,))

    def _event(self, message: SalesOrderReceived, resolution: Resolution) -> SalesOrderCustomerResolved:
        customer = ResolvedCustomer(
            relation_id=resolution.relation_id,
            number=resolution.customer_number,
            origin=CustomerOrigin(resolution.origin),
            explanation=resolution.explanation,
            vat_number=resolution.vat_number,
            country_code=resolution.country_code,
        )
        return order_event(
            SalesOrderCustomerResolved,
            message,
            message.order,
            occurred_at=self._clock.now(),
            customer=customer,
        )


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


def _resolution(message: SalesOrderReceived, administration: Administration, answer: Answer) -> Resolution:
    return Resolution(
        order=OrderReference(profile=message.profile, uuid=message.order.uuid),
        order_number=message.order.number,
        revision=message.order.revision,
        replay=message.replay,
        administration_id=administration.id,
        relation_id=answer.relation.relation_id,
        customer_number=answer.relation.number,
        origin=answer.origin.value,
        explanation=",".join(answer.levels),
        vat_number=answer.relation.vat_number,
        country_code=answer.relation.country_code,
    )
