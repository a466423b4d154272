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
class Relation:
    """`number` is the relatiecode, `emails` are normalised; `modified_on` has no zone at the source."""

    relation_id: str
    number: int
    name: str
    emails: tuple[str, ...] = ()
    postcode: str = ""
    vat_number: str | None = None
    country_code: str | None = None
    active: bool = True
    role: RelationRole = RelationRole.CUSTOMER
    modified_on: datetime | None = None

    @property
    def bookable(self) -> bool:
        return self.active and self.role is RelationRole.CUSTOMER
