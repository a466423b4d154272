"""Lists of any length, part by part."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import TypeVar

T = TypeVar("T")
Place = TypeVar("Place")

# So many take a few milliseconds to tell: a page that is asked meanwhile waits no longer between two parts.
ROWS_PER_PART = 100


async def in_parts(
    read: Callable[[Place | None], Awaitable[Sequence[T]]], place_of: Callable[[T], Place]
) -> AsyncIterator[Sequence[T]]:
    """All that `read` gives from the start on, each time after the place of the last one.

    The first part is read at once: while the database is away, the caller hears so before anything is sent.
    """
    return _from(await read(None), read, place_of)


async def sliced(whole: Sequence[T]) -> AsyncIterator[Sequence[T]]:
    """What has been read already, part by part."""
    for start in range(0, len(whole), ROWS_PER_PART):
        yield whole[start : start + ROWS_PER_PART]


async def _from(
    part: Sequence[T],
    read: Callable[[Place | None], Awaitable[Sequence[T]]],
    place_of: Callable[[T], Place],
) -> AsyncIterator[Sequence[T]]:
    while part:
        yield part
        part = await read(place_of(part[-1]))
