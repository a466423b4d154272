"""The addresses of the previews."""

import json
from datetime import date
from typing import Any

from fastapi import APIRouter
from pydantic import ValidationError

from console.adapters.web.access import Language, SignedIn
from console.adapters.web.preview_documents import PreviewDocument
from console.adapters.web.requests import Identifier, PreviewBody, ProfileName
from console.domain.previews import LastOrders, OneOrder, PlacedBetween, Selection
from console.domain.refusals import NotSensible
from console.handlers.previews import PreviewDesk
from sconnect.profiles import Ledgers


def preview_routes(desk: PreviewDesk) -> APIRouter:
    router = APIRouter(tags=["previews"])

    @router.post("/profiles/{name}/previews", status_code=202)
    async def start_preview(
        name: ProfileName, body: PreviewBody, signed_in: SignedIn, language: Language
    ) -> PreviewDocument:
        """Begin a preview; nothing is made, changed or booked. Look at it by its id until it is finished."""
        preview = await desk.ask(name, _selection(body), ledgers=_ledgers(body.ledgers), by=signed_in)
        return PreviewDocument.of(preview, language)

    @router.get("/previews/{preview_id}")
    async def show_preview(preview_id: Identifier, language: Language) -> PreviewDocument:
        return PreviewDocument.of(await desk.preview(preview_id), language)

    return router


def _selection(body: PreviewBody) -> Selection:
    match body:
        case PreviewBody(order=str(number), placed_from=None, placed_to=None, last=None):
            return OneOrder(number=number)
        case PreviewBody(order=None, placed_from=date() as first, placed_to=date() as last, last=None):
            return PlacedBetween(first_day=first, last_day=last)
        case PreviewBody(order=None, placed_from=None, placed_to=None, last=int(count)):
            return LastOrders(count=count)
    raise NotSensible("preview_selection")


def _ledgers(given: dict[str, Any] | None) -> Ledgers | None:
    if given is None:
        return None
    try:
        return Ledgers.model_validate_json(json.dumps(given))
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False)
        fields = sorted({".".join(str(part) for part in problem["loc"]) for problem in found})
        raise NotSensible("preview_ledgers", fields=", ".join(fields)) from None
