"""Compares a buyer with one relation, part by part."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from customer_resolver.domain.recognition.address_levels import compare_addresses
from customer_resolver.domain.recognition.company_levels import compare_companies
from customer_resolver.domain.recognition.identities import Identity
from customer_resolver.domain.recognition.keys import KeyKind
from customer_resolver.domain.recognition.levels import ADDRESS_SAME, COMPANY_SAME, SURNAME_AGREES, Level
from customer_resolver.domain.recognition.mailboxes import MailboxKind
from customer_resolver.domain.recognition.name_levels import NameLevels, compare_people, known_by_email
from customer_resolver.domain.recognition.phones import is_mobile
from customer_resolver.domain.recognition.statistics import Statistics
from customer_resolver.domain.recognition.trace import Compared
from customer_resolver.domain.recognition.weights import CardKind
from customer_resolver.domain.relations import Relation

CarriersOf = Callable[[KeyKind, str], int]


@dataclass(frozen=True, slots=True)
class _Agreed:
    """A level, the share of people with the same value, and how many relations carry it, where known."""

    level: Level
    share: float | None = None
    sharers: int | None = None


class Comparison:
    """A buyer against its candidates. `carriers_of` counts the relations behind one of the buyer's values."""

    def __init__(self, buyer: Identity, statistics: Statistics, carriers_of: CarriersOf) -> None:
        self._statistics = statistics
        self._carriers_of = carriers_of
        self._buyer = buyer
        self._buyer_person = known_by_email(buyer.person, buyer.mailboxes, statistics)

    def compare(self, relation: Relation, identity: Identity) -> Compared:
        company = compare_companies(self._buyer.company, identity.company)
        kind = self._kind(identity, company)
        named = [*self._names(identity, company, kind)]
        found = [*named, *self._mailbox(identity), *self._address(identity), *self._phone(identity)]
        found.extend(self._numbers(identity))
        return Compared(
            relation_id=relation.relation_id,
            number=relation.number,
            kind=kind,
            is_active=relation.active,
            levels=tuple(each.level for each in found),
            shares={each.level: each.share for each in found if each.share is not None},
            sharers={each.level: each.sharers for each in found if each.sharers is not None},
            is_household=kind is CardKind.PERSON and identity.person.is_family,
            is_role_mailbox=any(mailbox.kind is MailboxKind.ROLE for mailbox in self._buyer.mailboxes),
            lacks_company=kind is CardKind.BUSINESS and not self._buyer.is_business,
            has_same_mobile=any(is_mobile(phone) for phone in self._buyer.phones if phone in identity.phones),
            is_name_cut=identity.company.is_cut,
            names_other_company=kind is CardKind.PERSON and self._buyer.is_business,
        )

    def _kind(self, identity: Identity, company: Level | None) -> CardKind:
        if identity.is_business:
            return CardKind.BUSINESS
        is_named = company is not None and company is not Level.COMPANY_DIFFERS
        return CardKind.BUSINESS if is_named else CardKind.PERSON

    def _names(self, identity: Identity, company: Level | None, kind: CardKind) -> Iterator[_Agreed]:
        if kind is CardKind.BUSINESS:
            if company is not None:
                carriers = self._carriers_of(KeyKind.COMPANY, self._buyer.company.key)
                share = self._statistics.carried_share(carriers) if company in COMPANY_SAME else None
                yield _Agreed(company, share if company is Level.COMPANY_EQUAL else None)
            elif not self._buyer.is_business:
                yield _Agreed(Level.COMPANY_MISSING)
            yield from self._contact(identity)
            return
        people = (identity.person, *identity.contacts)
        known = [known_by_email(person, identity.mailboxes, self._statistics) for person in people]
        best = max(
            (compare_people(self._buyer_person, person, self._statistics) for person in known),
            key=NameLevels.rank,
        )
        if best.surname is not None:
            is_counted = best.surname is Level.SURNAME_EQUAL
            surname = self._buyer_person.name.surname
            is_family = is_counted and identity.person.is_family
            level = Level.SURNAME_FAMILY if is_family else best.surname
            yield _Agreed(level, self._statistics.surname_share(surname) if is_counted else None)
        if best.first_name is not None:
            is_counted = best.first_name in (Level.FIRST_NAME_EQUAL, Level.FIRST_NAME_FROM_EMAIL)
            first_name = self._buyer_person.first_name
            yield _Agreed(
                best.first_name, self._statistics.first_name_share(first_name) if is_counted else None
            )

    def _contact(self, identity: Identity) -> Iterator[_Agreed]:
        buyer = self._buyer_person
        if not buyer.name.surname:
            return
        in_name = buyer.name.surname in identity.company.core
        if not identity.contacts:
            if in_name:
                yield _Agreed(Level.CONTACT_SURNAME)
            return
        known = [known_by_email(person, identity.mailboxes, self._statistics) for person in identity.contacts]
        best = max((compare_people(buyer, person, self._statistics) for person in known), key=NameLevels.rank)
        if best.surname in SURNAME_AGREES:
            is_person = best.first_name is not None and best.first_name.agrees
            yield _Agreed(Level.CONTACT_EQUAL if is_person else Level.CONTACT_SURNAME)
        else:
            yield _Agreed(Level.CONTACT_SURNAME if in_name else Level.CONTACT_DIFFERS)

    def _mailbox(self, identity: Identity) -> Iterator[_Agreed]:
        theirs = {mailbox.address: mailbox for mailbox in identity.mailboxes}
        if not self._buyer.mailboxes or not theirs:
            return
        for ours in self._buyer.mailboxes:
            if (same := theirs.get(ours.address)) is not None:
                corrected = ours.was_corrected != same.was_corrected
                level = Level.EMAIL_CORRECTED if corrected else Level.EMAIL_EQUAL
                yield self._carried(level, KeyKind.EMAIL, ours.address)
                return
        for ours in self._buyer.mailboxes:
            if ours.telling_local and any(ours.local == each.local for each in identity.mailboxes):
                yield _Agreed(Level.EMAIL_LOCAL_PART)
                return
            domain = ours.business_domain
            if domain and any(domain == each.business_domain for each in identity.mailboxes):
                yield self._carried(Level.EMAIL_DOMAIN, KeyKind.DOMAIN, domain)
                return
        yield _Agreed(Level.EMAIL_DIFFERS)

    def _address(self, identity: Identity) -> Iterator[_Agreed]:
        found = compare_addresses(self._buyer.addresses, identity.addresses)
        if found is None:
            return
        level, place = found
        if level in ADDRESS_SAME and level not in (Level.ADDRESS_NEAR, Level.ADDRESS_STREET) and place:
            yield self._carried(level, KeyKind.PLACE, place)
        else:
            yield _Agreed(level)

    def _phone(self, identity: Identity) -> Iterator[_Agreed]:
        if not self._buyer.phones or not identity.phones:
            return
        shared = [phone for phone in self._buyer.phones if phone in identity.phones]
        if shared:
            yield self._carried(Level.PHONE_EQUAL, KeyKind.PHONE, shared[0])
        elif _kinds(self._buyer.phones) & _kinds(identity.phones):
            yield _Agreed(Level.PHONE_DIFFERS)

    def _numbers(self, identity: Identity) -> Iterator[_Agreed]:
        ours, theirs = self._buyer.vat_id, identity.vat_id
        if ours and theirs and ours.number == theirs.number:
            yield _Agreed(Level.VAT_NUMBER_EQUAL)
        elif ours and theirs and ours.may_be_old == theirs.may_be_old:
            yield _Agreed(Level.VAT_NUMBER_DIFFERS)
        if self._buyer.iban and identity.iban:
            is_equal = self._buyer.iban == identity.iban
            yield _Agreed(Level.IBAN_EQUAL if is_equal else Level.IBAN_DIFFERS)
        if self._buyer.code is not None and self._buyer.code == identity.code:
            yield _Agreed(Level.CODE_EQUAL)

    def _carried(self, level: Level, kind: KeyKind, value: str) -> _Agreed:
        carriers = self._carriers_of(kind, value)
        return _Agreed(level, self._statistics.carried_share(carriers), max(carriers, 1))


def _kinds(phones: Iterable[str]) -> set[bool]:
    return {is_mobile(phone) for phone in phones}
