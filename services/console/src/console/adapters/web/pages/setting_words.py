"""Sentences that name a setting of a profile, as the pages call that setting.

The sentences are the command's too, whose users read `bookings.zero_total` in the file of their profile; on a
page the same setting is a field with a name.
"""

import re

from console.adapters.web.pages.words import Words

_SETTING = re.compile(
    r"\b(?P<path>(?:shop|bookkeeping|bookings|customers|planning)(?:\.[a-z_]+)+)"
    r"(?:(?P<where> in (?:het profiel|the profile) (?:op|to) )(?P<value>[a-z_]+))?"
)


def with_settings_named(sentence: str, words: Words) -> str:
    """What has no name on a page stays as it is."""
    return _SETTING.sub(lambda found: _named(found, words), sentence)


def _named(found: re.Match[str], words: Words) -> str:
    path, where, value = found["path"], found["where"] or "", found["value"] or ""
    if not words.has(f"profile.field.{path}"):
        return found[0]
    choice = f"profile.choice.{path}.{value}"
    if value and words.has(choice):
        value = _quoted(words.text(choice))
    return f"{_quoted(words.text(f'profile.field.{path}'))}{where}{value}"


def _quoted(text: str) -> str:
    return f"\N{LEFT SINGLE QUOTATION MARK}{text}\N{RIGHT SINGLE QUOTATION MARK}"
