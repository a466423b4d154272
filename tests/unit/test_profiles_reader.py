"""What a profile document may say, and what it says back when it may not."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from factories import profile_document
from sconnect.profiles import Problem, Profile, ProfileInvalid, read_profile
from sconnect.texts import LANGUAGES
from sconnect.texts.rendering import sentences

EXAMPLE = Path(__file__).parents[2] / "docs" / "profile.example.yaml"
EXAMPLE_ENVIRONMENT = {
    "SHOP_TOKEN": "example-shop-token",
    "SNELSTART_SUBSCRIPTION_KEY": "example-subscription-key",
    "SNELSTART_CONNECTION_KEY": "example-connection-key",
}


def read(document: Any, **environment: str) -> Profile:
    return read_profile(document, environment, allow_local_apis=False)


def problems(document: Any) -> dict[str, str]:
    """Text key by field, of a document that must be refused; every sentence must come out whole."""
    with pytest.raises(ProfileInvalid) as refusal:
        read(document)
    for problem in refusal.value.problems:
        for language in LANGUAGES:
            assert problem.text_key in sentences(language)
            sentence = problem.sentence(language)
            assert problem.field in sentence
            assert "?" not in sentence
    return {problem.field: problem.text_key.removeprefix("profile.") for problem in refusal.value.problems}


def only_problem(document: Any) -> Problem:
    with pytest.raises(ProfileInvalid) as refusal:
        read(document)
    assert len(refusal.value.problems) == 1
    return refusal.value.problems[0]


def test_the_documented_example_is_taken() -> None:
    document = yaml.safe_load(EXAMPLE.read_text())
    profile = read(document, **EXAMPLE_ENVIRONMENT)
    assert profile.name == "houten-speelgoed"
    assert profile.shop.token.get_secret_value() == "example-shop-token"
    assert profile.shop.order_statuses == (2, 3, 6)
    assert profile.planning.interval_seconds == 900
    assert profile.bookings.rounding_tolerance == Decimal("0.05")
    assert profile.bookings.ledgers is not None
    assert profile.bookings.ledgers.revenue.oss == {"SR": 8177, "RRL": 8179}
    assert profile.bookings.ledgers.shipping.nl_low == 8301


def test_the_documented_example_names_every_field_of_the_schema() -> None:
    document = yaml.safe_load(EXAMPLE.read_text())
    dumped = read(document, **EXAMPLE_ENVIRONMENT).model_dump(by_alias=True)
    assert document.keys() == dumped.keys()
    for section in ("shop", "bookkeeping", "planning", "customers", "bookings"):
        assert document[section].keys() == dumped[section].keys()


def test_fields_with_a_usual_value_may_be_left_out() -> None:
    document = profile_document()
    for section in ("planning", "customers"):
        del document[section]
    profile = read(document)
    assert profile.planning.interval == "15m"
    assert profile.customers.policy == "add"
    assert profile.customers.collective_debtor is None


def test_ledgers_may_be_left_out_only_while_the_profile_is_off() -> None:
    document = profile_document(bookings={"ledgers": None})
    assert problems(document) == {"bookings.ledgers": "ledgers_missing"}
    document["bookings"]["ledgers"] = {}
    assert problems(document) == {"bookings.ledgers": "ledgers_missing"}
    document["bookings"]["ledgers"] = None
    document["enabled"] = False
    assert read(document).bookings.ledgers is None
    del document["bookings"]
    assert read(document).bookings.ledgers is None


def test_refinements_name_their_condition_and_their_ledgers() -> None:
    refinements = [
        {"kind": "revenue", "sku": "BOEK-*", "nl_low": 8111},
        {"kind": "payment_costs", "payment_method": "mollie/ideal", "nl_high": 8312},
        {"kind": "revenue", "country": "BE", "oss": {"SR": 8178}},
    ]
    ledgers = read(profile_document(bookings={"ledgers": {"refinements": refinements}})).bookings.ledgers
    assert ledgers is not None
    assert [refinement.kind for refinement in ledgers.refinements] == ["revenue", "payment_costs", "revenue"]
    assert ledgers.refinements[2].oss == {"SR": 8178}


@pytest.mark.parametrize(
    ("refinement", "field", "text_key"),
    [
        ({"kind": "revenue", "nl_low": 8111}, "", "refinement_without_condition"),
        ({"kind": "revenue", "sku": "BOEK-*"}, "", "refinement_without_ledger"),
        ({"kind": "gift", "sku": "BOEK-*", "nl_low": 8111}, ".kind", "not_one_of"),
        ({"sku": "BOEK-*", "nl_low": 8111}, ".kind", "missing"),
        ({"kind": "revenue", "country": "Belgium", "nl_low": 8111}, ".country", "bad_country"),
        ({"kind": "revenue", "sku": "BOEK-*", "nl_lo": 8111}, ".nl_lo", "unknown_field_nearest"),
        ({"kind": "revenue", "sku": "BOEK-*", "oss": {"XX": 1}}, ".oss.XX", "not_one_of"),
    ],
)
def test_a_refinement_that_says_too_little_is_refused(
    refinement: dict[str, Any], field: str, text_key: str
) -> None:
    document = profile_document(bookings={"ledgers": {"refinements": [refinement]}})
    assert problems(document) == {f"bookings.ledgers.refinements.0{field}": text_key}


@pytest.mark.parametrize("never", ["never", {"for": "never"}, {"for": "never", "number": 10000}, None])
def test_a_collective_debtor_may_be_switched_off_in_words(never: object) -> None:
    assert read(profile_document(customers={"collective_debtor": never})).customers.collective_debtor is None


@pytest.mark.parametrize("kind", ["no_email", "consumers", "always"])
def test_a_collective_debtor_stands_for_some_buyers(kind: str) -> None:
    debtor = read(profile_document(customers={"collective_debtor": {"for": kind, "number": 10000}})).customers
    assert debtor.collective_debtor is not None
    assert (debtor.collective_debtor.applies_to, debtor.collective_debtor.number) == (kind, 10000)


@pytest.mark.parametrize(
    ("changes", "field", "text_key"),
    [
        ({"name": "houten speelgoed"}, "name", "bad_name"),
        ({"name": "-x"}, "name", "bad_name"),
        ({"name": "speelgoed\n"}, "name", "bad_name"),
        ({"name": "ü"}, "name", "bad_name"),
        ({"name": "x" * 65}, "name", "too_long"),
        ({"name": 12}, "name", "not_text"),
        ({"enabled": "yes"}, "enabled", "not_a_boolean"),
        ({"enabled": 1}, "enabled", "not_a_boolean"),
        ({"shop": []}, "shop", "not_a_section"),
        ({"shop": None}, "shop", "not_a_section"),
        ({"shop": {"token": ""}}, "shop.token", "empty"),
        ({"shop": {"token": None}}, "shop.token", "not_text"),
        ({"shop": {"token": "two words"}}, "shop.token", "secret_characters"),
        ({"shop": {"token": "line\nbreak"}}, "shop.token", "secret_characters"),
        ({"shop": {"start_order_number": "1001"}}, "shop.start_order_number", "not_an_integer"),
        ({"shop": {"start_order_number": 1.5}}, "shop.start_order_number", "not_an_integer"),
        ({"shop": {"start_order_number": True}}, "shop.start_order_number", "not_an_integer"),
        ({"shop": {"start_order_number": -1}}, "shop.start_order_number", "too_small"),
        ({"shop": {"order_statuses": []}}, "shop.order_statuses", "bad_order_statuses"),
        ({"shop": {"order_statuses": "none"}}, "shop.order_statuses", "bad_order_statuses"),
        ({"shop": {"order_statuses": ["2"]}}, "shop.order_statuses", "bad_order_statuses"),
        ({"shop": {"order_statuses": [True]}}, "shop.order_statuses", "bad_order_statuses"),
        ({"shop": {"home_country": "nl"}}, "shop.home_country", "bad_country"),
        ({"bookkeeping": {"rate_limits": "fast"}}, "bookkeeping.rate_limits", "not_one_of"),
        ({"planning": {"task": "export"}}, "planning.task", "not_one_of"),
        ({"planning": {"interval": "20m"}}, "planning.interval", "not_one_of"),
        ({"planning": {"interval": 15}}, "planning.interval", "not_one_of"),
        ({"customers": {"recognition": "e-mail"}}, "customers.recognition", "not_one_of"),
        ({"customers": {"threshold": "loose"}}, "customers.threshold", "not_one_of"),
        ({"customers": {"collective_debtor": 10000}}, "customers.collective_debtor", "not_a_section"),
        (
            {"customers": {"collective_debtor": {"for": "sometimes", "number": 1}}},
            "customers.collective_debtor.for",
            "not_one_of",
        ),
        (
            {"customers": {"collective_debtor": {"for": "always"}}},
            "customers.collective_debtor.number",
            "missing",
        ),
        (
            {"customers": {"collective_debtor": {"for": "always", "number": 0}}},
            "customers.collective_debtor.number",
            "too_small",
        ),
        ({"bookings": {"invoice_date": "today"}}, "bookings.invoice_date", "not_one_of"),
        ({"bookings": {"payment_term_days": 1000}}, "bookings.payment_term_days", "too_large"),
        ({"bookings": {"payment_term_days": -1}}, "bookings.payment_term_days", "too_small"),
        ({"bookings": {"cost_centre": "shop"}}, "bookings.cost_centre", "not_an_integer"),
        ({"bookings": {"zero_total": "ask"}}, "bookings.zero_total", "not_one_of"),
        ({"bookings": {"rounding_tolerance": "1.01"}}, "bookings.rounding_tolerance", "too_large"),
        ({"bookings": {"rounding_tolerance": "-0.01"}}, "bookings.rounding_tolerance", "too_small"),
        ({"bookings": {"rounding_tolerance": "0.001"}}, "bookings.rounding_tolerance", "too_many_decimals"),
        ({"bookings": {"rounding_tolerance": "NaN"}}, "bookings.rounding_tolerance", "not_an_amount"),
        ({"bookings": {"rounding_tolerance": "five"}}, "bookings.rounding_tolerance", "not_an_amount"),
        ({"bookings": {"gift_card_skus": "GIFT"}}, "bookings.gift_card_skus", "not_a_list"),
        ({"bookings": {"gift_card_skus": [12]}}, "bookings.gift_card_skus.0", "not_text"),
        ({"bookings": {"deposit_skus": [""]}}, "bookings.deposit_skus.0", "empty"),
        (
            {"bookings": {"gift_card_description_pattern": "(gift"}},
            "bookings.gift_card_description_pattern",
            "bad_regular_expression",
        ),
        ({"bookings": {"ledgers": {"rounding": "8990"}}}, "bookings.ledgers.rounding", "not_an_integer"),
        ({"bookings": {"ledgers": {"deposits": 0}}}, "bookings.ledgers.deposits", "too_small"),
        (
            {"bookings": {"ledgers": {"revenue": {"oss": {"XX": 8177}}}}},
            "bookings.ledgers.revenue.oss.XX",
            "not_one_of",
        ),
        ({"bookings": {"ledgers": {"revenue": 8100}}}, "bookings.ledgers.revenue", "not_a_section"),
    ],
)
def test_a_wrong_value_is_named_by_its_field(changes: dict[str, Any], field: str, text_key: str) -> None:
    assert problems(profile_document(**changes)) == {field: text_key}


@pytest.mark.parametrize(
    ("pattern", "text_key"),
    [
        ("FACTUUR", "lacks_placeholder"),
        ("{number}", "unknown_placeholder"),
        ("{order_number.__class__}", "unknown_placeholder"),
        ("{order_number!r}", "bad_braces"),
        ("{order_number:>9}", "bad_braces"),
        ("{}", "bad_braces"),
        ("{order_number", "bad_braces"),
        ("}{order_number}", "bad_braces"),
        (" {order_number}", "stray_spaces"),
        ("WEB-{order_number}\t", "stray_spaces"),
        ("0123456789ABCDEF{order_number}", "invoice_number_too_long"),
        ("", "empty"),
    ],
)
def test_an_invoice_number_that_cannot_work_is_refused(pattern: str, text_key: str) -> None:
    document = profile_document(bookings={"invoice_number": pattern})
    assert problems(document) == {"bookings.invoice_number": text_key}


@pytest.mark.parametrize(
    "pattern", ["{order_number}", "WEB-{order_number}", "0123456789ABCDE{order_number}", "{{{order_number}"]
)
def test_an_invoice_number_may_have_text_around_the_order_number(pattern: str) -> None:
    assert read(profile_document(bookings={"invoice_number": pattern})).bookings.invoice_number == pattern


def test_a_description_may_name_the_order_the_credited_order_and_the_reference() -> None:
    pattern = "Order {order_number} op {credited_order_number}, {reference}"
    assert read(profile_document(bookings={"description": pattern})).bookings.description == pattern
    document = profile_document(bookings={"description": "Order {email}"})
    problem = only_problem(document)
    assert problem.details["placeholder"] == "{email}"
    assert problem.details["allowed"] == "{order_number}, {credited_order_number}, {reference}"


def test_a_value_that_is_not_built_yet_names_those_that_work() -> None:
    problem = only_problem(profile_document(shop={"home_country": "BE"}))
    assert problem.text_key == "profile.not_built_yet"
    assert "NL" in problem.sentence("nl")


@pytest.mark.parametrize(
    ("path", "nearest"),
    [
        ("tokne", "perhaps shop.token is"),
        ("interval", "perhaps planning.interval is"),
        ("quite_something_else", None),
    ],
)
def test_an_unknown_field_suggests_the_nearest(path: str, nearest: str | None) -> None:
    problem = only_problem(profile_document(shop={path: "x"}))
    assert problem.field == f"shop.{path}"
    if nearest is None:
        assert problem.text_key == "profile.unknown_field"
    else:
        assert nearest in problem.sentence("en")


def test_an_unknown_section_suggests_the_nearest() -> None:
    assert "perhaps bookings is" in only_problem(profile_document(booking={})).sentence("en")


def test_every_problem_is_told_at_once() -> None:
    document = profile_document(
        name="no good",
        shop={"token": "${MISSING_TOKEN}", "api_url": "http://shop.example.com", "colour": "red"},
        bookkeeping={"rate_limits": "fast"},
        customers={"recognition": "clever"},
        bookings={"ledgers": None, "invoice_number": "X"},
    )
    del document["shop"]["start_order_number"]
    assert problems(document) == {
        "name": "bad_name",
        "shop.token": "variable_missing",
        "shop.start_order_number": "missing",
        "shop.api_url": "address_not_https",
        "shop.colour": "unknown_field",
        "bookkeeping.rate_limits": "not_one_of",
        "customers.recognition": "not_one_of",
        "bookings.ledgers": "ledgers_missing",
        "bookings.invoice_number": "lacks_placeholder",
    }


def test_variables_are_filled_in_anywhere_in_a_text() -> None:
    document = profile_document(
        shop={"token": "${A}"}, bookings={"gift_card_skus": ["${B}-1"], "description": "${B} {order_number}"}
    )
    profile = read(document, A="token-from-environment", B="GIFT")
    assert profile.shop.token.get_secret_value() == "token-from-environment"
    assert profile.bookings.gift_card_skus == ("GIFT-1",)
    assert profile.bookings.description == "GIFT {order_number}"


def test_a_missing_variable_is_named_and_its_text_is_not_taken_for_a_value() -> None:
    problem = only_problem(profile_document(shop={"token": "${SHOP_TOKEN}"}))
    assert problem.field == "shop.token"
    assert problem.details == {"variable": "SHOP_TOKEN"}


def test_a_variable_that_holds_a_variable_is_not_filled_in_again() -> None:
    document = profile_document(bookings={"deposit_skus": ["${A}"]})
    assert read(document, A="${B}", B="secret").bookings.deposit_skus == ("${B}",)


@pytest.mark.parametrize("document", [{}, {"name": "x"}])
def test_an_almost_empty_document_names_what_is_missing(document: dict[str, Any]) -> None:
    found = problems(document)
    assert {found["shop"], found["bookkeeping"]} == {"missing"}


def test_documents_that_no_file_should_hold_are_refused_with_a_sentence() -> None:
    endless: dict[str, Any] = profile_document()
    endless["shop"]["self"] = endless
    assert problems(endless) == {"profile": "endless"}
    assert problems(profile_document(name="\ud800")) != {}
    assert problems(profile_document(shop={1: 2})) == {"shop.1": "unknown_field"}
    assert problems(profile_document(bookings={"payment_term_days": float("inf")})) != {}
    assert problems(profile_document(bookings={"payment_term_days": 10**400})) != {}


def test_no_problem_and_no_repr_repeats_a_secret() -> None:
    secret = "hunter2-very-secret"
    document = profile_document(
        shop={"token": f"{secret} {secret}", "api_url": f"https://u:{secret}@example.com", "tokn": secret},
        bookkeeping={"connection_key": [secret], "subscription_key": {"key": secret}},
    )
    with pytest.raises(ProfileInvalid) as refusal:
        read(document)
    assert secret not in str(refusal.value)
    assert secret not in repr(refusal.value.problems)
    assert refusal.value.__cause__ is None
    profile = read(profile_document(shop={"token": secret, "partner_token": secret}))
    assert secret not in f"{profile!r} {profile} {profile.model_dump()} {profile.model_dump_json()}"
