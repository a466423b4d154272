"""How people outside the console are told; for administrators."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from console.adapters.web.access import ADMINISTRATORS_ONLY
from console.adapters.web.notice_documents import NoticeStatusDocument, TestDocument
from console.adapters.web.pages.frame import Frame
from console.handlers.notices import NoticeDesk


def notice_pages(frame: Frame, desk: NoticeDesk) -> APIRouter:
    router = APIRouter(prefix="/notifications", dependencies=[ADMINISTRATORS_ONLY])

    async def show(request: Request, tested: list[TestDocument]) -> Response:
        language = frame.language(request)
        notices = NoticeStatusDocument.of(await desk.status(), language)
        return await frame.page(request, "notices.html", notices=notices, tested=tested)

    @router.get("")
    async def show_notifications(request: Request) -> Response:
        return await show(request, [])

    @router.post("/test")
    async def test_notifications(request: Request) -> Response:
        # No redirect: the outcome is told here, once.
        language = frame.language(request)
        return await show(request, [TestDocument.of(outcome, language) for outcome in await desk.test()])

    return router
