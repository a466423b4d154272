"""Which customer an order belongs to: the ladder from a person's decision down to a new card."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from customer_resolver.domain.buyers import Buyer
from customer_resolver.domain.relations import Relation
from sconnect.errors import MisconfiguredError, Reason, ReasonCode, RejectedError

SUGGESTIONS_MAX = 3

# The words of an explanation; each has its sentence in sconnect.texts under `explanation`.
EMAIL = "email"
DECIDED = "decided"
CREDITED_ORDER = "credited_order"
COLLECTIVE_DEBTOR = "collective_debtor"


class Policy(StrEnum):
    """What may be done for a buyer whom nobody recognises."""

    ADD = "add"
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
    customer of the order that is credited, `matches` every relation with the buyer's e-mail address.
    """

    named: Relation | None = None
    original: Relation | None = None
    matches: tuple[Relation, ...] = ()


class Origin(StrEnum):
    """Why a customer is linked; the words are those on the wire."""

    MATCHED = "matched"
    COLLECTIVE = "collective"
    CREDITED_ORDER = "credited_order"
    DECIDED = "decided"


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """The order goes to this relation; `levels` name what spoke for it, strongest first."""

    relation: Relation
    origin: Origin
    levels: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Create:
    """A card is to be made; `decided_at` when a person asked for it."""

    decided_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Refuse:
    """Nobody can be linked and no card may be made; `error` says why."""

    error: RejectedError | MisconfiguredError


Decision = Link | Create | Refuse


def decide(buyer: Buyer, rules: Rules, known: Known, decision: PersonsDecision | None = None) -> Decision:
    """A person's decision outranks the original of a credit, that the collective debtor, that the e-mail."""
    if isinstance(decision, UseCustomer):
        return _link_named_by_person(decision, known.named)
    if isinstance(decision, CreateCustomer):
        return _create(buyer, decision.decided_at)
    if known.original is not None and known.original.bookable:
        return Link(relation=known.original, origin=Origin.CREDITED_ORDER, levels=(CREDITED_ORDER,))
    if rules.collective is not None and rules.collective.takes(buyer):
        return _link_collective(rules.collective, known.named)
    if buyer.email is None:
        return Refuse(error=RejectedError(Reason(code=ReasonCode.NO_EMAIL)))
    return _recognise_by_email(buyer, rules.policy, known.matches)


def _link_named_by_person(decision: UseCustomer, relation: Relation | None) -> Decision:
    if relation is not None and relation.bookable:
        return Link(relation=relation, origin=Origin.DECIDED, levels=(DECIDED,))
    variant = "number_unknown" if relation is None else "number_not_bookable"
    details = {"number": decision.number[:20]}
    return Refuse(error=RejectedError(_reason(ReasonCode.CUSTOMER_REFUSED, variant, details)))


def _link_collective(collective: CollectiveDebtor, relation: Relation | None) -> Decision:
    if relation is not None and relation.bookable:
        return Link(relation=relation, origin=Origin.COLLECTIVE, levels=(COLLECTIVE_DEBTOR,))
    details = {"number": str(collective.number)}
    return Refuse(error=MisconfiguredError(_reason(ReasonCode.PROFILE_PAUSED, "collective_debtor", details)))


def _recognise_by_email(buyer: Buyer, policy: Policy, matches: tuple[Relation, ...]) -> Decision:
    bookable = sorted((match for match in matches if match.bookable), key=lambda match: match.number)
    if len(bookable) == 1:
        return Link(relation=bookable[0], origin=Origin.MATCHED, levels=(EMAIL,))
    if bookable:
        details = {"customers": str(len(bookable))}
        reason = Reason(code=ReasonCode.AMBIGUOUS_CUSTOMER, details=details)
        suggestions = tuple(_suggestion(match, EMAIL) for match in bookable[:SUGGESTIONS_MAX])
        return Refuse(error=RejectedError(reason, suggestions=suggestions))
    if policy is Policy.MANUAL:
        return Refuse(error=RejectedError(Reason(code=ReasonCode.MANUAL_POLICY)))
    return _create(buyer, None)


def _create(buyer: Buyer, decided_at: datetime | None) -> Decision:
    """No card for a reverse-charged order whose customer SnelStart would refuse to book on (BOE-0080)."""
    if buyer.is_reverse_charged and buyer.vat_number is None:
        return Refuse(error=RejectedError(Reason(code=ReasonCode.MISSING_VAT_NUMBER)))
    if buyer.is_reverse_charged and not buyer.vat_number_fits_address:
        valid = buyer.vat_number is not None and buyer.vat_number.valid
        variant = "other_country" if valid else None
        return Refuse(error=RejectedError(Reason(code=ReasonCode.INVALID_VAT_NUMBER, variant=variant)))
    return Create(decided_at=decided_at)


def _suggestion(relation: Relation, agreed: str) -> dict[str, str]:
    """Shown to the bookkeeper, never logged: it holds a name."""
    return {"customer_number": str(relation.number), "name": relation.name, "agreed": agreed}


def _reason(code: ReasonCode, variant: str, details: dict[str, str]) -> Reason:
    return Reason(code=code, variant=variant, details=details)
