"""Invented buyers, each made from a number alone: people with a name, address and mailbox of their own."""

from copy import deepcopy
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

# A buyer has another telephone after so many orders of the shop.
ORDERS_PER_TELEPHONE: Final = 20_000

FIRST_NAMES: Final = ("Sanne", "Bram", "Noor", "Yusuf", "Fleur", "Teun", "Chloe", "Daan", "Mila", "Sem")
# Two parts make a surname, a street or a town: hardly two buyers of a shop have one in common.
BEGINNINGS: Final = (
    *("Voor", "Proef", "Test", "Schets", "Monster", "Toon", "Kijk", "Leer", "Denk", "Bouw", "Water", "Molen"),
    *("Kerk", "Zand", "Heide", "Berk", "Linde", "Vlier", "Kraai", "Zwaan", "Otter", "Das", "Hazel"),
)
ENDS: Final = (
    *("beeld", "stra", "man", "dijk", "berg", "hof", "laan", "zicht", "kamp", "huis", "veld", "brink"),
    *("horst", "woude", "meer", "gaarde", "wijk", "mond", "dal", "sluis", "burg", "eind", "lust", "rust"),
)


def debtor(shop: str, buyer: int, order_number: int) -> dict[str, Any]:
    """The buyer of an order, as the shop shows it."""
    name = f"{FIRST_NAMES[buyer % len(FIRST_NAMES)]} {_word(buyer)}"
    telephone = order_number // ORDERS_PER_TELEPHONE % 10
    person = {"gender": "", "name": name, "company": "", "phone": f"+3161{telephone:01d}{buyer:06d}"}
    place = {
        "street": f"{_word(buyer * 5 + 3)}straat",
        "number": str(1 + buyer),
        "zipcode": f"{1000 + buyer * 17 % 9000}AB",
        "city": _word(buyer * 11 + 7),
        "country": "Nederland",
        "country_code": "NL",
    }
    address = person | place
    return person | {
        "address": {"invoice": address, "delivery": deepcopy(address)},
        "id": str(uuid5(NAMESPACE_URL, f"{shop}/koper/{buyer}")),
        # A domain each: one that several share tells of one firm.
        "email": f"post@koper{buyer}.example.nl",
    }


def _word(number: int) -> str:
    return BEGINNINGS[number % len(BEGINNINGS)] + ENDS[number % len(ENDS)]
