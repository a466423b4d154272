"""Relations and orders made from the rows of data sets that others published."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5


def id_of(key: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"matching-bench:{key}"))


def country_id(code: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"https://b2bapi.snelstart.nl/v2/landen/{code}"))


def relation(
    key: str, code: int, name: str, *, country: str, street: str = "", postcode: str = "", city: str = "",
    email: str = "", phone: str = "",
) -> dict[str, Any]:  # fmt: skip
    """A relation as SnelStart gives it; `street` includes the house number."""
    address = {"straat": street, "postcode": postcode, "plaats": city, "land": {"id": country_id(country)}}
    return {
        "id": id_of(key),
        "relatiecode": code,
        "relatiesoort": ["Klant"],
        "naam": name[:50],
        "email": email,
        "telefoon": phone,
        "nonactief": False,
        "modifiedOn": "2025-01-01T00:00:00",
        **({"vestigingsAdres": address} if street or postcode else {}),
    }


def order(
    number: int, *, country: str, truth: Iterable[str], name: str = "", company: str = "", street: str = "",
    house_number: str = "", postcode: str = "", city: str = "", email: str = "", phone: str = "",
) -> dict[str, Any]:  # fmt: skip
    """An order as the shop's API gives it; `truth` are keys of relations."""
    address = {
        "name": name,
        "company": company,
        "street": street,
        "number": house_number,
        "zipcode": postcode,
        "city": city,
        "phone": phone,
        "country_code": country,
    }
    return {
        "number": str(number),
        "uuid": id_of(f"order:{number}"),
        "date": "2026-03-01",
        "status": 3,
        "business_model": "B2B" if company else "B2C",
        "reference": "",
        "comments": {"customer": "", "internal": ""},
        "debtor": {"email": email, "address": {"invoice": address, "delivery": address}},
        "truth": [id_of(key) for key in truth],
    }


def joined(*parts: str | None, by: str = " ") -> str:
    return by.join(part.strip() for part in parts if part and part.strip())


def write_set(
    folder: Path, relations: Iterable[Mapping[str, Any]], orders: Iterable[Mapping[str, Any]]
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in (("customers", relations), ("orders", orders)):
        with (folder / f"{name}.jsonl").open("w", encoding="utf-8") as lines:
            lines.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
