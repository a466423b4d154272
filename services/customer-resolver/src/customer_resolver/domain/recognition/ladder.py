"""From compared candidates to a decision: linked, a person, or nobody."""

from customer_resolver.domain.recognition.guards import Objection, objections
from customer_resolver.domain.recognition.outcomes import SUGGESTIONS_MAX
from customer_resolver.domain.recognition.scoring import Scored, level_bits, score
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
    scored = score(trace, weights)
    if not scored:
        return Nobody(reasons=(NOTHING_AGREES,))
    if sum(each.probability for each in scored) <= NEW_PROBABILITY_MAX:
        return Nobody(reasons=(TOO_LITTLE_AGREES,))
    active = tuple(each for each in scored if each.compared.is_active)
    winner = _winner(scored, active)
    held_back = _objections(winner, scored, trace)
    if not held_back:
        return Link(pick=pick_of(winner, weights))
    picks = [pick_of(each, weights) for each in scored[:SUGGESTIONS_MAX]]
    numbers = [str(each.compared.number) for each in scored if each is not winner]
    details = {"first": str(winner.compared.number), "second": numbers[0] if numbers else ""}
    return Choose(
        reasons=tuple(objection.value for objection in held_back), picks=tuple(picks), details=details
    )


def _winner(scored: tuple[Scored, ...], active: tuple[Scored, ...]) -> Scored:
    """A card that is no longer in use gives way to one in use that fits as well."""
    best = scored[0]
    if best.compared.is_active or not active or best.bits - active[0].bits > TIE_BITS:
        return best
    return active[0]


def _objections(winner: Scored, scored: tuple[Scored, ...], trace: Trace) -> list[Objection]:
    others = [each for each in scored if each is not winner]
    found = list(objections(winner.compared, [each.compared for each in others], trace.threshold))
    rivals = [each for each in others if each.compared.is_active or not winner.compared.is_active]
    runner_up = rivals[0] if rivals else None
    if runner_up is not None and winner.bits - runner_up.bits < TIE_BITS:
        is_double = {winner.compared.number, runner_up.compared.number} == trace.twins
        found.insert(0, Objection.DUPLICATE if is_double else Objection.TIE)
    others_share = 1 - winner.probability - sum(each.probability for each in others if each not in rivals)
    if winner.probability < LINK_PROBABILITY_MIN * (winner.probability + others_share):
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
