"""A reason says what happened, with its amounts or its field, and then what to do."""

import re
from string import Formatter

import pytest

from sconnect.errors import ReasonCode
from sconnect.ledgers import Misfit
from sconnect.texts import LANGUAGES
from sconnect.texts.rendering import sentences

# What a person is asked to do, or told that there is no need to.
STEPS = {
    "nl": re.compile(
        r"\b(bied|boek|leg|vanzelf|controleer|kies|zet|vul|verlaag|verbeter|bekijk|kijk|herstel|maak|start|geef"
        r"|zoek|vergelijk|vraag|sla|niets te doen)\b",
        re.IGNORECASE,
    ),
    "en": re.compile(
        r"\b(replay|discard|book it|by hand|by itself|check|choose|set|fill|lower|correct|look|restore|put"
        r"|make|start|give|save|compare|ask|nothing to do)\b",
        re.IGNORECASE,
    ),
}
# These are about two amounts that disagree: a person sees both.
TWO_AMOUNTS = {
    "VAT_MISMATCH": {"vat", "expected"},
    "LINE_AMOUNT_MISMATCH": {"net", "expected"},
    "TOTAL_MISMATCH": {"total", "sum", "difference", "tolerance"},
    "OSS_LEDGER_RESTRICTION.rounding": {"difference", "allowed"},
    "OSS_LEDGER_RESTRICTION.vat_difference": {"vat", "expected", "allowed"},
    "CONFLICTS_WITH_EXISTING.different": {"ours", "theirs", "field"},
}
# These are about one setting or one field.
THE_FIELD = ("UNREADABLE_ORDER", "BAD_NUMBER", "RATE_MISSING", "ZERO_RATE_UNMAPPED", "LEDGER_UNMAPPED")


def reasons(language: str) -> dict[str, str]:
    """Templates by code, or by code and variant."""
    return {
        key.removeprefix("reason."): text
        for key, text in sentences(language).items()
        if key.startswith("reason.")
    }


def placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_ends_with_what_to_do(language: str) -> None:
    lacking = []
    for key, text in reasons(language).items():
        _, _, then = text.partition(". ")
        if not STEPS[language].search(then):
            lacking.append(f"{key}: {text}")
    assert not lacking, "\n".join(lacking)


def test_a_sentence_that_only_tells_is_found() -> None:
    assert not STEPS["en"].search("The total does not fit the lines.".partition(". ")[2])
    assert not STEPS["nl"].search("Het totaal klopt niet. Dat is jammer.".partition(". ")[2])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", TWO_AMOUNTS)
def test_reasons_about_amounts_name_both(key: str, language: str) -> None:
    assert TWO_AMOUNTS[key] <= placeholders(reasons(language)[key])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", THE_FIELD)
def test_reasons_about_a_field_name_it(code: str, language: str) -> None:
    assert "field" in placeholders(reasons(language)[code])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("misfit", Misfit)
def test_every_way_in_which_a_ledger_does_not_fit_has_its_sentences(misfit: Misfit, language: str) -> None:
    """The variant is made from the misfit, so that no search of the code finds it."""
    assert f"ledgers.ledger_{misfit}" in sentences(language)
    if misfit is not Misfit.VAT_RATE_CODE:  # that one is told as OSS_LEDGER_RESTRICTION
        text = reasons(language)[f"{ReasonCode.LEDGER_UNFIT}.{misfit}"]
        assert {"ledger", "field"} <= placeholders(text)
