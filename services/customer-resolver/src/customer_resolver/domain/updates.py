"""What a shop's order changes on the card of a known customer."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace

from customer_resolver.domain.buyers import Buyer
from customer_resolver.domain.cards import CardAddress, CardField, NewCard, compose_card
from customer_resolver.domain.relations import Relation, RelationAddress
from customer_resolver.domain.same import (
    NameComparison,
    compare_names,
    door_of,
    same_door,
    same_email,
    same_phone,
)

NAME = "name"
"""The part that every card has; the others are those of CardField."""

# The words of an explanation; each has its sentence in sconnect.texts under `explanation`.
NOT_UPDATED_FAX = "not_updated.fax"
NOT_UPDATED_NAME = "not_updated.name"
NOT_UPDATED_OLDER_ORDER = "not_updated.older_order"
NOT_UPDATED_REFUSED = "not_updated.refused"
# Of a preview, followed by the part of the card: `would_update.phone`.
WOULD_UPDATE = "would_update"


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldChange:
    """Personal data, for the order's trail only; `field` is NAME or one of CardField."""

    field: str
    old: str
    new: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CardUpdate:
    """New values by the part of the card that gets them; parts that are not here stay as they are.

    `notes` say what the shop knows and the card did not get.
    """

    values: Mapping[str, str | CardAddress] = field(default_factory=dict)
    changes: tuple[FieldChange, ...] = ()
    notes: tuple[str, ...] = ()

    def without(self, refused: CardField) -> "CardUpdate":
        """The same update less a part that SnelStart refused."""
        return replace(
            self,
            values={part: value for part, value in self.values.items() if part != refused},
            changes=tuple(change for change in self.changes if change.field != refused.value),
            notes=(*self.notes, f"not_updated.{refused.value}"),
        )

    def with_note(self, note: str) -> "CardUpdate":
        return CardUpdate(notes=(*self.notes, note))


def plan_update(buyer: Buyer, relation: Relation, country_codes: Collection[str]) -> CardUpdate:
    """What the shop knows better than the card. Nothing is ever erased, and nothing only spelled anew.

    A card of another name is left alone: whoever shares an e-mail address with a customer is not that
    customer. A VAT number and an IBAN are filled in and never replaced: another number may be another
    company, or another's bank account.
    """
    named = compare_names(relation.name, buyer)
    if named is NameComparison.CONFLICT:
        return CardUpdate(notes=(NOT_UPDATED_NAME,))
    wanted = compose_card(buyer, country_codes)
    if wanted is None:
        return CardUpdate()
    values = dict(_better_values(wanted, relation, names_more=named is NameComparison.FULLER))
    values = _only_fitting_vat_number(values, relation)
    changes = tuple(
        FieldChange(field=str(part), old=_shown_old(relation, part), new=_shown(value))
        for part, value in values.items()
    )
    return CardUpdate(values=values, changes=changes)


def _better_values(
    wanted: NewCard, relation: Relation, *, names_more: bool
) -> Iterator[tuple[str, str | CardAddress]]:
    if names_more and wanted.name != relation.name:
        yield NAME, wanted.name
    if wanted.email and not any(same_email(wanted.email, known) for known in relation.emails):
        yield CardField.EMAIL, wanted.email
    country = relation.country_code or ""
    if wanted.phone and not any(same_phone(wanted.phone, known, country) for known in relation.phones):
        yield CardField.PHONE, wanted.phone
    if (address := wanted.address) is not None and not _same_address(address, relation.address):
        yield CardField.ADDRESS, address
    if wanted.vat_number and not relation.vat_number:
        yield CardField.VAT_NUMBER, wanted.vat_number
    if wanted.iban and not relation.iban:
        yield CardField.IBAN, wanted.iban


def _same_address(wanted: CardAddress, known: RelationAddress) -> bool:
    """The city does not count: the post office and the land register disagree on many."""
    new_contact = bool(wanted.contact) and not known.contact
    if not (known.street or known.postcode):
        return False
    ours = door_of(wanted.street, wanted.postcode, wanted.country_code)
    theirs = door_of(known.street, known.postcode, known.country_code or wanted.country_code)
    return same_door(ours, theirs) and not new_contact


def _only_fitting_vat_number(
    values: dict[str, str | CardAddress], relation: Relation
) -> dict[str, str | CardAddress]:
    """SnelStart refuses a number of another country than the address's (REL-0087)."""
    number = values.get(CardField.VAT_NUMBER)
    address = values.get(CardField.ADDRESS)
    country = address.country_code if isinstance(address, CardAddress) else relation.country_code or "NL"
    if isinstance(number, str) and number[:2].replace("EL", "GR") != country:
        del values[CardField.VAT_NUMBER]
    return values


def _shown_old(relation: Relation, part: str) -> str:
    old = {
        NAME: relation.name,
        CardField.EMAIL: next(iter(relation.emails), ""),
        CardField.PHONE: ", ".join(relation.phones),
        CardField.ADDRESS: _shown(relation.address),
    }
    return old.get(part, "")


def _shown(value: str | CardAddress | RelationAddress) -> str:
    if isinstance(value, str):
        return value
    parts = (
        value.contact,
        value.street,
        f"{value.postcode} {value.city}".strip(),
        value.country_code,
    )
    return ", ".join(part for part in parts if part)
