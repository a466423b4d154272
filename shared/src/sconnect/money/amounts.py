"""Reading, rounding and sharing out amounts in euros."""

import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Protocol, TypeVar

CENT = Decimal("0.01")
ZERO = Decimal("0.00")

# On each side of the point. With more, a sum of lines could outgrow the 28 digits a Decimal is computed in.
AMOUNT_DIGITS_MAX = 12

_AMOUNT = re.compile(rf"[+-]?[0-9]{{1,{AMOUNT_DIGITS_MAX}}}(\.[0-9]{{1,{AMOUNT_DIGITS_MAX}}})?")


class Sortable(Protocol):
    def __lt__(self, other: Any, /) -> bool: ...


KeyT = TypeVar("KeyT", bound=Sortable)


def parse_amount(text: str) -> Decimal:
    """The amount in a plain decimal text such as "-12.396694"; ValueError for anything else.

    Exponents, NaN, infinities, thousands separators and decimal commas are all refused: none of them is
    how either vendor writes money, so they mean that something else went wrong.
    """
    if not _AMOUNT.fullmatch(text.strip()):
        raise ValueError("not a plain decimal amount")
    return Decimal(text.strip())


def r2(amount: Decimal) -> Decimal:
    """The amount in whole cents, half a cent away from zero, so that a credit mirrors its original."""
    cents = amount.quantize(CENT, rounding=ROUND_HALF_UP)
    return cents or ZERO  # never "-0.00"


def allocate(target: Decimal, ideals: Mapping[KeyT, Decimal]) -> dict[KeyT, Decimal]:
    """Share `target` (whole cents) out so that every part is close to its ideal and all add up exactly.

    Every ideal is rounded; the cents left go one by one to the parts that rounding took most from, ties to
    the larger part and then by key. The result does not depend on the order of the parts, and mirrors when
    all signs change. ValueError when there is something to share but nobody to take it.
    """
    if target != r2(target):
        raise ValueError("a target must be in whole cents")
    parts = {key: r2(ideal) for key, ideal in ideals.items()}
    left = target - sum(parts.values(), ZERO)
    if not left:
        return parts
    if not parts:
        raise ValueError("nothing to allocate to")
    step = CENT.copy_sign(left)
    rounds, extra = divmod(int(left / step), len(parts))

    def most_deserving(key: KeyT) -> tuple[Decimal, Decimal, KeyT]:
        residue = (ideals[key] - r2(ideals[key])) * step
        return -residue, -abs(ideals[key]), key

    for place, key in enumerate(sorted(parts, key=most_deserving)):
        parts[key] += step * (rounds + (place < extra))
    return parts
