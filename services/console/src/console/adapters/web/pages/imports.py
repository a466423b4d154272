"""Import now, and how far an import is."""

from collections import Counter

from fastapi import APIRouter, Request
from fastapi.responses import Response

from console.adapters.web.pages.frame import Frame
from console.adapters.web.requests import Identifier, ProfileName
from console.adapters.web.sentences import reason_sentence, standing_sentence
from console.domain.runs import RunState
from console.handlers.imports import ImportDesk

# A run of thousands is counted whole and listed in part; the list of orders has the rest.
ORDERS_SHOWN_MAX = 100


def import_pages(frame: Frame, desk: ImportDesk) -> APIRouter:
    router = APIRouter()

    @router.post("/profiles/{name}/imports")
    async def start_import(request: Request, name: ProfileName) -> Response:
        run = await desk.start(name, by=request.state.visitor.name)
        return await frame.go(request, f"/imports/{run.run_id}")

    @router.get("/imports/{run_id}")
    async def show_import(request: Request, run_id: Identifier) -> Response:
        progress = await desk.summary(run_id, shown_max=ORDERS_SHOWN_MAX)
        language = frame.language(request)
        return await frame.page(
            request,
            "import.html",
            run=progress.run,
            state=progress.state,
            is_running=progress.state is RunState.RUNNING,
            failure=reason_sentence(progress.run.failure, language),
            counts=Counter({status.value: count for status, count in progress.counts.items()}),
            met=progress.met,
            settled=progress.settled,
            lines=[(row, standing_sentence(row.standing, language)) for row in progress.shown],
            not_shown=progress.heard_of - len(progress.shown),
        )

    return router
