"""What each level of agreement is worth: how often it is seen in the same, a related and another customer."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, NamedTuple

from customer_resolver.domain.recognition.levels import Level

# Changes with every change of the tables below: weights that were kept of another version are not used.
MODEL_VERSION = 2


class CardKind(StrEnum):
    """People and businesses are compared by tables of their own."""

    PERSON = "person"
    BUSINESS = "business"


class Odds(NamedTuple):
    """How often a level is seen, of all in which the part is known on both sides.

    `related` is somebody else with a tie to the customer: a housemate, a colleague, a sister company, the
    next resident. `unrelated` is replaced by the share of the value where that is known.
    """

    same: float
    related: float
    unrelated: float


Table = Mapping[Level, Odds]

_EITHER: Final = {
    Level.VAT_NUMBER_EQUAL: Odds(0.97, 0.03, 1e-7),
    Level.VAT_NUMBER_DIFFERS: Odds(0.03, 0.97, 1.0),
    Level.IBAN_EQUAL: Odds(0.85, 0.15, 1e-7),
    Level.IBAN_DIFFERS: Odds(0.15, 0.85, 1.0),
    # A shop's own numbering may run through the same numbers; that it does not agree says nothing at all.
    Level.CODE_EQUAL: Odds(0.95, 0.05, 1e-3),
}
_PERSON: Final = {
    **_EITHER,
    Level.SURNAME_EQUAL: Odds(0.93, 0.80, 1e-3),
    Level.SURNAME_CLOSE: Odds(0.04, 0.03, 4e-3),
    Level.SURNAME_PART: Odds(0.02, 0.05, 3e-3),
    Level.SURNAME_SWAPPED: Odds(0.005, 0.001, 1e-5),
    # A card for a whole household: whoever else lives there is no other customer.
    Level.SURNAME_FAMILY: Odds(0.93, 0.005, 1e-3),
    Level.SURNAME_DIFFERS: Odds(0.01, 0.12, 0.99),
    Level.FIRST_NAME_EQUAL: Odds(0.92, 0.02, 5e-3),
    Level.FIRST_NAME_FROM_EMAIL: Odds(0.92, 0.02, 5e-3),
    Level.FIRST_NAME_CALL_NAME: Odds(0.03, 0.006, 4e-3),
    Level.FIRST_NAME_CLOSE: Odds(0.03, 0.005, 6e-3),
    Level.FIRST_NAME_OTHER_INITIALS: Odds(0.02, 0.015, 5e-3),
    # Two names that the administration knows well are two people; of a name it does not know, who can tell?
    Level.FIRST_NAME_DIFFERS: Odds(0.002, 0.935, 0.98),
    Level.FIRST_NAME_UNLIKE: Odds(0.008, 0.935, 0.98),
    Level.FIRST_NAME_INITIAL: Odds(0.98, 0.10, 0.07),
    Level.FIRST_NAME_OTHER_INITIAL: Odds(0.02, 0.90, 0.93),
    Level.EMAIL_EQUAL: Odds(0.72, 0.22, 1e-5),
    Level.EMAIL_CORRECTED: Odds(0.03, 0.01, 1e-5),
    Level.EMAIL_LOCAL_PART: Odds(0.03, 0.01, 2e-5),
    Level.EMAIL_DOMAIN: Odds(0.02, 0.10, 5e-4),
    Level.EMAIL_DIFFERS: Odds(0.20, 0.66, 1.0),
    Level.ADDRESS_EQUAL: Odds(0.80, 0.72, 1e-5),
    Level.ADDRESS_WITHOUT_ADDITION: Odds(0.05, 0.05, 1e-5),
    Level.ADDRESS_NEAR: Odds(0.04, 0.02, 2e-5),
    Level.ADDRESS_STREET: Odds(0.02, 0.02, 1e-3),
    Level.ADDRESS_OTHER_ADDITION: Odds(0.01, 0.05, 1e-5),
    Level.ADDRESS_PARTLY: Odds(0.02, 0.01, 1e-4),
    Level.ADDRESS_POSTCODE: Odds(0.01, 0.04, 2e-4),
    Level.ADDRESS_DIFFERS: Odds(0.09, 0.12, 1.0),
    Level.PHONE_EQUAL: Odds(0.70, 0.25, 1e-5),
    Level.PHONE_DIFFERS: Odds(0.30, 0.75, 1.0),
}
_BUSINESS: Final = {
    **_EITHER,
    Level.COMPANY_EQUAL: Odds(0.87, 0.012, 1e-5),
    Level.COMPANY_CLOSE: Odds(0.06, 0.004, 1e-4),
    Level.COMPANY_PART: Odds(0.06, 0.02, 1e-3),
    Level.COMPANY_OTHER_FORM: Odds(0.01, 0.40, 1e-4),
    Level.COMPANY_DIFFERS: Odds(0.02, 0.46, 1.0),
    # Of orders without a company name; the related one is a person who orders from a business for himself.
    Level.COMPANY_MISSING: Odds(0.08, 0.02, 0.5),
    Level.CONTACT_EQUAL: Odds(0.50, 0.15, 1e-4),
    Level.CONTACT_SURNAME: Odds(0.10, 0.10, 1e-3),
    Level.CONTACT_DIFFERS: Odds(0.40, 0.75, 1.0),
    Level.EMAIL_EQUAL: Odds(0.62, 0.28, 1e-5),
    Level.EMAIL_CORRECTED: Odds(0.02, 0.01, 1e-5),
    Level.EMAIL_LOCAL_PART: Odds(0.01, 0.01, 2e-5),
    Level.EMAIL_DOMAIN: Odds(0.17, 0.15, 1e-4),
    Level.EMAIL_DIFFERS: Odds(0.18, 0.55, 1.0),
    Level.ADDRESS_EQUAL: Odds(0.78, 0.55, 1e-5),
    Level.ADDRESS_WITHOUT_ADDITION: Odds(0.05, 0.05, 1e-5),
    Level.ADDRESS_NEAR: Odds(0.04, 0.03, 2e-5),
    Level.ADDRESS_STREET: Odds(0.02, 0.03, 1e-3),
    Level.ADDRESS_OTHER_ADDITION: Odds(0.01, 0.05, 1e-5),
    Level.ADDRESS_PARTLY: Odds(0.02, 0.03, 1e-4),
    Level.ADDRESS_POSTCODE: Odds(0.02, 0.06, 2e-4),
    Level.ADDRESS_DIFFERS: Odds(0.10, 0.26, 1.0),
    Level.PHONE_EQUAL: Odds(0.68, 0.35, 1e-5),
    Level.PHONE_DIFFERS: Odds(0.32, 0.65, 1.0),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Weights:
    """`known`: the share of orders whose buyer is in the books; `related`: that with a tie to one."""

    person: Table
    business: Table
    known: float = 0.70
    related: float = 0.05

    def table(self, kind: CardKind) -> Table:
        return self.person if kind is CardKind.PERSON else self.business

    def as_document(self) -> dict[str, Any]:
        tables = {
            kind.value: {level.value: list(odds) for level, odds in self.table(kind).items()}
            for kind in CardKind
        }
        return {"version": MODEL_VERSION, "known": self.known, "related": self.related, **tables}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Weights":
        """ValueError or KeyError when it is none of ours; of another version, those that are shipped."""
        if document.get("version") != MODEL_VERSION:
            return PRIORS
        tables = {
            kind.value: {Level(name): Odds(*map(float, odds)) for name, odds in document[kind.value].items()}
            for kind in CardKind
        }
        return cls(known=float(document["known"]), related=float(document["related"]), **tables)


PRIORS: Final = Weights(person=_PERSON, business=_BUSINESS)
