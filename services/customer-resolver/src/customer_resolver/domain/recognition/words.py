"""Texts as they are compared: lower case, without accents, cut into words."""

import re
import unicodedata
from functools import lru_cache

from customer_resolver.domain.recognition.readings import READINGS_KEPT_MAX

# Longer is no name and no street; the rest would only cost time.
COMPARED_CHARACTERS_MAX = 200

# Letters that Unicode does not take apart.
_LETTERS = str.maketrans(
    {"ø": "o", "ß": "ss", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
)
_APOSTROPHES = str.maketrans(dict.fromkeys("'’‘`´ʼ"))
_WORD = re.compile(r"[^\W_]+")

# Spellings of one sound that Dutch names come in, in the order in which they are applied.
_SPELLINGS = (("ij", "y"), ("ei", "y"), ("ey", "y"), ("ck", "k"), ("ue", "u"), ("dt", "t"), ("th", "t"))
_SOUNDS = (
    *(("sch", "s"), ("ph", "f"), ("qu", "k"), ("ch", "g"), ("gh", "g"), ("x", "ks")),
    *(("c", "k"), ("z", "s"), ("v", "f"), ("w", "f"), ("d", "t"), ("b", "p"), ("q", "k"), ("j", "y")),
)
_VOWELS = frozenset("aeiouyh")


@lru_cache(maxsize=READINGS_KEPT_MAX)
def folded(text: str) -> str:
    """Lower case without accents and apostrophes: "Łukasz d'Órsay" gives "lukasz dorsay"."""
    lowered = text[:COMPARED_CHARACTERS_MAX].lower().translate(_APOSTROPHES).translate(_LETTERS)
    decomposed = unicodedata.normalize("NFKD", lowered)
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text, folded; punctuation and emoji separate them."""
    return tuple(_WORD.findall(folded(text)))


@lru_cache(maxsize=READINGS_KEPT_MAX)
def spelled(word: str) -> str:
    """One spelling for a folded name: "dijk", "dyck" and "deik" become "dyk"."""
    for written, kept in _SPELLINGS:
        word = word.replace(written, kept)
    return word


@lru_cache(maxsize=READINGS_KEPT_MAX)
def sound_of(word: str) -> str:
    """The consonants of a folded name behind its first letter, each once; "" for ""."""
    sounded = spelled(word)
    for written, kept in _SOUNDS:
        sounded = sounded.replace(written, kept)
    heard = [sounded[:1]]
    for letter in sounded[1:]:
        if letter not in _VOWELS and letter != heard[-1]:
            heard.append(letter)
    return "".join(heard)
