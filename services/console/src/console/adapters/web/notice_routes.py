"""The addresses of the API about notifications; administrators only."""

from fastapi import APIRouter

from console.adapters.web.access import ADMINISTRATORS_ONLY, Language
from console.adapters.web.notice_documents import NoticeStatusDocument, TestDocument
from console.handlers.notices import NoticeDesk


def notice_routes(desk: NoticeDesk) -> APIRouter:
    router = APIRouter(prefix="/notifications", tags=["notifications"], dependencies=[ADMINISTRATORS_ONLY])

    @router.get("")
    async def show_notifications(language: Language) -> NoticeStatusDocument:
        return NoticeStatusDocument.of(await desk.status(), language)

    @router.post("/test")
    async def test_notifications(language: Language) -> list[TestDocument]:
        """Send a test message over every channel, at once."""
        return [TestDocument.of(outcome, language) for outcome in await desk.test()]

    return router
