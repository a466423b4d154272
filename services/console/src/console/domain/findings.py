"""What is found wrong, or doubtful, about a profile."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """A refusal keeps the profile from being saved; a warning only tells. `text_key` names its sentence."""

    text_key: str
    is_refusal: bool
    field: str
    details: Mapping[str, str]


def refusal(text_key: str, *, about: str = "", **details: str) -> Finding:
    return Finding(text_key=text_key, is_refusal=True, field=about, details={"field": about, **details})


def warning(text_key: str, *, about: str = "", **details: str) -> Finding:
    return Finding(text_key=text_key, is_refusal=False, field=about, details={"field": about, **details})
