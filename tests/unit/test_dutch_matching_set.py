"""The Dutch set with which recognition is measured: repeatable, and true to what it says of itself."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from bench.matching.dutch_set import KINDS, write_dutch_set

CUSTOMERS, ORDERS = 3000, 1500


def read_lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def dutch_set(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    folder = tmp_path_factory.mktemp("dutch")
    files = write_dutch_set(folder, seed=5, customers=CUSTOMERS, orders=ORDERS)
    return read_lines(files[0]), read_lines(files[1])


def test_one_seed_always_makes_the_same_set(tmp_path: Path) -> None:
    def written(name: str, seed: int) -> list[bytes]:
        files = write_dutch_set(tmp_path / name, seed=seed, customers=300, orders=10)
        return [file.read_bytes() for file in files]

    assert written("first", 1) == written("again", 1)
    assert written("other", 2) != written("first", 1)


def test_every_true_customer_is_an_active_relation(
    dutch_set: tuple[list[dict[str, Any]], list[dict[str, Any]]],
) -> None:
    relations, orders = dutch_set
    active = {relation["id"] for relation in relations if not relation["nonactief"]}
    assert {one for order in orders for one in order["truth"]} <= active
    numbers = Counter(relation["relatiecode"] for relation in relations)
    assert max(numbers.values()) == 1
    assert sum(number > 1 for number in numbers) == CUSTOMERS


def test_a_quarter_of_the_orders_has_no_customer_and_every_category_occurs(
    dutch_set: tuple[list[dict[str, Any]], list[dict[str, Any]]],
) -> None:
    _, orders = dutch_set
    truths = {kind.name: set[bool]() for kind in KINDS}
    for order in orders:
        truths[order["category"]].add(bool(order["truth"]))
    strangers = {name for name in truths if name.startswith(("hard", "new"))}
    assert all(has == {name not in strangers} for name, has in truths.items() if has)
    assert sum(bool(has) for has in truths.values()) > 0.9 * len(KINDS)
    share = sum(not order["truth"] for order in orders) / len(orders)
    assert 0.20 < share < 0.27


def test_no_two_customers_have_one_mailbox_unless_they_share_a_roof_or_a_bookkeeper(
    dutch_set: tuple[list[dict[str, Any]], list[dict[str, Any]]],
) -> None:
    relations, _ = dutch_set
    towns: dict[str, set[str]] = {}
    for relation in relations:
        email = relation.get("email", "").partition(";")[0]
        postcode = relation.get("vestigingsAdres", {}).get("postcode", "").replace(" ", "").upper()
        if email and postcode and "@kantoor-" not in email:
            towns.setdefault(email, set()).add(postcode)
    assert all(len(postcodes) == 1 for postcodes in towns.values())
