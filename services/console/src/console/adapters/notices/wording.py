"""A digest as text: what is new, grouped by profile and reason, with order numbers and no personal data."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from console.adapters.web.formats import Formats
from console.adapters.web.sentences import finding_sentence, reason_sentence
from console.domain.notices import Digest, Subject, SubjectKind
from console.domain.standing import ToldReason
from sconnect.texts import render

# A digest is read on a telephone; the console has the rest.
ORDERS_PER_REASON_MAX = 5
REASONS_MAX = 40
# What another system wrote may hold anything, a name or an address too.
WORDS_OF_OTHERS = frozenset({"message", "error"})
LETTERS_PATH = "/needs-you"


@dataclass(frozen=True, kw_only=True, slots=True)
class ReasonGroup:
    """Everything new of one profile with one reason. `lines` are (order number, sentence), the first few."""

    profile: str
    reason_code: str
    name: str
    count: int
    lines: tuple[tuple[str | None, str], ...]


class Wording:
    """The words of digests in one language; `public_url` is where people find the console, if they can."""

    def __init__(self, language: str, public_url: str | None) -> None:
        self.language = language
        self._formats = Formats(language)
        self._public_url = public_url.rstrip("/") if public_url else None

    @property
    def link(self) -> str | None:
        return f"{self._public_url}{LETTERS_PATH}" if self._public_url else None

    def say(self, key: str, **details: object) -> str:
        """The text `notice.<key>`."""
        return render(f"notice.{key}", {name: str(value) for name, value in details.items()}, self.language)

    def title(self, digest: Digest) -> str:
        if digest.is_test:
            return self.say("title.test")
        letters = sum(subject.kind is SubjectKind.LETTER for subject in digest.subjects)
        stopped = len(digest.subjects) - letters
        told = [self._counted("title.letters", letters), self._counted("title.stopped", stopped)]
        return self.say("title.news", what=", ".join(each for each in told if each))

    def text(self, digest: Digest) -> str:
        """The whole message, lines with newlines between."""
        groups = self.groups(digest)
        lines = [self.say("test")] if digest.is_test else []
        lines += [f"- {sentence}" for sentence in self.stopped(digest)]
        for group in groups[:REASONS_MAX]:
            lines += ["", *self._group_lines(group)]
        if len(groups) > REASONS_MAX:
            lines += ["", self.say("more_reasons", count=self._formats.number(len(groups) - REASONS_MAX))]
        lines += ["", self._counted("open", digest.letters_open) or self.say("open.none")]
        if self.link:
            lines += [self.say("look", link=self.link)]
        return "\n".join(lines).strip() + "\n"

    def stopped(self, digest: Digest) -> list[str]:
        """A sentence for each profile that stands still or will."""
        return [
            self.say(f"stopped.{subject.kind.value}", profile=subject.profile, why=why)
            for subject in digest.subjects
            if subject.kind is not SubjectKind.LETTER
            for why in self._whys(subject)
        ]

    def groups(self, digest: Digest) -> list[ReasonGroup]:
        """The dead letters, the largest groups first."""
        letters = [subject for subject in digest.subjects if subject.kind is SubjectKind.LETTER]
        letters.sort(key=_profile_and_code)
        groups = [self._group(key, list(of_key)) for key, of_key in groupby(letters, key=_profile_and_code)]
        return sorted(groups, key=lambda group: (-group.count, group.profile, group.reason_code))

    def _group(self, key: tuple[str, str], letters: Sequence[Subject]) -> ReasonGroup:
        profile, code = key
        name = render(f"page.reason.{code}", {}, self.language).removeprefix("page.reason.")
        shown = letters[:ORDERS_PER_REASON_MAX]
        lines = tuple((letter.order_number, self._sentence(letter.reason)) for letter in shown)
        return ReasonGroup(profile=profile, reason_code=code, name=name, count=len(letters), lines=lines)

    def _group_lines(self, group: ReasonGroup) -> Iterator[str]:
        yield self.say(
            "group", profile=group.profile, reason=group.name, count=self._formats.number(group.count)
        )
        for number, sentence in group.lines:
            yield f"- {number}: {sentence}" if number else f"- {sentence}"
        if group.count > len(group.lines):
            yield f"- {self.say('more', count=self._formats.number(group.count - len(group.lines)))}"

    def _whys(self, subject: Subject) -> Iterator[str]:
        if subject.reason is not None:
            yield self._sentence(subject.reason)
        for finding in subject.findings:
            yield finding_sentence(finding, self.language)

    def _sentence(self, reason: ToldReason | None) -> str:
        if reason is None:
            return ""
        told = ToldReason(code=reason.code, variant=reason.variant, details=_own_words(reason.details))
        return reason_sentence(told, self.language) or ""

    def _counted(self, key: str, count: int) -> str:
        if count == 0:
            return ""
        return self.say(f"{key}.{'one' if count == 1 else 'other'}", count=self._formats.number(count))


def _profile_and_code(letter: Subject) -> tuple[str, str]:
    return letter.profile, letter.reason.code if letter.reason else ""


def _own_words(details: Mapping[str, str]) -> dict[str, str]:
    return {name: "…" if name in WORDS_OF_OTHERS else value for name, value in details.items()}
