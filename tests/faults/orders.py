"""The orders of one run: what each must come to is known beforehand."""

import random
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from simulators.webshop.samples import sample_orders

KNOWN_EMAIL = "bekend@example.nl"
ORDERS_OF_A_RUN = 5
KINDS = ("plain_high_rate", "plain_low_rate", "plain_two_rates")


@dataclass(frozen=True, kw_only=True)
class PlannedOrder:
    """`total` is what the books must say; None when the order must wait for a person instead."""

    document: dict[str, Any]
    total: Decimal | None
    email: str

    @property
    def number(self) -> str:
        return str(self.document["number"])

    @property
    def uuid(self) -> str:
        return str(self.document["uuid"])


def orders_of_a_run(first_number: int, *, today: date, rng: random.Random) -> list[PlannedOrder]:
    """Two of one new buyer, one of another, one of a customer that is known, one that does not add up."""
    twice, once = (f"koper{first_number}{letter}@example.nl" for letter in "ab")
    emails = [twice, twice.upper(), once, KNOWN_EMAIL, once]
    assert len(emails) == ORDERS_OF_A_RUN
    orders = [
        _planned(first_number + place, email, today, rng.choice(KINDS), adds_up=place != len(emails) - 1)
        for place, email in enumerate(emails)
    ]
    rng.shuffle(orders)
    return orders


def _planned(number: int, email: str, today: date, kind: str, *, adds_up: bool) -> PlannedOrder:
    (order,) = sample_orders(today, [kind], first_number=number, shop="faults")
    total = Decimal(order["price"]["total"])
    debtor = _with_buyer(order["debtor"], number, email)
    order |= {"uuid": str(uuid5(NAMESPACE_URL, f"order:{number}")), "debtor": debtor}
    if not adds_up:
        order["price"] = {**order["price"], "total": str(total + 1)}
    return PlannedOrder(document=order, total=total if adds_up else None, email=email.lower())


def _with_buyer(debtor: dict[str, Any], number: int, email: str) -> dict[str, Any]:
    name = f"Koper {email.partition('@')[0].lower()}"
    address = {**debtor["address"]["invoice"], "name": name, "street": f"{name}straat", "number": "1"}
    address |= {"zipcode": "1234AB", "phone": ""}
    return {
        **{field: value for field, value in debtor.items() if field != "id"},
        "name": name,
        "phone": "",
        "email": email,
        "address": {"invoice": address, "delivery": address},
    }
