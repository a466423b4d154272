"""The list of orders, its export, and one order from shop to booking."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import RedirectResponse, Response, StreamingResponse
from pydantic import AfterValidator

from console.adapters.web.desks import Desks
from console.adapters.web.order_documents import OrderTrailDocument
from console.adapters.web.pages.addresses import PLACE_SEPARATOR, read_day, with_query
from console.adapters.web.pages.export import csv_lines
from console.adapters.web.pages.frame import Frame
from console.adapters.web.pages.trail import card_field_words, vat_words
from console.adapters.web.pages.trail_export import trail_csv
from console.adapters.web.requests import OrderNumber, ProfileName
from console.adapters.web.sentences import standing_sentence
from console.domain.search import OrderFilter, OrderPlace
from console.domain.standing import OrderStatus
from console.handlers.orders import OrderTrail
from sconnect.contracts import OrderDeadLettered

FIELD_LENGTH_MAX = 200
PLACE_PARTS = 4


def _printable(text: str) -> str:
    """A line that somebody typed; control characters were never typed."""
    return "".join(sign for sign in text if sign.isprintable()).strip()


Text = Annotated[str, Query(max_length=FIELD_LENGTH_MAX), AfterValidator(_printable)]
Typed = Annotated[str, Form(max_length=FIELD_LENGTH_MAX), AfterValidator(_printable)]


class Wanted:
    """What the visitor asks of the list. What is no choice or date is left out."""

    def __init__(  # noqa: PLR0917 - the fields of a form
        self, text: str, profile: str, status: str, reason: str, first: str, last: str
    ) -> None:
        self.filter = OrderFilter(
            text=text or None,
            profile=profile or None,
            status=OrderStatus(status) if status in set(OrderStatus) else None,
            reason_code=reason or None,
            first_day=read_day(first),
            last_day=read_day(last),
        )

    @property
    def fields(self) -> Mapping[str, str]:
        """For the form, and for links that keep what was asked; `q` may be a name, so it is in no link."""
        wanted = self.filter
        return {
            "q": wanted.text or "",
            "profile": wanted.profile or "",
            "status": wanted.status.value if wanted.status else "",
            "reason": wanted.reason_code or "",
            "from": wanted.first_day.isoformat() if wanted.first_day else "",
            "until": wanted.last_day.isoformat() if wanted.last_day else "",
        }

    def address(self, path: str, **more: str) -> str:
        fields = {**self.fields, "q": "", **more}
        return with_query(path, **fields)


def by_address(
    *,
    profile: Text = "",
    status: Text = "",
    reason: Text = "",
    first: Annotated[Text, Query(alias="from")] = "",
    last: Annotated[Text, Query(alias="until")] = "",
) -> Wanted:
    return Wanted("", profile, status, reason, first, last)


def by_form(
    *,
    q: Typed = "",
    profile: Typed = "",
    status: Typed = "",
    reason: Typed = "",
    first: Annotated[Typed, Form(alias="from")] = "",
    last: Annotated[Typed, Form(alias="until")] = "",
) -> Wanted:
    return Wanted(q, profile, status, reason, first, last)


Linked = Annotated[Wanted, Depends(by_address)]
Searched = Annotated[Wanted, Depends(by_form)]


class OrderList:
    """The page with the list, and the file."""

    def __init__(self, frame: Frame, desks: Desks) -> None:
        self._frame = frame
        self._desks = desks

    async def show(self, request: Request, wanted: Wanted, after: str) -> Response:
        page = await self._desks.orders.page(wanted.filter, after=_place(after))
        words = self._frame.words(request)
        next_place = _place_text(page.more) if page.more else None
        return await self._frame.page(
            request,
            "orders.html",
            fields=wanted.fields,
            is_narrowed=any(wanted.fields.values()),
            is_first=not after,
            lines=[(row, standing_sentence(row.standing, words.language)) for row in page.rows],
            profiles=[stored.profile.name for stored in await self._desks.profiles.profiles()],
            statuses=list(OrderStatus),
            reasons=[(code, words.reason_name(code)) for code in await self._desks.orders.reason_codes()],
            newest=wanted.address("/orders"),
            older=wanted.address("/orders", after=next_place) if next_place else None,
            next_place=next_place,
            export=wanted.address("/orders.csv"),
        )

    async def export(self, request: Request, wanted: Wanted) -> Response:
        parts = self._desks.orders.all_of(wanted.filter)
        return StreamingResponse(
            csv_lines(parts, self._frame.words(request)),
            media_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": 'attachment; filename="sconnect-orders.csv"'},
        )


def order_search(frame: Frame, desks: Desks) -> APIRouter:
    """The search, by a form that is posted: a name belongs in no address and no log of a proxy."""
    router = APIRouter()
    orders = OrderList(frame, desks)

    @router.post("/orders")
    async def search_orders(request: Request, wanted: Searched, after: Typed = "") -> Response:
        if wanted.filter.text is None:
            # Nothing personal: an address that can be kept, and a page that keeps itself up to date.
            return RedirectResponse(wanted.address("/orders", after=after), HTTPStatus.SEE_OTHER)
        return await orders.show(request, wanted, after)

    @router.post("/orders.csv")
    async def export_found_orders(request: Request, wanted: Searched) -> Response:
        return await orders.export(request, wanted)

    return router


def order_pages(frame: Frame, desks: Desks) -> APIRouter:
    router = APIRouter()
    orders = OrderList(frame, desks)

    @router.get("/orders")
    async def list_orders(request: Request, wanted: Linked, after: Text = "") -> Response:
        return await orders.show(request, wanted, after)

    @router.get("/orders.csv")
    async def export_orders(request: Request, wanted: Linked) -> Response:
        return await orders.export(request, wanted)

    @router.get("/profiles/{name}/orders/{number}")
    async def show_order(request: Request, name: ProfileName, number: OrderNumber) -> Response:
        trail = await desks.orders.trail(name, number)
        words = frame.words(request)
        return await frame.page(
            request,
            "order.html",
            order=OrderTrailDocument.of_trail(trail, words.language),
            standing=trail.row.standing,
            letter_id=_letter_that_waits(trail),
            vat_words=lambda rate: vat_words(rate, words),
            card_field_words=lambda field: card_field_words(field, words),
        )

    @router.get("/profiles/{name}/orders/{number}/export")
    async def export_order(request: Request, name: ProfileName, number: OrderNumber) -> Response:
        trail = await desks.orders.trail(name, number)
        words = frame.words(request)
        written = trail_csv(OrderTrailDocument.of_trail(trail, words.language), words)
        # The number comes from the shop: what is no digit has no place in a header.
        digits = "".join(sign for sign in number if sign.isascii() and sign.isdigit())
        headers = {"Content-Disposition": f'attachment; filename="sconnect-order-{digits}.csv"'}
        return Response(written, media_type="text/csv; charset=utf-8", headers=headers)

    return router


def _letter_that_waits(trail: OrderTrail) -> str | None:
    """The dead letter in which the order waits for a person."""
    if trail.row.standing.status is not OrderStatus.DEAD_LETTERED:
        return None
    told = [message for message in trail.messages if isinstance(message, OrderDeadLettered)]
    return told[-1].dead_letter_id if told else None


def _place_text(place: OrderPlace) -> str:
    parts = (place.ordered_on, place.sort_number, place.profile, place.order_uuid)
    return PLACE_SEPARATOR.join(parts)


def _place(text: str) -> OrderPlace | None:
    parts = text.split(PLACE_SEPARATOR)
    if len(parts) != PLACE_PARTS:
        return None
    return OrderPlace(ordered_on=parts[0], sort_number=parts[1], profile=parts[2], order_uuid=parts[3])
