"""The name of a person out of one text, in the many ways in which Dutch people write it."""

import re
from dataclasses import dataclass
from functools import lru_cache

from customer_resolver.domain.recognition.readings import READINGS_KEPT_MAX
from customer_resolver.domain.recognition.vocabulary import FAMILY_WORDS, PARTICLES, TITLES
from customer_resolver.domain.recognition.words import COMPARED_CHARACTERS_MAX, folded, spelled, words_of

_AND = re.compile(r"\s(?:en|and|und|et|&|\+|e/o|en/of)\s", re.IGNORECASE)
_TITLE_PHRASES = re.compile(r"t\.\s?a\.\s?v\.|(?<![\w])(?:de heer|p/a|c/o|t/n|e\.v\.)(?![\w])", re.IGNORECASE)
_VAN_DER = re.compile(r"(?:(?<=[\s.])|^)v\.?[\s/]?d\.?[\s/]?(?:[rn]\.?)?\s", re.IGNORECASE)
_VAN = re.compile(r"(?<=\s)v\.\s*(?=[^\W\d_]{2})")
_HYPHEN = re.compile(r"\s*[-‐–/]\s*")
_INITIALS = re.compile(r"(?:[^\W\d_]{1,4}\.-?)+[^\W\d_]?\.?")
_CAPITALS_MAX = 4
_TWO = 2
_VOWELS = frozenset("aeiouy")
# A particle of Arabic and Hebrew surnames; in front of everything else it is Benjamin.
_ALSO_FIRST_NAMES = frozenset({"ben"})


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonName:
    """`firsts` are the call names given, one per person named; empty when only initials are known.

    A double first name keeps its hyphen. `initials` are the first letters of all given names in their order
    (of each person in a household), "" when none is known. `surname` is in one spelling, without particles
    and glued together; `parts` are its halves when it is a double name. `is_family`: the text names a
    household rather than one person.
    """

    firsts: tuple[str, ...] = ()
    initials: str = ""
    surname: str = ""
    parts: tuple[str, ...] = ()
    is_family: bool = False

    @property
    def first(self) -> str:
        return self.firsts[0] if self.firsts else ""


NOBODY = PersonName()


@lru_cache(maxsize=READINGS_KEPT_MAX)
def read_person(text: str) -> PersonName:
    """The person that a text names; NOBODY for a text without letters."""
    cut = _TITLE_PHRASES.sub(" ", text[:COMPARED_CHARACTERS_MAX])
    cut = _VAN.sub("van ", _VAN_DER.sub("van der ", cut))
    people = [part for part in _AND.split(cut) if part.strip()]
    if not people:
        return NOBODY
    names = [_read_one(part) for part in people]
    last = names[-1]
    if len(names) == 1:
        return last
    # "Jan en Marie Jansen": the first of them has no surname of its own.
    firsts = [first for name in names for first in (name.firsts or _lone_first(name, last))]
    return PersonName(
        firsts=tuple(dict.fromkeys(firsts)),
        initials="".join(name.initials[:1] or name.surname[:1] for name in names),
        surname=last.surname,
        parts=last.parts,
        is_family=True,
    )


def _lone_first(name: PersonName, last: PersonName) -> tuple[str, ...]:
    return (name.surname,) if name is not last and name.surname and not name.initials else ()


def _read_one(text: str) -> PersonName:
    before, comma, behind = text.partition(",")
    tokens = [*_tokens(behind), *_tokens(before)] if comma and _tokens(behind) else _tokens(text)
    is_family = any(folded(token).strip(".") in FAMILY_WORDS for token in tokens)
    tokens = [token for token in tokens if not _is_title(token)]
    if not tokens:
        return PersonName(is_family=is_family)
    shouting = text.upper() == text
    given, family = (_split_at_comma(tokens, behind) if comma and _tokens(behind) else None) or _split(
        tokens, shouting=shouting
    )
    return _name(given, family, is_family=is_family, shouting=shouting)


def _tokens(text: str) -> list[str]:
    """Words with their dots and hyphens; a hyphen with spaces around it holds its neighbours together."""
    return [
        token
        for token in _HYPHEN.sub("-", text.replace(".", ". ").replace(". -", ".-")).split()
        if words_of(token)
    ]


def _is_title(token: str) -> bool:
    word = folded(token).replace(".", "")
    return word in TITLES or word in FAMILY_WORDS


def _split_at_comma(tokens: list[str], behind: str) -> tuple[list[str], list[str]]:
    """ "Dijk, Peter van": what is behind the comma came first, particles at its end belong to the surname."""
    count = len([token for token in _tokens(behind) if not _is_title(token)])
    given, family = tokens[:count], tokens[count:]
    while given and _word(given[-1]) in PARTICLES and len(_word(given[-1])) > 1:
        family.insert(0, given.pop())
    return given, family


def _split(tokens: list[str], *, shouting: bool) -> tuple[list[str], list[str]]:
    """Given names and surname; the surname begins at its first particle, else it is the last word."""
    if len(tokens) == 1:
        return (
            (tokens, []) if "." in tokens[0] and _is_initials(tokens[0], shouting=shouting) else ([], tokens)
        )
    while len(tokens) > _TWO and len(_word(tokens[-1])) > 1 and _word(tokens[-1]) in PARTICLES:
        tokens = tokens[:-1]
    leading = 0
    while leading < len(tokens) - 1 and _is_initials(tokens[leading], shouting=shouting):
        leading += 1
    if leading:
        while leading < len(tokens) - 2 and _word(tokens[leading]) not in PARTICLES:
            leading += 1
        return tokens[:leading], tokens[leading:]
    trailing = len(tokens)
    while trailing > 1 and _is_initials(tokens[trailing - 1], shouting=shouting):
        trailing -= 1
    if trailing < len(tokens) and (trailing == 1 or _word(tokens[0]) in PARTICLES):
        return tokens[trailing:], tokens[:trailing]
    starts_with_particle = _word(tokens[0]) in PARTICLES - _ALSO_FIRST_NAMES
    if starts_with_particle and len(_word(tokens[0])) > 1:
        return _split_behind_surname(tokens)
    return _split_at_particle(tokens)


def _split_behind_surname(tokens: list[str]) -> tuple[list[str], list[str]]:
    """ "van der Berg Jan": a name that begins with a particle begins with the surname."""
    surname = [index for index, token in enumerate(tokens) if _word(token) not in PARTICLES]
    head = surname[0] + 1 if surname else len(tokens)
    return tokens[head:], tokens[:head]


def _split_at_particle(tokens: list[str]) -> tuple[list[str], list[str]]:
    for index in range(1, len(tokens) - 1):
        if _word(tokens[index]) in PARTICLES and len(_word(tokens[index])) > 1:
            return tokens[:index], tokens[index:]
    return tokens[:-1], tokens[-1:]


def _without_trailing_particles(tokens: list[str]) -> list[str]:
    """ "Dijk P van der": the particles belong to a surname that stands in front."""
    kept = list(tokens)
    while len(kept) > _TWO and len(_word(kept[-1])) > 1 and _word(kept[-1]) in PARTICLES:
        kept.pop()
    return kept


def _is_initials(token: str, *, shouting: bool) -> bool:
    """ "J.", "J.P.", "Chr.", "J", and "JP" in a text that is not all in capitals."""
    word = _word(token)
    if token.endswith(".") and _INITIALS.fullmatch(token):
        return True
    if len(word) == 1:
        # "'t" of 't Hart, or "t" where all is in lower case, is a particle.
        return word != "t" or token[0].isupper()
    if not token.isalpha() or len(token) > _CAPITALS_MAX or word in PARTICLES:
        return False
    if token.isupper() and not shouting:
        return True
    return len(word) == _TWO and not _VOWELS & set(word)


def _name(given: list[str], family: list[str], *, is_family: bool, shouting: bool) -> PersonName:
    firsts: list[str] = []
    initials = ""
    for token in given:
        word = _word(token)
        if _is_initials(token, shouting=shouting):
            dotted = "." in token
            initials += "".join(part[:1] for part in words_of(token)) if dotted else word
        elif word not in PARTICLES - _ALSO_FIRST_NAMES:
            firsts.append("-".join(words_of(token)))
            initials += word[:1]
    while len(family) > 1 and _word(family[0]) in PARTICLES:
        family = family[1:]
    halves = [half for token in family for half in token.split("-")]
    parts = tuple(spelled(word) for half in halves for word in words_of(half) if word not in PARTICLES)
    if not parts:
        parts = tuple(spelled(word) for token in family for word in words_of(token))
    return PersonName(
        firsts=tuple(firsts[:1]),
        initials=initials,
        surname="".join(parts),
        parts=parts,
        is_family=is_family,
    )


def _word(token: str) -> str:
    return "".join(words_of(token))
