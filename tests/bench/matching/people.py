"""Invented persons and the households in which they live."""

from dataclasses import dataclass, field
from random import Random

from bench.matching.places import Place, landline, mobile
from bench.matching.spelling import ascii_letters
from bench.matching.words import first_name, formal_names, surname

FREE_DOMAINS = (
    *["gmail.com"] * 38,
    *["hotmail.com"] * 14,
    *["outlook.com"] * 8,
    *["live.nl"] * 7,
    *["ziggo.nl"] * 8,
    *["kpnmail.nl"] * 4,
    *["icloud.com"] * 6,
    *["home.nl"] * 3,
    *["planet.nl"] * 3,
    *["hetnet.nl"] * 2,
    *["xs4all.nl"] * 2,
    *["yahoo.com"] * 3,
    *["kpnplanet.nl"] * 1,
    *["caiway.nl"] * 1,
)
MEMBERS_MAX = 8
_LOCAL_PARTS = (
    *["{first}.{joined}"] * 18,
    *["{first}{joined}"] * 12,
    *["{first}_{joined}{year}"] * 6,
    *["{first}{last}{digits}"] * 10,
    *["{first}.{initials}.{last}"] * 3,
    *["{first}{digits}"] * 6,
    *["{joined}.{first}"] * 4,
    *["{initials}.{joined}"] * 8,
    *["{initial}{joined}"] * 8,
    *["{initial}.{joined}{year}"] * 5,
    *["fam{joined}{digits}"] * 3,
    *["{nickname}{digits}{initial}"] * 10,
)
_NICKNAMES = ("zonnetje", "bikerboy", "snoepje", "voetbalfan", "tuinkabouter", "strandjutter", "poezenmoeder")


@dataclass(slots=True)
class Person:
    """`initials` are letters without dots; `birth_name` is set where a partner's name is used."""

    call_name: str
    initials: str
    particles: str
    surname: str
    woman: bool
    mobile: str
    email: str = ""
    birth_name: str = ""

    @property
    def full_surname(self) -> str:
        return f"{self.particles} {self.surname}".strip()


@dataclass(slots=True)
class Household:
    """People at one address; `adults` of them, then the children who live there."""

    index: int
    place: Place
    people: list[Person]
    adults: int
    landline: str
    emails: list[str] = field(default_factory=list)

    def set_emails(self) -> None:
        self.emails = [person.email for person in self.people]


def make_household(rng: Random, index: int, place: Place) -> Household:
    first = _person(rng, index, 0, surname(rng))
    people = [first]
    if rng.random() < 0.6:
        people.append(_partner(rng, index, first))
    adults = len(people)
    if rng.random() < (0.45 if adults == 2 else 0.12):
        names = (first.particles, first.surname)
        people += [_person(rng, index, adults + i, names) for i in range(rng.choice((1, 1, 2, 2, 3)))]
    _tell_apart(rng, people)
    for person in people:
        person.email = private_email(rng, person)
    household = Household(index, place, people, adults, landline(index))
    household.set_emails()
    return household


def _tell_apart(rng: Random, people: list[Person]) -> None:
    """Nobody in a household is called like another: no data could tell the two apart."""
    called: set[str] = set()
    for person in people:
        while person.call_name in called:
            person.call_name = first_name(rng, woman=person.woman)
            person.initials = ascii_letters(person.call_name[0]).upper() + person.initials[1:]
        called.add(person.call_name)


def _person(rng: Random, index: int, slot: int, names: tuple[str, str]) -> Person:
    woman = rng.random() < 0.5
    call_name = first_name(rng, woman=woman)
    formal = formal_names().get(call_name, call_name)
    if rng.random() < 0.04:
        formal = first_name(rng, woman=woman)
    more = [first_name(rng, woman=woman)[0] for _ in range(rng.choice((0, 0, 0, 1, 1, 2)))]
    initials = ascii_letters("".join([formal[0], *more])).upper()
    return Person(call_name, initials, *names, woman, mobile(index * MEMBERS_MAX + slot))


def _partner(rng: Random, index: int, first: Person) -> Person:
    """Half of the partners keep their own name, the others take the first one's, alone or before theirs."""
    particles, own = surname(rng)
    partner = _person(rng, index, 1, (particles, own))
    draw = rng.random()
    if draw < 0.35:
        partner.birth_name = partner.full_surname
        partner.particles, partner.surname = first.particles, first.surname
    elif draw < 0.5:
        partner.birth_name = partner.full_surname
        partner.particles = first.particles
        partner.surname = f"{first.surname}-{partner.full_surname}"
    return partner


def private_email(rng: Random, person: Person) -> str:
    """An address as people choose them; seven in ten show the first name, one in eight shows no name."""
    first = ascii_letters(person.call_name).lower()
    last = ascii_letters(person.surname.partition("-")[0]).lower()
    joined = ascii_letters(person.particles.replace(" ", "")).lower() + last
    initials = person.initials.lower()
    if rng.random() < 0.05:
        return f"{first}@{joined}-{initials}.nl"
    local = rng.choice(_LOCAL_PARTS).format(
        first=first,
        last=last,
        joined=joined,
        initials=initials,
        initial=initials[0],
        year=rng.randint(50, 99),
        digits=rng.randint(1, 9999),
        nickname=rng.choice(_NICKNAMES),
    )
    return f"{local}@{rng.choice(FREE_DOMAINS)}"
