"""Numbers that identify a business or an account: VAT, Chamber of Commerce, IBAN."""

import re
from dataclasses import dataclass
from functools import lru_cache

from stdnum import iban
from stdnum.eu import vat
from stdnum.nl import bsn

from customer_resolver.domain.recognition.readings import READINGS_KEPT_MAX

_COC_DIGITS = 8
_CODE_DIGITS_MAX = 10
_NUMBER_CHARACTERS_MAX = 40
_DUTCH_VAT = re.compile(r"(?:NL)?(\d{9})B(\d{2})")
_COUNTRY = re.compile(r"[A-Z]{2}")


@dataclass(frozen=True, kw_only=True, slots=True)
class VatId:
    """`may_be_old`: a Dutch number made from a citizen's service number.

    Sole traders got another number in 2020 and the old one still stands in books, so two numbers of which
    one may be old can differ and belong to one business.
    """

    number: str
    may_be_old: bool


@lru_cache(maxsize=READINGS_KEPT_MAX)
def read_vat_id(text: str | None, country_code: str) -> VatId | None:
    """A VAT number, its country in front (SnelStart keeps Dutch ones without); None when it is not valid."""
    number = _alphanumeric(text)
    if not number:
        return None
    if not _COUNTRY.match(number):
        number = (country_code or "NL") + number
    if not vat.is_valid(number):
        return None
    dutch = _DUTCH_VAT.fullmatch(number)
    return VatId(number=number, may_be_old=dutch is not None and bsn.is_valid(dutch.group(1)))


@lru_cache(maxsize=READINGS_KEPT_MAX)
def read_coc_number(text: str | None) -> str:
    """Eight digits, or ""."""
    digits = _alphanumeric(text)
    return digits if digits.isdigit() and len(digits) == _COC_DIGITS and len(set(digits)) > 1 else ""


@lru_cache(maxsize=READINGS_KEPT_MAX)
def read_iban(text: str | None) -> str:
    """The account number without spaces, or "" when it is not valid."""
    number = _alphanumeric(text)
    return number if number and iban.is_valid(number) else ""


def read_code(text: str | None) -> int | None:
    """A customer number: only digits, leading zeros do not count; None when it is none."""
    code = (text or "").strip()
    is_number = code.isascii() and code.isdigit() and len(code) <= _CODE_DIGITS_MAX
    return int(code) or None if is_number else None


def _alphanumeric(text: str | None) -> str:
    return "".join(
        character for character in (text or "")[:40].upper() if character.isascii() and character.isalnum()
    )
