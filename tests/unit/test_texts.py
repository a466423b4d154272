"""The two languages say the same, and every reason has a sentence."""

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from sconnect.errors import ReasonCode
from sconnect.texts import LANGUAGES, reason_text, render
from sconnect.texts.rendering import sentences

ROOT = Path(__file__).parents[2]


def placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


def variants_in_code() -> Iterator[tuple[str, str]]:
    """(code, variant) of every `Reason(code=ReasonCode.X, variant="…")` in the sources."""
    for folder in ("shared/src", "services"):
        for file in (ROOT / folder).rglob("*.py"):
            yield from _variants(ast.parse(file.read_text()))


def _variants(tree: ast.AST) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Reason":
            given = {keyword.arg: keyword.value for keyword in node.keywords}
            code, variant = given.get("code"), given.get("variant")
            if isinstance(code, ast.Attribute) and isinstance(variant, ast.Constant) and variant.value:
                yield code.attr, str(variant.value)


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


def test_every_variant_in_the_code_has_a_sentence() -> None:
    found = set(variants_in_code())
    assert ("UPSTREAM_UNAVAILABLE", "database") in found
    lacking = {
        f"{code}.{variant}" for code, variant in found if f"reason.{code}.{variant}" not in sentences("nl")
    }
    assert lacking == set()


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
