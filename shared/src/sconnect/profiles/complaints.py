"""Translates what pydantic found wrong into problems that people can act on; never with the value given."""

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from sconnect.profiles.model import Profile
from sconnect.profiles.problems import WHOLE_DOCUMENT, Problem

_TEXT_KEYS: Mapping[str, str] = MappingProxyType(
    {
        "missing": "missing",
        "literal_error": "not_one_of",
        "string_type": "not_text",
        "string_too_short": "empty",
        "string_too_long": "too_long",
        "too_short": "empty",
        "bool_type": "not_a_boolean",
        "int_type": "not_an_integer",
        "int_from_float": "not_an_integer",
        "decimal_type": "not_an_amount",
        "decimal_parsing": "not_an_amount",
        "decimal_max_places": "too_many_decimals",
        "finite_number": "not_an_amount",
        "greater_than_equal": "too_small",
        "less_than_equal": "too_large",
        "model_type": "not_a_section",
        "model_attributes_type": "not_a_section",
        "dict_type": "not_a_section",
        "tuple_type": "not_a_list",
    }
)
_DETAIL_NAMES = MappingProxyType({"ge": "minimum", "le": "maximum", "max_length": "maximum"})
_QUOTED = re.compile(r"'([^']*)'")


def complaints(error: ValidationError) -> Iterator[Problem]:
    """One problem per error, named by the path that the file has."""
    for item in error.errors(include_url=False, include_input=False):
        yield _unknown_field(item) if item["type"] == "extra_forbidden" else _problem(item)


def _problem(item: ErrorDetails) -> Problem:
    kind = item["type"]
    text_key = kind if kind.startswith("profile.") else f"profile.{_TEXT_KEYS.get(kind, 'invalid')}"
    context = item.get("ctx", {})
    details = {_DETAIL_NAMES.get(name, name): str(value) for name, value in context.items()}
    if kind == "literal_error":
        details["expected"] = ", ".join(_QUOTED.findall(details["expected"]))
    return Problem(field=_path(item["loc"]), text_key=text_key, details=details)


def _unknown_field(item: ErrorDetails) -> Problem:
    path = _path(item["loc"])
    nearest = _nearest(path)
    if nearest is None:
        return Problem(field=path, text_key="profile.unknown_field")
    return Problem(field=path, text_key="profile.unknown_field_nearest", details={"nearest": nearest})


def _nearest(path: str) -> str | None:
    """The known path most like it: a neighbour with a similar name, or the same name elsewhere."""
    section, _, name = path.rpartition(".")
    known = set(known_paths())
    neighbours = [
        other.rpartition(".")[2] for other in known if other.rpartition(".")[0] == _generic(section)
    ]
    similar = get_close_matches(name, neighbours, n=1)
    if similar:
        return f"{section}.{similar[0]}".removeprefix(".")
    elsewhere = sorted(other for other in known if other.rpartition(".")[2] == name)
    return elsewhere[0] if elsewhere else None


def known_paths(model: type[BaseModel] = Profile, prefix: str = "") -> Iterator[str]:
    """Every path of the schema; the items of a list stand under `*`."""
    for name, field in model.model_fields.items():
        path = f"{prefix}{field.alias or name}"
        yield path
        for part, is_item in _models_in(field.annotation):
            yield from known_paths(part, f"{path}.*." if is_item else f"{path}.")


def _models_in(annotation: Any, *, is_item: bool = False) -> Iterator[tuple[type[BaseModel], bool]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation, is_item
    for argument in get_args(annotation):
        is_tuple = getattr(annotation, "__origin__", None) is tuple
        yield from _models_in(argument, is_item=is_item or is_tuple)


def _generic(path: str) -> str:
    return ".".join("*" if part.isdigit() else part for part in path.split("."))


def _path(location: Sequence[int | str]) -> str:
    return ".".join(str(part) for part in location if part != "[key]") or WHOLE_DOCUMENT
