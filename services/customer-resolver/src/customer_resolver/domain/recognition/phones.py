"""Telephone numbers in their international form."""

import re
from functools import lru_cache

import phonenumbers

from customer_resolver.domain.recognition.readings import READINGS_KEPT_MAX

_DUTCH = "NL"
_DUTCH_NATIONAL_DIGITS = 9
_MOBILE = ("+316", "+324", "+4915", "+4916", "+4917")
_DIGITS_MIN = 7
_DISTINCT_DIGITS_MIN = 3
_TRUNK_ZERO = re.compile(r"\(\s*0\s*\)")
_CHARACTERS_MAX = 40


@lru_cache(maxsize=READINGS_KEPT_MAX)
def read_phone(text: str, country_code: str) -> str:
    """The number as +31612345678, read with the dialling rules of the country (the Netherlands when "").

    "" when it can be no number there, or has so few different digits that somebody invented it.
    """
    written = _TRUNK_ZERO.sub("", text[:_CHARACTERS_MAX])
    digits = "".join(character for character in written if character.isascii() and character.isdigit())
    if len(digits) < _DIGITS_MIN or len(set(digits)) < _DISTINCT_DIGITS_MIN:
        return ""
    is_dutch = country_code in ("", _DUTCH)
    dutch = _dutch(written, digits) if is_dutch or digits.startswith(("31", "0031")) else ""
    return dutch or _international(written, country_code or _DUTCH)


def _dutch(written: str, digits: str) -> str:
    """The library takes a tenth of a millisecond; nearly all numbers need no library."""
    for prefix in ("0031", "31"):
        if digits.startswith(prefix) and (prefix == "0031" or written.lstrip().startswith(("+", "31"))):
            national = digits.removeprefix(prefix).lstrip("0")
            break
    else:
        national = digits[1:] if digits.startswith("0") and not digits.startswith("00") else ""
    plausible = len(national) == _DUTCH_NATIONAL_DIGITS and national[0] != "0"
    return f"+31{national}" if plausible else ""


def _international(written: str, country_code: str) -> str:
    try:
        number = phonenumbers.parse(written, country_code)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return f"+{number.country_code}{number.national_number}"


def is_mobile(phone: str) -> bool:
    """Whether it goes along with one person; a mobile number says nothing about a fixed one."""
    return phone.startswith(_MOBILE)
