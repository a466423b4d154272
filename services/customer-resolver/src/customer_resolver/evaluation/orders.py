"""Shop orders from a file, as far as recognition needs them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from customer_resolver.domain.buyers import Buyer
from customer_resolver.evaluation.lines import bad_line, read_objects
from customer_resolver.handlers.buyers import read_buyer
from sconnect.webshop import as_text, translate_order

_UNDATED = date.min


@dataclass(frozen=True, slots=True)
class AskedOrder:
    """`truth` are the relations that are its customer; None when the file does not say."""

    number: str
    buyer: Buyer
    truth: frozenset[str] | None


def read_orders(file: Path, *, code_field: str) -> Iterator[AskedOrder]:
    """The orders in their order; UnreadableFile names the line that is none."""
    for line, row in read_objects(file):
        number = as_text(row.get("number"))
        if number is None:
            raise bad_line(file, line, "an order without a number")
        order = translate_order(
            row, uuid=as_text(row.get("uuid")) or number, number=number, placed_on=_UNDATED
        )
        yield AskedOrder(
            number=number, buyer=read_buyer(order, code_field=code_field), truth=_truth(file, line, row)
        )


def _truth(file: Path, line: int, row: dict[str, Any]) -> frozenset[str] | None:
    if "truth" not in row:
        return None
    ids = row["truth"]
    if not isinstance(ids, list) or not all(isinstance(each, str) for each in ids):
        raise bad_line(file, line, "truth is no list of relation ids")
    return frozenset(ids)
