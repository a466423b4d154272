"""Who did what; for administrators."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from console.adapters.web.access import ADMINISTRATORS_ONLY
from console.adapters.web.pages.frame import Frame
from console.adapters.web.pages.words import Words
from console.domain.audit import AuditEntry
from console.handlers.audit import AuditDesk

NUMBER_MAX = 2_147_483_647
Before = Annotated[int | None, Query(ge=1, le=NUMBER_MAX)]


def log_pages(frame: Frame, desk: AuditDesk) -> APIRouter:
    router = APIRouter(dependencies=[ADMINISTRATORS_ONLY])

    @router.get("/log")
    async def show_log(request: Request, before: Before = None) -> Response:
        page = await desk.page(before)
        words = frame.words(request)
        lines = [(entry, action_words(entry, words)) for entry in page.entries]
        return await frame.page(request, "log.html", lines=lines, older=page.older, is_first=before is None)

    return router


def action_words(entry: AuditEntry, words: Words) -> str:
    """What was done; an action without a text of its own shows its name."""
    key = f"action.{entry.action}"
    return words.text(key) if words.has(key) else entry.action
