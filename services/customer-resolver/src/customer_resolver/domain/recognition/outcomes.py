"""What recognition answers, in words that have a sentence in sconnect.texts under `explanation`."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from customer_resolver.domain.recognition.levels import Level
from customer_resolver.domain.recognition.trace import Trace
from customer_resolver.domain.relations import Relation

SUGGESTIONS_MAX = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidates:
    """What the mirror has for the keys of a buyer.

    `relations` are all, inactive ones and suppliers too, that share a key which at most CARRIERS_MAX
    relations carry; in any order. `carriers` counts the relations behind each key, up to one more than
    CARRIERS_MAX; a key that nobody carries may be absent.
    """

    relations: tuple[Relation, ...] = ()
    carriers: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Suggestion:
    """A relation that a person may choose; what agrees, strongest first, and what does not."""

    relation: Relation
    agrees: tuple[Level, ...]
    differs: tuple[Level, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Linked:
    """The buyer is this customer: `levels` name what agrees, strongest first, `differs` what does not."""

    relation: Relation
    levels: tuple[Level, ...]
    differs: tuple[Level, ...]
    trace: Trace


@dataclass(frozen=True, kw_only=True, slots=True)
class Manual:
    """A person must choose: `reasons` say why, most important first; at most SUGGESTIONS_MAX suggestions.

    `details` are the customer numbers that the sentences of the reasons name.
    """

    reasons: tuple[str, ...]
    suggestions: tuple[Suggestion, ...]
    details: Mapping[str, str]
    trace: Trace


@dataclass(frozen=True, kw_only=True, slots=True)
class New:
    """Nobody in the administration is this buyer: `reasons` say what was looked for in vain."""

    reasons: tuple[str, ...]
    trace: Trace


Recognised = Linked | Manual | New
