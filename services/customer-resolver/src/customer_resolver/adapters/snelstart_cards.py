"""Cards as SnelStart takes them, and what it says about those it does not take."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import phonenumbers

from customer_resolver.domain.cards import CardAddress, CardField, NewCard
from customer_resolver.domain.updates import NAME
from customer_resolver.ports import CardRefused, ExistingCard
from sconnect.snelstart import SnelstartRefused, VendorProblem

# SnelStart developer portal, foutcodes: which part of a card a refusal is about.
_FIELD_OF_CODE = {
    **dict.fromkeys(("REL-0057", "REL-0058", "REL-0059", "REL-0087", "REL-0088"), CardField.VAT_NUMBER),
    **dict.fromkeys(("REL-0011",), CardField.IBAN),
    **dict.fromkeys(("REL-0012", "REL-0013"), CardField.PHONE),
    **dict.fromkeys(
        ("REL-0020", "REL-0021", "REL-0022", "REL-0023", "REL-0055", "REL-0060"), CardField.ADDRESS
    ),
    "REL-0061": CardField.EMAIL,
}
# Refusals of the model binder have no code but name the property: "relatie.vestigingsAdres.straat".
_FIELD_OF_PROPERTY = {
    "btwnummer": CardField.VAT_NUMBER,
    "iban": CardField.IBAN,
    "telefoon": CardField.PHONE,
    "mobieletelefoon": CardField.PHONE,
    "vestigingsadres": CardField.ADDRESS,
    "email": CardField.EMAIL,
}
SHORTEST_VALUE_HIDDEN = 3

# What GET shows and PUT does not take, or ignores.
_READ_ONLY = frozenset(
    {
        "fax",
        "uri",
        "modifiedOn",
        "documents",
        "extraVeldenKlant",
        "inkoopBoekingenUri",
        "verkoopBoekingenUri",
    }
)
_PROPERTY_OF_PART = {
    NAME: "naam",
    CardField.EMAIL: "email",
    CardField.VAT_NUMBER: "btwNummer",
    CardField.IBAN: "iban",
}
_MOBILE_KINDS = (phonenumbers.PhoneNumberType.MOBILE,)


def write_card(card: NewCard, number: int, country_ids: Mapping[str, str]) -> dict[str, Any]:
    """The body of a POST."""
    body = {
        "relatiesoort": ["Klant"],
        "relatiecode": number,
        "naam": card.name,
        "email": card.email,
        **({_phone_property(card.phone): card.phone} if card.phone else {}),
        "btwNummer": card.vat_number,
        "iban": card.iban,
        "vestigingsAdres": None if card.address is None else _write_address(card.address, country_ids),
    }
    return {name: value for name, value in body.items() if value is not None}


def merge_card(
    card: ExistingCard, values: Mapping[str, str | CardAddress], country_ids: Mapping[str, str]
) -> dict[str, Any]:
    """The body of a PUT, which replaces the whole card: all that was read, with the new values."""
    body = {name: _sendable(value) for name, value in card.content.items() if name not in _READ_ONLY}
    for part, value in values.items():
        if isinstance(value, CardAddress):
            known = body.get("vestigingsAdres") or {}
            body["vestigingsAdres"] = {**known, **_write_address(value, country_ids)}
        elif part == CardField.PHONE:
            body[_phone_property(value)] = value
        else:
            body[_PROPERTY_OF_PART[part]] = value
    return body


def _phone_property(number: str) -> str:
    """A mobile number has a place of its own on the card."""
    try:
        kind = phonenumbers.number_type(phonenumbers.parse(number, "NL"))
    except phonenumbers.NumberParseException:
        return "telefoon"
    return "mobieleTelefoon" if kind in _MOBILE_KINDS else "telefoon"


def _write_address(address: CardAddress, country_ids: Mapping[str, str]) -> dict[str, Any]:
    written = {
        "straat": address.street,
        "postcode": address.postcode,
        "plaats": address.city,
        "land": {"id": country_ids[address.country_code]},
    }
    return {**written, "contactpersoon": address.contact} if address.contact else written


def _sendable(value: Any) -> Any:
    """As it was read, amounts as the texts that SnelStart takes as well."""
    match value:
        case Decimal():
            return str(value)
        case dict():
            return {name: _sendable(part) for name, part in value.items()}
        case list():
            return [_sendable(part) for part in value]
        case _:
            return value


def card_refused(refusal: SnelstartRefused, texts: tuple[str | None, ...]) -> CardRefused:
    """`texts` are what was sent of the buyer: no sentence of the vendor may repeat them."""
    fields = [_field_of(problem) for problem in refusal.problems]
    first = refusal.problems[0]
    return CardRefused(
        code=first.code or "-",
        message=_without_values(first.message, texts),
        fields=frozenset(field for field in fields if field) if all(fields) else frozenset(),
    )


def texts_of_card(card: NewCard) -> tuple[str | None, ...]:
    address = () if card.address is None else _texts_of_address(card.address)
    return (card.name, card.email, card.phone, card.vat_number, card.iban, *address)


def texts_of_values(values: Mapping[str, str | CardAddress]) -> tuple[str | None, ...]:
    return tuple(
        text
        for value in values.values()
        for text in (_texts_of_address(value) if isinstance(value, CardAddress) else (value,))
    )


def _texts_of_address(address: CardAddress) -> tuple[str, ...]:
    return (address.street, address.postcode, address.city, address.contact)


def _field_of(problem: VendorProblem) -> CardField | None:
    if problem.code is not None:
        return _FIELD_OF_CODE.get(problem.code)
    parts = (problem.field or "").lower().split(".")
    return next((_FIELD_OF_PROPERTY[part] for part in parts if part in _FIELD_OF_PROPERTY), None)


def _without_values(message: str, texts: tuple[str | None, ...]) -> str:
    """The vendor's sentence without the buyer's data, should it repeat them: it goes into logs and lists."""
    for value in texts:
        if value and len(value) >= SHORTEST_VALUE_HIDDEN:
            message = message.replace(value, "…")
    return message
