"""The pages; README of the service tells how one is added."""

from fastapi import Depends, FastAPI

from console.adapters.web.access import Doors
from console.adapters.web.desks import Desks
from console.adapters.web.pages.account import account_pages, sign_in_pages
from console.adapters.web.pages.customers import customer_pages
from console.adapters.web.pages.door import asking, at_the_door
from console.adapters.web.pages.files import file_routes
from console.adapters.web.pages.frame import Frame
from console.adapters.web.pages.imports import import_pages
from console.adapters.web.pages.letter_jobs import letter_job_pages
from console.adapters.web.pages.log import log_pages
from console.adapters.web.pages.mistakes import answer_with_pages
from console.adapters.web.pages.needs import NeedsPages, needs_pages
from console.adapters.web.pages.needs_decisions import decision_pages
from console.adapters.web.pages.needs_ledgers import ledger_pages
from console.adapters.web.pages.notices import notice_pages
from console.adapters.web.pages.orders import order_pages, order_search
from console.adapters.web.pages.overview import overview_pages
from console.adapters.web.pages.previews import preview_pages
from console.adapters.web.pages.profiles import profile_pages
from console.adapters.web.pages.users import user_pages

__all__ = ["create_pages"]


def create_pages(desks: Desks, doors: Doors, *, body_bytes_max: int) -> FastAPI:
    """An app of its own beside the API, for it answers in pages, its refusals too."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, max_body_size=body_bytes_max)
    app.state.doors = doors
    frame = Frame(doors)
    needs = NeedsPages(frame, desks)
    app.include_router(file_routes())
    app.include_router(sign_in_pages(frame, desks.access))
    app.include_router(account_pages(frame, desks.access))
    app.include_router(order_search(frame, desks), dependencies=[Depends(asking)])
    for pages in (
        overview_pages(frame, desks),
        import_pages(frame, desks.imports),
        order_pages(frame, desks),
        needs_pages(needs),
        decision_pages(needs, frame, desks),
        ledger_pages(frame, desks),
        letter_job_pages(frame, desks),
        customer_pages(frame, desks),
        preview_pages(frame, desks),
        profile_pages(frame, desks),
        user_pages(frame, desks.people),
        notice_pages(frame, desks.notices),
        log_pages(frame, desks.audit),
    ):
        app.include_router(pages, dependencies=[Depends(at_the_door)])
    answer_with_pages(app, frame)
    return app
