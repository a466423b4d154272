"""From what was typed in a form to changes of a profile."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData

from console.adapters.web.pages.profiles.fields import COLLECTIVE_FOR, COLLECTIVE_NUMBER, Field, Kind
from console.adapters.web.pages.profiles.sealed_keys import SealedKeys

REMOVE = ".remove"
SEALED = ".sealed"
# Longer ones are no number of anything, and Python refuses to convert endless digits.
DIGITS_MAX = 18
_INTEGER = re.compile(rf"-?\d{{1,{DIGITS_MAX}}}", re.ASCII)
_SEPARATOR = re.compile(r"[,;\n]")
_UNSTORABLE = dict.fromkeys(range(0xD800, 0xE000)) | {0: None, ord("\r"): None}


@dataclass(frozen=True, kw_only=True, slots=True)
class Typed:
    """A form as it was sent; `keys` holds the keys that were typed now or in a former attempt."""

    values: Mapping[str, Sequence[str]]
    keys: Mapping[str, str]

    def text(self, name: str) -> str:
        """The one value of a field, without outer blanks."""
        given = self.values.get(name) or ("",)
        return given[0].strip()

    def all(self, name: str) -> Sequence[str]:
        return self.values.get(name, ())

    def has(self, name: str) -> bool:
        return name in self.values


def read_form(form: FormData, fields: Iterable[Field], seals: SealedKeys, *, session: str) -> Typed:
    values: dict[str, list[str]] = {}
    for name, value in form.multi_items():
        if isinstance(value, str):
            values.setdefault(name, []).append(value.translate(_UNSTORABLE))
    keys = {}
    for field in fields:
        if field.kind is not Kind.KEY:
            continue
        typed = "".join(values.pop(field.path, ())).strip()
        sealed = "".join(values.pop(field.path + SEALED, ()))
        kept = seals.open(sealed, path=field.path, session=session) if sealed else None
        if typed or kept:
            keys[field.path] = typed or kept or ""
    return Typed(values=values, keys=keys)


def changes_in(typed: Typed, fields: Iterable[Field]) -> dict[str, Any]:
    """What these fields say, as `ProfileDesk.change` takes it: None takes a value away, or to its default.

    What cannot be read stays as it was typed: the schema says what is wrong with it.
    """
    changes: dict[str, Any] = {}
    for field in fields:
        if field in (COLLECTIVE_FOR, COLLECTIVE_NUMBER):
            continue
        if field.kind is Kind.KEY:
            _put_key(changes, field, typed)
        else:
            put(changes, field.path, _value(field, typed))
    if COLLECTIVE_FOR in fields:
        put(changes, "customers.collective_debtor", _collective_debtor(typed))
    return changes


def put(changes: dict[str, Any], path: str, value: Any) -> None:
    """Set a value at a path, making the sections on the way."""
    *sections, name = path.split(".")
    place = changes
    for section in sections:
        place = place.setdefault(section, {})
    place[name] = value


def integer_or_text(text: str) -> int | str | None:
    if not text:
        return None
    return int(text) if _INTEGER.fullmatch(text) else text


def _put_key(changes: dict[str, Any], field: Field, typed: Typed) -> None:
    if field.path in typed.keys:
        put(changes, field.path, typed.keys[field.path])
    elif typed.has(field.path + REMOVE):
        put(changes, field.path, None)


def _value(field: Field, typed: Typed) -> Any:
    text = typed.text(field.path)
    match field.kind:
        case Kind.INTEGER | Kind.COST_CENTRE:
            return integer_or_text(text)
        case Kind.AMOUNT:
            return text.replace(",", ".") or None
        case Kind.YES_NO:
            return bool(text)
        case Kind.WORDS:
            return split_words(text) or None
        case Kind.STATUSES:
            return _statuses(typed.all(field.path))
        case _:
            return text or None


def split_words(text: str) -> list[str]:
    """Texts between commas, semicolons or line ends."""
    return [word.strip() for word in _SEPARATOR.split(text) if word.strip()]


def _statuses(given: Sequence[str]) -> Any:
    words = [word for text in given for word in split_words(text)]
    return "all" if "all" in words else [integer_or_text(word) for word in words]


def _collective_debtor(typed: Typed) -> dict[str, Any] | None:
    applies_to = typed.text(COLLECTIVE_FOR.path)
    if applies_to in ("", "never"):
        return None
    return {"for": applies_to, "number": integer_or_text(typed.text(COLLECTIVE_NUMBER.path))}
