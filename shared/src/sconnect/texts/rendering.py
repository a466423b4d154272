"""From a key and its details to a sentence."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from string import Formatter
from types import MappingProxyType
from typing import Any

LANGUAGES = ("nl", "en")


def render(key: str, details: Mapping[str, str], language: str = "nl") -> str:
    """The sentence for `<section>.<name>[.<variant>]`, for instance `command.profile_saved`.

    A detail that is missing reads "?". A key without a sentence falls back to the same key without its last
    part, and at last to the key itself: a text that is missing must never hide what happened.
    ValueError for a language that is not in LANGUAGES.
    """
    known = sentences(language)
    for candidate in _ever_shorter(key):
        if candidate in known:
            return Formatter().vformat(known[candidate], (), _Details(details))
    return key


def reason_text(code: str, variant: str | None, details: Mapping[str, str], language: str = "nl") -> str:
    """The sentence of a reason, of its variant when it has one; the bare code when there is none.

    The detail `why` holds words of an explanation with commas between; `field` of a booking that differs
    names what differs ("total", "ledger 8100 high").
    """
    key = f"reason.{code}" if variant is None else f"reason.{code}.{variant}"
    if "why" in details:
        details = {**details, "why": explanation_text(details["why"].split(","), details, language)}
    if code == "CONFLICTS_WITH_EXISTING" and "field" in details:
        details = {**details, "field": _difference_text(details["field"], language)}
    return render(key, details, language).removeprefix("reason.")


def _difference_text(field: str, language: str) -> str:
    name, *about = field.split()
    words = [
        render(f"difference.word.{word}", {}, language).removeprefix("difference.word.") for word in about
    ]
    return render(f"difference.{name}", {"about": " ".join(words)}, language).removeprefix("difference.")


def explanation_text(words: Iterable[str], details: Mapping[str, str], language: str = "nl") -> str:
    """What the customer-resolver's words mean; a word without a text stays as it is."""
    keys = (f"explanation.{word.strip()}" for word in words if word.strip())
    return ", ".join(_as_part(render(key, details, language).removeprefix("explanation.")) for key in keys)


def _as_part(sentence: str) -> str:
    """A sentence inside another one; a word that is all in capitals stays as it is."""
    part = sentence.removesuffix(".")
    return part if part[1:2].isupper() else part[:1].lower() + part[1:]


@cache
def sentences(language: str) -> Mapping[str, str]:
    """All templates of one language by their full key, from every file `<language>[.<subject>].toml`."""
    if language not in LANGUAGES:
        raise ValueError(f"no texts in language {language!r}")
    found: dict[str, str] = {}
    for file in files(__package__).iterdir():
        if file.name.endswith(".toml") and file.name.partition(".")[0] == language:
            found |= _flat(tomllib.loads(file.read_text(encoding="utf-8")))
    return MappingProxyType(found)


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, str):
            yield prefix + name, value
        else:
            yield from _flat(value, f"{prefix}{name}.")


def _ever_shorter(key: str) -> Iterator[str]:
    while "." in key:
        yield key
        key = key.rpartition(".")[0]


class _Details(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "?"
