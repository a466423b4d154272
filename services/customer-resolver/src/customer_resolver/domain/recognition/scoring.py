"""How likely each candidate is the buyer.

A score, never a chance to show to anybody: the parts are not independent, address, surname and telephone move
together in a household.
"""

from dataclasses import dataclass
from math import fsum, log2

from customer_resolver.domain.recognition.levels import CONFLICTS, Level
from customer_resolver.domain.recognition.trace import Compared, Trace
from customer_resolver.domain.recognition.weights import Weights

# 2^bits stays a float far beyond what all parts together can reach.
_BITS_MAX = 200.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Scored:
    """`bits` weigh "the same customer" against "a stranger".

    `same` and `related` are the likelihoods that the buyer is this customer, or somebody with a tie to it who
    is in no card; both against the likelihood of being a stranger to all, see `Scores`.
    """

    compared: Compared
    bits: float
    same: float
    related: float

    @property
    def has_conflict(self) -> bool:
        return self.compared.has(*CONFLICTS)


@dataclass(frozen=True, kw_only=True, slots=True)
class Scores:
    """All candidates, the likeliest first; among equals the lower number, so that order never matters."""

    ranked: tuple[Scored, ...]
    stranger: float

    @property
    def known_probability(self) -> float:
        """That the buyer is any of them."""
        same = fsum(each.same for each in self.ranked)
        return same / (same + self.stranger + fsum(each.related for each in self.ranked))

    def probability(self, one: Scored) -> float:
        """That the buyer is this one.

        What agrees with another card on the same site follows from that site: a housemate's card explains
        nothing that this one does not, unless the buyer may be that housemate.
        """
        rivals = [each for each in self.ranked if each is not one and each.compared.is_active]
        kin = [each for each in rivals if each.compared.site and each.compared.site == one.compared.site]
        against = [one.related, self.stranger]
        against.extend(each.same for each in rivals if not (each in kin and each.has_conflict))
        against.extend(each.related for each in rivals if each not in kin)
        return one.same / (one.same + fsum(against))


def score(trace: Trace, weights: Weights) -> Scores:
    """Weigh every candidate of a trace."""
    scored = [_weigh(compared, weights, max(trace.relation_count, 1)) for compared in trace.candidates]
    return Scores(
        ranked=tuple(sorted(scored, key=_likeliest_first)), stranger=1 - weights.known - weights.related
    )


def level_bits(compared: Compared, level: Level, weights: Weights) -> float:
    """What one level speaks for (or, below zero, against) the candidate."""
    odds = weights.table(compared.kind)[level]
    return log2(odds.same / compared.shares.get(level, odds.unrelated))


def _likeliest_first(scored: Scored) -> tuple[float, int, str]:
    return -scored.bits, scored.compared.number, scored.compared.relation_id


def _weigh(compared: Compared, weights: Weights, relation_count: int) -> Scored:
    table = weights.table(compared.kind)
    bits = related_bits = 0.0
    for level in compared.levels:
        odds = table[level]
        unrelated = compared.shares.get(level, odds.unrelated)
        bits += log2(odds.same / unrelated)
        related_bits += log2(odds.related / unrelated)
    return Scored(
        compared=compared,
        bits=bits,
        same=weights.known / relation_count * 2.0 ** min(bits, _BITS_MAX),
        related=weights.related / relation_count * 2.0 ** min(related_bits, _BITS_MAX),
    )
