"""First names that go with each other, and first names that an e-mail address gives away."""

import re
from collections.abc import Mapping

# Call names and what they stand for in official papers; every name of a line may stand for any other of it.
_LINES = """
jan johan johannes hans joannes johnny john jo hannes jannes
piet pieter petrus peter pierre
kees cornelis cor cees corneel
wim willem wilhelmus willy bill william will
henk hendrik hendrikus henry harry hein
klaas nicolaas nico nick niek nicholas
gerrit gerard gerardus gert geert ger
bert albert albertus hubert bart bartholomeus
theo theodorus dorus
toon ton anton antonius anthony tony antoon
sjaak jacques jaap jacob jacobus koos jack
frans franciscus frank francis
martin martinus maarten tinus
rob robert robbert bob robin
dick dirk derk
joop joseph jozef josephus jos sjef joe
leo leonardus leonard leendert
michiel michael mike michel
tom thomas thom tommy
alex alexander sander lex
chris christiaan christian christopher
ed eduard edward eddy
jim james jimmy jeroen
steve steven stephen stefan
rick richard dick rich ricky
matt matthew matthijs thijs mathijs matthias
dave david
dan daniel danny
greg gregory
ken kenneth
tim timothy
joe joseph
ben benjamin bennie
sam samuel
an anna anne annie anneke ans antje
ria maria marie mieke mia riet marieke marijke mary
els elisabeth elizabeth lies liesbeth betty bep beth liz lisa
truus geertruida trudy gertrude
corrie cornelia cora
wil wilhelmina willemien mien mina
ineke ina catharina trijntje cathy kathy katherine catherine kate toos
jo johanna joke jopie hanna hannie
greet margaretha margriet greetje gré marga margaret peggy maggie
ank adriana adrie
gerda gerardina gerarda
hennie hendrika rika riek
coby jacoba jacobina
nel petronella nelly
sue susan suzanne suus susanna
pat patricia patty
barb barbara
jen jennifer jenny
deb deborah debbie
vicky victoria
sandy sandra alexandra
kim kimberly
chris christina christine tina
steph stephanie
becky rebecca
"""
_FAMILIES = tuple(frozenset(line.split()) for line in _LINES.strip().splitlines())
_LETTERS = re.compile(r"[^\W\d_]+")

# Rarer in the administration, a word in an e-mail address is no first name.
KNOWN_FIRST_NAME_CARRIERS_MIN = 3
_SHORTEST = 3
_GLUED_PARTICLES = ("vander", "vanden", "vande", "van", "de", "der", "den", "ter", "ten")


def go_together(first: str, second: str) -> bool:
    """Whether one may be the call name of the other: Piet and Petrus, Jan and Jan-Willem."""
    if any(first in family and second in family for family in _FAMILIES):
        return True
    return first != second and first.partition("-")[0] == second.partition("-")[0]


def may_start_with(first: str, initial: str) -> bool:
    """Whether a call name may stand for a given name with this initial: Kees is C. in official papers."""
    return any(first in family and any(name[0] == initial for name in family) for family in _FAMILIES)


def first_name_in(local: str, surname: str, initials: str, known: Mapping[str, int]) -> str:
    """The first name in front of the @, when the administration knows it as one and it fits the initials.

    `surname` is in one spelling, glued; `known` counts the relations per first name. "" when there is none.
    """
    for candidate in _what_is_left(local, surname):
        fits = not initials or candidate[0] == initials[0]
        if fits and candidate != surname and known.get(candidate, 0) >= KNOWN_FIRST_NAME_CARRIERS_MIN:
            return candidate
    return ""


def _what_is_left(local: str, surname: str) -> list[str]:
    words = [word for word in _LETTERS.findall(local) if len(word) >= _SHORTEST]
    glued = "".join(_LETTERS.findall(local))
    plain = glued.replace("ij", "y")
    if len(surname) >= _SHORTEST and surname in plain:
        before, _, behind = plain.partition(surname)
        words.extend(
            before.removesuffix(particle)
            for particle in _GLUED_PARTICLES
            if before.endswith(particle) and len(before) - len(particle) >= _SHORTEST
        )
        words.extend(part for part in (before, behind) if len(part) >= _SHORTEST)
    return words
