"""Texts with placeholders that a profile may hold: invoice numbers and descriptions."""

from collections.abc import Mapping
from string import Formatter


def placeholders(pattern: str) -> tuple[str, ...]:
    """The names between braces, in order; ValueError for a lone brace, a nameless placeholder or a format."""
    names = []
    for _, name, form, conversion in Formatter().parse(pattern):
        if name is None:
            continue
        if form or conversion or not name:
            raise ValueError("only plain placeholders are allowed")
        names.append(name)
    return tuple(names)


def fill(pattern: str, values: Mapping[str, str]) -> str:
    """The pattern with its placeholders filled in; KeyError when a value is missing."""
    parts = []
    for literal, name, _, _ in Formatter().parse(pattern):
        # Not str.format: it would follow a dot in a name into the value's attributes.
        parts += [literal, "" if name is None else values[name]]
    return "".join(parts)


def literal_prefix(pattern: str) -> str:
    """What every filled pattern starts with: the text before the first placeholder."""
    prefix = ""
    for literal, name, _, _ in Formatter().parse(pattern):
        prefix += literal
        if name is not None:
            break
    return prefix


def literal_length(pattern: str) -> int:
    """The characters of a filled pattern that are no placeholder's."""
    return sum(len(literal) for literal, _, _, _ in Formatter().parse(pattern))


def prefixes_may_meet(first: str, second: str) -> bool:
    """Whether two patterns could give the same text, judged by their literal prefixes."""
    # SnelStart does not say whether it tells capitals apart in invoice numbers: assume that it does not.
    one, other = literal_prefix(first).casefold(), literal_prefix(second).casefold()
    return one.startswith(other) or other.startswith(one)
