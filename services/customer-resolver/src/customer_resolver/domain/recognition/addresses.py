"""Addresses as they are compared: country, postcode, house number with its addition, street."""

import re
from dataclasses import dataclass
from functools import lru_cache

from customer_resolver.domain.recognition.readings import READINGS_KEPT_MAX
from customer_resolver.domain.recognition.vocabulary import STREET_ABBREVIATIONS
from customer_resolver.domain.recognition.words import folded, words_of

_DUTCH_POSTCODE = re.compile(r"(?:NL)?([1-9]\d{3})([A-Z]{2})")
_COUNTRY_PREFIX = re.compile(r"^(?:BE|DE|FR|AT|CH|LU|B|D|F|A|L)(?=\d)")
_PO_BOX = re.compile(r"^\s*(?:postbus|pb|po box|postfach|boite postale|bp)\b\W*(\d{1,6})", re.IGNORECASE)
_NUMBER_BEHIND = re.compile(r"^(?P<street>.*?[^\W\d].*?)[\s,]+(?P<number>\d{1,5})(?P<rest>(?!\d).*)$")
_NUMBER_BEFORE = re.compile(r"^\s*(?P<number>\d{1,5})(?P<rest>[a-z]?)[\s,]+(?P<street>[^\d].*)$")
_NUMBER = re.compile(r"^\D{0,4}(\d{1,5})(.*)$")
_YEAR_THEN_NUMBER = re.compile(
    r"^(?P<street>.*[^\W\d].*\s1\d{3})[\s,]+(?P<number>\d{1,5})(?P<rest>(?!\d).*)$"
)
# "n 74th st 17908" and "nw 99 ln 590": the first number is part of the street's name.
_NUMBERED_STREET = re.compile(
    r"^(?P<street>(?:.*[\s,])?\d+(?:(?:st|nd|rd|th)\s+\w+|\s+(?:ave?|avenue|blvd|cir|circle|ct|dr|ln|lane|pl|rd"
    r"|road|st|street|ter|terrace|way|laan|plein|straat|weg))\b.*?)[\s,]+(?P<number>\d{1,5})(?P<rest>(?!\d).*)$"
)
_ONLY_NUMBER = re.compile(r"^(?P<number>\d{1,5})(?P<rest>[\s-]*[a-z]?)$")
_DIGIT = re.compile(r"\d")
_BOX = re.compile(r"\b(?:bus|bte|box|boite|app|apt|unit|top|no|nr|suite|ste)\b|#")
_ORDINAL = re.compile(r"(\d+)\s*(?:e|ste|de|hoog|etage|verdieping)\b|\b(?:hoog|etage|verdieping)\b")
_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4"}
_ADDITIONS = {"huis": "hs", "bis": "bis", "hoog": ""}
_STREET_KEY_CHARACTERS = 6
_STREET_WITH_POSTCODE_CHARACTERS = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class NormalAddress:
    """Empty parts are unknown; `number` is 0 when there is none. `street` has no number and no spaces.

    `country` "" is not known: it may be any. A PO box is an address of its own kind.
    """

    country: str = ""
    postcode: str = ""
    number: int = 0
    addition: str = ""
    street: str = ""
    is_po_box: bool = False

    @property
    def door(self) -> str:
        """Number and addition glued: "60-2" is as good as "602"."""
        return f"{self.number}{self.addition}" if self.number else ""

    @property
    def is_located(self) -> bool:
        return bool(self.number and (self.postcode or self.street))

    @property
    def place(self) -> str:
        """What one door is looked up by, or "".

        Postcode and number, outside the Netherlands with the start of the street, for a postcode is a town
        there; without a postcode number and street.
        """
        if not self.number:
            return ""
        kind = "b" if self.is_po_box else ""
        if self.postcode and self.country == "NL":
            return f"{kind}{self.postcode}|{self.number}"
        if self.postcode:
            return f"{kind}{self.postcode}|{self.number}|{self.street[:_STREET_WITH_POSTCODE_CHARACTERS]}"
        return f"{kind}{self.street}|{self.number}" if self.street else ""

    @property
    def area(self) -> str:
        """The part of the postcode that a whole neighbourhood shares."""
        return self.postcode[:4]

    @property
    def street_start(self) -> str:
        return self.street[:_STREET_KEY_CHARACTERS]


NOWHERE = NormalAddress()


@lru_cache(maxsize=READINGS_KEPT_MAX)
def read_address(street: str, house_number: str, postcode: str, country_code: str) -> NormalAddress:
    """The address out of its parts; `house_number` is empty where the street line includes it."""
    country, code = _read_postcode(postcode, country_code)
    line = f"{street} {house_number}".strip()
    if box := _PO_BOX.match(folded(line)):
        return NormalAddress(country=country, postcode=code, number=int(box.group(1)), is_po_box=True)
    name, number, addition = _read_line(street, house_number)
    return NormalAddress(
        country=country, postcode=code, number=number, addition=addition, street=_read_street(name)
    )


def _read_postcode(postcode: str, country_code: str) -> tuple[str, str]:
    code = "".join(character for character in postcode.upper()[:20] if character.isalnum())
    country = country_code.upper()
    dutch = _DUTCH_POSTCODE.fullmatch(code) if country in ("", "NL") else None
    if dutch:
        return "NL", dutch.group(1) + dutch.group(2)
    return country, _COUNTRY_PREFIX.sub("", code)


def _read_line(street: str, house_number: str) -> tuple[str, int, str]:
    """Street, number and addition; the number is in the second text, or else at either end of the first.

    A street with a number in its name is read from both texts together, for a card has them in one.
    """
    if (separate := _NUMBER.match(folded(house_number))) and int(separate.group(1)):
        name = street
        if separate.group(1) in words_of(street)[-1:]:
            name = street.rstrip().removesuffix(separate.group(1))
        if not _DIGIT.search(name):
            return name, int(separate.group(1)), _read_addition(separate.group(2))
        street = name
    line = folded(f"{street} {house_number}").strip()
    if only := _ONLY_NUMBER.match(line):
        return "", int(only["number"]), _read_addition(only["rest"])
    shapes = (_NUMBERED_STREET, _YEAR_THEN_NUMBER, _NUMBER_BEHIND, _NUMBER_BEFORE)
    found = next(filter(None, (shape.match(line) for shape in shapes)), None)
    if found is None:
        return line, 0, ""
    return found["street"], int(found["number"]), _read_addition(found["rest"])


def _read_addition(text: str) -> str:
    """ "-II", " bus 3" and "3 hoog" are told as "2", "3" and "3"."""
    plain = _ORDINAL.sub(lambda found: found.group(1) or "", _BOX.sub(" ", folded(text)))
    parts = (_ADDITIONS.get(word, _ROMAN.get(word, word)) for word in words_of(plain))
    return "".join(parts)[:12]


def _read_street(name: str) -> str:
    words = list(words_of(name))
    expanded = [STREET_ABBREVIATIONS.get(word, word) for word in words]
    joined = "".join(expanded)
    if joined.endswith("str"):
        joined += "aat"
    return joined.replace("strasse", "straat").replace("ij", "y")
