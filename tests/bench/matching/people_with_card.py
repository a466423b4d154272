"""Orders of persons who have a card: plain ones, and those that life made harder to recognise."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from bench.matching.cards import Card
from bench.matching.people import Household, Person, private_email
from bench.matching.purchases import Kind, Purchase, any_phone, typed_name
from bench.matching.spelling import ascii_letters, glued_number, misheard, slip
from bench.matching.words import formal_names
from bench.matching.world import SEVERAL_CARDS, World

RELAYS = (
    "verkopen.bol.com",
    "verkopen.bol.com",
    "verkopen.bol.com",
    "marketplace.amazon.nl",
    "privaterelay.appleid.com",
    "duck.com",
    "mozmail.com",
)


@dataclass(slots=True)
class Customer:
    """A member of a household who has a card; `truth` are all active cards of this person."""

    household: Household
    slot: int
    card: Card
    truth: list[str]
    cards: list[Card]

    @property
    def person(self) -> Person:
        return self.household.people[self.slot]


def any_customer(
    world: World, fits: Callable[[Customer], bool] = lambda _: True, *, wanted: int = 0
) -> Customer:
    while True:
        index = world.any_site(wanted, firm=False)
        household = world.site(index)
        assert isinstance(household, Household)
        cards = world.cards_of(index)
        card = world.rng.choice([card for card in cards if card.owners])
        slot = world.rng.choice(card.owners)
        truth = [one.relation["id"] for one in cards if slot in one.owners]
        customer = Customer(household, slot, card, truth, cards)
        if fits(customer):
            return customer


def ordinary(world: World, customer: Customer) -> Purchase:
    """The customer orders with the data of today, which the card may lack."""
    person = customer.person
    return Purchase(
        name=typed_name(world.rng, person),
        place=customer.household.place,
        email=person.email,
        phone=any_phone(world.rng, person, customer.household),
        truth=customer.truth,
    )


def new_private_email(world: World, person: Person) -> str:
    while not world.claim(email := private_email(world.rng, person)):
        continue
    return email


def relay_email(world: World) -> str:
    alias = f"{world.rng.getrandbits(56):014x}"
    return f"{alias}@{world.rng.choice(RELAYS)}"


def plain(world: World) -> Purchase:
    return ordinary(world, any_customer(world))


def with_initials(world: World) -> Purchase:
    customer = any_customer(world)
    name = f"{'.'.join(customer.person.initials)}. {customer.person.full_surname}"
    return replace(ordinary(world, customer), name=name)


def new_email(world: World) -> Purchase:
    customer = any_customer(world)
    return replace(ordinary(world, customer), email=new_private_email(world, customer.person))


def new_email_and_phone(world: World) -> Purchase:
    return replace(new_email(world), phone="")


def moved(world: World) -> Purchase:
    return replace(plain(world), place=world.new_place())


def moved_without_phone(world: World) -> Purchase:
    return replace(moved(world), phone="")


def moved_with_new_email(world: World) -> Purchase:
    return replace(new_email(world), place=world.new_place())


def moved_with_everything_new(world: World) -> Purchase:
    return replace(moved_with_new_email(world), phone="")


def moved_into_a_customers_house(world: World) -> Purchase:
    return replace(plain(world), place=any_customer(world).household.place)


def surname_misspelt(world: World) -> Purchase:
    customer = any_customer(world)
    spoil = misheard if world.rng.random() < 0.6 else slip
    name = f"{customer.person.call_name} {customer.person.particles}".strip()
    return replace(ordinary(world, customer), name=f"{name} {spoil(world.rng, customer.person.surname)}")


def first_name_misspelt(world: World) -> Purchase:
    customer = any_customer(world)
    name = f"{slip(world.rng, customer.person.call_name)} {customer.person.full_surname}"
    return replace(ordinary(world, customer), name=name)


def email_misspelt(world: World) -> Purchase:
    purchase = plain(world)
    local, _, domain = purchase.email.partition("@")
    if world.rng.random() < 0.4:
        return replace(
            purchase, email=f"{local}@{slip(world.rng, domain.partition('.')[0])}.{domain.split('.')[-1]}"
        )
    return replace(purchase, email=f"{slip(world.rng, local)}@{domain}")


def postcode_misspelt(world: World) -> Purchase:
    purchase = plain(world)
    digits = slip(world.rng, purchase.place.postcode[:4])[:4]
    return replace(purchase, postcode=f"{digits:0<4}{purchase.place.postcode[4:]}")


def number_misspelt(world: World) -> Purchase:
    purchase = plain(world)
    return replace(purchase, number=str(purchase.place.number + world.rng.choice((-2, 2, 10, 100))))


def addition_glued_or_missing(world: World) -> Purchase:
    customer = any_customer(world, lambda found: bool(found.household.place.addition))
    place = customer.household.place
    number = glued_number(place) if world.rng.random() < 0.6 else str(place.number)
    return replace(ordinary(world, customer), number=number)


def gmail_written_otherwise(world: World) -> Purchase:
    customer = any_customer(world, lambda found: found.card.email.endswith("@gmail.com"))
    local = customer.person.email.partition("@")[0].replace(".", "")
    at = world.rng.randrange(1, len(local)) if len(local) > 1 else 1
    other = world.rng.choice((local, f"{local[:at]}.{local[at:]}", f"{local}+winkel"))
    domain = "googlemail.com" if world.rng.random() < 0.1 else "gmail.com"
    return replace(ordinary(world, customer), email=f"{other}@{domain}")


def through_a_relay(world: World) -> Purchase:
    return replace(plain(world), email=relay_email(world))


def gift_elsewhere(world: World) -> Purchase:
    return replace(plain(world), delivery=world.new_place())


def billed_at_home_ordered_as_nickname(world: World) -> Purchase:
    customer = any_customer(world, lambda found: found.person.call_name in formal_names())
    name = f"{formal_names()[customer.person.call_name]} {customer.person.full_surname}"
    return replace(ordinary(world, customer), name=name)


def under_another_surname(world: World) -> Purchase:
    """Partners order under the name they were born with, or under both."""
    customer = any_customer(world, lambda found: bool(found.person.birth_name))
    person = customer.person
    own = person.birth_name
    other = person.full_surname.partition("-")[0] if "-" in person.surname else f"{person.full_surname}-{own}"
    name = f"{person.call_name} {world.rng.choice((own, other))}"
    return replace(ordinary(world, customer), name=name)


def family_card(world: World) -> Purchase:
    return ordinary(world, any_customer(world, lambda found: len(found.card.owners) > 1))


def two_cards(world: World) -> Purchase:
    return ordinary(world, any_customer(world, lambda found: len(found.truth) > 1, wanted=SEVERAL_CARDS))


def surname_first(world: World) -> Purchase:
    customer = any_customer(world)
    person = customer.person
    name = world.rng.choice(
        (f"{person.full_surname} {person.call_name}", f"{person.surname}, {person.call_name}")
    )
    return replace(ordinary(world, customer), name=name)


def with_code(world: World) -> Purchase:
    customer = any_customer(world)
    return replace(ordinary(world, customer), code=str(customer.card.relation["relatiecode"]))


def with_a_housemates_email(world: World) -> Purchase:
    customer = any_customer(world, lambda found: len(found.household.people) > 1)
    others = [person for person in customer.household.people if person is not customer.person]
    return replace(ordinary(world, customer), email=world.rng.choice(others).email)


def with_a_work_email(world: World) -> Purchase:
    customer = any_customer(world)
    person = customer.person
    local = f"{ascii_letters(person.call_name)}.{ascii_letters(person.surname)}".lower()
    email = f"{local}@werkgever{world.rng.randrange(5000)}.nl"
    return replace(ordinary(world, customer), email=email)


KINDS = (
    Kind("person: nothing unusual", 16.0, plain),
    Kind("person: initials typed", 2.0, with_initials),
    Kind("person: new e-mail", 5.0, new_email),
    Kind("person: work e-mail", 1.0, with_a_work_email),
    Kind("person: new e-mail, no phone", 2.0, new_email_and_phone),
    Kind("person: moved", 3.2, moved),
    Kind("person: moved, no phone", 0.6, moved_without_phone),
    Kind("person: moved, new e-mail", 0.5, moved_with_new_email),
    Kind("person: moved, everything new", 0.2, moved_with_everything_new),
    Kind("person: moved into a customer's house", 0.4, moved_into_a_customers_house),
    Kind("person: surname misspelt", 2.5, surname_misspelt),
    Kind("person: first name misspelt", 1.0, first_name_misspelt),
    Kind("person: e-mail misspelt", 1.5, email_misspelt),
    Kind("person: postcode misspelt", 0.8, postcode_misspelt),
    Kind("person: house number misspelt", 0.5, number_misspelt),
    Kind("person: addition glued or missing", 1.2, addition_glued_or_missing),
    Kind("person: gmail written otherwise", 1.5, gmail_written_otherwise),
    Kind("person: relay address", 2.0, through_a_relay),
    Kind("person: gift sent elsewhere", 3.0, gift_elsewhere),
    Kind("person: formal first name", 1.2, billed_at_home_ordered_as_nickname),
    Kind("person: another surname", 1.2, under_another_surname),
    Kind("person: card of the family", 1.2, family_card),
    Kind("person: two cards", 1.0, two_cards),
    Kind("person: surname first", 1.0, surname_first),
    Kind("person: customer code given", 3.0, with_code),
    Kind("person: a housemate's e-mail", 1.0, with_a_housemates_email),
)
