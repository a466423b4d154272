"""What holds for recognition whatever is written on orders and cards."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_resolver.domain.buyers import Address, Buyer, Recipient
from customer_resolver.domain.recognition import (
    Level,
    Linked,
    Manual,
    New,
    Recognised,
    Recognition,
    Statistics,
    StatisticsCount,
    Trace,
)
from customer_resolver.domain.recognition.guards import Objection
from customer_resolver.domain.relations import Relation, RelationAddress
from customer_resolver.handlers.explaining import explain
from recognition_cases import buyer, card, recognised
from sconnect.texts import LANGUAGES
from sconnect.texts.rendering import sentences

WORDS = st.one_of(
    st.sampled_from(
        [
            *(
                "",
                "Peter Zwartjes",
                "P. Zwartjes",
                "Fam. Zwartjes",
                "Kim Zwartjes",
                "Zwartjes B.V.",
                "van",
                "-",
                "'t",
            ),
            *(
                "1234AB",
                "12",
                "Kerkstraat 12",
                "B-1000",
                "geen-apenstaart",
                "a@b",
                "😀 😀",
                "x" * 300,
                "٣٤ ß ĳ",
            ),
            *("peter.zwartjes@kpnmail.nl", "info@zwartjes.nl", "0612345678", "(((", "Postbus 1", "1e 2e 3e"),
        ]
    ),
    st.text(max_size=40),
)
EMAILS = st.one_of(st.none(), WORDS)
COUNTRIES = st.sampled_from(["", "NL", "BE", "DE"])
ADDRESSES = st.builds(
    Address,
    street=WORDS,
    house_number=WORDS,
    postcode=WORDS,
    country_code=COUNTRIES,
)
BUYERS = st.builds(
    Buyer,
    email=EMAILS,
    company=WORDS,
    person=WORDS,
    phone=WORDS,
    address=ADDRESSES,
    delivery=st.one_of(st.none(), st.builds(Recipient, person=WORDS, phone=WORDS)),
    customer_code=EMAILS,
)  # fmt: skip
PLACES = st.builds(
    RelationAddress,
    contact=WORDS,
    street=WORDS,
    postcode=WORDS,
    country_code=COUNTRIES,
)


def relation(number: int, values: dict[str, Any]) -> Relation:
    return Relation(relation_id=f"relation-{number}", number=number, **values)


RELATIONS = st.lists(
    st.fixed_dictionaries(
        {
            "name": WORDS,
            "emails": st.lists(WORDS, max_size=2).map(tuple),
            "phones": st.lists(WORDS, max_size=2).map(tuple),
            "address": PLACES,
            "correspondence": PLACES,
            "vat_number": EMAILS,
            "iban": EMAILS,
            "active": st.booleans(),
        }
    ),
    max_size=5,
).map(lambda rows: [relation(number, values) for number, values in enumerate(rows, start=1)])


def told(outcome: Recognised) -> object:
    """All of an outcome but its trace."""
    match outcome:
        case Linked(relation=linked, levels=levels, differs=differs):
            return linked.number, levels, differs
        case Manual(reasons=reasons, suggestions=suggestions):
            return reasons, suggestions
        case New(reasons=reasons):
            return reasons


@settings(max_examples=120, deadline=None)
@given(BUYERS, RELATIONS, st.sampled_from(list(Recognition)))
def test_anything_is_decided_and_explained(asked: Buyer, relations: list[Relation], by: Recognition) -> None:
    outcome = recognised(asked, *relations, by=by)
    assert outcome.levels if isinstance(outcome, Linked) else outcome.reasons
    for language in LANGUAGES:
        assert explain(outcome, language)
    document = json.loads(json.dumps(outcome.trace.as_document()))
    assert Trace.from_document(document) == outcome.trace


@settings(max_examples=60, deadline=None)
@given(BUYERS, RELATIONS, st.randoms(use_true_random=False))
def test_the_order_of_the_candidates_changes_nothing(
    asked: Buyer, relations: list[Relation], random: Any
) -> None:
    shuffled = list(relations)
    random.shuffle(shuffled)
    assert told(recognised(asked, *shuffled)) == told(recognised(asked, *relations))


@settings(max_examples=60, deadline=None)
@given(BUYERS, RELATIONS)
def test_a_relation_that_has_nothing_in_common_changes_nothing(
    asked: Buyer, relations: list[Relation]
) -> None:
    stranger = relation(
        900_000_001,
        {"name": "Q. Xylofoonspeler", "address": RelationAddress(street="Verweg 7", postcode="9998ZY")},
    )
    assert told(recognised(asked, *relations, stranger)) == told(recognised(asked, *relations))


@settings(max_examples=30, deadline=None)
@given(RELATIONS)
def test_statistics_survive_their_document(relations: list[Relation]) -> None:
    count = StatisticsCount()
    for each in relations:
        count.add(each)
    statistics = count.statistics()
    assert Statistics.from_document(json.loads(json.dumps(statistics.as_document()))) == statistics


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("word", [*Level, *Objection], ids=str)
def test_every_level_and_objection_has_its_words(word: str, language: str) -> None:
    assert f"explanation.{word}" in sentences(language)


def test_a_link_says_what_agrees_and_what_differs() -> None:
    order, relation = buyer(phone="0612345678"), card(name="P. Zwartjes", phones=("0687654321",), emails=())
    outcome = recognised(buyer(), card(phones=("0687654321",)))
    assert explain(outcome) == (
        "Gekoppeld aan 10412 Peter Zwartjes: adres gelijk, e-mailadres gelijk, achternaam gelijk, "
        "voornaam gelijk."
    )
    assert explain(recognised(order, relation)).startswith("Niet automatisch: alleen voorletters bekend")
