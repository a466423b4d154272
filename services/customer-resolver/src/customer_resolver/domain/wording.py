"""Texts made fit for SnelStart's fields, which count as .NET does: UTF-16 units."""

import unicodedata

_ZERO_WIDTH_JOINER = "\N{ZERO WIDTH JOINER}"
_DANGLING = " ,;:-–&+/("


def tidy(text: str | None) -> str:
    """One line with single spaces, without control characters."""
    kept = "".join(
        " " if character.isspace() else character
        for character in text or ""
        if character.isspace() or unicodedata.category(character) not in ("Cc", "Cs")
    )
    return " ".join(kept.split())


def units(text: str) -> int:
    """The length as SnelStart counts it: an emoji counts for two."""
    return len(text.encode("utf-16-le")) // 2


def shortened(text: str, units_max: int) -> str:
    """At most `units_max` long; cut between words unless that costs half of it, never inside a character."""
    if units(text) <= units_max:
        return text
    fit = end = _longest_fit(text, units_max)
    while end > 0 and _joined(text[end - 1], text[end]):
        end -= 1
    end = end or fit
    cut = text[:end]
    space = cut.rfind(" ")
    if text[end] != " " and space * 2 >= end:
        cut = cut[:space]
    return cut.rstrip(_DANGLING) or cut


def _longest_fit(text: str, units_max: int) -> int:
    used = 0
    for index, character in enumerate(text):
        used += units(character)
        if used > units_max:
            return index
    return len(text)


def _joined(before: str, after: str) -> bool:
    return _ZERO_WIDTH_JOINER in (before, after) or unicodedata.category(after) in ("Mn", "Me", "Sk")
