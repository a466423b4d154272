"""From compared candidates to a decision: linked, a person, or nobody."""

from customer_resolver.domain.recognition.guards import Objection, objections
from customer_resolver.domain.recognition.outcomes import SUGGESTIONS_MAX
from customer_resolver.domain.recognition.scoring import Scored, Scores, level_bits, score
from customer_resolver.domain.recognition.trace import Trace
from customer_resolver.domain.recognition.verdicts import Choose, Link, Nobody, Pick, Verdict
from customer_resolver.domain.recognition.weights import Weights

LINK_PROBABILITY_MIN = 0.99
NEW_PROBABILITY_MAX = 0.05
# A factor 8 between the first and the second.
TIE_BITS = 3.0

NOTHING_AGREES = "new.nothing_agrees"
TOO_LITTLE_AGREES = "new.too_little_agrees"


def climb(trace: Trace, weights: Weights) -> Verdict:
    """The decision of smart recognition; the same trace and weights give the same one."""
    scores = score(trace, weights)
    if not scores.ranked:
        return Nobody(reasons=(NOTHING_AGREES,))
    if scores.known_probability <= NEW_PROBABILITY_MAX:
        return Nobody(reasons=(TOO_LITTLE_AGREES,))
    contender = _contender(scores.ranked)
    held_back = _objections(contender, scores, trace)
    if not held_back:
        return Link(pick=pick_of(contender, weights))
    best = scores.ranked[0]
    if contender is not best and best.has_conflict:
        contender, held_back = best, _objections(best, scores, trace)
    others = [each for each in scores.ranked if each is not contender]
    shown = (contender, *others)[:SUGGESTIONS_MAX]
    return Choose(
        reasons=tuple(objection.value for objection in held_back),
        picks=tuple(pick_of(each, weights) for each in shown),
        details={
            "first": str(contender.compared.number),
            "second": str(others[0].compared.number) if others else "",
        },
    )


def _contender(ranked: tuple[Scored, ...]) -> Scored:
    """The best that can be linked; a card no longer in use wins only from those that fit clearly worse."""
    fitting = [each for each in ranked if not each.has_conflict] or list(ranked)
    active = next((each for each in fitting if each.compared.is_active), None)
    if active is None or fitting[0].bits - active.bits > TIE_BITS:
        return fitting[0]
    return active


def _objections(winner: Scored, scores: Scores, trace: Trace) -> list[Objection]:
    others = [each for each in scores.ranked if each is not winner]
    found = list(objections(winner.compared, [each.compared for each in others], trace.threshold))
    rivals = [
        each
        for each in others
        if not each.has_conflict and (each.compared.is_active or not winner.compared.is_active)
    ]
    runner_up = rivals[0] if rivals else None
    if runner_up is not None and winner.bits - runner_up.bits < TIE_BITS:
        is_double = {winner.compared.number, runner_up.compared.number} == trace.twins
        found.insert(0, Objection.DUPLICATE if is_double else Objection.TIE)
    if scores.probability(winner) < LINK_PROBABILITY_MIN:
        found.append(Objection.BELOW_THRESHOLD)
    return found


def pick_of(scored: Scored, weights: Weights) -> Pick:
    """What agrees stands strongest first."""
    compared = scored.compared
    ordered = sorted(compared.levels, key=lambda level: (-level_bits(compared, level, weights), level.value))
    return Pick(
        relation_id=compared.relation_id,
        number=compared.number,
        agrees=tuple(level for level in ordered if level.agrees),
        differs=tuple(level for level in compared.levels if not level.agrees),
    )
