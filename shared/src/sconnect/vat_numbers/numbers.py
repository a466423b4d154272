"""A VAT number as people write it, in its two parts."""

from dataclasses import dataclass

from stdnum.eu import vat

# Where the letters of a VAT number are not those of the country (VAT Directive 2006/112/EC, article 215).
_LETTERS_OF_COUNTRY = {"GR": "EL"}


@dataclass(frozen=True, kw_only=True, slots=True)
class EuVatNumber:
    """`letters` are the country's (EL for Greece), `digits` the rest; `is_valid` by form and check digit."""

    letters: str
    digits: str
    is_valid: bool


def read_eu_vat_number(text: str | None, country_code: str | None) -> EuVatNumber | None:
    """A number with or without the country's letters in front; None when nothing is written."""
    number = "".join(character for character in (text or "").upper() if character.isalnum())
    if not number:
        return None
    country = (country_code or "").strip().upper()
    if not number[:2].isalpha():
        number = country + number
    letters = _LETTERS_OF_COUNTRY.get(number[:2], number[:2])
    digits = number[2:]
    return EuVatNumber(letters=letters, digits=digits, is_valid=vat.is_valid(letters + digits))
