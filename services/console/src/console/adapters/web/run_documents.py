"""Import runs as JSON."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime

from console.adapters.web.document import Document, json_array
from console.adapters.web.order_documents import OrderDocument
from console.adapters.web.sentences import reason_sentence
from console.domain.runs import RunState
from console.handlers.imports import RunProgress
from console.handlers.parts import sliced


class RunDocument(Document):
    """An import run; `orders` are those that it met and that the console has heard of."""

    run_id: str
    profile: str
    state: RunState
    requested_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    failure_code: str | None
    failure: str | None
    next_order_number: int | None
    missing_numbers: tuple[int, ...]
    orders: tuple[OrderDocument, ...]

    @classmethod
    def of(cls, progress: RunProgress, language: str) -> "RunDocument":
        run = progress.run
        return cls(
            run_id=run.run_id,
            profile=run.profile,
            state=progress.state,
            requested_at=run.requested_at,
            started_at=run.started_at,
            finished_at=run.finished_at,
            failure_code=run.failure.code if run.failure else None,
            failure=reason_sentence(run.failure, language),
            next_order_number=run.next_order_number,
            missing_numbers=run.missing_numbers,
            orders=tuple(OrderDocument.of(row, language) for row in progress.orders),
        )


async def run_json(progress: RunProgress, language: str) -> AsyncIterator[str]:
    """A RunDocument in pieces: the orders of a large import keep nobody else waiting."""
    head = RunDocument.of(replace(progress, orders=()), language).model_dump_json(exclude={"orders"})
    yield f'{head.removesuffix("}")},"orders":'
    async for piece in json_array(sliced(progress.orders), lambda row: OrderDocument.of(row, language)):
        yield piece
    yield "}"
