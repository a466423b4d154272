"""The one way in: who is this buyer among these relations?"""

from dataclasses import replace

from customer_resolver.domain.buyers import Buyer
from customer_resolver.domain.recognition.addresses import read_address
from customer_resolver.domain.recognition.comparison import Comparison
from customer_resolver.domain.recognition.identities import Identity, identity_of_buyer, identity_of_relation
from customer_resolver.domain.recognition.keys import KeyKind, hashed, keyed
from customer_resolver.domain.recognition.ladder import climb
from customer_resolver.domain.recognition.outcomes import (
    Candidates,
    Linked,
    Manual,
    New,
    Recognised,
    Suggestion,
)
from customer_resolver.domain.recognition.plain import look_up
from customer_resolver.domain.recognition.statistics import NO_STATISTICS, Statistics
from customer_resolver.domain.recognition.trace import Trace
from customer_resolver.domain.recognition.verdicts import Choose, Link, Nobody, Pick, Verdict
from customer_resolver.domain.recognition.ways import Recognition, Threshold
from customer_resolver.domain.recognition.weights import Weights
from customer_resolver.domain.relations import Relation, RelationRole

# What two cards of one customer have in common besides the name.
_EMAIL_OR_DOOR = (KeyKind.EMAIL, KeyKind.PLACE, KeyKind.PHONE)


def recognise(
    buyer: Buyer,
    candidates: Candidates,
    statistics: Statistics = NO_STATISTICS,
    *,
    administration_id: str,
    by: Recognition,
    threshold: Threshold = Threshold.STRICT,
) -> Recognised:
    """Compare a buyer with its candidates and decide; the order of the candidates never matters.

    Suppliers and SnelStart's own relations are passed over; inactive ones are only suggested.
    """
    ours = identity_of_buyer(buyer)
    relations = {
        relation.relation_id: relation
        for relation in candidates.relations
        if relation.role is RelationRole.CUSTOMER
    }
    identities = {key: identity_of_relation(relation) for key, relation in relations.items()}

    def carriers_of(kind: KeyKind, value: str) -> int:
        return candidates.carriers.get(hashed(kind, value, administration_id), 0)

    comparison = Comparison(ours, statistics, carriers_of)
    plain = _PlainSides(buyer, ours)
    compared = [
        replace(
            comparison.compare(relations[key], identities[key]),
            same_email=plain.has_email_of(identities[key]),
            same_postcode=plain.has_postcode_of(identities[key]),
        )
        for key in sorted(relations)
    ]
    sites = _sites([identities[key] for key in sorted(relations)])
    compared = [replace(each, site=site) for each, site in zip(compared, sites, strict=True)]
    trace = Trace(
        recognition=by,
        threshold=threshold,
        relation_count=statistics.relation_count,
        has_code=ours.code is not None,
        has_email=bool(ours.mailboxes or ours.relays),
        candidates=tuple(compared),
    )
    trace = replace(trace, twins=_twins(trace, identities, statistics.weights))
    return _outcome(decide(trace, statistics.weights), trace, relations)


class _PlainSides:
    """What the plain recognitions ask of a card: the very mailbox, the postcode of the delivery."""

    def __init__(self, buyer: Buyer, ours: Identity) -> None:
        self._mailboxes = {mailbox.address for mailbox in (*ours.mailboxes, *ours.relays)}
        to = buyer.delivery.address if buyer.delivery and buyer.delivery.address.postcode else buyer.address
        self._postcode = read_address("", "", to.postcode, to.country_code).postcode

    def has_email_of(self, theirs: Identity) -> bool:
        return any(each.address in self._mailboxes for each in (*theirs.mailboxes, *theirs.relays))

    def has_postcode_of(self, theirs: Identity) -> bool:
        return bool(self._postcode) and any(each.postcode == self._postcode for each in theirs.addresses)


def decide(trace: Trace, weights: Weights) -> Verdict:
    """The decision that a trace leads to: the one that was taken, and the same whenever it is taken again."""
    return climb(trace, weights) if trace.recognition is Recognition.SMART else look_up(trace, weights)


def _sites(identities: list[Identity]) -> list[int]:
    """A number per candidate, the same for those that share a door or a mailbox; 0 for who shares none."""
    members: dict[str, list[int]] = {}
    for index, identity in enumerate(identities):
        for address in identity.addresses:
            members.setdefault(address.place, []).append(index)
        for mailbox in identity.mailboxes:
            members.setdefault(mailbox.address, []).append(index)
    sites = [0] * len(identities)
    for value, indexes in members.items():
        if value and len(indexes) > 1:
            joined = {sites[index] for index in indexes} - {0}
            site = min(indexes) + 1
            sites = [
                site if index in indexes or (sites[index] and sites[index] in joined) else sites[index]
                for index in range(len(sites))
            ]
    return sites


def _twins(trace: Trace, identities: dict[str, Identity], weights: Weights) -> frozenset[int]:
    """The two best, when they look like two cards of one customer."""
    verdict = decide(trace, weights)
    if not isinstance(verdict, Choose) or len(verdict.picks) < 2:  # noqa: PLR2004
        return frozenset()
    first, second = verdict.picks[:2]
    if _are_one(identities[first.relation_id], identities[second.relation_id]):
        return frozenset({first.number, second.number})
    return frozenset()


def look_like_one(first: Relation, second: Relation) -> bool:
    """Whether two cards are evidently of one customer: equal names, one mailbox, door or telephone."""
    return _are_one(identity_of_relation(first), identity_of_relation(second))


def _are_one(first: Identity, second: Identity) -> bool:
    names = [(each.company.key, each.company.forms) for each in (first, second)]
    people = [(each.person.surname, each.person.initials[:1]) for each in (first, second)]
    is_business = first.is_business or second.is_business
    if names[0] != names[1] if is_business else people[0] != people[1]:
        return False
    firsts = {each.person.first for each in (first, second)} - {""}
    if not is_business and len(firsts) > 1:
        return False
    shared = keyed(first, "").keys() & keyed(second, "").keys()
    return any(kind in _EMAIL_OR_DOOR for kind, _ in shared)


def _outcome(verdict: Verdict, trace: Trace, relations: dict[str, Relation]) -> Recognised:
    match verdict:
        case Link(pick=pick):
            return Linked(
                relation=relations[pick.relation_id], levels=pick.agrees, differs=pick.differs, trace=trace
            )
        case Choose(reasons=reasons, picks=picks, details=details):
            suggestions = tuple(_suggestion(pick, relations) for pick in picks)
            return Manual(reasons=reasons, suggestions=suggestions, details=details, trace=trace)
        case Nobody(reasons=reasons):
            return New(reasons=reasons, trace=trace)


def _suggestion(pick: Pick, relations: dict[str, Relation]) -> Suggestion:
    return Suggestion(relation=relations[pick.relation_id], agrees=pick.agrees, differs=pick.differs)
