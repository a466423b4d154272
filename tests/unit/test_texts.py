"""The two languages say the same, and every reason has a sentence."""

from string import Formatter

import pytest

from reasons_in_code import reasons_in_code
from sconnect.errors import ReasonCode
from sconnect.texts import LANGUAGES, reason_text, render
from sconnect.texts.rendering import sentences


def placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


def test_both_languages_have_the_same_keys() -> None:
    dutch, english = sentences("nl"), sentences("en")
    assert dutch.keys() == english.keys()


def test_both_languages_name_the_same_details() -> None:
    dutch, english = sentences("nl"), sentences("en")
    different = {key for key in dutch if placeholders(dutch[key]) != placeholders(english[key])}
    assert different == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_code_has_a_sentence(language: str) -> None:
    lacking = [code for code in ReasonCode if f"reason.{code}" not in sentences(language)]
    assert lacking == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_reason_stands_for_a_code_that_does_not_exist(language: str) -> None:
    codes = {key.split(".")[1] for key in sentences(language) if key.startswith("reason.")}
    assert codes == {code.value for code in ReasonCode}


def test_every_reason_in_the_code_has_a_sentence_of_its_own() -> None:
    given = list(reasons_in_code())
    assert any(reason.text_key == "reason.UPSTREAM_UNAVAILABLE.database" for reason in given)
    lacking = [reason for reason in given if reason.text_key not in sentences("nl")]
    assert not lacking, "\n".join(f"{reason.place} {reason.text_key}" for reason in lacking)


def test_every_reason_in_the_code_gives_what_its_sentence_names() -> None:
    known = [reason for reason in reasons_in_code() if reason.details is not None]
    assert any(reason.details for reason in known)
    lacking = {
        f"{reason.place} {reason.text_key}": missing
        for reason in known
        if (missing := placeholders(sentences("nl").get(reason.text_key, "")) - (reason.details or set()))
    }
    assert lacking == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_are_whole_and_use_plain_placeholders(language: str) -> None:
    for key, template in sentences(language).items():
        assert template == template.strip(), key
        if key.startswith("reason."):
            assert template.endswith("."), key
        assert all(name.isidentifier() for name in placeholders(template)), key


def test_details_are_filled_in_and_a_missing_one_reads_as_a_question_mark() -> None:
    details = {"total": "68.00", "sum": "67.00", "difference": "1.00"}
    text = reason_text("TOTAL_MISMATCH", None, details, "en")
    assert "is 68.00" in text
    assert "add up to 67.00" in text
    assert "more than the ? allowed" in text


def test_a_detail_that_looks_like_a_placeholder_is_left_alone() -> None:
    assert "{total}" in reason_text("UNEXPECTED", None, {"error": "{total}"})


def test_an_unknown_variant_falls_back_to_its_code() -> None:
    assert reason_text("PROFILE_PAUSED", "made_up", {}) == reason_text("PROFILE_PAUSED", None, {})


def test_an_unknown_code_shows_itself() -> None:
    assert reason_text("NEVER_HEARD_OF", "x", {}) == "NEVER_HEARD_OF.x"
    assert render("command.never_heard_of", {}) == "command.never_heard_of"


def test_dutch_is_the_default_and_other_languages_are_refused() -> None:
    assert render("reason.NO_TOTAL", {}) == sentences("nl")["reason.NO_TOTAL"]
    with pytest.raises(ValueError, match="'fr'"):
        render("reason.NO_TOTAL", {}, "fr")


@pytest.mark.parametrize(
    ("field", "dutch", "english"),
    [
        ("total", "het totaal", "the total"),
        ("ledger 8100 high", "het bedrag op grootboek 8100 (hoog)", "the amount on ledger 8100 (high)"),
        ("vat sales_low", "het btw-bedrag (laag)", "the VAT (low)"),
        ("something_new", "something_new", "something_new"),
    ],
)
def test_what_differs_between_two_bookings_is_told_in_words(field: str, dutch: str, english: str) -> None:
    details = {"invoice_number": "1001", "field": field, "ours": "1.00", "theirs": "2.00"}
    sentence = {
        language: reason_text("CONFLICTS_WITH_EXISTING", "different", details, language)
        for language in LANGUAGES
    }
    assert f": {dutch} is daar 2.00 en hoort 1.00 te zijn." in sentence["nl"]
    assert f": {english} is 2.00 there and should be 1.00." in sentence["en"]
