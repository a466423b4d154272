"""How bookkeepers write people and firms down as SnelStart relations."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from bench.matching.firms import Firm, with_form
from bench.matching.people import Household, Person
from bench.matching.places import Place
from bench.matching.spelling import case_forms, misheard, number_forms, phone_forms, postcode_forms

NAME_LENGTH_MAX = 50
NETHERLANDS = str(uuid5(NAMESPACE_URL, "https://b2bapi.snelstart.nl/v2/landen/NL"))
MAIN, SISTER = 0, 1

WITHOUT_EMAIL = 0.15
WITHOUT_PHONE = 0.40
# Of those that have an e-mail address: nobody keeps a card with a name alone.
WITHOUT_ADDRESS = 0.03
DUPLICATES = 0.015
OF_FAMILY = 0.03
INITIALS_ONLY = 0.38


@dataclass(slots=True)
class Card:
    """A relation and the members of the site (slots of people, or MAIN and SISTER) whose orders it is for."""

    relation: dict[str, Any]
    owners: tuple[int, ...]
    initials_only: bool = False

    @property
    def email(self) -> str:
        return str(self.relation.get("email", ""))

    def shows_phone(self, digits: str) -> bool:
        written = (self.relation.get(name, "") for name in ("telefoon", "mobieleTelefoon"))
        return any(re.sub(r"\D", "", one).endswith(digits[1:]) for one in written)

    @property
    def has_address(self) -> bool:
        return "vestigingsAdres" in self.relation


def cards_of(rng: Random, site: Household | Firm) -> list[Card]:
    """All cards of a site, duplicates and inactive ones included; ids and numbers are given later."""
    made = list(_household_cards(rng, site) if isinstance(site, Household) else _firm_cards(rng, site))
    if rng.random() < DUPLICATES:
        made.append(_duplicate(rng, site, made[0]))
    return made


def _household_cards(rng: Random, household: Household) -> Iterator[Card]:
    main = household.people[0]
    if rng.random() < OF_FAMILY and len(household.people) > 1:
        name = f"{rng.choice(('Fam.', 'Familie', 'fam'))} {main.full_surname}"
        everyone = tuple(
            slot for slot, person in enumerate(household.people) if person.surname.startswith(main.surname)
        )
        yield Card(_person_relation(rng, household, main, name), everyone)
        return
    yield _person_card(rng, household, 0)
    if household.adults > 1 and rng.random() < 0.10:
        yield _person_card(rng, household, 1)


def _person_card(rng: Random, household: Household, slot: int) -> Card:
    person = household.people[slot]
    initials_only = rng.random() < INITIALS_ONLY
    name = initials_name(rng, person) if initials_only else full_name(rng, person)
    return Card(_person_relation(rng, household, person, name), (slot,), initials_only)


def initials_name(rng: Random, person: Person) -> str:
    """One of eight styles that show no first name."""
    dotted = ".".join(person.initials) + "."
    spaced = ". ".join(person.initials) + "."
    whole, last, particles = person.full_surname, person.surname, person.particles
    title = "Mevr." if person.woman else "Dhr."
    return rng.choice(
        (
            f"{dotted} {whole}",
            f"{dotted}{whole[0].upper()}{whole[1:]}",
            f"{spaced} {whole}",
            f"{person.initials} {whole}",
            f"{last}, {dotted} {particles}".strip(),
            f"{last} {dotted} {particles}".strip(),
            f"{title} {dotted} {whole}",
            f"{person.initials[0]} {whole}",
        )
    )


def full_name(rng: Random, person: Person) -> str:
    whole, last, particles = person.full_surname, person.surname, person.particles
    draw = rng.random()
    if draw < 0.72:
        return f"{person.call_name} {whole}"
    if draw < 0.82:
        return f"{last}, {person.call_name} {particles}".strip()
    if draw < 0.88:
        return f"{'Mevrouw' if person.woman else 'De heer'} {person.call_name} {whole}"
    if draw < 0.93:
        return f"{person.call_name} {person.initials[-1]}. {whole}"
    return case_forms(rng, f"{whole} {person.call_name}") if draw < 0.96 else f"{person.call_name} {last}"


def _person_relation(rng: Random, household: Household, person: Person, name: str) -> dict[str, Any]:
    relation = {"relatiesoort": ["Klant"], "naam": name[:NAME_LENGTH_MAX], "nonactief": False}
    if rng.random() >= WITHOUT_EMAIL:
        relation["email"] = person.email
    if not ("email" in relation and rng.random() < WITHOUT_ADDRESS):
        relation |= _address(rng, household.place, rng.choice(("", "", "", "", name)))
    relation |= _phones(rng, household.landline, person.mobile, mobile_share=0.7)
    return relation


def _firm_cards(rng: Random, firm: Firm) -> Iterator[Card]:
    yield Card(_firm_relation(rng, firm, _firm_name(rng, firm)), (MAIN,))
    if firm.sister_word and rng.random() < 0.4:
        # Cut where it still tells which of the two companies it is.
        ending = firm.sister_name.removeprefix(firm.name)
        relation = _firm_relation(rng, firm, firm.name[: NAME_LENGTH_MAX - len(ending)] + ending)
        relation.pop("btwNummer", None)
        relation.pop("kvkNummer", None)
        yield Card(relation, (SISTER,))


def _firm_name(rng: Random, firm: Firm) -> str:
    draw = rng.random()
    if draw < 0.72:
        return firm.legal_name
    if draw < 0.84:
        return firm.name
    if draw < 0.92:
        return with_form(firm.name, firm.form.replace(".", ""))
    return case_forms(rng, misheard(rng, firm.name)) if draw < 0.95 else firm.legal_name.upper()


def _firm_relation(rng: Random, firm: Firm, name: str) -> dict[str, Any]:
    contact = firm.people[0]
    contact_name = rng.choice((f"{contact.call_name} {contact.full_surname}", initials_name(rng, contact)))
    relation = {"relatiesoort": ["Klant"], "naam": name[:NAME_LENGTH_MAX], "nonactief": False}
    if rng.random() < 0.06:
        relation["correspondentieAdres"] = {
            "straat": f"Postbus {firm.index % 9000 + 10}",
            "postcode": f"{firm.place.postcode[:4]} AB",
            "plaats": firm.place.town,
            "land": {"id": NETHERLANDS},
        }
    if rng.random() >= WITHOUT_EMAIL:
        relation["email"] = firm.mailbox if rng.random() < 0.96 else f"{firm.mailbox};{firm.billing_mailbox}"
    if not ("email" in relation and rng.random() < WITHOUT_ADDRESS):
        relation |= _address(rng, firm.place, contact_name if rng.random() < 0.55 else "")
    if rng.random() < 0.2:
        relation["factuurEmailVersturen"] = {"shouldSend": True, "email": firm.billing_mailbox, "ccEmail": ""}
    relation |= _phones(rng, firm.landline, contact.mobile, mobile_share=0.3)
    if rng.random() < 0.5:
        relation["btwNummer"] = firm.vat_number.removeprefix("NL")
    if rng.random() < 0.4:
        relation["kvkNummer"] = firm.kvk_number
    return relation


def _address(rng: Random, place: Place, contact: str) -> dict[str, Any]:
    address = {
        "straat": f"{place.street} {number_forms(rng, place)}"[:NAME_LENGTH_MAX],
        "postcode": postcode_forms(rng, place.postcode),
        "plaats": case_forms(rng, place.town),
        "land": {"id": NETHERLANDS},
    }
    if contact:
        address["contactpersoon"] = contact[:NAME_LENGTH_MAX]
    return {"vestigingsAdres": address}


def _phones(rng: Random, landline: str, mobile: str, *, mobile_share: float) -> dict[str, str]:
    if rng.random() < WITHOUT_PHONE:
        return {}
    if rng.random() < 0.1:
        return {"telefoon": phone_forms(rng, landline), "mobieleTelefoon": phone_forms(rng, mobile)}
    if rng.random() >= mobile_share:
        return {"telefoon": phone_forms(rng, landline)}
    return {rng.choice(("telefoon", "mobieleTelefoon")): phone_forms(rng, mobile)}


def _duplicate(rng: Random, site: Household | Firm, card: Card) -> Card:
    """The same customer once more, written down anew; one in five is an old card that is inactive."""
    if isinstance(site, Firm):
        again = Card(_firm_relation(rng, site, _firm_name(rng, site)), (MAIN,))
    elif len(card.owners) > 1:
        again = Card(_person_relation(rng, site, site.people[0], card.relation["naam"]), card.owners)
    else:
        again = _person_card(rng, site, card.owners[0])
    if rng.random() < 0.2:
        again.relation["nonactief"] = True
        again.owners = ()
    return again


def system_cards() -> list[dict[str, Any]]:
    """What every administration holds besides its customers."""
    return [
        {"id": str(uuid5(NAMESPACE_URL, f"system:{code}")), "relatiecode": code, "naam": name}
        | {"relatiesoort": [kind], "nonactief": False, "modifiedOn": "2020-01-01T00:00:00"}
        for code, name, kind in (
            (-1, "Leverancier onbekend", "Leverancier"),
            (-2, "Klant onbekend", "Klant"),
            (1, "Onze Eigen Webwinkel B.V.", "Eigen"),
        )
    ]


def relation_id(rng: Random) -> str:
    return str(UUID(int=rng.getrandbits(128), version=4))
