"""Orders of people and firms that have no card; the hard ones look like somebody who has."""

from dataclasses import replace

from bench.matching.firms import BOOKKEEPERS, Firm
from bench.matching.firms_with_card import any_firm
from bench.matching.firms_with_card import ordinary as ordinary_of_firm
from bench.matching.people import MEMBERS_MAX, Household, Person
from bench.matching.people_with_card import (
    Customer,
    any_customer,
    new_private_email,
    relay_email,
)
from bench.matching.places import Place, mobile
from bench.matching.purchases import Kind, Purchase, any_phone, typed_name
from bench.matching.world import FIRST_NUMBER, HAS_SISTER, World


def new_person(world: World) -> Purchase:
    household = world.stranger(Household)
    person = household.people[0]
    phone = any_phone(world.rng, person, household)
    return Purchase(typed_name(world.rng, person), household.place, person.email, phone)


def new_person_through_a_relay(world: World) -> Purchase:
    return replace(new_person(world), email=relay_email(world))


def new_firm(world: World) -> Purchase:
    firm = world.stranger(Firm)
    buyer = firm.people[0]
    phone = any_phone(world.rng, buyer, firm, mobile_share=0.4)
    return Purchase(typed_name(world.rng, buyer), firm.place, firm.mailbox, phone, firm.legal_name)


def housemate_with_own_email(world: World) -> Purchase:
    customer, housemate = _housemate(world)
    phone = any_phone(world.rng, housemate, customer.household, mobile_share=0.7)
    return Purchase(typed_name(world.rng, housemate), customer.household.place, housemate.email, phone)


def housemate_with_the_customers_email(world: World) -> Purchase:
    customer, housemate = _housemate(world, needs_email=True)
    phone = any_phone(world.rng, customer.person, customer.household, mobile_share=0.5)
    return Purchase(typed_name(world.rng, housemate), customer.household.place, customer.person.email, phone)


def housemate_with_the_same_initial(world: World) -> Purchase:
    customer, housemate = _housemate(world, same_initial=True)
    phone = any_phone(world.rng, housemate, customer.household, mobile_share=0.7)
    return Purchase(typed_name(world.rng, housemate), customer.household.place, housemate.email, phone)


def housemate_through_a_relay(world: World) -> Purchase:
    customer, housemate = _housemate(world)
    phone = any_phone(world.rng, housemate, customer.household, mobile_share=0.5)
    return Purchase(typed_name(world.rng, housemate), customer.household.place, relay_email(world), phone)


def namesake_in_the_street(world: World) -> Purchase:
    customer = any_customer(world, lambda found: found.card.has_address)
    return _namesake(world, customer, customer.household.place.neighbour(world.rng))


def namesake_elsewhere(world: World) -> Purchase:
    return _namesake(world, any_customer(world), world.new_place())


def new_resident(world: World) -> Purchase:
    customer = any_customer(world, lambda found: found.card.has_address)
    return replace(new_person(world), place=customer.household.place)


def recycled_phone(world: World) -> Purchase:
    customer = any_customer(world, lambda found: found.card.shows_phone(found.person.mobile))
    household = world.stranger(Household)
    return Purchase(
        typed_name(world.rng, household.people[0]),
        household.place,
        household.people[0].email,
        customer.person.mobile,
    )


def code_of_somebody_else(world: World) -> Purchase:
    """The shop's own customer numbers happen to be the relation codes of others."""
    code = FIRST_NUMBER + world.rng.randrange(world.card_count)
    make = new_person if world.rng.random() < 0.75 else new_firm
    return replace(make(world), code=str(code))


def new_firm_at_a_known_address(world: World) -> Purchase:
    return replace(new_firm(world), place=any_firm(world, lambda one: one.card.has_address).firm.place)


def sister_company(world: World) -> Purchase:
    found = any_firm(world, lambda one: not one.has_sister_card, wanted=HAS_SISTER)
    purchase = ordinary_of_firm(world, found)
    return replace(purchase, company=found.firm.sister_name, vat_number="", truth=[])


def new_firm_at_a_bookkeeper(world: World) -> Purchase:
    return replace(new_firm(world), email=f"facturen@kantoor-{world.rng.randrange(BOOKKEEPERS)}.nl")


def _housemate(
    world: World, *, same_initial: bool = False, needs_email: bool = False
) -> tuple[Customer, Person]:
    """A customer and somebody of the household for whom no card is."""
    while True:
        customer = any_customer(world, lambda found: len(found.household.people) > 1)
        if needs_email and not customer.card.email:
            continue
        owners = {slot for card in customer.cards for slot in card.owners}
        others = [
            person
            for slot, person in enumerate(customer.household.people)
            if slot not in owners and (not same_initial or _looks_alike(person, customer.person))
        ]
        if others:
            return customer, world.rng.choice(others)


def _looks_alike(one: Person, other: Person) -> bool:
    same_name = one.surname == other.surname and one.call_name != other.call_name
    return same_name and one.initials[0] == other.initials[0]


def _namesake(world: World, customer: Customer, where: Place) -> Purchase:
    person = customer.person
    number = mobile(world.new_number() * MEMBERS_MAX)
    phone = number if world.rng.random() < 0.88 else ""
    return Purchase(typed_name(world.rng, person), where, new_private_email(world, person), phone)


HARD_KINDS = (
    Kind("hard: housemate, own e-mail", 3.0, housemate_with_own_email),
    Kind("hard: housemate, customer's e-mail", 0.8, housemate_with_the_customers_email),
    Kind("hard: housemate, same initial", 0.6, housemate_with_the_same_initial),
    Kind("hard: housemate, relay address", 0.5, housemate_through_a_relay),
    Kind("hard: namesake in the street", 0.7, namesake_in_the_street),
    Kind("hard: namesake elsewhere", 1.8, namesake_elsewhere),
    Kind("hard: new resident", 1.2, new_resident),
    Kind("hard: recycled phone", 0.6, recycled_phone),
    Kind("hard: code of somebody else", 0.8, code_of_somebody_else),
    Kind("hard: new firm at a known address", 0.6, new_firm_at_a_known_address),
    Kind("hard: sister company", 0.7, sister_company),
    Kind("hard: new firm at a bookkeeper", 0.3, new_firm_at_a_bookkeeper),
)
EASY_KINDS = (
    Kind("new person", 8.0, new_person),
    Kind("new person, relay address", 1.0, new_person_through_a_relay),
    Kind("new firm", 2.5, new_firm),
)
