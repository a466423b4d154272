"""What orders would become in the books, before anything is booked."""

from collections import Counter
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response

from console.adapters.web.access import note_made
from console.adapters.web.desks import Desks
from console.adapters.web.pages.addresses import read_day
from console.adapters.web.pages.frame import Frame
from console.adapters.web.pages.orders import Text, Typed
from console.adapters.web.pages.trail import vat_words
from console.adapters.web.preview_documents import PreviewDocument
from console.adapters.web.requests import Identifier
from console.domain.previews import LastOrders, OneOrder, PlacedBetween, PreviewState, Selection
from console.domain.refusals import NotSensible
from console.handlers.previews import Preview

PREVIEWS = "/previews"
LAST_ORDERS = 10
COUNT_DIGITS_MAX = 4
DATE_LENGTH_MAX = 40


def _asked(  # noqa: PLR0917 - the fields of a form
    profile: Typed = "",
    what: Typed = "",
    order: Typed = "",
    last: Typed = "",
    first: Annotated[str, Form(alias="from", max_length=DATE_LENGTH_MAX)] = "",
    until: Annotated[str, Form(max_length=DATE_LENGTH_MAX)] = "",
) -> dict[str, str]:
    return {"profile": profile, "what": what, "order": order, "last": last, "from": first, "until": until}


Asked = Annotated[dict[str, str], Depends(_asked)]


class PreviewPages:
    def __init__(self, frame: Frame, desks: Desks) -> None:
        self._frame = frame
        self._desks = desks

    async def form(
        self, request: Request, fields: dict[str, str], *, refused: NotSensible | None = None
    ) -> Response:
        profiles = [stored.profile.name for stored in await self._desks.profiles.profiles()]
        return await self._frame.page(
            request,
            "previews.html",
            status=HTTPStatus.OK if refused is None else HTTPStatus.CONFLICT,
            profiles=profiles,
            fields=fields,
            refused=refused,
        )

    async def show(self, request: Request, preview: Preview) -> Response:
        words = self._frame.words(request)
        document = PreviewDocument.of(preview, words.language)
        return await self._frame.page(
            request,
            "preview.html",
            preview=document,
            is_running=preview.state is PreviewState.RUNNING,
            is_failed=preview.state is PreviewState.FAILED,
            counts=Counter(order.outcome for order in document.orders),
            vat_words=lambda rate: vat_words(rate, words),
        )


def preview_pages(frame: Frame, desks: Desks) -> APIRouter:
    router = APIRouter(prefix=PREVIEWS)
    pages = PreviewPages(frame, desks)

    @router.get("")
    async def ask_preview(request: Request, profile: Text = "", order: Text = "") -> Response:
        asked = "order" if order else "last"
        fields = {"profile": profile, "order": order, "what": asked, "last": str(LAST_ORDERS)}
        return await pages.form(request, {**fields, "from": "", "until": ""})

    @router.post("")
    async def start_preview(request: Request, fields: Asked) -> Response:
        try:
            preview = await desks.previews.ask(
                fields["profile"], _selection(fields), by=request.state.visitor.name
            )
        except NotSensible as refused:
            return await pages.form(request, fields, refused=refused)
        note_made(request, profile=preview.profile)
        return await frame.go(request, f"{PREVIEWS}/{preview.id}")

    @router.get("/{preview_id}")
    async def show_preview(request: Request, preview_id: Identifier) -> Response:
        return await pages.show(request, await desks.previews.preview(preview_id))

    return router


def _selection(fields: dict[str, str]) -> Selection:
    """What the form asks for; NotSensible when the part that was chosen is not filled in."""
    match fields["what"]:
        case "order" if fields["order"]:
            return OneOrder(number=fields["order"])
        case "last" if fields["last"].isdecimal() and len(fields["last"]) <= COUNT_DIGITS_MAX:
            return LastOrders(count=int(fields["last"]))
        case "period":
            first, until = read_day(fields["from"]), read_day(fields["until"])
            if first is not None and until is not None:
                return PlacedBetween(first_day=first, last_day=until)
    raise NotSensible("preview_selection")
