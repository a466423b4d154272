"""How far two people's names agree."""

from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz.distance import OSA, JaroWinkler

from customer_resolver.domain.recognition.first_names import first_name_in, go_together, may_start_with
from customer_resolver.domain.recognition.levels import Level
from customer_resolver.domain.recognition.mailboxes import Mailbox, MailboxKind
from customer_resolver.domain.recognition.persons import PersonName
from customer_resolver.domain.recognition.statistics import Statistics
from customer_resolver.domain.recognition.words import spelled

# Two first names that the administration knows as often as this are two names, never one with a typing error.
COMMON_CARRIERS_MIN = 5

_CLOSE_SIMILARITY_MIN = 0.90
_SHORTEST_WITH_TYPING_ERROR = 4
_LONG_CHARACTERS = 8
_TELLING_HALF_CHARACTERS = 3

_RANKS = {
    Level.SURNAME_EQUAL: 8,
    Level.SURNAME_SWAPPED: 7,
    Level.SURNAME_CLOSE: 6,
    Level.SURNAME_PART: 5,
    Level.FIRST_NAME_EQUAL: 4,
    Level.FIRST_NAME_FROM_EMAIL: 4,
    Level.FIRST_NAME_CLOSE: 3,
    Level.FIRST_NAME_OTHER_INITIALS: 2,
    Level.FIRST_NAME_CALL_NAME: 2,
    Level.FIRST_NAME_INITIAL: 1,
    Level.FIRST_NAME_DIFFERS: -3,
    Level.FIRST_NAME_UNLIKE: -2,
    Level.FIRST_NAME_OTHER_INITIAL: -3,
}


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """A name, with the first name that only the e-mail address tells when the name has initials at most."""

    name: PersonName
    told_by_email: str = ""

    @property
    def first_name(self) -> str:
        return self.name.first or self.told_by_email


@dataclass(frozen=True, slots=True)
class NameLevels:
    """None where the part is not known on both sides."""

    surname: Level | None = None
    first_name: Level | None = None

    def rank(self) -> int:
        """Higher is better; only to choose among several people of one card."""
        return sum(_RANKS.get(level, 0) for level in (self.surname, self.first_name) if level is not None)


def known_by_email(name: PersonName, mailboxes: Iterable[Mailbox], statistics: Statistics) -> KnownPerson:
    """Completes initials by what stands in front of the @."""
    if name.firsts or name.is_family or not name.surname:
        return KnownPerson(name)
    for mailbox in mailboxes:
        if mailbox.kind is MailboxKind.PERSONAL:
            told = first_name_in(mailbox.local, name.surname, name.initials, statistics.first_names)
            if told:
                return KnownPerson(name, told)
    return KnownPerson(name)


def compare_people(ours: KnownPerson, theirs: KnownPerson, statistics: Statistics) -> NameLevels:
    if lone := _compare_lone(ours, theirs):
        return lone
    surname = _compare_surnames(ours.name, theirs.name)
    first_name = _compare_first_names(ours, theirs, statistics)
    if surname is Level.SURNAME_DIFFERS:
        if _are_swapped(ours, theirs):
            return NameLevels(Level.SURNAME_SWAPPED, Level.FIRST_NAME_EQUAL)
        if _fits_initials_swapped(ours, theirs) or _fits_initials_swapped(theirs, ours):
            return NameLevels(Level.SURNAME_SWAPPED, Level.FIRST_NAME_INITIAL)
    return NameLevels(surname, first_name)


def _compare_lone(ours: KnownPerson, theirs: KnownPerson) -> NameLevels | None:
    """A single word is taken for a surname; it may be the first name of the other."""
    for lone, other in ((ours, theirs), (theirs, ours)):
        word = lone.name.surname
        is_lone = word and not lone.name.firsts and not lone.name.initials
        if is_lone and other.name.first and word != other.name.surname and word == spelled(other.name.first):
            return NameLevels(None, Level.FIRST_NAME_EQUAL)
    return None


def _compare_surnames(ours: PersonName, theirs: PersonName) -> Level | None:
    if not ours.surname or not theirs.surname:
        return None
    if ours.surname == theirs.surname or set(ours.parts) == set(theirs.parts):
        return Level.SURNAME_EQUAL
    if _share_a_half(ours.parts, theirs.parts):
        return Level.SURNAME_PART
    if are_close(ours.surname, theirs.surname):
        return Level.SURNAME_CLOSE
    return Level.SURNAME_DIFFERS


def _share_a_half(ours: tuple[str, ...], theirs: tuple[str, ...]) -> bool:
    """Jansen and Jansen-de Vries; not two people who each carry a double name."""
    shorter, longer = sorted((ours, theirs), key=len)
    is_half = len(shorter) == 1 < len(longer)
    return is_half and any(
        half == shorter[0] or are_close(half, shorter[0])
        for half in longer
        if len(half) >= _TELLING_HALF_CHARACTERS
    )


def _compare_first_names(ours: KnownPerson, theirs: KnownPerson, statistics: Statistics) -> Level | None:
    if ours.first_name and theirs.first_name:
        return _compare_known(ours, theirs, statistics)
    if not ours.name.initials or not theirs.name.initials:
        return None
    return _compare_initials(ours, theirs)


def _compare_known(ours: KnownPerson, theirs: KnownPerson, statistics: Statistics) -> Level:
    our_names = ours.name.firsts or (ours.told_by_email,)
    their_names = theirs.name.firsts or (theirs.told_by_email,)
    if _joined(our_names) & _joined(their_names):
        if ours.told_by_email or theirs.told_by_email:
            return Level.FIRST_NAME_FROM_EMAIL
        return Level.FIRST_NAME_OTHER_INITIALS if _second_differs(ours, theirs) else Level.FIRST_NAME_EQUAL
    pairs = [(our, their) for our in our_names for their in their_names]
    if any(go_together(our, their) for our, their in pairs):
        return Level.FIRST_NAME_CALL_NAME
    if any(_both_common(our, their, statistics) for our, their in pairs):
        return Level.FIRST_NAME_DIFFERS
    if any(are_close(our, their) for our, their in pairs):
        return Level.FIRST_NAME_DIFFERS if _second_differs(ours, theirs) else Level.FIRST_NAME_CLOSE
    return Level.FIRST_NAME_UNLIKE


def _joined(names: Iterable[str]) -> set[str]:
    return {name.replace("-", "") for name in names}


def _second_differs(ours: KnownPerson, theirs: KnownPerson) -> bool:
    """Peter J. and Peter K.: father and son, or a typing error."""
    our_second, their_second = ours.name.initials[1:2], theirs.name.initials[1:2]
    is_household = ours.name.is_family or theirs.name.is_family
    return bool(our_second and their_second and our_second != their_second and not is_household)


def _both_common(our: str, their: str, statistics: Statistics) -> bool:
    counts = statistics.first_names
    return counts.get(our, 0) >= COMMON_CARRIERS_MIN and counts.get(their, 0) >= COMMON_CARRIERS_MIN


def _compare_initials(ours: KnownPerson, theirs: KnownPerson) -> Level:
    our_initials, their_initials = ours.name.initials, theirs.name.initials
    if ours.name.is_family or theirs.name.is_family:
        fits = bool(
            set(our_initials[:1]) & set(their_initials) or set(their_initials[:1]) & set(our_initials)
        )
        return Level.FIRST_NAME_INITIAL if fits else Level.FIRST_NAME_OTHER_INITIAL
    if our_initials.startswith(their_initials) or their_initials.startswith(our_initials):
        return Level.FIRST_NAME_INITIAL
    for known, initials in ((ours, their_initials), (theirs, our_initials)):
        if known.first_name and may_start_with(known.first_name, initials[0]):
            return Level.FIRST_NAME_INITIAL
    if our_initials[0] == their_initials[0] and (ours.first_name or theirs.first_name):
        return Level.FIRST_NAME_INITIAL
    return Level.FIRST_NAME_OTHER_INITIAL


def _are_swapped(ours: KnownPerson, theirs: KnownPerson) -> bool:
    """The shop's name "Dijk Peter" for Peter Dijk."""
    our_first, their_first = spelled(ours.name.first), spelled(theirs.name.first)
    if not our_first or not their_first:
        return False
    return _alike(our_first, theirs.name.surname) and _alike(ours.name.surname, their_first)


def _fits_initials_swapped(whole: KnownPerson, short: KnownPerson) -> bool:
    """ "Dijk Peter" for P. Dijk."""
    first, surname = whole.name.first, whole.name.surname
    is_whole = bool(first and surname and short.name.initials) and not short.name.firsts
    return is_whole and spelled(first) == short.name.surname and surname[0] == short.name.initials[0]


def _alike(first: str, second: str) -> bool:
    return first == second or are_close(first, second)


def _is_doubled(first: str, second: str) -> bool:
    """ "Jann" for Jan: a short word whose last letter is there twice."""
    shorter, longer = sorted((first, second), key=len)
    return bool(shorter) and longer == shorter + shorter[-1]


def are_close(first: str, second: str) -> bool:
    """Whether a typing error or two make one of the other; short words must be equal."""
    shortest = min(len(first), len(second))
    if shortest < _SHORTEST_WITH_TYPING_ERROR:
        return first == second or _is_doubled(first, second)
    errors_max = 2 if shortest >= _LONG_CHARACTERS else 1
    if OSA.distance(first, second, score_cutoff=errors_max) <= errors_max:
        return True
    return JaroWinkler.similarity(first, second) >= _CLOSE_SIMILARITY_MIN
