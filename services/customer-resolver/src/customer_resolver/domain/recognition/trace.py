"""What a decision was taken on: enough to take it again, without a name or an address of anybody."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from customer_resolver.domain.recognition.levels import Level
from customer_resolver.domain.recognition.ways import Recognition, Threshold
from customer_resolver.domain.recognition.weights import CardKind


@dataclass(frozen=True, kw_only=True, slots=True)
class Compared:
    """One candidate. `shares` are the shares of the values that agree, where counted: how rare that is.

    `sharers` counts the relations with the same e-mail address, door or telephone number. `lacks_company`:
    the card is a business and the order names none; `names_other_company`: the other way round.
    Candidates with one `site` share a door or a mailbox; 0 for those that share none.
    `same_email`: one mailbox, forwarding ones too; `same_postcode`: as the delivery's. Only plain ways ask.
    """

    relation_id: str
    number: int
    kind: CardKind
    is_active: bool
    levels: tuple[Level, ...]
    shares: Mapping[Level, float]
    sharers: Mapping[Level, int]
    site: int = 0
    is_household: bool = False
    is_role_mailbox: bool = False
    lacks_company: bool = False
    names_other_company: bool = False
    has_same_mobile: bool = False
    is_name_cut: bool = False
    same_email: bool = False
    same_postcode: bool = False

    def has(self, *levels: Level) -> bool:
        return any(level in self.levels for level in levels)

    def is_shared(self, level: Level) -> bool:
        return self.sharers.get(level, 1) > 1

    def as_document(self) -> dict[str, Any]:
        return {
            "relation_id": self.relation_id,
            "number": self.number,
            "kind": self.kind.value,
            "is_active": self.is_active,
            "levels": [level.value for level in self.levels],
            "shares": {level.value: share for level, share in self.shares.items()},
            "sharers": {level.value: count for level, count in self.sharers.items()},
            "site": self.site,
            "flags": [name for name in _FLAGS if getattr(self, name)],
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Compared":
        return cls(
            relation_id=document["relation_id"],
            number=document["number"],
            kind=CardKind(document["kind"]),
            is_active=document["is_active"],
            levels=tuple(Level(level) for level in document["levels"]),
            shares={Level(level): share for level, share in document["shares"].items()},
            sharers={Level(level): count for level, count in document["sharers"].items()},
            site=document["site"],
            **dict.fromkeys(document["flags"], True),
        )


_FLAGS = (
    "is_household",
    "is_role_mailbox",
    "lacks_company",
    "names_other_company",
    "has_same_mobile",
    "is_name_cut",
    "same_email",
    "same_postcode",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Trace:
    """All candidates as compared. `twins` are the numbers of two that look like one customer."""

    recognition: Recognition
    threshold: Threshold
    relation_count: int
    has_code: bool = False
    has_email: bool = False
    candidates: tuple[Compared, ...] = ()
    twins: frozenset[int] = frozenset()

    def as_document(self) -> dict[str, Any]:
        """For JSON; `from_document` reads it back."""
        return {
            "recognition": self.recognition.value,
            "threshold": self.threshold.value,
            "relation_count": self.relation_count,
            "has_code": self.has_code,
            "has_email": self.has_email,
            "candidates": [candidate.as_document() for candidate in self.candidates],
            "twins": sorted(self.twins),
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Trace":
        """ValueError or KeyError when it is none of ours."""
        return cls(
            recognition=Recognition(document["recognition"]),
            threshold=Threshold(document["threshold"]),
            relation_count=document["relation_count"],
            has_code=document["has_code"],
            has_email=document["has_email"],
            candidates=tuple(Compared.from_document(each) for each in document["candidates"]),
            twins=frozenset(document["twins"]),
        )
