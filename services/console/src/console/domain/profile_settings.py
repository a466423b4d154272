"""A profile's settings as nested values: changed in part, and compared field by field."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

NOTHING = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldChange:
    """`field` is the path that a profile's file has (`planning.interval`).

    Values are written as the file writes them, empty where there was or is none; of a key both are None: it
    is only told that it changed.
    """

    field: str
    before: str | None
    after: str | None


def patched(document: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The document with the changes made in it, as RFC 7396 merges JSON: null takes a value away."""
    result = dict(document)
    for name, value in changes.items():
        if value is None:
            result.pop(name, None)
        elif isinstance(value, Mapping):
            present = result.get(name)
            result[name] = patched(present if isinstance(present, Mapping) else {}, value)
        else:
            result[name] = value
    return result


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[FieldChange, ...]:
    """What differs between two documents, in the order in which the later one has its fields."""
    old, new = dict(_leaves(before)), dict(_leaves(after))
    return tuple(
        FieldChange(field=path, before=old.get(path, NOTHING), after=new.get(path, NOTHING))
        for path in new | old
        if old.get(path, NOTHING) != new.get(path, NOTHING)
    )


def keys_changed(keys: tuple[str, ...]) -> tuple[FieldChange, ...]:
    return tuple(FieldChange(field=key, before=None, after=None) for key in keys)


def without_unstated(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document as a person would write it: nothing that is null or empty."""
    stated = {
        name: without_unstated(value) if isinstance(value, Mapping) else value
        for name, value in document.items()
    }
    return {name: value for name, value in stated.items() if value not in (None, {}, [])}


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, part in value.items():
            yield from _leaves(part, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list | tuple) and any(isinstance(item, Mapping) for item in value):
        for place, item in enumerate(value):
            yield from _leaves(item, f"{path}.{place}")
    elif isinstance(value, list | tuple):
        yield path, ", ".join(_as_written(item) for item in value)
    elif value is not None:
        yield path, _as_written(value)


def _as_written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
