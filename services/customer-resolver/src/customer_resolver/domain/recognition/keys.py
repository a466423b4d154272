"""Candidate keys: small hashes that a buyer and its relation very likely share."""

import hashlib
from collections.abc import Iterator
from enum import StrEnum

from customer_resolver.domain.buyers import Buyer
from customer_resolver.domain.recognition.addresses import NormalAddress
from customer_resolver.domain.recognition.identities import Identity, identity_of_buyer, identity_of_relation
from customer_resolver.domain.recognition.persons import PersonName
from customer_resolver.domain.recognition.words import sound_of, spelled
from customer_resolver.domain.relations import Relation

# Keys of another version find nothing: who keeps keys keeps this number, and makes new ones when it differs.
NORMAL_FORM_VERSION = 2

# A key that more relations carry says too little to look them all up.
CARRIERS_MAX = 60

_SOUNDS_OF_SURNAME_MIN = 2
_COMPANY_START_CHARACTERS = 5


class KeyKind(StrEnum):
    """What a key is made of; its letter goes into the hash."""

    EMAIL = "e"
    LOCAL_PART = "l"
    DOMAIN = "d"
    PLACE = "a"
    PLACE_IN_STREET = "r"
    POSTCODE_SURNAME = "s"
    NUMBER_SURNAME = "n"
    POSTCODE_FIRST_NAME = "v"
    NUMBER_FIRST_NAME = "m"
    AREA_NAME = "i"
    PHONE = "t"
    VAT_ID = "b"
    IBAN = "o"
    CODE = "c"
    NAME = "w"
    COMPANY = "f"
    AREA_COMPANY = "g"


def keys_of_buyer(buyer: Buyer, administration_id: str) -> frozenset[int]:
    """What to look a buyer up by, in one administration; signed integers of 64 bits."""
    return frozenset(keyed(identity_of_buyer(buyer), administration_id).values())


def keys_of_relation(relation: Relation, administration_id: str) -> frozenset[int]:
    """What a relation can be found by, in one administration; signed integers of 64 bits."""
    return frozenset(keyed(identity_of_relation(relation), administration_id).values())


def keyed(identity: Identity, administration_id: str) -> dict[tuple[KeyKind, str], int]:
    """The keys of an identity by what they are made of.

    Two values may have one hash: whoever is found is compared anyway, so that costs nothing but time.
    """
    values = dict.fromkeys(_values(identity))
    return {(kind, value): hashed(kind, value, administration_id) for kind, value in values}


def hashed(kind: KeyKind, value: str, administration_id: str) -> int:
    """A hash that holds for one administration and one normal form."""
    text = f"{NORMAL_FORM_VERSION}\x1f{administration_id}\x1f{kind}\x1f{value}"
    digest = hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)


def _values(identity: Identity) -> Iterator[tuple[KeyKind, str]]:
    yield from _values_of_mailboxes(identity)
    for address in identity.addresses:
        yield from _values_of_address(address, identity)
    yield from ((KeyKind.PHONE, phone) for phone in identity.phones)
    if identity.vat_id:
        yield KeyKind.VAT_ID, identity.vat_id.number
    if identity.iban:
        yield KeyKind.IBAN, identity.iban
    if identity.code:
        yield KeyKind.CODE, str(identity.code)
    for person in (identity.person, *identity.contacts):
        if person.first and person.surname:
            # The same for a name that was written the other way around.
            yield KeyKind.NAME, "|".join(sorted((person.surname, spelled(person.first))))
    if identity.company.key:
        yield KeyKind.COMPANY, identity.company.key


def _values_of_mailboxes(identity: Identity) -> Iterator[tuple[KeyKind, str]]:
    yield from ((KeyKind.EMAIL, relay.address) for relay in identity.relays)
    for mailbox in identity.mailboxes:
        yield KeyKind.EMAIL, mailbox.address
        if mailbox.telling_local:
            yield KeyKind.LOCAL_PART, mailbox.telling_local
        if mailbox.business_domain:
            yield KeyKind.DOMAIN, mailbox.business_domain


def _values_of_address(address: NormalAddress, identity: Identity) -> Iterator[tuple[KeyKind, str]]:
    country = address.country
    if address.place:
        yield KeyKind.PLACE, address.place
    if address.postcode and address.street and address.number:
        yield KeyKind.PLACE_IN_STREET, f"{address.street_start}|{address.number}|{address.area[:2]}"
    for person in (identity.person, *identity.contacts):
        for sound, initial in _sounds(person):
            if address.postcode:
                yield KeyKind.POSTCODE_SURNAME, f"{address.postcode}|{sound}"
                yield KeyKind.AREA_NAME, f"{country}{address.area}|{sound}|{initial}"
            if address.number and address.street:
                yield KeyKind.NUMBER_SURNAME, f"{address.number}|{sound}|{address.street_start[:4]}"
        if person.first and address.postcode:
            yield KeyKind.POSTCODE_FIRST_NAME, f"{address.postcode}|{person.first}"
        if person.first and address.number and address.street:
            yield KeyKind.NUMBER_FIRST_NAME, f"{address.number}|{person.first}|{address.street_start[:4]}"
    if identity.is_business and identity.company.key and address.postcode:
        yield KeyKind.AREA_COMPANY, f"{address.area}|{identity.company.key[:_COMPANY_START_CHARACTERS]}"


def _sounds(person: PersonName) -> Iterator[tuple[str, str]]:
    """The sound of the surname and of each of its halves, with an initial."""
    for word in dict.fromkeys((person.surname, *person.parts)):
        sound = sound_of(word)
        if len(sound) >= _SOUNDS_OF_SURNAME_MIN or len(word) == len(sound) > 0:
            yield sound, person.initials[:1]
