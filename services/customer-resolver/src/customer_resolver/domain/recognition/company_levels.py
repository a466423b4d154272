"""How far two names of businesses agree."""

from rapidfuzz.distance import OSA

from customer_resolver.domain.recognition.companies import CompanyName
from customer_resolver.domain.recognition.levels import COMPANY_SAME, Level

_SHORT_WORD_CHARACTERS = 2
_SHORTEST_WITH_TYPING_ERROR = 6
_LONG_CHARACTERS = 12
_TELLING_CHARACTERS = 4
_CUT_CHARACTERS_MIN = 25


def compare_companies(ours: CompanyName, theirs: CompanyName) -> Level | None:
    """The order's name with that of the card; None when one of them is not known."""
    if not ours.core or not theirs.core:
        return None
    level = _compare_cores(ours, theirs)
    if not _are_other_entities(ours, theirs):
        return level
    return Level.COMPANY_OTHER_FORM if level in COMPANY_SAME else Level.COMPANY_DIFFERS


def _are_other_entities(ours: CompanyName, theirs: CompanyName) -> bool:
    """Holding and beheer of one name, or its B.V. and its V.O.F.; a legal form may be left out."""
    if ours.forms != theirs.forms:
        return True
    return bool(ours.legal and theirs.legal and not ours.legal & theirs.legal)


def _compare_cores(ours: CompanyName, theirs: CompanyName) -> Level:
    if ours.key == theirs.key or sorted(ours.core) == sorted(theirs.core) or _is_cut_short(ours, theirs):
        return Level.COMPANY_EQUAL
    if _exact_words(ours) == _exact_words(theirs) and _are_close(ours, theirs):
        return Level.COMPANY_CLOSE
    if _is_part(ours, theirs):
        return Level.COMPANY_PART
    return Level.COMPANY_DIFFERS


def _is_cut_short(ours: CompanyName, theirs: CompanyName) -> bool:
    """SnelStart keeps 50 characters of a name, so the last word of theirs may be half a word."""
    whole_words = "".join(theirs.core[:-1])
    return theirs.is_cut and len(whole_words) >= _CUT_CHARACTERS_MIN and ours.key.startswith(whole_words)


def _exact_words(company: CompanyName) -> list[str]:
    """Numbers and the shortest words tell businesses apart: S. Rosendaal is not H. Rosendaal."""
    return sorted(
        word
        for word in company.core
        if len(word) <= _SHORT_WORD_CHARACTERS or any(character.isdigit() for character in word)
    )


def _are_close(ours: CompanyName, theirs: CompanyName) -> bool:
    shortest = min(len(ours.key), len(theirs.key))
    if shortest < _SHORTEST_WITH_TYPING_ERROR:
        return False
    errors_max = 2 if shortest >= _LONG_CHARACTERS else 1
    return OSA.distance(ours.key, theirs.key, score_cutoff=errors_max) <= errors_max


def _is_part(ours: CompanyName, theirs: CompanyName) -> bool:
    """One name inside the other, by at least one telling word."""
    shorter, longer = sorted((ours.core, theirs.core), key=len)
    is_inside = all(any(_abbreviates(word, other) for other in longer) for word in shorter)
    return is_inside and any(len(word) >= _TELLING_CHARACTERS for word in shorter)


def _abbreviates(word: str, other: str) -> bool:
    return word == other or (len(word) >= _TELLING_CHARACTERS and other.startswith(word))
