"""Charts as shapes in a drawing of fixed size; the templates draw them as SVG, and as a table beside it."""

from collections.abc import Sequence
from dataclasses import dataclass

STACK_WIDTH = 1000
# Thinner than this nobody sees it.
SLICE_WIDTH_MIN = 6


@dataclass(frozen=True, kw_only=True, slots=True)
class Slice:
    """A part of a whole; `kind` names its colour in the style sheet."""

    label: str
    value: int
    kind: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    slice: Slice
    x: int
    width: int


def stacked_bar(slices: Sequence[Slice]) -> list[Piece]:
    """Side by side over STACK_WIDTH, by their share; what is not nothing can be seen."""
    whole = sum(each.value for each in slices)
    shown = [each for each in slices if each.value]
    if not whole:
        return []
    room = STACK_WIDTH - SLICE_WIDTH_MIN * len(shown)
    pieces: list[Piece] = []
    x = 0
    for each in shown:
        width = SLICE_WIDTH_MIN + room * each.value // whole
        pieces.append(Piece(slice=each, x=x, width=width))
        x += width
    return pieces
