"""Tolerant readers for the shop's JSON.

The shop's back end is PHP: an empty object arrives as `[]`, a list of one as its bare element, a list with
holes as an object with digits for keys, and a number as a number or as text.
"""

import html
import json
from typing import Any

# Python refuses to convert endless digits, and the database holds 64 bits; no number of the shop is longer.
INTEGER_DIGITS_MAX = 18

# JSON may hold these; the database and UTF-8 cannot.
_UNSTORABLE = {0: None} | dict.fromkeys(range(0xD800, 0xE000), "\N{REPLACEMENT CHARACTER}")


def parse(body: bytes) -> Any:
    """JSON in which every number is the text it came as; ValueError when it is no JSON."""
    try:
        return json.loads(body, parse_float=str, parse_int=str, parse_constant=str)
    except RecursionError as error:
        raise ValueError("nested too deep") from error


def as_object(value: Any) -> dict[str, Any]:
    """An object; empty for `[]`, null and everything else that is none."""
    return value if isinstance(value, dict) else {}


def as_list(value: Any) -> list[Any]:
    """A list; a bare object counts as its only element."""
    if isinstance(value, list):
        return value
    if not isinstance(value, dict) or not value:
        return []
    return list(value.values()) if all(key.isdigit() for key in value) else [value]


def as_text(value: Any) -> str | None:
    """A scalar as the text it came as; None when it is absent, blank or a structure."""
    if not isinstance(value, str):
        return None
    text = value.translate(_UNSTORABLE)
    return text if text.strip() else None


def as_words(value: Any) -> str | None:
    """A text people wrote, trimmed and with its HTML entities resolved once."""
    text = as_text(value)
    return None if text is None else html.unescape(text).translate(_UNSTORABLE).strip() or None


def as_integer(value: Any) -> int | None:
    """A whole number, also when it came as text or with an empty fraction; None when it is none."""
    text = as_text(value)
    if text is None:
        return None
    whole, _, fraction = text.strip().partition(".")
    digits = whole.removeprefix("-")
    if not (digits.isascii() and digits.isdigit()) or len(digits) > INTEGER_DIGITS_MAX:
        return None
    return None if fraction.strip("0") else int(whole)
