"""A relation or an order as a row of plain fields, cleaned the way anybody would do it in an afternoon.

What general-purpose linkers (Splink, recordlinkage) get. Independent of the product's own normal form, and
of any package, as it also runs in the bench's environment.
"""

import re
import unicodedata
from typing import Any

Row = dict[str, str | None]

_TITLES = {"dhr", "mevr", "mevrouw", "heer", "fam", "familie", "mw"}
_PARTICLES = {"van", "de", "der", "den", "ter", "ten", "te", "in", "op", "el", "t", "het", "'t"}
_LEGAL = re.compile(r"\b(b ?v|n ?v|v ?o ?f|c ?v|stichting|inc|ltd|llc)\b")


def row_of_relation(relation: dict[str, Any]) -> Row:
    address = relation.get("vestigingsAdres") or {}
    street, number = _street_and_number(address.get("straat") or "")
    name = relation.get("naam") or ""
    return {
        "unique_id": relation["id"],
        **_person(name),
        "company": _company(name),
        **_contact(
            (relation.get("email") or "").partition(";")[0],
            relation.get("mobieleTelefoon") or relation.get("telefoon") or "",
        ),
        **_address(street, number, address.get("postcode") or ""),
    }


def row_of_order(order: dict[str, Any]) -> Row:
    debtor = order["debtor"]
    invoice = debtor["address"]["invoice"]
    company = invoice.get("company") or ""
    person = _person(invoice.get("name") or "")
    return {
        "unique_id": order["number"],
        # Of a firm's order the firm counts: whoever typed it may be anybody there.
        **(dict.fromkeys(person) if company else person),
        "company": _company(company) if company else None,
        **_contact(debtor.get("email") or "", invoice.get("phone") or ""),
        **_address(invoice.get("street") or "", invoice.get("number") or "", invoice.get("zipcode") or ""),
    }


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in decomposed if letter.isascii()).lower()


def _person(name: str) -> Row:
    plain = _plain(name)
    if "," in plain:
        last, _, rest = plain.partition(",")
        plain = f"{rest} {last}"
    tokens = [token for token in re.split(r"[^a-z'-]+", plain) if token and token not in _TITLES]
    names = [token for token in tokens if token not in _PARTICLES]
    if not names:
        return {"first_name": None, "initial": None, "surname": None}
    surname = max(enumerate(names), key=lambda pair: (len(pair[1]) > 1, pair[0]))[1]
    given = [one for one in names if one != surname]
    first = next((one for one in given if len(one) > 2), None)
    initial = (given[0][0] if given else None) if first is None else first[0]
    return {"first_name": first, "initial": initial, "surname": surname.replace("ij", "y")}


def _company(name: str) -> str | None:
    words = re.sub(r"[^a-z0-9]+", " ", _plain(name))
    return re.sub(r"\s+", " ", _LEGAL.sub(" ", words)).strip() or None


def _contact(email: str, phone: str) -> Row:
    plain = email.strip().lower()
    local = plain.partition("@")[0]
    digits = re.sub(r"\D", "", phone)
    return {"email": plain or None, "local_part": local or None, "phone": digits[-9:] or None}


def _address(street: str, number: str, postcode: str) -> Row:
    digits = re.match(r"\d+", number.strip())
    return {
        "street": re.sub(r"[^a-z0-9]+", "", _plain(street)) or None,
        "house_number": digits[0] if digits else None,
        "postcode": postcode.replace(" ", "").upper() or None,
    }


def _street_and_number(text: str) -> tuple[str, str]:
    """The last number that is not the first word."""
    found = re.match(r"(.+?)\s+(\d+.*)$", text)
    return (found[1], found[2]) if found else (text, "")
