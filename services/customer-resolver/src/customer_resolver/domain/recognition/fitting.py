"""Fits the weights to an administration by what its own orders look like; nobody has to say what is right.

Expectation-maximisation over kept traces, held back where it went wrong in trials: it moves only how often a
level is seen in the same customer, and how many buyers are known. The related and the unrelated stay as
shipped, or the classes change places; and 300 invented observations of the shipped weights keep small numbers
from deciding.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from customer_resolver.domain.recognition.levels import CONFLICTS, Level
from customer_resolver.domain.recognition.scoring import score
from customer_resolver.domain.recognition.trace import Trace
from customer_resolver.domain.recognition.weights import PRIORS, CardKind, Odds, Table, Weights

ROUNDS = 5
PRIOR_OBSERVATIONS = 300.0
KNOWN_MIN, KNOWN_MAX = 0.30, 0.90
FACTOR_MAX = 4.0

_INITIALS = (Level.FIRST_NAME_INITIAL, Level.FIRST_NAME_OTHER_INITIAL)
_TELLING = (Level.FIRST_NAME_EQUAL, Level.COMPANY_EQUAL, Level.EMAIL_EQUAL)
_FIXED = (Level.CODE_EQUAL, Level.COMPANY_MISSING)

Seen = dict[tuple[CardKind, Level], float]


@dataclass(frozen=True, kw_only=True, slots=True)
class Fit:
    """`refused` is the level by which a fit proved to have lost its way: then nothing is changed."""

    weights: Weights
    orders: int
    refused: Level | None = None


def fit(traces: Sequence[Trace], *, start: Weights = PRIORS) -> Fit:
    """Weights for the administration that these traces come from."""
    weights = start
    for _ in range(ROUNDS):
        seen: Seen = defaultdict(float)
        known = sum(_observe(trace, weights, seen) for trace in traces)
        share = (known + PRIOR_OBSERVATIONS * start.known) / (len(traces) + PRIOR_OBSERVATIONS)
        weights = replace(
            weights,
            person=_fitted(start.person, CardKind.PERSON, seen),
            business=_fitted(start.business, CardKind.BUSINESS, seen),
            known=min(max(share, KNOWN_MIN), KNOWN_MAX),
        )
    refused = _lost(weights)
    return Fit(weights=start if refused else weights, orders=len(traces), refused=refused)


def _observe(trace: Trace, weights: Weights, seen: Seen) -> float:
    """Adds what this trace shows of its likely customer; returns the probability that it has one."""
    scores = score(trace, weights)
    everything = scores.stranger + sum(each.same + each.related for each in scores.ranked)
    total = 0.0
    for each in scores.ranked:
        probability = each.same / everything
        total += probability
        for level in each.compared.levels:
            seen[each.compared.kind, level] += probability
    return total


def _fitted(table: Table, kind: CardKind, seen: Seen) -> Table:
    """Each part's levels share one; a level keeps its shipped share but for what was seen of it.

    Those of somebody else never gain: housemates would teach them that a customer changes names.
    """
    fitted: dict[Level, Odds] = dict(table)
    for group in _groups(table):
        observed = sum(seen[kind, level] for level in group)
        shipped = sum(table[level].same for level in group)
        for level in group:
            before = table[level].same
            prior = PRIOR_OBSERVATIONS * before / shipped
            share = shipped * (seen[kind, level] + prior) / (observed + PRIOR_OBSERVATIONS)
            highest = before if level in CONFLICTS else min(before * FACTOR_MAX, 0.999)
            bounded = min(max(share, before / FACTOR_MAX), highest)
            fitted[level] = table[level]._replace(same=bounded)
    return fitted


def _groups(table: Table) -> list[list[Level]]:
    """Levels that exclude each other: a part's, initials apart from whole first names."""
    groups: dict[object, list[Level]] = defaultdict(list)
    for level in table:
        if level not in _FIXED:
            groups["initials" if level in _INITIALS else level.part].append(level)
    return [group for group in groups.values() if len(group) > 1]


def _lost(weights: Weights) -> Level | None:
    """What tells a customer from a housemate or a sister company must go on telling them apart."""
    for table in (weights.person, weights.business):
        for level in _TELLING:
            if level in table and table[level].same <= table[level].related:
                return level
    return None
