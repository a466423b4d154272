"""A Dutch set of our own: SnelStart relations and shop orders whose customer is known.

Deterministic by its seed. Three quarters of the cards are of persons, a quarter of firms. Persons live in
households with partners and children; four in ten cards show initials only (in eight styles), 3 % are of a
family ("Fam. X"); 15 % have no e-mail, 40 % no phone, 3 % no address, 1.5 % are duplicates. No two of a
household have one first name. Firms share mailbox, address and phone with a sister company, or a mailbox
with other clients of their bookkeeper. Addresses lie in 460,000 postcodes; surnames are as skewed as in
life, with a long tail; additions to house numbers are written in many forms. Each e-mail address belongs to
one household or firm, bookkeepers' apart.

54 categories of orders, each named in the orders file. 23 % of the orders have no customer; half of those
are made to look like one: housemates, namesakes, new residents, recycled phone numbers, codes of others,
sister companies. That is far more than in life. One order in twenty is of somebody who moved since; about
one customer in a hundred shows nothing that is on the card, so that nobody could find it. A housemate of a
customer is somebody else, except where the card is of the family. A customer code stands in the order's
`reference`, for consumers too. No order is from abroad.

The set is made without looking at any matcher. It is made up all the same: what it says about one method
against another weighs more than its absolute figures.
"""

import argparse
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random
from typing import Any

from bench.matching import firms_with_card, people_with_card, without_card
from bench.matching.cards import system_cards
from bench.matching.purchases import Kind, shop_order
from bench.matching.world import World
from stack.terminal import say

KINDS: tuple[Kind, ...] = (
    *people_with_card.KINDS,
    *firms_with_card.KINDS,
    *without_card.HARD_KINDS,
    *without_card.EASY_KINDS,
)
FIRST_ORDER_NUMBER = 100_001


def write_dutch_set(folder: Path, *, seed: int, customers: int, orders: int) -> tuple[Path, Path]:
    """Write `customers.jsonl` and `orders.jsonl`; a set that is there already is kept.

    Each order carries `truth`, the ids of its customer's relations, and `category`, a name.
    """
    customers_file, orders_file = folder / "customers.jsonl", folder / "orders.jsonl"
    if orders_file.exists():
        return customers_file, orders_file
    folder.mkdir(parents=True, exist_ok=True)
    world = World(seed, customers)
    _write_lines(customers_file, system_cards())
    _write_lines(customers_file, world.cards(), mode="a")
    unfinished = folder / "orders.unfinished"
    _write_lines(unfinished, _orders(world, orders))
    unfinished.rename(orders_file)
    return customers_file, orders_file


def _orders(world: World, count: int) -> Iterator[dict[str, Any]]:
    chosen = Random(f"{world.seed}:kinds").choices(KINDS, [kind.weight for kind in KINDS], k=count)
    for number, kind in enumerate(chosen, start=FIRST_ORDER_NUMBER):
        yield shop_order(world.rng, number, kind.make(world), kind.name)


def _write_lines(file: Path, rows: Iterable[dict[str, Any]], mode: str = "w") -> None:
    with file.open(mode, encoding="utf-8") as lines:
        for row in rows:
            lines.write(json.dumps(row, ensure_ascii=False) + "\n")


def main() -> None:
    """`python -m bench.matching.dutch_set --seed 1 --customers 100000 --orders 40000 --out FOLDER`."""
    parser = argparse.ArgumentParser(prog="bench.matching.dutch_set", description=__doc__)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--orders", type=int, default=40_000)
    parser.add_argument("--out", type=Path, required=True)
    asked = parser.parse_args()
    files = write_dutch_set(asked.out, seed=asked.seed, customers=asked.customers, orders=asked.orders)
    say(f"Written: {', '.join(map(str, files))}")


if __name__ == "__main__":
    main()
