"""What a buyer is known again by, once it was decided who they are."""

import hashlib
from collections.abc import Iterator

from customer_resolver.domain.buyers import Buyer
from customer_resolver.domain.recognition.addresses import read_address
from customer_resolver.domain.recognition.companies import read_company
from customer_resolver.domain.recognition.company_levels import compare_companies
from customer_resolver.domain.recognition.keys import NORMAL_FORM_VERSION
from customer_resolver.domain.recognition.levels import Level
from customer_resolver.domain.recognition.mailboxes import MailboxKind, read_mailbox
from customer_resolver.domain.recognition.numbers import read_vat_id
from customer_resolver.domain.recognition.persons import read_person
from customer_resolver.domain.relations import Relation


def memory_keys(buyer: Buyer, administration_id: str) -> tuple[int, ...]:
    """Signed integers of 64 bits, the strongest first; none for a buyer of whom too little is certain.

    An e-mail address alone is no key: a housemate uses it too. Relayed addresses are never in one.
    """
    return tuple(_hashed(administration_id, *parts) for parts in _parts(buyer))


def contradicts(then: Buyer, now: Buyer, relation: Relation) -> bool:
    """Whether a buyer of the same keys is another business all the same.

    `then` is the buyer of the decision: with another legal form, or another VAT number than the card's, a
    decision about the one says nothing about the other.
    """
    form = compare_companies(read_company(now.company), read_company(then.company))
    if form is Level.COMPANY_OTHER_FORM:
        return True
    if now.vat_number is None:
        return False
    ours = read_vat_id(now.vat_number.number, now.address.country_code)
    theirs = read_vat_id(relation.vat_number, relation.country_code or "")
    if ours is None or theirs is None:
        return False
    # Sole traders got another number in 2020; the old one still stands in books.
    return ours.may_be_old == theirs.may_be_old and ours.number != theirs.number


def _parts(buyer: Buyer) -> Iterator[tuple[str, ...]]:
    if buyer.account_id:
        yield "account", buyer.account_id
    mailbox = None if buyer.email is None else read_mailbox(buyer.email)
    if mailbox is not None and mailbox.kind is MailboxKind.RELAY:
        mailbox = None
    person, company = read_person(buyer.person), read_company(buyer.company).key
    if mailbox is not None and person.surname:
        yield "email", mailbox.address, person.surname
    place = read_address(
        buyer.address.street, buyer.address.house_number, buyer.address.postcode, buyer.address.country_code
    )
    name = company or f"{person.first or person.initials}|{person.surname}"
    if place.postcode and place.number and (company or (person.surname and person.initials)):
        yield "name", name, place.country, place.place, place.addition
    if mailbox is not None and mailbox.business_domain and company:
        yield "company", company, mailbox.business_domain


def _hashed(administration_id: str, *parts: str) -> int:
    text = "\x1f".join((str(NORMAL_FORM_VERSION), administration_id, "memory", *parts))
    digest = hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)
