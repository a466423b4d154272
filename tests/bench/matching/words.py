"""Words of which invented people, firms and addresses are made, with frequencies as skewed as in life."""

from bisect import bisect
from collections.abc import Sequence
from functools import cache
from itertools import accumulate
from pathlib import Path
from random import Random

_WORDS = Path(__file__).parent / "words"
# A rank's share falls with this power: the first hundred Dutch surnames cover about a seventh of the people.
_FIRST_NAME_POWER = 0.75
_COMMON_SURNAME_POWER = 0.55
_COMMON_SURNAMES_SHARE = 0.22
_RARE_PREFIXES = ("", "", "", "", "van ", "van de ", "van der ", "de ", "ter ")


class Skewed:
    """Picks words whose frequency falls with their rank."""

    def __init__(self, words: Sequence[str], power: float) -> None:
        self.words = words
        self._summed = list(accumulate((rank + 2) ** -power for rank in range(len(words))))

    def pick(self, rng: Random) -> str:
        return self.words[bisect(self._summed, rng.random() * self._summed[-1])]


@cache
def words(name: str) -> tuple[str, ...]:
    """The lines of one of the lists in `words/`."""
    return tuple((_WORDS / f"{name}.txt").read_text(encoding="utf-8").splitlines())


@cache
def _skewed(name: str, power: float) -> Skewed:
    return Skewed(words(name), power)


@cache
def formal_names() -> dict[str, str]:
    """The name in the passport by the name that is used: Kees is Cornelis."""
    return dict(line.split() for line in words("formal_names"))


def first_name(rng: Random, *, woman: bool) -> str:
    return _skewed("first_names_f" if woman else "first_names_m", _FIRST_NAME_POWER).pick(rng)


def surname(rng: Random) -> tuple[str, str]:
    """The particles before it ("van der", or nothing) and the name itself."""
    if rng.random() < _COMMON_SURNAMES_SHARE:
        whole = _skewed("surnames", _COMMON_SURNAME_POWER).pick(rng)
    else:
        head = _skewed("surname_heads", 0.4).pick(rng)
        tail = _skewed("surname_tails", 0.4).pick(rng)
        whole = rng.choice(_RARE_PREFIXES) + head + tail
    *particles, name = whole.split(" ")
    return " ".join(particles), name
