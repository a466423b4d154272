"""Whether a card says the same as the shop, however either spells it."""

from enum import Enum

from customer_resolver.domain.buyers import Buyer
from customer_resolver.domain.recognition.address_levels import compare_addresses
from customer_resolver.domain.recognition.addresses import NormalAddress, read_address
from customer_resolver.domain.recognition.companies import read_company
from customer_resolver.domain.recognition.company_levels import compare_companies
from customer_resolver.domain.recognition.levels import FIRST_NAME_OTHER, Level
from customer_resolver.domain.recognition.mailboxes import MailboxKind, read_mailbox
from customer_resolver.domain.recognition.name_levels import KnownPerson, compare_people
from customer_resolver.domain.recognition.persons import read_person
from customer_resolver.domain.recognition.phones import read_phone
from customer_resolver.domain.recognition.statistics import NO_STATISTICS

_SAME_COMPANY = frozenset({Level.COMPANY_EQUAL, Level.COMPANY_CLOSE})
_SAME_SURNAME = frozenset({Level.SURNAME_EQUAL, Level.SURNAME_CLOSE, Level.SURNAME_SWAPPED})


class NameComparison(Enum):
    """The name on a card beside the buyer's: FULLER when the shop's says more, CONFLICT for someone else."""

    EQUAL = "equal"
    FULLER = "fuller"
    CONFLICT = "conflict"


def compare_names(card_name: str, buyer: Buyer) -> NameComparison:
    """A buyer without any name conflicts with nobody."""
    card_company = read_company(card_name)
    if buyer.company:
        same = compare_companies(read_company(buyer.company), card_company) in _SAME_COMPANY
        return NameComparison.EQUAL if same else NameComparison.CONFLICT
    if not buyer.person:
        return NameComparison.EQUAL
    if card_company.is_business:
        return NameComparison.CONFLICT
    ours, theirs = read_person(buyer.person), read_person(card_name)
    levels = compare_people(KnownPerson(ours), KnownPerson(theirs), NO_STATISTICS)
    if levels.surname not in _SAME_SURNAME or levels.first_name in FIRST_NAME_OTHER:
        return NameComparison.CONFLICT
    says_more = ours.first and not theirs.first and not theirs.is_family
    return NameComparison.FULLER if says_more else NameComparison.EQUAL


def is_renamed(name_then: str, name_now: str) -> bool:
    """Whether a card is somebody else's now: neither its surname nor its company is what it was."""
    if name_then == name_now:
        return False
    company_then, company_now = read_company(name_then), read_company(name_now)
    same_company = compare_companies(company_now, company_then) in _SAME_COMPANY
    if company_then.is_business or company_now.is_business:
        return not same_company
    then, now = KnownPerson(read_person(name_then)), KnownPerson(read_person(name_now))
    same_surname = compare_people(now, then, NO_STATISTICS).surname in _SAME_SURNAME
    return not (same_company or same_surname)


def is_relayed(email: str) -> bool:
    """An address that a marketplace or a mail service made up for one order: nobody's own."""
    mailbox = read_mailbox(email)
    return mailbox is not None and mailbox.kind is MailboxKind.RELAY


def same_email(first: str, second: str) -> bool:
    ours, theirs = read_mailbox(first), read_mailbox(second)
    return first == second or (ours is not None and theirs is not None and ours.address == theirs.address)


def same_phone(first: str, second: str, country_code: str) -> bool:
    ours, theirs = read_phone(first, country_code), read_phone(second, country_code)
    return first == second or (bool(ours) and ours == theirs)


def same_door(first: NormalAddress, second: NormalAddress) -> bool:
    """One front door; a card without the addition of the house number is not the same."""
    if first == second:
        return True
    found = compare_addresses((first,), (second,))
    return found is not None and found[0] is Level.ADDRESS_EQUAL


def door_of(street_line: str, postcode: str, country_code: str) -> NormalAddress:
    """`street_line` includes the house number."""
    return read_address(street_line, "", postcode, country_code)
