"""Which customer an order belongs to: the ladder from a person's decision down to a new card."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from customer_resolver.domain.buyers import Buyer
from customer_resolver.domain.recognition import (
    Linked,
    Manual,
    New,
    Recognised,
    Recognition,
    Suggestion,
    Threshold,
)
from customer_resolver.domain.recognition.guards import Objection
from customer_resolver.domain.recognition.plain import SEVERAL
from customer_resolver.domain.recognition.trace import Trace
from customer_resolver.domain.relations import Relation
from sconnect.errors import MisconfiguredError, Reason, ReasonCode, RejectedError

# The words of an explanation; each has its sentence in sconnect.texts under `explanation`.
DECIDED = "decided"
CREDITED_ORDER = "credited_order"
COLLECTIVE_DEBTOR = "collective_debtor"
REMEMBERED = "remembered"
TURNED_DOWN = "turned_down"
MADE_FOR_THIS_ORDER = "made_for_this_order"

SEVERAL_FIT = frozenset({SEVERAL, Objection.TIE, Objection.DUPLICATE})
BY_EMAIL = frozenset({Recognition.EMAIL, Recognition.EMAIL_AND_POSTCODE})


class Policy(StrEnum):
    """What may be done for a buyer whom nobody recognises, and with the card of one who is."""

    ADD = "add"
    ADD_AND_UPDATE = "add_and_update"
    MANUAL = "manual"


class CollectiveFor(StrEnum):
    """Whose orders go to the one collective debtor."""

    NO_EMAIL = "no_email"
    CONSUMERS = "consumers"
    ALWAYS = "always"


@dataclass(frozen=True, kw_only=True, slots=True)
class CollectiveDebtor:
    whose: CollectiveFor
    number: int

    def takes(self, buyer: Buyer) -> bool:
        match self.whose:
            case CollectiveFor.NO_EMAIL:
                return buyer.email is None
            case CollectiveFor.CONSUMERS:
                return not buyer.is_business
            case CollectiveFor.ALWAYS:
                return True


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """The part of a profile that decides about customers."""

    policy: Policy
    recognition: Recognition = Recognition.EMAIL
    threshold: Threshold = Threshold.STRICT
    collective: CollectiveDebtor | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class UseCustomer:
    """A person named the customer; `number` is the text they gave."""

    number: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CreateCustomer:
    """A person wants a card of its own for this order."""

    decided_at: datetime


PersonsDecision = UseCustomer | CreateCustomer


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """What the mirror and our own records hold about an order's customer.

    `named` is the relation with the number that a person or the collective debtor gives, `original` the
    customer of the order that is credited, `remembered` the one that this buyer was given before, at
    `remembered_at`. `turned_down` are the ids of relations that a person did not choose for this buyer.
    """

    named: Relation | None = None
    original: Relation | None = None
    remembered: Relation | None = None
    remembered_at: datetime | None = None
    turned_down: frozenset[str] = frozenset()
    recognised: Recognised


class Origin(StrEnum):
    """Why a customer is linked; the words are those on the wire."""

    MATCHED = "matched"
    COLLECTIVE = "collective"
    CREDITED_ORDER = "credited_order"
    REMEMBERED = "remembered"
    DECIDED = "decided"


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """The order goes to this relation: `levels` name what spoke for it, `differs` what did not.

    `passed_over` are the ids of the relations that a person saw and did not choose.
    """

    relation: Relation
    origin: Origin
    levels: tuple[str, ...]
    differs: tuple[str, ...] = ()
    passed_over: frozenset[str] = frozenset()
    trace: Trace | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Create:
    """A card is to be made because of `levels`; `decided_at` when a person asked for it.

    `passed_over` are the ids of the relations that the person saw and did not choose.
    """

    levels: tuple[str, ...]
    decided_at: datetime | None = None
    passed_over: frozenset[str] = frozenset()
    trace: Trace | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Refuse:
    """Nobody can be linked and no card may be made; `error` says why."""

    error: RejectedError | MisconfiguredError


Decision = Link | Create | Refuse


def decide(buyer: Buyer, rules: Rules, known: Known, decision: PersonsDecision | None = None) -> Decision:
    """A person's decision first, then the credited order, the collective debtor, memory, recognition."""
    if isinstance(decision, UseCustomer):
        return _link_named_by_person(decision, known)
    if isinstance(decision, CreateCustomer):
        return _create_for_person(buyer, decision, known)
    if known.original is not None and known.original.bookable:
        return Link(relation=known.original, origin=Origin.CREDITED_ORDER, levels=(CREDITED_ORDER,))
    if rules.collective is not None and rules.collective.takes(buyer):
        return _link_collective(rules.collective, known.named)
    if known.remembered is not None and known.remembered.bookable:
        return Link(relation=known.remembered, origin=Origin.REMEMBERED, levels=(REMEMBERED,))
    return _by_recognition(buyer, rules, known)


def _link_named_by_person(decision: UseCustomer, known: Known) -> Decision:
    relation = known.named
    if relation is not None and relation.bookable:
        passed_over = _seen(known.recognised) - {relation.relation_id}
        return Link(relation=relation, origin=Origin.DECIDED, levels=(DECIDED,), passed_over=passed_over)
    variant = "number_unknown" if relation is None else "number_not_bookable"
    details = {"number": decision.number[:20]}
    return Refuse(error=RejectedError(_reason(ReasonCode.CUSTOMER_REFUSED, variant, details)))


def _create_for_person(buyer: Buyer, decision: CreateCustomer, known: Known) -> Decision:
    """Two orders of one buyer, each with the decision to make a card, get one card together."""
    made_since = known.remembered_at is not None and known.remembered_at >= decision.decided_at
    if made_since and known.remembered is not None and known.remembered.bookable:
        return Link(relation=known.remembered, origin=Origin.REMEMBERED, levels=(REMEMBERED,))
    created = _create(buyer, (DECIDED,), decided_at=decision.decided_at)
    return replace(created, passed_over=_seen(known.recognised)) if isinstance(created, Create) else created


def _seen(recognised: Recognised) -> frozenset[str]:
    """The relations that were suggested, or would have been linked, when the person decided."""
    match recognised:
        case Linked(relation=relation):
            return frozenset({relation.relation_id})
        case Manual(suggestions=suggestions):
            return frozenset(each.relation.relation_id for each in suggestions)
        case New():
            return frozenset()


def _link_collective(collective: CollectiveDebtor, relation: Relation | None) -> Decision:
    if relation is not None and relation.bookable:
        return Link(relation=relation, origin=Origin.COLLECTIVE, levels=(COLLECTIVE_DEBTOR,))
    details = {"number": str(collective.number)}
    return Refuse(error=MisconfiguredError(_reason(ReasonCode.PROFILE_PAUSED, "collective_debtor", details)))


def _by_recognition(buyer: Buyer, rules: Rules, known: Known) -> Decision:
    if buyer.email is None and rules.recognition in BY_EMAIL:
        return Refuse(error=RejectedError(Reason(code=ReasonCode.NO_EMAIL)))
    match known.recognised:
        case Linked() as linked if linked.relation.relation_id in known.turned_down:
            return _ask(_turned_down(linked), known)
        case Linked(relation=relation, levels=levels, differs=differs, trace=trace):
            return Link(relation=relation, origin=Origin.MATCHED, levels=levels, differs=differs, trace=trace)
        case Manual() as manual:
            return _ask(manual, known)
        case New() as new:
            return _for_nobody_known(buyer, rules, new)


def _turned_down(linked: Linked) -> Manual:
    suggestion = Suggestion(relation=linked.relation, agrees=linked.levels, differs=linked.differs)
    return Manual(reasons=(TURNED_DOWN,), suggestions=(suggestion,), details={}, trace=linked.trace)


def _for_nobody_known(buyer: Buyer, rules: Rules, new: New) -> Decision:
    if rules.policy is Policy.MANUAL:
        details = {"why": ",".join(new.reasons)}
        return Refuse(error=RejectedError(Reason(code=ReasonCode.MANUAL_POLICY, details=details)))
    if not _has_a_name_and_a_place(buyer) and buyer.email is None:
        # The next order of this buyer would get a card of its own, and the one after it another.
        return Refuse(error=RejectedError(Reason(code=ReasonCode.NO_EMAIL)))
    return _create(buyer, new.reasons, trace=new.trace)


def _has_a_name_and_a_place(buyer: Buyer) -> bool:
    return bool(buyer.company or buyer.person) and bool(buyer.address.postcode and buyer.address.house_number)


def _ask(manual: Manual, known: Known) -> Decision:
    """What a person did not choose before is never suggested first."""
    suggestions = sorted(
        manual.suggestions, key=lambda suggestion: suggestion.relation.relation_id in known.turned_down
    )
    is_tie = len(suggestions) > 1 and manual.reasons[0] in SEVERAL_FIT
    details = {"customers": str(len(suggestions)), **manual.details, "why": ",".join(manual.reasons)}
    code = ReasonCode.AMBIGUOUS_CUSTOMER if is_tie else ReasonCode.NO_CERTAIN_MATCH
    # How many fit says all there is to say, unless they are alike.
    variant = "alike" if is_tie and manual.reasons[0] != SEVERAL else None
    reason = Reason(code=code, variant=variant, details=details)
    return Refuse(error=RejectedError(reason, suggestions=tuple(map(_suggestion, suggestions))))


def _create(
    buyer: Buyer, levels: tuple[str, ...], *, decided_at: datetime | None = None, trace: Trace | None = None
) -> Decision:
    """No card for a reverse-charged order whose customer SnelStart would refuse to book on (BOE-0080)."""
    if buyer.is_reverse_charged and buyer.vat_number is None:
        return Refuse(error=RejectedError(Reason(code=ReasonCode.MISSING_VAT_NUMBER)))
    if buyer.is_reverse_charged and not buyer.vat_number_fits_address:
        valid = buyer.vat_number is not None and buyer.vat_number.valid
        variant = "other_country" if valid else None
        return Refuse(error=RejectedError(Reason(code=ReasonCode.INVALID_VAT_NUMBER, variant=variant)))
    return Create(levels=levels, decided_at=decided_at, trace=trace)


def _suggestion(suggestion: Suggestion) -> Mapping[str, str]:
    """Shown to the bookkeeper, never logged: it holds a name and an address."""
    relation = suggestion.relation
    shown = {
        "customer_id": relation.relation_id,
        "customer_number": str(relation.number),
        "name": relation.name,
        "street": relation.address.street,
        "postcode": relation.address.postcode,
        "city": relation.address.city,
        "email": next(iter(relation.emails), ""),
        "agreed": ",".join(suggestion.agrees),
        "differs": ",".join(suggestion.differs),
    }
    return {name: value for name, value in shown.items() if value}


def _reason(code: ReasonCode, variant: str, details: dict[str, str]) -> Reason:
    return Reason(code=code, variant=variant, details=details)
