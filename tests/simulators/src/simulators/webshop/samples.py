"""Invented sample orders, one of every kind that the connector has to know.

The amounts are exact to the cent and the form is the live API's; `simulators.webshop.switches` knows the
other forms.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from simulators.webshop.sample_domestic import DOMESTIC_KINDS
from simulators.webshop.sample_order import Kind, Order, Slot
from simulators.webshop.sample_special import SPECIAL_KINDS

DAYS_COVERED: Final = 10
SECONDS_APART: Final = 97


@dataclass(frozen=True)
class Sample:
    """An order and the name of the kind that it shows."""

    kind: str
    order: Order


def sample_kinds() -> Mapping[str, Kind]:
    """Return all kinds by name, in the order of their numbers."""
    return {**DOMESTIC_KINDS, **SPECIAL_KINDS}


def numbered_samples(
    today: date, *, kinds: Iterable[str] | None = None, first_number: int = 1001, shop: str = "sample"
) -> list[Sample]:
    """Return one order of each kind, or of the kinds asked for and those they refer to.

    Numbers ascend by one from `first_number`; only a test order has a number outside that series. The dates
    ascend too, over the ten days that end today. The uuids depend on shop, number and moment alone.
    ValueError names kinds that do not exist.
    """
    wanted = _with_originals(kinds)
    orders: dict[str, Order] = {}
    number = first_number
    for position, name in enumerate(wanted):
        placed = _moment(today, position, len(wanted))
        slot = Slot(number=number, placed=placed, shop=shop, earlier=orders)
        orders[name] = wanted[name].build(slot)
        number += orders[name]["number"].isdigit()
    return [Sample(name, order) for name, order in orders.items()]


def sample_orders(
    today: date, kinds: Iterable[str] | None = None, first_number: int = 1001, shop: str = "sample"
) -> list[Order]:
    """Return the orders of `numbered_samples`: shop-shaped dicts, as `GET /v1/orders` answers them."""
    samples = numbered_samples(today, kinds=kinds, first_number=first_number, shop=shop)
    return [sample.order for sample in samples]


def plain_order(number: int | str, **fields: object) -> Order:
    """Return a domestic order of 1 March 2026 whose uuid follows its number; `fields` replace its own."""
    (order,) = sample_orders(date(2026, 3, 1), ["plain_high_rate"])
    return {**order, "number": str(number), "uuid": str(uuid5(NAMESPACE_URL, f"order:{number}")), **fields}


def _with_originals(kinds: Iterable[str] | None) -> dict[str, Kind]:
    known = sample_kinds()
    asked = set(known if kinds is None else kinds)
    if asked - known.keys():
        raise ValueError(f"Unknown kinds of sample orders: {', '.join(sorted(asked - known.keys()))}.")
    asked |= {needed for name in asked if (needed := known[name].needs)}
    return {name: kind for name, kind in known.items() if name in asked}


def _moment(today: date, position: int, count: int) -> datetime:
    days_ago = (count - 1 - position) * DAYS_COVERED // count
    # The small hours: orders of today should not lie in the future.
    return datetime.combine(today, time()) + timedelta(days=-days_ago, seconds=position * SECONDS_APART)
