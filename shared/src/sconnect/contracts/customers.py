"""The customer in the books that an order belongs to, as the resolver decided."""

from enum import StrEnum

from sconnect.contracts.base import Wire


class CustomerOrigin(StrEnum):
    """How this customer was found."""

    MATCHED = "matched"
    CREATED = "created"
    COLLECTIVE = "collective"
    CREDITED_ORDER = "credited_order"
    REMEMBERED = "remembered"
    DECIDED = "decided"


class CardChange(Wire):
    """One part of a customer's card that was brought up to date; an empty `old` was filled in."""

    field: str
    old: str
    new: str


class ResolvedCustomer(Wire):
    """`relation_id` and `number` are SnelStart's id and relatiecode.

    `explanation` names what agreed and `differs` what did not, in words with a text of their own; `changes`
    are what this order changed on the customer's card.
    """

    relation_id: str
    number: int
    origin: CustomerOrigin
    explanation: str
    vat_number: str | None = None
    country_code: str | None = None
    differs: tuple[str, ...] = ()
    changes: tuple[CardChange, ...] = ()
