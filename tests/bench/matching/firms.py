"""Invented firms with their mailboxes, numbers and the people who order for them."""

from dataclasses import dataclass, field
from random import Random

from bench.matching.people import MEMBERS_MAX, Person
from bench.matching.places import Place, landline, mobile
from bench.matching.spelling import ascii_letters
from bench.matching.words import first_name, surname, words

LEGAL_FORMS = (*["B.V."] * 50, *["BV"] * 8, *["V.O.F."] * 9, *["VOF"] * 2, "N.V.", "C.V.", *["Stichting"] * 5)
SISTER_WORDS = ("Holding", "Beheer", "Vastgoed", "Groep")
BOOKKEEPERS = 400
_ROLES = (*["info"] * 8, "contact", "administratie", "inkoop", "bestellingen", "verkoop")


@dataclass(slots=True)
class Firm:
    """`name` is what it is called without its legal form; `form` is empty for a one-man business.

    `sister_word` is set when a second company of the same owner is at the same address, phone and mailbox.
    """

    index: int
    place: Place
    name: str
    form: str
    sister_word: str
    domain: str
    mailbox: str
    billing_mailbox: str
    landline: str
    kvk_number: str
    vat_number: str
    people: list[Person]
    is_at_bookkeeper: bool
    emails: list[str] = field(default_factory=list)

    @property
    def legal_name(self) -> str:
        return with_form(self.name, self.form)

    @property
    def sister_name(self) -> str:
        return f"{self.name} {self.sister_word} B.V."


def with_form(name: str, form: str) -> str:
    return f"Stichting {name}" if form == "Stichting" else f"{name} {form}".strip()


def make_firm(rng: Random, index: int, place: Place) -> Firm:
    name = _firm_name(rng, place)
    form = rng.choice(LEGAL_FORMS) if rng.random() < 0.75 else ""
    domain = _domain(name, index)
    people = [_employee(rng, index, slot, domain) for slot in range(rng.choice((1, 1, 2, 2, 3, 4)))]
    draw = rng.random()
    is_at_bookkeeper = draw < 0.03
    if is_at_bookkeeper:
        mailbox = f"facturen@kantoor-{rng.randrange(BOOKKEEPERS)}.nl"
    elif draw < 0.60:
        mailbox = f"{rng.choice(_ROLES)}@{domain}"
    elif draw < 0.85:
        mailbox = people[0].email
    else:
        mailbox = f"{domain.partition('.')[0]}@{rng.choice(('gmail.com', 'hotmail.com', 'kpnmail.nl'))}"
    firm = Firm(
        index=index,
        place=place,
        name=name,
        form=form,
        sister_word=rng.choice(SISTER_WORDS) if rng.random() < 0.05 and form in {"B.V.", "BV"} else "",
        domain=domain,
        mailbox=mailbox,
        billing_mailbox=f"{rng.choice(('facturen', 'administratie', 'crediteuren'))}@{domain}",
        landline=landline(index),
        kvk_number=f"{10_000_000 + index * 7_368_787 % 79_999_999}",
        vat_number=vat_number(index, legal_person=bool(form)),
        people=people,
        is_at_bookkeeper=is_at_bookkeeper,
    )
    firm.emails = [person.email for person in people]
    if not is_at_bookkeeper and mailbox not in firm.emails:
        firm.emails.append(mailbox)
    return firm


def _firm_name(rng: Random, place: Place) -> str:
    trade = rng.choice(words("trades"))
    particles, name = surname(rng)
    owner = f"{particles} {name}".strip()
    draw = rng.random()
    if draw < 0.45:
        return f"{trade} {owner[0].upper()}{owner[1:]}"
    if draw < 0.6:
        return f"{name} {trade}"
    if draw < 0.85:
        return f"{rng.choice(words('brands'))} {trade} {place.town}"
    if draw < 0.93:
        return f"{rng.choice(words('brands'))} {name}"
    return f"{trade} {first_name(rng, woman=rng.random() < 0.5)} {owner} en {surname(rng)[1]} {place.town}"


def _domain(name: str, index: int) -> str:
    """Each firm a domain of its own: the number keeps two of one name apart."""
    letters = "".join(ascii_letters(word).lower() for word in name.split())[:24]
    return f"{letters}{index}.nl"


def _employee(rng: Random, index: int, slot: int, domain: str) -> Person:
    woman = rng.random() < 0.45
    call_name = first_name(rng, woman=woman)
    particles, name = surname(rng)
    local = ascii_letters(call_name).lower()
    joined = ascii_letters(f"{particles}{name}".replace(" ", "")).lower()
    email = f"{rng.choice((local, f'{local[0]}.{joined}', f'{local}.{joined}'))}@{domain}"
    number = mobile(index * MEMBERS_MAX + slot)
    return Person(call_name, ascii_letters(call_name[0]).upper(), particles, name, woman, number, email)


def vat_number(index: int, *, legal_person: bool) -> str:
    """A number whose check digits are right: the 11-test for legal persons, modulo 97 for others."""
    if not legal_person:
        return _with_check_of_97(100_000_000 + index * 7_368_787 % 899_999_999)
    base = 10_000_000 + index * 7_368_787 % 79_999_999
    while (check := sum(int(digit) * (9 - i) for i, digit in enumerate(str(base))) % 11) == 10:
        base += 1
    return f"NL{base}{check}B01"


def _with_check_of_97(base: int) -> str:
    # Letters count as their place in the alphabet plus nine: N 23, L 21, B 11.
    check = next(two for two in range(2, 99) if int(f"2321{base:09}11{two:02}") % 97 == 1)
    return f"NL{base:09}B{check:02}"
