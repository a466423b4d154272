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


class ResolvedCustomer(Wire):
    """`relation_id` and `number` are SnelStart's id and relatiecode; `explanation` names what agreed."""

    relation_id: str
    number: int
    origin: CustomerOrigin
    explanation: str
    vat_number: str | None = None
    country_code: str | None = None
