"""What is common and what is rare in one administration."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from customer_resolver.domain.recognition.identities import identity_of_relation
from customer_resolver.domain.recognition.weights import PRIORS, Weights
from customer_resolver.domain.relations import Relation, RelationRole

# Beyond these a name is rare enough to count as such; 20,000 keep the largest administration under 2 MB.
NAMES_KEPT_MAX = 20_000
_CARRIERS_KEPT_MIN = 2

# Fewer relations than this say little about how common a value is among people.
_POPULATION_MIN = 50_000
_SURNAME_SHARE_MIN = 2e-5
_FIRST_NAME_SHARE_MIN = 2e-4


@dataclass(frozen=True, kw_only=True, slots=True)
class Statistics:
    """Counted over a complete read; a value that is absent is rare.

    `surnames` and `first_names` count relations by name in normal form. Empty statistics are those of a fresh
    administration: recognition then stands on the shipped weights alone.
    """

    relation_count: int = 0
    surnames: Mapping[str, int] = field(default_factory=dict)
    first_names: Mapping[str, int] = field(default_factory=dict)
    weights: Weights = PRIORS

    def surname_share(self, surname: str) -> float:
        share = (self.surnames.get(surname, 0) + 0.5) / (self.relation_count + _POPULATION_MIN / 10)
        return max(share, _SURNAME_SHARE_MIN)

    def first_name_share(self, first_name: str) -> float:
        share = (self.first_names.get(first_name, 0) + 0.5) / (self.relation_count + _POPULATION_MIN / 50)
        return max(share, _FIRST_NAME_SHARE_MIN)

    def carried_share(self, carriers: int) -> float:
        """Of an e-mail address, a telephone or a door that so many relations have."""
        return max(carriers, 1) / max(self.relation_count, _POPULATION_MIN)

    def as_document(self) -> dict[str, Any]:
        """For JSON; `from_document` reads it back."""
        return {
            "relation_count": self.relation_count,
            "surnames": dict(self.surnames),
            "first_names": dict(self.first_names),
            "weights": self.weights.as_document(),
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Statistics":
        """ValueError or KeyError when it is none of ours."""
        return cls(
            relation_count=int(document["relation_count"]),
            surnames={str(name): int(count) for name, count in document["surnames"].items()},
            first_names={str(name): int(count) for name, count in document["first_names"].items()},
            weights=Weights.from_document(document["weights"]),
        )


NO_STATISTICS: Final = Statistics()


class StatisticsCount:
    """Counts relations one by one, for instance while a complete read passes."""

    def __init__(self) -> None:
        self._relations = 0
        self._surnames: Counter[str] = Counter()
        self._first_names: Counter[str] = Counter()

    def add(self, relation: Relation) -> None:
        """Every relation once; those nobody is linked to do not count."""
        if relation.role is not RelationRole.CUSTOMER:
            return
        self._relations += 1
        identity = identity_of_relation(relation)
        people = identity.contacts if identity.is_business else (identity.person, *identity.contacts)
        self._surnames.update({person.surname for person in people if person.surname})
        self._first_names.update({first for person in people for first in person.firsts})

    def statistics(self, weights: Weights = PRIORS) -> Statistics:
        return Statistics(
            relation_count=self._relations,
            surnames=_common(self._surnames),
            first_names=_common(self._first_names),
            weights=weights,
        )


def _common(counts: Counter[str]) -> dict[str, int]:
    kept = counts.most_common(NAMES_KEPT_MAX)
    return {name: count for name, count in kept if count >= _CARRIERS_KEPT_MIN}
