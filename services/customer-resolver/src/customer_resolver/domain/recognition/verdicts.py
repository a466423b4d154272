"""What follows from a trace, in numbers and levels; `recognise` puts the relations back in."""

from collections.abc import Mapping
from dataclasses import dataclass

from customer_resolver.domain.recognition.levels import Level


@dataclass(frozen=True, kw_only=True, slots=True)
class Pick:
    """A candidate with what agrees, strongest first, and what does not."""

    relation_id: str
    number: int
    agrees: tuple[Level, ...]
    differs: tuple[Level, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    pick: Pick


@dataclass(frozen=True, kw_only=True, slots=True)
class Choose:
    """`details` are the customer numbers in the sentences of the reasons."""

    reasons: tuple[str, ...]
    picks: tuple[Pick, ...]
    details: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Nobody:
    reasons: tuple[str, ...]


Verdict = Link | Choose | Nobody
