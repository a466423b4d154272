"""A buyer and a relation in one normal form, so that each part can be compared with its counterpart."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from customer_resolver.domain.buyers import Address, Buyer
from customer_resolver.domain.recognition.addresses import NormalAddress, read_address
from customer_resolver.domain.recognition.companies import CompanyName, read_company
from customer_resolver.domain.recognition.mailboxes import Mailbox, MailboxKind, read_mailbox
from customer_resolver.domain.recognition.numbers import (
    VatId,
    read_coc_number,
    read_code,
    read_iban,
    read_vat_id,
)
from customer_resolver.domain.recognition.persons import NOBODY, PersonName, read_person
from customer_resolver.domain.recognition.phones import read_phone
from customer_resolver.domain.relations import Relation, RelationAddress

_NO_COMPANY = CompanyName()


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity:
    """Everything of one side that is compared; empty where it is not known.

    `company` is the business named, and for a relation whatever its name is; `person` is a buyer's name, or a
    relation's name read as a person's; `contacts` are the people that a relation names besides.
    `is_business` when the data say so. `relays` are mailboxes that
    forward: they are found, but are no evidence.
    """

    company: CompanyName = _NO_COMPANY
    person: PersonName = NOBODY
    contacts: tuple[PersonName, ...] = ()
    is_business: bool = False
    mailboxes: tuple[Mailbox, ...] = ()
    relays: tuple[Mailbox, ...] = ()
    addresses: tuple[NormalAddress, ...] = ()
    phones: tuple[str, ...] = ()
    vat_id: VatId | None = None
    iban: str = ""
    code: int | None = None


@lru_cache(maxsize=256)
def identity_of_buyer(buyer: Buyer) -> Identity:
    """The buyer's invoice side, with the delivery address and telephone as second ones."""
    emails = () if buyer.email is None else (buyer.email,)
    places = [buyer.address]
    phones = [(buyer.phone, buyer.address.country_code)]
    if buyer.delivery is not None:
        places.append(buyer.delivery.address)
        phones.append((buyer.delivery.phone, buyer.delivery.address.country_code))
    return Identity(
        company=read_company(buyer.company) if buyer.company else _NO_COMPANY,
        person=read_person(buyer.person),
        is_business=bool(buyer.company),
        mailboxes=_mailboxes(emails, relayed=False),
        relays=_mailboxes(emails, relayed=True),
        addresses=_distinct(_address_of_buyer(place) for place in places),
        phones=_phones(phones),
        vat_id=read_vat_id(buyer.vat_number.number, buyer.address.country_code) if buyer.vat_number else None,
        iban=read_iban(buyer.iban.number) if buyer.iban else "",
        code=read_code(buyer.customer_code),
    )


@lru_cache(maxsize=1_024)
def identity_of_relation(relation: Relation) -> Identity:
    """Both addresses of the card, every e-mail address and telephone number."""
    places = (relation.address, relation.correspondence)
    country = relation.address.country_code
    company = read_company(relation.name)
    contacts = tuple(dict.fromkeys(read_person(place.contact) for place in places if place.contact))
    vat_id = read_vat_id(relation.vat_number, country)
    coc_number = read_coc_number(relation.coc_number)
    return Identity(
        company=company,
        person=read_person(relation.name),
        contacts=contacts,
        is_business=company.is_business or bool(coc_number or vat_id),
        mailboxes=_mailboxes(relation.emails, relayed=False),
        relays=_mailboxes(relation.emails, relayed=True),
        addresses=_distinct(_address_of_relation(place) for place in places),
        phones=_phones([(phone, country) for phone in relation.phones]),
        vat_id=vat_id,
        iban=read_iban(relation.iban),
        code=relation.number if relation.number > 0 else None,
    )


def _address_of_buyer(address: Address) -> NormalAddress:
    return read_address(address.street, address.house_number, address.postcode, address.country_code)


def _address_of_relation(address: RelationAddress) -> NormalAddress:
    return read_address(address.street, "", address.postcode, address.country_code)


def _distinct(addresses: Iterable[NormalAddress]) -> tuple[NormalAddress, ...]:
    known = (address for address in addresses if address.postcode or address.street or address.number)
    return tuple(dict.fromkeys(known))


def _mailboxes(emails: tuple[str, ...], *, relayed: bool) -> tuple[Mailbox, ...]:
    read = (read_mailbox(email) for email in emails)
    kept = (mailbox for mailbox in read if mailbox and (mailbox.kind is MailboxKind.RELAY) is relayed)
    return tuple(dict.fromkeys(kept))


def _phones(phones: list[tuple[str, str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, (read_phone(text, country) for text, country in phones))))
