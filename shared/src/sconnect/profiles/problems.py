"""What is wrong with a profile, per field, as sentences for the person who wrote it."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as with_default

from sconnect.errors import SConnectError
from sconnect.texts import render

WHOLE_DOCUMENT = "profile"
"""The field of a problem that concerns no single field."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """`field` is the path as written in the file (`shop.token`); `text_key` names the sentence; no values."""

    field: str
    text_key: str
    details: Mapping[str, str] = with_default(default_factory=dict)

    def sentence(self, language: str = "nl") -> str:
        return render(self.text_key, {"field": self.field, **self.details}, language)


class ProfileProblems(SConnectError):
    """A profile cannot be taken; `problems` holds everything that is wrong with it, at least one entry."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(" ".join(problem.sentence("en") for problem in problems))
        self.problems = problems

    def sentences(self, language: str = "nl") -> tuple[str, ...]:
        return tuple(problem.sentence(language) for problem in self.problems)


class ProfileInvalid(ProfileProblems):
    """What the document says cannot be a profile."""


class ProfileConflict(ProfileProblems):
    """The profile is valid by itself, but not beside another one on the same administration."""


class ProfileOutdated(SConnectError):
    """The profile is not the one any more that was to be changed: somebody saved it meanwhile."""
