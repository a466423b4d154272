"""The fingerprint of the parts of an order that are booked, to notice a later change in the shop."""

import re
from collections.abc import Mapping
from typing import Any

from sconnect.ids import content_hash

# Goes up when the translation or the parts below change: prints of another version are not compared,
# else a new release would hand over every order of the look-back again.
CONTENTS_VERSION = 1

_BOOKED_PARTS = (
    "number",
    "placed_on",
    "prices_include_vat",
    "currency",
    "total",
    "vat_amounts",
    "lines",
    "business_model",
    "tax_region",
    "tax_strategy",
    "shipping_country",
)
_BUYER_PARTS = ("email", "invoice", "delivery")
_AMOUNT_NAMES = frozenset({"net", "gross", "rate", "amount", "total", "quantity"})
_PLAIN_NUMBER = re.compile(r"(-?)0*(\d+?)(?:\.(\d*?)0*)?")


def contents_print(order: Mapping[str, Any]) -> str:
    """The fingerprint of an order given as the fields of its contract, e.g. "1:9f86d0…".

    Status, comments and payment do not count: they change while an order is handled. Of a credit order
    only the number of the original counts: the rest is looked up and may be missing at times.
    """
    parts = {name: order.get(name) for name in _BOOKED_PARTS}
    parts["buyer"] = {name: (order.get("buyer") or {}).get(name) for name in _BUYER_PARTS}
    parts["credited_number"] = (order.get("credits") or {}).get("number")
    return f"{CONTENTS_VERSION}:{content_hash(_canonical(parts))}"


def differ(before: str, now: str) -> bool:
    """Whether two fingerprints tell of other contents; those of another version tell nothing."""
    return before != now and _version(before) == _version(now)


def _version(contents: str) -> str:
    return contents.partition(":")[0]


def _canonical(value: Any, name: str = "") -> Any:
    if isinstance(value, Mapping):
        return {key: _canonical(part, key) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_canonical(part) for part in value]
    return _canonical_amount(value) if name in _AMOUNT_NAMES and isinstance(value, str) else value


def _canonical_amount(text: str) -> str:
    """The shop writes one amount as 68.00, 68.000000 or 68.0; none of these is a change."""
    match = _PLAIN_NUMBER.fullmatch(text.strip())
    if match is None:
        return text
    sign, whole, fraction = match.groups(default="")
    number = f"{whole}.{fraction}" if fraction else whole
    return number if number == "0" else f"{sign}{number}"
