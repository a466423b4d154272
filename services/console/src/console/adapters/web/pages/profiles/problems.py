"""What is wrong or doubtful about a profile, as sentences for the fields of a page."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from console.adapters.web.pages.profiles.fields import Tab, tab_of
from console.adapters.web.pages.words import Words
from console.domain.findings import Finding
from console.handlers.profiles import ProfileRefused
from sconnect.profiles import ProfileProblems
from sconnect.texts import render

LEDGERS = "bookings.ledgers."
# In a sentence of a file a field is called by its path; on a page by its words.
_ABOUT_FILES = "profile."


@dataclass(frozen=True, kw_only=True, slots=True)
class Remark:
    """A sentence about the setting at `field`."""

    field: str
    text: str
    is_refusal: bool = True
    stops_orders: bool = False

    @property
    def tab(self) -> Tab | None:
        return tab_of(self.field)

    def is_about(self, path: str) -> bool:
        return self.field == path or self.field.startswith((f"{path}.", f"{path}["))


def remarks_of(error: ProfileProblems | ProfileRefused, words: Words) -> tuple[Remark, ...]:
    if isinstance(error, ProfileRefused):
        return remarks_on(error.findings, words)
    return tuple(
        Remark(field=problem.field, text=_sentence(problem.text_key, problem.details, problem.field, words))
        for problem in error.problems
    )


def remarks_on(findings: Iterable[Finding], words: Words) -> tuple[Remark, ...]:
    return tuple(
        Remark(
            field=finding.field,
            text=_sentence(finding.text_key, finding.details, finding.field, words),
            is_refusal=finding.is_refusal,
            stops_orders=finding.stops_orders,
        )
        for finding in findings
    )


def elsewhere(remarks: Sequence[Remark], paths: Iterable[str]) -> tuple[Remark, ...]:
    """The remarks that belong to none of these fields."""
    known = tuple(paths)
    return tuple(remark for remark in remarks if not any(remark.is_about(path) for path in known))


def field_words(path: str, words: Words) -> str:
    """What the setting at that path is called; the path itself when it has no words."""
    if path.startswith(LEDGERS):
        return ledger_words(path.removeprefix(LEDGERS), words)
    while path:
        key = f"profile.field.{path}"
        if words.has(key):
            return words.text(key)
        shorter = path.rpartition(".")[0]
        if not shorter:
            return words.text("profile.whole") if path == "profile" else path
        path = shorter
    return path


def ledger_words(place: str, words: Words) -> str:
    """`revenue.nl_high` in words."""
    kind, _, column = place.partition(".")
    if kind.startswith("refinements"):
        return words.text("profile.ledger.refinement")
    named = words.text(f"profile.ledger.{kind}") if words.has(f"profile.ledger.{kind}") else kind
    if not column:
        return named
    treatment = f"profile.treatment.{column}"
    return f"{named}, {words.text(treatment) if words.has(treatment) else column}"


def _sentence(text_key: str, details: Mapping[str, str], field: str, words: Words) -> str:
    named = {**details, "field": field_words(field, words)}
    own = f"profile.problem.{text_key.removeprefix(_ABOUT_FILES)}"
    if words.has(own):
        return words.text(own, **named)
    return render(text_key, named, words.language)
