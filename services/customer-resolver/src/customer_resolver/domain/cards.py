"""The card of a new customer: what the shop knows of a buyer, cut to what SnelStart takes."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from customer_resolver.domain.buyers import Address, Buyer
from customer_resolver.domain.relations import Relation
from customer_resolver.domain.same import is_relayed
from customer_resolver.domain.wording import shortened, tidy, units

# SnelStart developer portal, foutcodes: REL-0007, REL-0013, REL-0020 to REL-0023.
NAME_UNITS_MAX = 50
CONTACT_UNITS_MAX = 50
PHONE_UNITS_MAX = 25
STREET_UNITS_MAX = 50
POSTCODE_UNITS_MAX = 25
CITY_UNITS_MAX = 50

NAME_SHORTENED = "shortened.name"
EMAIL_RELAYED = "without.relayed_email"


class CardField(StrEnum):
    """A part that a card can do without."""

    ADDRESS = "address"
    EMAIL = "email"
    PHONE = "phone"
    VAT_NUMBER = "vat_number"
    IBAN = "iban"


@dataclass(frozen=True, kw_only=True, slots=True)
class CardAddress:
    """Complete or absent: SnelStart refuses an address with a hole in it (REL-0060)."""

    contact: str
    street: str
    postcode: str
    city: str
    country_code: str


@dataclass(frozen=True, kw_only=True, slots=True)
class NewCard:
    """What is asked of SnelStart. `notes` says what the buyer gave that is not on it, or not whole."""

    name: str
    email: str | None = None
    phone: str | None = None
    vat_number: str | None = None
    iban: str | None = None
    address: CardAddress | None = None
    notes: tuple[str, ...] = ()

    def without(self, field: CardField) -> "NewCard":
        """The same card less a field that SnelStart refused."""
        changes: dict[str, Any] = {field.value: None, "notes": (*self.notes, _left_out(field))}
        return replace(self, **changes)

    def has(self, field: CardField) -> bool:
        return getattr(self, field.value) is not None

    def became(self, relation: Relation) -> bool:
        """Whether this relation is what was asked for: name, e-mail and postcode are equal."""
        emails = set() if self.email is None else {self.email}
        postcode = "" if self.address is None else self.address.postcode
        return (
            _folded(relation.name) == _folded(self.name)
            and set(relation.emails) == emails
            and _folded(relation.postcode) == _folded(postcode)
        )


def compose_card(buyer: Buyer, country_codes: Collection[str]) -> NewCard | None:
    """The card for a buyer; `country_codes` are those that the administration knows.

    None when the buyer has neither company, name nor e-mail address: there is nothing to call the card.
    """
    company, person = tidy(buyer.company), tidy(buyer.person)
    full_name = company or person or buyer.email
    if not full_name:
        return None
    own_email = None if buyer.email is None or is_relayed(buyer.email) else buyer.email
    card = NewCard(
        name=company_on_card(company) or person_on_card(person) or shortened(full_name, NAME_UNITS_MAX),
        email=own_email,
        phone=_compose_phone(buyer.phone),
        vat_number=buyer.vat_number.number if buyer.vat_number and buyer.vat_number_fits_address else None,
        iban=buyer.iban.number if buyer.iban and buyer.iban.valid else None,
        address=_compose_address(buyer, country_codes),
    )
    shortening = () if card.name == full_name else (NAME_SHORTENED,)
    relayed = (EMAIL_RELAYED,) if own_email != buyer.email else ()
    return replace(card, notes=(*shortening, *relayed, *_what_is_missing(buyer, card)))


def as_on_card(buyer: Buyer) -> Buyer:
    """The buyer with the names that a card of theirs would have, so that a long one is recognised again."""
    return replace(buyer, company=company_on_card(buyer.company), person=person_on_card(buyer.person))


def company_on_card(name: str) -> str:
    """Cut between words: the beginning of a company's name tells more than its end."""
    return shortened(name, NAME_UNITS_MAX)


def person_on_card(name: str) -> str:
    """Given names become initials, the last of them first, before anything of the surname is cut."""
    words = name.split()
    given = next((index for index, word in enumerate(words) if index and word[:1].islower()), len(words) - 1)
    for index in reversed(range(given)):
        if units(" ".join(words)) <= NAME_UNITS_MAX:
            break
        words[index] = f"{words[index][:1]}."
    return shortened(" ".join(words), NAME_UNITS_MAX)


def _what_is_missing(buyer: Buyer, card: NewCard) -> Iterator[str]:
    given = {
        CardField.ADDRESS: buyer.address != Address(country_code=buyer.address.country_code),
        CardField.PHONE: bool(tidy(buyer.phone)),
        CardField.VAT_NUMBER: buyer.vat_number is not None,
        CardField.IBAN: buyer.iban is not None,
    }
    return (_left_out(field) for field, was_given in given.items() if was_given and not card.has(field))


def _compose_address(buyer: Buyer, country_codes: Collection[str]) -> CardAddress | None:
    address = buyer.address
    composed = CardAddress(
        contact=shortened(tidy(buyer.person), CONTACT_UNITS_MAX) if tidy(buyer.company) else "",
        street=_street_line(tidy(address.street), tidy(address.house_number)),
        postcode=tidy(address.postcode).upper(),
        city=shortened(tidy(address.city), CITY_UNITS_MAX),
        country_code=address.country_code,
    )
    complete = (
        bool(composed.street and composed.city)
        and 0 < units(composed.postcode) <= POSTCODE_UNITS_MAX
        and composed.country_code in country_codes
    )
    return composed if complete else None


def _street_line(street: str, house_number: str) -> str:
    """Street and house number in one; when that is too long the street is cut: the number finds the door."""
    number = shortened(house_number, STREET_UNITS_MAX // 2)
    if not street or not number:
        return shortened(street, STREET_UNITS_MAX)
    return f"{shortened(street, STREET_UNITS_MAX - units(number) - 1)} {number}"


def _compose_phone(text: str) -> str | None:
    phone = tidy(text)
    if units(phone) > PHONE_UNITS_MAX:
        phone = "".join(character for character in phone if character in "+0123456789")
    return phone if 0 < units(phone) <= PHONE_UNITS_MAX else None


def _left_out(field: CardField) -> str:
    return f"without.{field.value}"


def _folded(text: str) -> str:
    return "".join(text.split()).casefold()
