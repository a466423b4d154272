"""Grouping what waits for a person, the places of ledgers, and their words."""

import json

import pytest

from console.adapters.web.pages.letter_views import BuyerView, LetterView, SuggestionView, place_words
from console.adapters.web.pages.needs import group_sentence
from console.adapters.web.pages.needs_decisions import reason_given
from console.adapters.web.pages.words import Words
from console.domain.ledger_places import LEDGER_REASONS, LedgerPlace, ranked, read_place, waited_for
from console.domain.letter_list import LetterCount, grouped
from console.domain.refusals import NotNow
from console.domain.standing import ToldReason
from console.handlers.ledger_choice import ledger_at, with_ledger
from console.handlers.letters import letter_of
from console.handlers.needs import LetterCase, order_set_aside
from factories import sales_order
from fakes_console import OrderStory
from sconnect.errors import ReasonCode
from sconnect.ledgers import Account, AccountFunction, LedgerColumn, LineKind, Misfit
from sconnect.profiles import Ledgers

WORDS = {language: Words(language) for language in ("nl", "en")}
# These never wait for a person: the shop or time solves them, or nothing is to be done.
NEVER_A_LETTER = {
    ReasonCode.TEST_ORDER,
    ReasonCode.STATUS_NOT_YET,
    ReasonCode.BEFORE_START,
    ReasonCode.ZERO_TOTAL,
    ReasonCode.UPSTREAM_UNAVAILABLE,
    ReasonCode.PROFILE_PAUSED,
}


def count(code: str, letters: int, *, profile: str = "a", kept: bool = True) -> LetterCount:
    return LetterCount(profile=profile, reason_code=code, message_kept=kept, letters=letters)


def test_the_largest_group_comes_first_with_what_is_read_from_the_shop_again() -> None:
    counts = [
        count("LEDGER_UNMAPPED", 2),
        count("LEDGER_UNMAPPED", 3, profile="b"),
        count("LEDGER_UNMAPPED", 1, kept=False),
        count("TOTAL_MISMATCH", 9),
    ]
    first, second = grouped(counts)
    assert (first.reason_code, first.letters, first.from_shop, first.as_received) == (
        "TOTAL_MISMATCH",
        9,
        9,
        0,
    )
    assert (second.letters, second.from_shop, dict(second.by_profile)) == (6, 1, {"a": 3, "b": 3})
    assert [group.letters for group in grouped(counts, "b")] == [3]


@pytest.mark.parametrize("code", sorted(set(ReasonCode) - NEVER_A_LETTER))
@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_reason_that_waits_has_a_sentence_of_its_own(code: ReasonCode, language: str) -> None:
    words = WORDS[language]
    assert group_sentence(code, words) != words.text("needs.why.other")


def test_a_reason_of_a_newer_release_has_a_sentence_too() -> None:
    assert group_sentence("FROM_THE_FUTURE", WORDS["en"]) == WORDS["en"].text("needs.why.other")


@pytest.mark.parametrize(
    ("field", "place"),
    [
        (
            "revenue.nl_high",
            LedgerPlace(field="revenue.nl_high", kind=LineKind.REVENUE, column=LedgerColumn.NL_HIGH),
        ),
        (
            "shipping.oss.SR",
            LedgerPlace(field="shipping.oss.SR", kind=LineKind.SHIPPING, column=LedgerColumn.OSS_SR),
        ),
        ("gift_cards", LedgerPlace(field="gift_cards", kind=LineKind.GIFT_CARD, column=None)),
        (
            "refinements[2].nl_low",
            LedgerPlace(field="refinements[2].nl_low", kind=None, column=LedgerColumn.NL_LOW, refinement=2),
        ),
        ("revenue", None),
        ("revenue.", None),
        ("revenue.nl_purple", None),
        ("foreign_vat.nl_high", None),
        ("refinements[x].nl_low", None),
        ("__class__", None),
    ],
)
def test_places_are_read_as_profiles_write_them(field: str, place: LedgerPlace | None) -> None:
    assert read_place(field) == place


def test_only_a_reason_about_a_ledger_waits_for_one() -> None:
    details = {"field": "bookings.ledgers.revenue.nl_low"}
    waiting = {code for code in ReasonCode if waited_for(ToldReason(code=code, details=details))}
    assert waiting == LEDGER_REASONS
    elsewhere = ToldReason(code="LEDGER_UNFIT", details={"field": "bookings.cost_centre"})
    assert waited_for(elsewhere) is None
    assert waited_for(ToldReason(code="LEDGER_UNFIT")) is None


def test_the_shops_nothing_percent_may_stand_in_either_of_two_places() -> None:
    place = read_place("shipping.nl_zero")
    assert place is not None
    assert [each.field for each in place.alternatives()] == ["shipping.nl_zero", "shipping.nl_exempt"]


@pytest.mark.parametrize(
    "field",
    ["revenue.nl_high", "discount.oss.SRR", "rounding", "refinements[1].eu_business", "revenue.oss.SR"],
)
def test_a_ledger_is_kept_at_its_place_and_nothing_else_changes(field: str) -> None:
    refined = [{"kind": "revenue", "sku": sku, "nl_high": 8101} for sku in ("BOEK-*", "X")]
    document = {"revenue": {"nl_low": 8110, "oss": {"SR": 8400}}, "refinements": refined}
    before = Ledgers.model_validate_json(json.dumps(document))
    place = read_place(field)
    assert place is not None
    after = with_ledger(before, place, 8123)
    assert ledger_at(after, place) == 8123
    again = ledger_at(before, place)
    undone = after.model_dump(mode="json", by_alias=True)
    assert undone != before.model_dump(mode="json", by_alias=True)
    if again is not None:
        assert with_ledger(after, place, again) == before


def test_ledgers_that_fit_come_first_and_the_others_say_why_not() -> None:
    def account(number: int, function: AccountFunction, *, active: bool = True) -> Account:
        return Account(
            number=number,
            is_active=active,
            bands=frozenset(),
            needs_cost_centre=False,
            function=function,
            is_balance_sheet=False,
        )

    accounts = {
        each.number: each
        for each in (
            account(8000, AccountFunction.SALES_LOW),
            account(8100, AccountFunction.SALES_HIGH),
            account(8110, AccountFunction.SALES_HIGH, active=False),
            account(8120, AccountFunction.SALES_HIGH),
        )
    }
    found = list(ranked(accounts, LineKind.REVENUE, LedgerColumn.NL_HIGH, has_cost_centre=False))
    assert [(each.account.number, each.fits) for each in found] == [
        (8100, True),
        (8120, True),
        (8000, False),
        (8110, False),
    ]
    assert found[2].misfits == (Misfit.FUNCTION,)
    assert found[3].misfits == (Misfit.INACTIVE,)


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_place_and_every_misfit_has_words(language: str) -> None:
    words = WORDS[language]
    for kind in ("revenue", "shipping", "payment_costs", "discount"):
        for column in LedgerColumn:
            assert "." not in place_words(f"{kind}.{column.value}", words)
    for field in ("gift_cards", "deposits", "rounding", "refinements[0].nl_high"):
        assert "_" not in place_words(field, words)
    assert place_words("somewhere.else", words) == "somewhere.else"
    assert all(words.has(f"ledger_misfit.{misfit.value}") for misfit in Misfit)


def test_a_letter_says_the_place_of_its_ledger_as_a_bookkeeper_calls_it() -> None:
    told = OrderStory().dead_lettered(stage="booking-writer", code="LEDGER_UNMAPPED")
    details = {"field": "bookings.ledgers.revenue.nl_low", "amount": "12.10"}
    letter = letter_of(
        told.model_copy(update={"reason": told.reason.model_copy(update={"details": details})})
    )
    view = LetterView.of(LetterCase(letter=letter, row=None), WORDS["nl"])
    assert "Omzet, btw laag" in view.sentence
    assert "bookings." not in view.sentence
    assert view.ledger_field == "revenue.nl_low"


def test_the_order_beside_the_customers_comes_from_what_was_set_aside() -> None:
    letter = letter_of(OrderStory().dead_lettered())
    order = order_set_aside(letter)
    assert order is not None
    assert BuyerView.of(order).email == "jan.voorbeeld@example.nl"
    unreadable = letter_of(OrderStory().dead_lettered().model_copy(update={"message": "{"}))
    assert order_set_aside(unreadable) is None
    view = BuyerView.of(sales_order())
    assert (view.names, view.street, view.city) == (
        ["Sanne Voorbeeld"],
        "Kerkstraat 12 a",
        "1234AB Teststad NL",
    )


def test_a_suggestion_tells_in_words_what_agrees_and_what_differs() -> None:
    told = {
        "customer_number": "7",
        "name": "J. Voorbeeld",
        "agreed": "email.equal",
        "differs": "address.differs",
    }
    assert SuggestionView.of(told, "nl").agreed == "e-mailadres gelijk"
    assert SuggestionView.of(told, "en").differs == "address"
    assert SuggestionView.of({}, "en").number == ""


@pytest.mark.parametrize("typed", ["", "  ", "\n\t"])
def test_putting_away_needs_a_reason(typed: str) -> None:
    with pytest.raises(NotNow):
        reason_given(typed)


def test_a_reason_is_one_line() -> None:
    assert reason_given("  met de\nhand \x00geboekt ") == "met de hand geboekt"
