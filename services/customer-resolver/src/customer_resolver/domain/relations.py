"""A relation of the administration, as the mirror knows it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class RelationRole(StrEnum):
    """CUSTOMER may be booked on; OTHER is a supplier; SYSTEM is SnelStart's own ('Eigen', "unknown")."""

    CUSTOMER = "customer"
    OTHER = "other"
    SYSTEM = "system"


@dataclass(frozen=True, kw_only=True, slots=True)
class RelationAddress:
    """As the card has it: `street` includes the house number; any part may be an empty text.

    `country_code` has two letters, or is empty when the card names no country.
    """

    contact: str = ""
    street: str = ""
    postcode: str = ""
    city: str = ""
    country_code: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Relation:
    """`number` is the relatiecode, `modified_on` has no zone at the source.

    `emails` are all that the card has, normalised; `phones` are as they were typed. `correspondence` is the
    second address, empty when there is none; `coc_number` is the Dutch KvK number. `invoice_relation_id` is
    the relation that gets the invoices of this one.
    """

    relation_id: str
    number: int
    name: str
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    address: RelationAddress = RelationAddress()
    correspondence: RelationAddress = RelationAddress()
    vat_number: str | None = None
    coc_number: str | None = None
    iban: str | None = None
    active: bool = True
    role: RelationRole = RelationRole.CUSTOMER
    invoice_relation_id: str | None = None
    modified_on: datetime | None = None

    @property
    def bookable(self) -> bool:
        return self.active and self.role is RelationRole.CUSTOMER

    @property
    def postcode(self) -> str:
        return self.address.postcode

    @property
    def country_code(self) -> str | None:
        return self.address.country_code or None
