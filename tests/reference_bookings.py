"""Writes docs/reference-bookings.md: what becomes of the reference orders, where those are at hand.

They stand in `shared/reference/orders` next to the repository, or where REFERENCE_ORDERS says. Run it after a
change of the rules: `python tests/reference_bookings.py`.
"""

import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from booking_writer_cases import rules
from order_strategies import COMPLETE_MAPPING
from sample_bookings import outcome_of
from sconnect.ledgers import LedgerColumn, LedgerMapping
from shop_documents import travel

PAGE = Path(__file__).parents[1] / "docs" / "reference-bookings.md"
# The profile example has no ledger for 0 %.
WITHOUT_ZERO: LedgerMapping = replace(
    COMPLETE_MAPPING,
    numbers={
        kind: {column: number for column, number in numbers.items() if column is not LedgerColumn.NL_ZERO}
        for kind, numbers in COMPLETE_MAPPING.numbers.items()
    },
)
PROFILE = rules(ledgers=WITHOUT_ZERO)
HEAD = """# What becomes of the reference orders

The orders themselves are no part of this repository. Booked with the ledgers of `docs/profile.example.yaml`,
which has none for 0 %. Amounts in euro; a line excludes VAT. Made by `tests/reference_bookings.py`; a test
keeps it true where the orders are at hand.
"""


def folder() -> Path | None:
    """Where the reference orders are; None when they are not here."""
    named = os.environ.get("REFERENCE_ORDERS")
    above = [parent / "shared" / "reference" / "orders" for parent in Path(__file__).resolve().parents]
    candidates = [Path(named)] if named else above
    return next((found for found in candidates if (found / "index.json").is_file()), None)


def documents(found: Path) -> dict[str, Any]:
    """The orders by the names of their files."""
    return {path.stem: json.loads(path.read_text()) for path in sorted(found.glob("[0-9]*.json"))}


def page(orders: dict[str, Any]) -> str:
    sections = [
        "\n".join([f"## {name.replace('_', ' ')}", "", *outcome_of(journey), ""])
        for name, journey in zip(orders, travel(orders.values(), PROFILE), strict=True)
    ]
    return "\n".join([HEAD, *sections])


if __name__ == "__main__":
    place = folder()
    if place is None:
        sys.exit("the reference orders are not here")
    PAGE.write_text(page(documents(place)), encoding="utf-8")
