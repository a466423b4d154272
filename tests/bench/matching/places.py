"""Invented addresses in 460,000 postcodes, each address by a number of its own."""

from dataclasses import dataclass, replace
from functools import lru_cache
from random import Random

from bench.matching.words import words

POSTCODES = 460_000
ADDRESSES_PER_POSTCODE = 20
ADDRESSES = POSTCODES * ADDRESSES_PER_POSTCODE
_POSTCODES_PER_AREA = 52
_POSTCODES_PER_STREET = 4
_LETTERS = "ABCDEGHJKLMNPRSTVWXZ"
# Spreads neighbours in the numbering over the country; has no factor in common with ADDRESSES.
_STRIDE = 4_999_999
# fmt: off
_AREA_CODES = (
    "010", "013", "015", "020", "023", "024", "026", "030", "033", "035", "036", "038", "040", "043", "045",
    "046", "050", "053", "055", "058", "070", "071", "072", "073", "074", "075", "076", "077", "078", "079",
)
# fmt: on
_ADDITIONS = ("A", "A", "A", "B", "B", "C", "bis", "I", "II", "1", "2", "3", "hs", "D", "E")


@dataclass(frozen=True, slots=True)
class Place:
    """An address as it really is; how somebody writes it is another matter."""

    street: str
    number: int
    addition: str
    postcode: str
    town: str

    def neighbour(self, rng: Random) -> "Place":
        """Another house in the same postcode."""
        step = 2 * rng.randint(1, ADDRESSES_PER_POSTCODE - 1)
        return replace(self, number=self.number + 2 * ADDRESSES_PER_POSTCODE + step, addition="")


def place(index: int) -> Place:
    """The address with this number; `index` from 0 to ADDRESSES, each another house."""
    spread = index * _STRIDE % ADDRESSES
    postcode, house = divmod(spread, ADDRESSES_PER_POSTCODE)
    street, town = _street(postcode // _POSTCODES_PER_STREET, postcode // _POSTCODES_PER_AREA)
    mixed = spread * 2654435761 % 2**32
    addition = _ADDITIONS[mixed % len(_ADDITIONS)] if mixed >> 20 < 2**12 * 0.12 else ""
    number = (
        (postcode % _POSTCODES_PER_STREET) * 2 * ADDRESSES_PER_POSTCODE + 2 * house + 1 + street_side(street)
    )
    return Place(street, number, addition, _postcode(postcode), town)


def street_side(street: str) -> int:
    """0: the odd numbers, 1: the even ones."""
    return len(street) % 2


@lru_cache(maxsize=200_000)
def _street(street: int, area: int) -> tuple[str, str]:
    streets, towns = words("streets"), words("towns")
    return streets[street * 40503 % len(streets)], towns[area * 7919 % len(towns)]


def _postcode(postcode: int) -> str:
    area, order = divmod(postcode, _POSTCODES_PER_AREA)
    return f"{1000 + area}{_LETTERS[order // 3]}{_LETTERS[order * 7 % len(_LETTERS)]}"


def mobile(index: int) -> str:
    """A valid mobile number of ten digits, each index another."""
    kind, rest = divmod(index * 7_368_787 % 60_000_000, 10_000_000)
    return f"06{'123458'[kind]}{rest:07}"


def landline(index: int) -> str:
    """A valid fixed number of ten digits, each index another."""
    area, rest = divmod(index * 7_368_787 % (len(_AREA_CODES) * 7_000_000), 7_000_000)
    return f"{_AREA_CODES[area]}{2_000_000 + rest}"
