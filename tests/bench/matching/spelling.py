"""How people write: accents off, slips of the finger, numbers in many forms."""

import unicodedata
from random import Random

from bench.matching.places import Place

_NEXT_ON_KEYBOARD = {
    "a": "s", "b": "v", "c": "x", "d": "s", "e": "r", "f": "g", "g": "h", "h": "j", "i": "o", "j": "k",
    "k": "l", "l": "k", "m": "n", "n": "m", "o": "p", "p": "o", "q": "w", "r": "t", "s": "d", "t": "y",
    "u": "i", "v": "b", "w": "e", "x": "c", "y": "u", "z": "x",
}  # fmt: skip
_SOUNDS_ALIKE = (
    ("ij", "y"), ("y", "ij"), ("ij", "ei"), ("ck", "k"), ("k", "ck"), ("ss", "s"), ("s", "z"), ("z", "s"),
    ("ou", "au"), ("dt", "t"), ("d", "dt"), ("f", "v"), ("v", "f"), ("ui", "uy"), ("ee", "e"), ("oo", "o"),
)  # fmt: skip


def ascii_letters(text: str) -> str:
    """The letters and digits of A to Z, without accents."""
    if text.isascii() and text.isalnum():
        return text
    plain = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in plain if letter.isascii() and letter.isalnum())


def slip(rng: Random, text: str) -> str:
    """The text with one slip: swapped, left out, doubled, or the key beside it; never in the first letter."""
    if len(text) < 4:
        return text + text[-1]
    i = rng.randrange(1, len(text) - 1)
    kinds = (
        text[:i] + text[i + 1] + text[i] + text[i + 2 :],
        text[:i] + text[i + 1 :],
        text[:i] + text[i] + text[i:],
        text[:i] + _NEXT_ON_KEYBOARD.get(text[i].lower(), text[i]) + text[i + 1 :],
    )
    changed = rng.choice(kinds)
    return changed if changed != text else text[:i] + text[i + 1 :]


def misheard(rng: Random, text: str) -> str:
    """The text as somebody writes it who heard it on the telephone; a slip where nothing sounds alike."""
    fitting = [pair for pair in _SOUNDS_ALIKE if pair[0] in text[1:].lower()]
    if not fitting:
        return slip(rng, text)
    heard, written = rng.choice(fitting)
    at = text.lower().index(heard, 1)
    return text[:at] + written + text[at + len(heard) :]


def phone_forms(rng: Random, digits: str) -> str:
    """One of the ways to write a Dutch number of ten digits."""
    cut = 2 if digits.startswith("06") else 3
    area, rest = digits[:cut], digits[cut:]
    pairs = " ".join(rest[i : i + 2] for i in range(0, len(rest), 2))
    forms = (
        *[digits] * 3,
        *[f"{area}-{rest}"] * 2,
        f"{area} {rest}",
        f"{area} {pairs}",
        f"+31{digits[1:]}",
        f"+31 {digits[1:cut]} {rest}",
        f"0031{digits[1:]}",
        f"+31 (0){digits[1:]}",
    )
    return rng.choice(forms)


def postcode_forms(rng: Random, postcode: str) -> str:
    spaced = f"{postcode[:4]} {postcode[4:]}"
    return rng.choice((postcode, postcode, spaced, spaced, spaced, spaced.lower(), postcode.lower()))


def number_forms(rng: Random, place: Place) -> str:
    """House number and addition together, as they are written in one field."""
    number, addition = str(place.number), place.addition
    if not addition:
        return number
    if addition.isdigit():
        return rng.choice((f"{number}-{addition}", f"{number} {addition}", f"{number}/{addition}"))
    forms = [
        f"{number}{addition}",
        f"{number} {addition}",
        f"{number}-{addition}",
        f"{number}{addition.lower()}",
    ]
    return rng.choice(forms)


def glued_number(place: Place) -> str:
    """60-2 written as 602: the form in which an addition of digits disappears into the number."""
    return f"{place.number}{place.addition}"


def case_forms(rng: Random, text: str) -> str:
    draw = rng.random()
    if draw < 0.07:
        return text.lower()
    return text.upper() if draw < 0.1 else text
