"""Orders of firms that have a card."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random

from bench.matching.cards import MAIN, SISTER, Card
from bench.matching.firms import Firm, with_form
from bench.matching.people import Person
from bench.matching.places import Place
from bench.matching.purchases import Kind, Purchase, any_phone, typed_name
from bench.matching.spelling import misheard
from bench.matching.world import HAS_SISTER, SEVERAL_CARDS, World


@dataclass(slots=True)
class CustomerFirm:
    """A firm with a card; `truth` are the active cards of the firm itself, not of its sister company."""

    firm: Firm
    card: Card
    truth: list[str]
    has_sister_card: bool


def any_firm(
    world: World, fits: Callable[[CustomerFirm], bool] = lambda _: True, *, wanted: int = 0
) -> CustomerFirm:
    while True:
        index = world.any_site(wanted, firm=True)
        firm = world.site(index)
        assert isinstance(firm, Firm)
        cards = world.cards_of(index)
        truth = [card.relation["id"] for card in cards if MAIN in card.owners]
        found = CustomerFirm(firm, cards[0], truth, any(SISTER in card.owners for card in cards))
        if fits(found):
            return found


def typed_company(rng: Random, firm: Firm) -> str:
    draw = rng.random()
    if draw < 0.5:
        return firm.legal_name
    if draw < 0.75:
        return with_form(firm.name, firm.form.replace(".", ""))
    return firm.name if draw < 0.93 else firm.name.lower()


def ordinary(world: World, found: CustomerFirm, person: Person | None = None) -> Purchase:
    """Somebody of the firm orders, by default the contact, from the mailbox or an address of their own."""
    firm, rng = found.firm, world.rng
    buyer = person or firm.people[0]
    return Purchase(
        name=typed_name(rng, buyer),
        company=typed_company(rng, firm),
        place=firm.place,
        email=firm.mailbox if rng.random() < 0.7 else buyer.email,
        phone=any_phone(rng, buyer, firm, mobile_share=0.4),
        vat_number=firm.vat_number if rng.random() < 0.2 else "",
        truth=found.truth,
    )


def plain(world: World) -> Purchase:
    return ordinary(world, any_firm(world))


def another_buyer(world: World) -> Purchase:
    found = any_firm(world, lambda one: len(one.firm.people) > 1)
    buyer = world.rng.choice(found.firm.people[1:])
    return replace(ordinary(world, found, buyer), email=buyer.email)


def without_legal_form(world: World) -> Purchase:
    found = any_firm(world, lambda one: bool(one.firm.form))
    return replace(ordinary(world, found), company=found.firm.name)


def name_misspelt(world: World) -> Purchase:
    found = any_firm(world)
    return replace(ordinary(world, found), company=misheard(world.rng, found.firm.legal_name))


def moved(world: World) -> Purchase:
    return replace(plain(world), place=world.new_place())


def new_mailbox(world: World) -> Purchase:
    found = any_firm(world)
    email = f"{world.rng.choice(('bestel', 'office', 'mail'))}{world.rng.randrange(10)}@{found.firm.domain}"
    return replace(ordinary(world, found), email=email)


def billing_mailbox(world: World) -> Purchase:
    found = any_firm(world)
    return replace(ordinary(world, found), email=found.firm.billing_mailbox)


def contact_without_company(world: World) -> Purchase:
    return replace(plain(world), company="", vat_number="")


def with_code(world: World) -> Purchase:
    found = any_firm(world)
    return replace(ordinary(world, found), code=str(found.card.relation["relatiecode"]))


def with_vat_number(world: World) -> Purchase:
    found = any_firm(world)
    return replace(ordinary(world, found), vat_number=found.firm.vat_number)


def delivered_to_a_branch(world: World) -> Purchase:
    branch: Place = world.new_place()
    return replace(plain(world), delivery=branch)


def beside_a_sister(world: World) -> Purchase:
    return ordinary(
        world, any_firm(world, lambda one: one.has_sister_card, wanted=HAS_SISTER | SEVERAL_CARDS)
    )


def at_a_bookkeeper(world: World) -> Purchase:
    return ordinary(world, any_firm(world, lambda one: one.firm.is_at_bookkeeper))


KINDS = (
    Kind("firm: nothing unusual", 7.5, plain),
    Kind("firm: another buyer", 2.0, another_buyer),
    Kind("firm: without legal form", 3.0, without_legal_form),
    Kind("firm: name misspelt", 1.2, name_misspelt),
    Kind("firm: moved", 1.0, moved),
    Kind("firm: new mailbox", 1.5, new_mailbox),
    Kind("firm: billing mailbox", 1.0, billing_mailbox),
    Kind("firm: contact without company name", 1.1, contact_without_company),
    Kind("firm: customer code given", 1.5, with_code),
    Kind("firm: VAT number given", 1.5, with_vat_number),
    Kind("firm: delivered to a branch", 0.8, delivered_to_a_branch),
    Kind("firm: sister company has a card too", 0.3, beside_a_sister),
    Kind("firm: mailbox at a bookkeeper", 0.4, at_a_bookkeeper),
)
