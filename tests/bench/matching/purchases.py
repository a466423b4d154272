"""One purchase in the shop, and the order as the shop's API tells it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any
from uuid import UUID

from bench.matching.firms import Firm
from bench.matching.people import Household, Person
from bench.matching.places import Place
from bench.matching.spelling import case_forms, number_forms, phone_forms, postcode_forms
from bench.matching.world import World


@dataclass(slots=True)
class Purchase:
    """What the buyer typed. `truth` are the ids of the cards that are the buyer's; empty: none exists.

    `number` and `postcode` replace how the buyer writes those of `place` (a slip, an addition glued on).
    """

    name: str
    place: Place
    email: str = ""
    phone: str = ""
    company: str = ""
    delivery: Place | None = None
    code: str = ""
    vat_number: str = ""
    number: str = ""
    postcode: str = ""
    truth: list[str] = field(default_factory=list)


Category = Callable[[World], Purchase]


@dataclass(frozen=True, slots=True)
class Kind:
    """A named category; `weight` is its share of the orders in percent."""

    name: str
    weight: float
    make: Category


def typed_name(rng: Random, person: Person) -> str:
    """A name as it is typed at the till."""
    whole = person.full_surname
    draw = rng.random()
    if draw < 0.05:
        return f"{'.'.join(person.initials)}. {whole}"
    if draw < 0.09:
        return f"{person.initials[0]} {whole}"
    if draw < 0.12:
        return f"{person.call_name} {person.surname}"
    if draw < 0.14:
        return f"{person.call_name} {person.initials[-1]} {whole}"
    return case_forms(rng, f"{person.call_name} {whole}")


def any_phone(rng: Random, person: Person, site: Household | Firm, *, mobile_share: float = 0.85) -> str:
    """Mobile or fixed; one buyer in eight leaves it empty."""
    if rng.random() < 0.12:
        return ""
    return person.mobile if rng.random() < mobile_share else site.landline


def shop_order(rng: Random, order_number: int, purchase: Purchase, category: str) -> dict[str, Any]:
    """The order in the API's form, with `truth` and `category` beside its own fields."""
    invoice = _address(rng, purchase, purchase.place)
    if purchase.vat_number:
        invoice["taxnumber"] = purchase.vat_number
    delivery = invoice if purchase.delivery is None else _address(rng, purchase, purchase.delivery)
    day = f"2026-{order_number % 9 + 1:02}-{order_number % 28 + 1:02}"
    return {
        "number": str(order_number),
        "uuid": str(UUID(int=rng.getrandbits(128), version=4)),
        "date": day,
        "time": "12:00:00",
        "status": 3,
        "archived": False,
        "locale": "nl_NL",
        "currency": "EUR",
        "comments": {"customer": "", "internal": ""},
        "business_model": "B2B" if purchase.company else "B2C",
        "reference": purchase.code,
        "tax_region": "NL",
        "tax_strategy": "",
        "debtor": {
            "email": case_forms(rng, purchase.email),
            "address": {"invoice": invoice, "delivery": delivery},
        },
        "price": {"tax": {"amount": "2.10", "rate": "21.00"}, "total": "12.10"},
        "orderlines": [],
        "truth": purchase.truth,
        "category": category,
    }


def _address(rng: Random, purchase: Purchase, place: Place) -> dict[str, Any]:
    is_invoice = place is purchase.place
    return {
        "gender": "",
        "name": purchase.name,
        "company": purchase.company,
        "phone": phone_forms(rng, purchase.phone) if purchase.phone else "",
        "street": case_forms(rng, place.street),
        "number": (is_invoice and purchase.number) or number_forms(rng, place),
        "zipcode": (is_invoice and purchase.postcode) or postcode_forms(rng, place.postcode),
        "city": place.town,
        "country": "Nederland",
        "country_code": "NL",
    }
