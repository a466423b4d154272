"""Charts as shapes in a drawing of fixed size; the templates draw them as SVG, and as a table beside it."""

from collections.abc import Sequence
from dataclasses import dataclass

STACK_WIDTH = 1000
BARS_WIDTH, BARS_HEIGHT = 600, 120
# Of the room of one bar, what stays empty beside it.
BAR_GAP = 4
# Lower than this nobody sees it.
BAR_HEIGHT_MIN = 2
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


@dataclass(frozen=True, kw_only=True, slots=True)
class Bar:
    """`label` says what it stands for, to whoever points at it."""

    label: str
    x: int
    y: int
    width: int
    height: int


def bars(values: Sequence[tuple[str, int]]) -> list[Bar]:
    """Upright, the highest value over BARS_HEIGHT; what is not above nothing has no bar."""
    highest = max((value for _, value in values), default=0)
    if highest <= 0:
        return []
    step = BARS_WIDTH // len(values)
    drawn: list[Bar] = []
    for place, (label, value) in enumerate(values):
        if value <= 0:
            continue
        height = max(BAR_HEIGHT_MIN, BARS_HEIGHT * value // highest)
        drawn.append(
            Bar(label=label, x=place * step, y=BARS_HEIGHT - height, width=step - BAR_GAP, height=height)
        )
    return drawn
