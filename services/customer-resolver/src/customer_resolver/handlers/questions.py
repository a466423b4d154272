"""What is asked about an order's customer, and what is answered."""

from dataclasses import dataclass
from datetime import UTC, datetime, time

from customer_resolver.domain.buyers import Buyer
from customer_resolver.domain.cards import NewCard, as_on_card
from customer_resolver.domain.claiming import claim_keys
from customer_resolver.domain.decisions import PersonsDecision, Rules, UseCustomer
from customer_resolver.domain.recognition import keys_of_buyer
from customer_resolver.domain.recognition.trace import Trace
from customer_resolver.domain.relations import Relation
from customer_resolver.domain.updates import FieldChange
from customer_resolver.handlers.buyers import read_buyer, read_decision, read_rules
from customer_resolver.ports import OrderReference, OrderVersion
from sconnect.clock import SHOP_TIME_ZONE
from sconnect.contracts import Amendment, CreditedOrder, CustomerOrigin, SalesOrder
from sconnect.ids import deterministic_id
from sconnect.profiles import StoredProfile

NUMBER_DIGITS_MAX = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """Everything about an order that decides who its customer is.

    `keys` are all that the buyer can be found by, in one administration, and `claim_keys` what an order of
    the same buyer shares; `decided_by` is who took the decision.
    """

    version: OrderVersion
    order_number: str
    buyer: Buyer
    keys: frozenset[int]
    claim_keys: frozenset[int]
    credited: CreditedOrder | None
    rules: Rules
    decision: PersonsDecision | None = None
    decided_by: str | None = None

    @property
    def reference(self) -> OrderReference:
        return self.version.order

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
    """`levels` are the words of the explanation, `differs` those of what does not agree.

    Each has its sentence in sconnect.texts. `changes` are what was changed on the customer's card.
    """

    relation: Relation
    origin: CustomerOrigin
    levels: tuple[str, ...]
    differs: tuple[str, ...] = ()
    changes: tuple[FieldChange, ...] = ()
    trace: Trace | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ForeseenCard:
    """Nobody is recognised: this card would be made."""

    card: NewCard
    levels: tuple[str, ...]


Foreseen = Answer | ForeseenCard


def question_about(
    order: SalesOrder, stored: StoredProfile, *, replay: int = 0, amendment: Amendment | None = None
) -> Question:
    """Reads what travels between the services; whatever is unusable in it is empty, nothing raises."""
    buyer = read_buyer(order, code_field=stored.profile.customers.customer_code_field)
    decision = read_decision(amendment)
    reference = OrderReference(profile=stored.profile.name, uuid=order.uuid)
    return Question(
        version=OrderVersion(
            order=reference,
            revision=order.revision,
            replay=replay,
            placed_at=_placed_at(order),
        ),
        order_number=order.number,
        buyer=buyer,
        keys=keys_of_buyer(as_on_card(buyer), stored.administration_id),
        claim_keys=claim_keys(as_on_card(buyer), stored.administration_id) or _order_key(reference),
        credited=order.credits,
        rules=read_rules(stored.profile),
        decision=decision,
        decided_by=amendment.decided_by if amendment is not None and decision is not None else None,
    )


def _order_key(reference: OrderReference) -> frozenset[int]:
    """That of a buyer of whom nothing is known: the order's own."""
    digits = deterministic_id("claim", reference.profile, reference.uuid).replace("-", "")
    return frozenset({int(digits[:15], 16)})


def _placed_at(order: SalesOrder) -> datetime:
    placed = datetime.combine(order.placed_on, order.placed_at or time(0), SHOP_TIME_ZONE)
    return placed.astimezone(UTC)
