"""Buyers and relations to recognise, all invented, and a mirror of lists."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from customer_resolver.domain.buyers import Address, Buyer
from customer_resolver.domain.recognition import (
    CARRIERS_MAX,
    Candidates,
    Recognised,
    Recognition,
    Statistics,
    Threshold,
    keys_of_buyer,
    keys_of_relation,
    recognise,
)
from customer_resolver.domain.relations import Relation, RelationAddress

HERE = "administration"
# A large administration, in which these first names are common and no surname is.
LARGE = Statistics(
    relation_count=100_000,
    first_names={"peter": 300, "kim": 200, "nora": 150, "nova": 60, "jan": 900, "anna": 400},
)


def home(**changes: str) -> Address:
    values = {"street": "Kerkstraat", "house_number": "12", "postcode": "1234AB", "country_code": "NL"}
    return Address(**{**values, **changes})


def buyer(**changes: Any) -> Buyer:
    values = {"email": "peter.zwartjes@kpnmail.nl", "person": "Peter Zwartjes", "address": home()}
    return Buyer(**{**values, **changes})


def card(number: int = 10412, **changes: Any) -> Relation:
    """A relation at the buyer's door; `street`, `postcode` and `contact` are those of its address."""
    place = {"street": "Kerkstraat 12", "postcode": "1234 AB", "country_code": "NL"}
    place |= {name: changes.pop(name) for name in (*place, "contact") if name in changes}
    values = {
        "relation_id": f"relation-{number}",
        "number": number,
        "name": "Peter Zwartjes",
        "emails": ("peter.zwartjes@kpnmail.nl",),
        "address": RelationAddress(**place),
    }
    return Relation(**{**values, **changes})


def candidates_of(asked: Buyer, relations: Iterable[Relation]) -> Candidates:
    """What a mirror with these relations answers."""
    wanted = keys_of_buyer(asked, HERE)
    keys = {relation: keys_of_relation(relation, HERE) & wanted for relation in relations}
    carriers = Counter(key for shared in keys.values() for key in shared)
    found = [
        relation for relation, shared in keys.items() if any(carriers[key] <= CARRIERS_MAX for key in shared)
    ]
    return Candidates(relations=tuple(found), carriers=dict(carriers))


def recognised(
    asked: Buyer,
    *relations: Relation,
    by: Recognition = Recognition.SMART,
    threshold: Threshold = Threshold.STRICT,
    statistics: Statistics = LARGE,
) -> Recognised:
    return recognise(
        asked,
        candidates_of(asked, relations),
        statistics,
        administration_id=HERE,
        by=by,
        threshold=threshold,
    )
