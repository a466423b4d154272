"""The next order number and the numbers that never showed up."""

from collections.abc import Iterable

MISSING_NUMBERS_MAX = 1_000


def next_order_number(highest_seen: int | None, start_number: int) -> int:
    return start_number if highest_seen is None else max(highest_seen + 1, start_number)


def missing_numbers(gaps: Iterable[tuple[int, int]], start_number: int) -> tuple[int, ...]:
    """The unseen numbers from the start number on, ascending; of a long list the last 1,000.

    `gaps` are neighbouring seen numbers with something missing between them, the highest first. Numbers below
    the lowest seen one are no gap: the shop may simply have begun there.
    """
    missing: list[int] = []
    for lower, higher in gaps:
        first = max(lower + 1, start_number, higher - (MISSING_NUMBERS_MAX - len(missing)))
        missing.extend(range(higher - 1, first - 1, -1))
        if higher <= start_number or len(missing) >= MISSING_NUMBERS_MAX:
            break
    return tuple(reversed(missing))
