"""The base of the JSON that the API answers with; fields are added, never changed."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import TypeVar

from pydantic import BaseModel, ConfigDict

T = TypeVar("T")


class Document(BaseModel):
    model_config = ConfigDict(frozen=True)


async def json_array(
    parts: AsyncIterator[Sequence[T]], document: Callable[[T], Document]
) -> AsyncIterator[str]:
    """A JSON array with a document of each, in pieces: a list of thousands keeps nobody else waiting."""
    opening = "["
    async for part in parts:
        if part:
            yield opening + ",".join(document(each).model_dump_json() for each in part)
            opening = ","
            # Others may go first, also when the next part is there already.
            await asyncio.sleep(0)
    yield "]" if opening == "," else "[]"
