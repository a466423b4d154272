"""How likely each candidate is the buyer.

A score, never a chance to show to anybody: the parts are not independent, address, surname and telephone move
together in a household.
"""

from dataclasses import dataclass
from math import log2

from customer_resolver.domain.recognition.levels import Level
from customer_resolver.domain.recognition.trace import Compared, Trace
from customer_resolver.domain.recognition.weights import Weights

# 2^bits stays a float far beyond what all parts together can reach.
_BITS_MAX = 200.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Scored:
    """`bits` weigh "the same customer" against "a stranger", `probability` against all that may be."""

    compared: Compared
    bits: float
    related_bits: float
    probability: float = 0.0


def score(trace: Trace, weights: Weights) -> tuple[Scored, ...]:
    """All candidates, the likeliest first; among equals the lower number, so that order never matters."""
    weighed = [_weigh(compared, weights) for compared in trace.candidates]
    prior = weights.known / max(trace.relation_count, 1)
    prior_related = weights.related / max(trace.relation_count, 1)
    same = [prior * 2.0 ** min(each.bits, _BITS_MAX) for each in weighed]
    related = [prior_related * 2.0 ** min(each.related_bits, _BITS_MAX) for each in weighed]
    everything = (1 - weights.known - weights.related) + sum(sorted(same)) + sum(sorted(related))
    scored = [
        Scored(
            compared=each.compared,
            bits=each.bits,
            related_bits=each.related_bits,
            probability=likelihood / everything,
        )
        for each, likelihood in zip(weighed, same, strict=True)
    ]
    return tuple(sorted(scored, key=_likeliest_first))


def _likeliest_first(scored: Scored) -> tuple[float, int, str]:
    return -scored.bits, scored.compared.number, scored.compared.relation_id


def level_bits(compared: Compared, level: Level, weights: Weights) -> float:
    """What one level speaks for (or, below zero, against) the candidate."""
    odds = weights.table(compared.kind)[level]
    return log2(odds.same / compared.shares.get(level, odds.unrelated))


def _weigh(compared: Compared, weights: Weights) -> Scored:
    table = weights.table(compared.kind)
    bits = related_bits = 0.0
    for level in compared.levels:
        odds = table[level]
        unrelated = compared.shares.get(level, odds.unrelated)
        bits += log2(odds.same / unrelated)
        related_bits += log2(odds.related / unrelated)
    return Scored(compared=compared, bits=bits, related_bits=related_bits)
