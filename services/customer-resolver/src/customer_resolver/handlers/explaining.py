"""What recognition decided, as a sentence for the bookkeeper; every word of it comes from sconnect.texts."""

from collections.abc import Iterable

from customer_resolver.domain.recognition import Level, Linked, Manual, New, Recognised
from sconnect.texts import render


def explain(recognised: Recognised, language: str = "nl") -> str:
    """One to three sentences; they name a customer, so they are shown and never logged."""
    match recognised:
        case Linked(relation=relation, levels=levels, differs=differs):
            details = {"number": str(relation.number), "name": relation.name}
            sentence = render(
                "explanation.linked", {**details, "agrees": _listed(levels, language)}, language
            )
            return _with_differences(sentence, differs, language)
        case Manual(reasons=reasons, details=details, suggestions=suggestions):
            why = "; ".join(render(f"explanation.{reason}", details, language) for reason in reasons)
            sentence = render("explanation.manual", {"why": why}, language)
            if not suggestions:
                return sentence
            best = suggestions[0]
            named = {"number": str(best.relation.number), "name": best.relation.name}
            agrees = _listed(best.agrees, language)
            variant = "suggested" if agrees else "suggested.nothing_agrees"
            sentence += " " + render(f"explanation.{variant}", {**named, "agrees": agrees}, language)
            return _with_differences(sentence, best.differs, language)
        case New(reasons=reasons):
            return " ".join(render(f"explanation.{reason}", {}, language) for reason in reasons)


def words_of(levels: Iterable[Level], language: str = "nl") -> list[str]:
    """The words for each level."""
    return [render(f"explanation.{level.value}", {}, language) for level in levels]


def _listed(levels: Iterable[Level], language: str) -> str:
    return ", ".join(words_of(levels, language))


def _with_differences(sentence: str, differs: tuple[Level, ...], language: str) -> str:
    if not differs:
        return sentence
    return sentence + " " + render("explanation.differing", {"differs": _listed(differs, language)}, language)
