"""Lists of any length, part by part."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import TypeVar

T = TypeVar("T")
Place = TypeVar("Place")

ROWS_PER_PART = 500


async def in_parts(
    read: Callable[[Place | None], Awaitable[Sequence[T]]], place_of: Callable[[T], Place]
) -> AsyncIterator[Sequence[T]]:
    """All that `read` gives from the start on, each time after the place of the last one.

    The first part is read at once: while the database is away, the caller hears so before anything is sent.
    """
    return _from(await read(None), read, place_of)


async def _from(
    part: Sequence[T],
    read: Callable[[Place | None], Awaitable[Sequence[T]]],
    place_of: Callable[[T], Place],
) -> AsyncIterator[Sequence[T]]:
    while part:
        yield part
        part = await read(place_of(part[-1]))
