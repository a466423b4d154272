"""The name of a business: its core, apart from its legal form and from what tells sister companies apart."""

import re
from dataclasses import dataclass
from functools import lru_cache

from customer_resolver.domain.recognition.readings import READINGS_KEPT_MAX
from customer_resolver.domain.recognition.vocabulary import FORM_WORDS, GLUE_WORDS, LEGAL_FORMS, TRADES
from customer_resolver.domain.recognition.words import spelled, words_of

_ASIDE = re.compile(r"\([^)]*\)")
_DOTTED = re.compile(r"(?<![^\W_])(?:[^\W\d_]\.){2,}[^\W\d_]?(?![^\W_])")
# SnelStart REL-0007: a name this long may have been longer.
_CUT_CHARACTERS = (49, 50)
_ENDING_CHARACTERS_MIN = 6
_TRADE_ENDINGS = tuple(trade for trade in TRADES if len(trade) >= _ENDING_CHARACTERS_MIN)


@dataclass(frozen=True, kw_only=True, slots=True)
class CompanyName:
    """`core` are the telling words; `forms` such as holding or beheer make another legal entity of them,
    and so does another one of the `legal` forms. `is_cut`: the card may have had no room for all of it.

    `is_business` when the name itself says that it is one: a legal form, a form word or a trade.
    """

    core: tuple[str, ...] = ()
    forms: frozenset[str] = frozenset()
    legal: frozenset[str] = frozenset()
    is_business: bool = False
    is_cut: bool = False

    @property
    def key(self) -> str:
        return "".join(self.core)


@lru_cache(maxsize=READINGS_KEPT_MAX)
def read_company(text: str) -> CompanyName:
    """The name taken apart; an empty core for a text without letters or digits."""
    plain = _ASIDE.sub(" ", text)
    words = words_of(
        _DOTTED.sub(lambda dotted: dotted.group().replace(".", ""), plain if words_of(plain) else text)
    )
    legal = frozenset("stichting" if word == "stg" else word for word in words if word in LEGAL_FORMS)
    forms = frozenset(FORM_WORDS[word] for word in words if word in FORM_WORDS)
    core = tuple(
        spelled(word)
        for word in words
        if word not in LEGAL_FORMS and word not in FORM_WORDS and word not in GLUE_WORDS
    )
    if not core:
        core = tuple(spelled(word) for word in words if word not in LEGAL_FORMS) or words
    has_trade = len(words) > 1 and any(_is_trade(word) for word in words)
    return CompanyName(
        core=core,
        forms=forms,
        legal=legal,
        is_business=bool(legal or forms or has_trade),
        is_cut=len(text) in _CUT_CHARACTERS,
    )


def _is_trade(word: str) -> bool:
    return word in TRADES or word.endswith(_TRADE_ENDINGS)
