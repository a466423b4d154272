"""When SnelStart refuses a relation (developer portal, foutcodes-v2: REL)."""

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

import stdnum
from stdnum import iban
from stdnum.eu import vat as eu_vat

from simulators.snelstart.administration import Administration
from simulators.snelstart.countries import EU_MEMBERS, HOME
from simulators.snelstart.refusals import Problem
from simulators.snelstart.wire import Row

EMAIL_FORM = re.compile(r"[^@\s;,]+@[^@\s;,]+\.[^@\s;,.]+")
PHONE_LENGTH_MAX: Final = 25
VAT_NUMBER_LENGTH_MAX: Final = 50
VAT_NUMBER_LENGTH_MIN: Final = 2
CREDIT_TERM_DAYS: Final = range(-365, 1001)
# Per address: the longest text of each part, and the code when it is longer.
ADDRESS_LIMITS: Final = {
    "vestigingsAdres": (
        ("straat", 50, "REL-0020"),
        ("postcode", 25, "REL-0021"),
        ("plaats", 50, "REL-0022"),
        ("contactpersoon", 50, "REL-0023"),
    ),
    "correspondentieAdres": (
        ("straat", 50, "REL-0025"),
        ("postcode", 25, "REL-0026"),
        ("plaats", 50, "REL-0027"),
        ("contactpersoon", 50, "REL-0028"),
    ),
}
COUNTRY_CODES: Final = {"vestigingsAdres": "REL-0055", "correspondentieAdres": "REL-0056"}
# The prefixes of VAT numbers that differ from the code of the country.
COUNTRY_OF_PREFIX: Final = {"EL": "GR", "XI": "GB"}


def relation_problems(administration: Administration, row: Row, own_id: str | None) -> list[Problem]:
    """Return the rules that the relation breaks; `own_id` is its id when it exists already."""
    found = [problem for rule in RULES for problem in rule(administration, row)]
    return [*found, *_code_in_use(administration, row, own_id)]


def _kind(_administration: Administration, row: Row) -> Iterator[Problem]:
    kinds = [kind for kind in row.get("relatiesoort", ()) if kind != "Geen"]
    if not kinds:
        yield Problem("REL-0001")
    if "Eigen" in kinds:
        yield Problem("REL-0048")


def _name(_administration: Administration, row: Row) -> Iterator[Problem]:
    if not row.get("naam", "").strip():
        yield Problem("REL-0007")


def _credit_term(_administration: Administration, row: Row) -> Iterator[Problem]:
    if row.get("krediettermijn", 0) not in CREDIT_TERM_DAYS:
        yield Problem("REL-0003")


def _phones(_administration: Administration, row: Row) -> Iterator[Problem]:
    for name, code in (("mobieleTelefoon", "REL-0012"), ("telefoon", "REL-0013")):
        if len(row.get(name, "")) > PHONE_LENGTH_MAX:
            yield Problem(code)


def _addresses(administration: Administration, row: Row) -> Iterator[Problem]:
    for name, limits in ADDRESS_LIMITS.items():
        address = row.get(name, {})
        for part, length_max, code in limits:
            if len(address.get(part, "")) > length_max:
                yield Problem(code)
        if "land" in address and address["land"].get("id") not in administration.countries.by_id:
            yield Problem(COUNTRY_CODES[name])


def _whole_address(administration: Administration, row: Row) -> Iterator[Problem]:
    address = row.get("vestigingsAdres", {})
    filled = [bool(address.get(part, "").strip()) for part in ("straat", "postcode", "plaats")]
    if administration.settings.options.reject_partial_address and any(filled) and not all(filled):
        yield Problem("REL-0060")


def _bank_account(_administration: Administration, row: Row) -> Iterator[Problem]:
    if row.get("iban") and not iban.is_valid(row["iban"]):
        yield Problem("REL-0011")


def _email(_administration: Administration, row: Row) -> Iterator[Problem]:
    if row.get("email") and EMAIL_FORM.fullmatch(row["email"]) is None:
        yield Problem("REL-0061")


def _vat_number(administration: Administration, row: Row) -> Iterator[Problem]:
    number = row.get("btwNummer", "")
    if not number:
        return
    if len(number) > VAT_NUMBER_LENGTH_MAX:
        yield Problem("REL-0057")
    elif len(number) < VAT_NUMBER_LENGTH_MIN:
        yield Problem("REL-0058")
    elif not (number.isascii() and number.isalnum()):
        yield Problem("REL-0059")
    else:
        code = _vat_number_code(number.upper(), administration.countries.code_of(row.get("vestigingsAdres")))
        if code is not None:
            yield Problem(code)


def _vat_number_code(number: str, country: str) -> str | None:
    prefix = number[:2] if number[:2].isalpha() else country
    if COUNTRY_OF_PREFIX.get(prefix, prefix) != country:
        return "REL-0087"
    return None if is_vat_number(prefix, number.removeprefix(prefix)) else "REL-0088"


def is_vat_number(prefix: str, digits: str) -> bool:
    """Check form and check digit; a country whose numbers nobody described here passes."""
    if COUNTRY_OF_PREFIX.get(prefix, prefix) in EU_MEMBERS or prefix == "XI":
        return bool(eu_vat.is_valid(prefix + digits))
    module: Any = stdnum.get_cc_module(prefix.lower(), "vat")
    return module is None or bool(module.is_valid(digits))


def _invoice_relation(administration: Administration, row: Row) -> Iterator[Problem]:
    if "factuurRelatie" in row and administration.relations.get(row["factuurRelatie"].get("id")) is None:
        yield Problem("REL-0017")


def _code_in_use(administration: Administration, row: Row, own_id: str | None) -> Iterator[Problem]:
    code = row.get("relatiecode", 0)
    taken = administration.relations.equal(("relatiecode",), code) if code else ()
    if any(other["id"] != own_id for other in taken):
        yield Problem("REL-0008", str(code))


def stored_vat_number(row: Row) -> str | None:
    """Return the VAT number as SnelStart keeps it: upper case, a Dutch one without its prefix."""
    number = row.get("btwNummer")
    return number.upper().removeprefix(HOME) if number else None


RULES: Final[tuple[Callable[[Administration, Row], Iterator[Problem]], ...]] = (
    _kind,
    _name,
    _credit_term,
    _phones,
    _addresses,
    _whole_address,
    _bank_account,
    _email,
    _vat_number,
    _invoice_relation,
)
