"""The rules for single values of a profile; each names its problem by a text key."""

import re
from typing import Any

from pydantic_core import PydanticCustomError

from sconnect.ledgers import TREATED_KINDS, LedgerColumn, LineKind, ledger_field
from sconnect.profiles.patterns import literal_length, placeholders

INVOICE_NUMBER_LENGTH_MAX = 25  # SnelStart BOE-0058
ORDER_NUMBER_DIGITS_MAX = 10
INVOICE_NUMBER_PLACEHOLDERS = ("order_number",)
DESCRIPTION_PLACEHOLDERS = ("order_number", "credited_order_number", "reference")

_PROFILE_NAME = re.compile(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*", re.ASCII)
_SECRET = re.compile(r"[\x21-\x7e]+")
_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)


LEDGERS_PATH = "bookings.ledgers."
_OUTSIDE_VAT = (LineKind.GIFT_CARD, LineKind.DEPOSIT, LineKind.ROUNDING)
LEDGER_FIELDS = frozenset(
    field.removeprefix(LEDGERS_PATH)
    for field in (
        *(ledger_field(kind, column) for kind in TREATED_KINDS for column in LedgerColumn),
        *(ledger_field(kind) for kind in _OUTSIDE_VAT),
    )
)
"""Every place of a ledger number under `bookings.ledgers`, as `revenue.nl_high`; refinements left out."""


def problem(text_key: str, **details: object) -> PydanticCustomError:
    return PydanticCustomError(f"profile.{text_key}", "not allowed", {**details})


def check_profile_name(value: str) -> str:
    if not _PROFILE_NAME.fullmatch(value):
        raise problem("bad_name")
    return value


def check_secret(value: str) -> str:
    """Secrets travel in HTTP headers: printable ASCII without spaces."""
    if not _SECRET.fullmatch(value):
        raise problem("secret_characters" if value else "empty")
    return value


def check_country(value: str) -> str:
    if not _COUNTRY.fullmatch(value):
        raise problem("bad_country")
    return value


def check_order_statuses(value: Any) -> Any:
    """`all`, or a list of status ids of the shop."""
    if value == "all":
        return value
    ids = isinstance(value, list) and all(type(item) is int and item >= 0 for item in value)
    if not ids or not value:
        raise problem("bad_order_statuses")
    return tuple(value)


def check_invoice_number(value: str) -> str:
    names = _check_placeholders(value, INVOICE_NUMBER_PLACEHOLDERS)
    if "order_number" not in names:
        raise problem("lacks_placeholder", placeholder="{order_number}")
    length = literal_length(value) + len(names) * ORDER_NUMBER_DIGITS_MAX
    if length > INVOICE_NUMBER_LENGTH_MAX:
        raise problem("invoice_number_too_long", length=length, maximum=INVOICE_NUMBER_LENGTH_MAX)
    return _check_spaces(value)


def check_description(value: str) -> str:
    _check_placeholders(value, DESCRIPTION_PLACEHOLDERS)
    return _check_spaces(value)


def check_ledger_field(value: str) -> str:
    if value not in LEDGER_FIELDS:
        raise problem("unknown_ledger_field")
    return value


def check_regular_expression(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise problem("bad_regular_expression", cause=str(error)) from None
    return value


def _check_placeholders(pattern: str, allowed: tuple[str, ...]) -> tuple[str, ...]:
    written = ", ".join(f"{{{name}}}" for name in allowed)
    try:
        names = placeholders(pattern)
    except ValueError:
        raise problem("bad_braces", allowed=written) from None
    for name in names:
        if name not in allowed:
            raise problem("unknown_placeholder", placeholder=f"{{{name}}}", allowed=written)
    return names


def _check_spaces(value: str) -> str:
    if value != value.strip() or not value.isprintable():
        raise problem("stray_spaces")
    return value
