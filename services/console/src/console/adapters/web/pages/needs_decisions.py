"""One dead letter, and what a person decides about it."""

from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import Response

from console.adapters.web.desks import Desks
from console.adapters.web.pages.frame import Frame, own_path
from console.adapters.web.pages.needs import NEEDS, Back, NeedsPages, Why
from console.adapters.web.pages.orders import Typed
from console.adapters.web.requests import Identifier
from console.domain.refusals import NotNow
from console.handlers.customer_lookup import NamedCustomer
from console.handlers.letters import Decision

CUSTOMER_NUMBER_MAX = 2_147_483_647


class Decisions:
    """Carries out what was pressed, and tells it on the page from which that was done."""

    def __init__(self, pages: NeedsPages, frame: Frame, desks: Desks) -> None:
        self._pages = pages
        self._frame = frame
        self._desks = desks

    async def customer(
        self, request: Request, letter_id: str, number: str, *, is_sure: bool, back: str
    ) -> Response:
        """Use the customer of that number; one that nobody looked at yet is shown first."""
        try:
            wanted = _customer_number(number)
            if not is_sure and (named := await self._named(letter_id, wanted)) is not None:
                return await self._pages.letter(request, letter_id, named=named)
        except NotNow as refused:
            return await self._pages.letter(request, letter_id, refused=refused)
        decision = Decision(kind="use_customer", value=str(wanted))
        notice = "customer_chosen"
        return await self.replay(request, letter_id, back, notice, decision=decision, number=str(wanted))

    async def replay(
        self,
        request: Request,
        letter_id: str,
        back: str,
        notice: str,
        *,
        decision: Decision | None = None,
        as_received: bool = False,
        **told: str,
    ) -> Response:
        by = request.state.visitor.name
        try:
            letter = await self._desks.letters.replay(
                letter_id, decision=decision, as_received=as_received, by=by
            )
        except NotNow as refused:
            return await self._pages.letter(request, letter_id, refused=refused)
        order = letter.order_number or letter.id
        return await self._frame.go(request, _back(back, letter_id), notice=notice, order=order, **told)

    async def discard(self, request: Request, letter_id: str, why: str, back: str) -> Response:
        by = request.state.visitor.name
        try:
            letter = await self._desks.letters.discard(letter_id, why=reason_given(why), by=by)
        except NotNow as refused:
            return await self._pages.letter(request, letter_id, refused=refused)
        order = letter.order_number or letter.id
        return await self._frame.go(request, _back(back, letter_id), notice="letter_put_away", order=order)

    async def _named(self, letter_id: str, number: int) -> NamedCustomer | None:
        """Whose number it is; None for a customer that stands beside the order already."""
        letter = await self._desks.letters.letter(letter_id)
        if any(told.get("customer_number") == str(number) for told in letter.suggestions):
            return None
        return await self._desks.customers.find(letter.profile, number)


def decision_pages(pages: NeedsPages, frame: Frame, desks: Desks) -> APIRouter:
    router = APIRouter(prefix=f"{NEEDS}/letters/{{letter_id}}")
    decisions = Decisions(pages, frame, desks)

    @router.get("")
    async def show_letter(request: Request, letter_id: Identifier) -> Response:
        return await pages.letter(request, letter_id)

    @router.post("/customer")
    async def use_customer(
        request: Request, letter_id: Identifier, number: Typed = "", sure: Typed = "", back: Back = ""
    ) -> Response:
        return await decisions.customer(request, letter_id, number, is_sure=bool(sure), back=back)

    @router.post("/new-customer")
    async def make_customer(request: Request, letter_id: Identifier, back: Back = "") -> Response:
        decision = Decision(kind="create_customer")
        return await decisions.replay(request, letter_id, back, "customer_to_be_made", decision=decision)

    @router.post("/replay")
    async def replay_letter(
        request: Request, letter_id: Identifier, way: Typed = "", back: Back = ""
    ) -> Response:
        as_received = way == "as_received"
        return await decisions.replay(request, letter_id, back, "letter_replayed", as_received=as_received)

    @router.post("/discard")
    async def discard_letter(
        request: Request, letter_id: Identifier, why: Why = "", back: Back = ""
    ) -> Response:
        return await decisions.discard(request, letter_id, why, back)

    return router


def reason_given(why: str) -> str:
    """Why something is put away, on one line; NotNow when nobody says why."""
    plain = " ".join("".join(sign if sign.isprintable() else " " for sign in why).split())
    if not plain:
        raise NotNow("discard_needs_a_reason")
    return plain


def _customer_number(text: str) -> int:
    """NotNow for what is no number that a card can have."""
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= CUSTOMER_NUMBER_MAX):
        raise NotNow("customer_number_unusable")
    return int(text)


def _back(wanted: str, letter_id: str) -> str:
    return own_path(wanted) if wanted else f"{NEEDS}/letters/{quote(letter_id, safe='')}"
