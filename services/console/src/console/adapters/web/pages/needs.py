"""What needs a person, by reason, with the buttons that solve it."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from console.adapters.web.desks import Desks
from console.adapters.web.pages.addresses import place_text, read_place, with_query
from console.adapters.web.pages.frame import Frame
from console.adapters.web.pages.letter_views import LetterView, place_words
from console.adapters.web.pages.orders import Text
from console.adapters.web.pages.words import Words
from console.adapters.web.requests import Identifier
from console.adapters.web.sentences import error_sentence
from console.domain.ledger_places import LEDGER_REASONS
from console.domain.letter_list import LedgerWait, LetterFilter, LetterGroup, LetterPlace
from console.domain.refusals import NotNow
from console.handlers.customer_lookup import NamedCustomer
from console.handlers.needs import CasePage, LetterCase

NEEDS = "/needs-you"
WHY_LENGTH_MAX = 500
BACK_LENGTH_MAX = 500
Why = Annotated[str, Form(max_length=WHY_LENGTH_MAX)]
Back = Annotated[str, Form(max_length=BACK_LENGTH_MAX)]


class NeedsPages:
    """Reads what the pages show."""

    def __init__(self, frame: Frame, desks: Desks) -> None:
        self._frame = frame
        self._desks = desks

    async def overview(self, request: Request) -> Response:
        words = self._frame.words(request)
        groups = await self._desks.needs.groups()
        return await self._frame.page(
            request,
            "needs.html",
            groups=groups,
            waiting=sum(group.letters for group in groups),
            reason_name=words.reason_name,
            why=lambda code: group_sentence(code, words),
            ledger_waits=await self._ledger_waits(words, None),
            decided=await self.decided(words),
        )

    async def of_reason(self, request: Request, code: str, profile: str, after: str) -> Response:
        words = self._frame.words(request)
        wanted = LetterFilter(reason_code=code, profile=profile or None)
        page = await self._desks.needs.page(wanted, after=_place(after))
        groups, everybodys = await self._desks.needs.groups_of(wanted.profile)
        group = _of_reason(groups, code)
        here = f"{NEEDS}/reasons/{quote(code, safe='')}"
        return await self._frame.page(
            request,
            "needs_reason.html",
            code=code,
            profile=profile,
            here=with_query(here, profile=profile, after=after),
            newest=with_query(here, profile=profile),
            is_first=not after,
            group=group,
            profiles=_of_reason(everybodys, code).by_profile,
            title=words.reason_name(code),
            why=group_sentence(code, words),
            views=views(page.cases, words),
            older=with_query(here, profile=profile, after=_place_text(page)) if page.more else None,
            ledger_waits=await self._ledger_waits(words, code) if code in LEDGER_REASONS else (),
            of_profile=lambda name: with_query(here, profile=name),
            place_words=lambda field: place_words(field, words),
            decided=await self.decided(words),
        )

    async def letter(
        self,
        request: Request,
        letter_id: str,
        *,
        refused: NotNow | None = None,
        named: NamedCustomer | None = None,
    ) -> Response:
        """With `named`, the customer of a number that somebody typed is shown before it is used."""
        words = self._frame.words(request)
        case = await self._desks.needs.case(letter_id)
        return await self._frame.page(
            request,
            "needs_letter.html",
            status=HTTPStatus.OK if refused is None else HTTPStatus.CONFLICT,
            letter=LetterView.of(case, words),
            refused=refused,
            named=named,
            unread=error_sentence(named.unread, words.language) if named and named.unread else None,
            here=f"{NEEDS}/letters/{quote(letter_id, safe='')}",
            reason_name=words.reason_name,
            place_words=lambda field: place_words(field, words),
        )

    async def put_away(self, request: Request, after: str) -> Response:
        words = self._frame.words(request)
        page = await self._desks.needs.put_away(after=_place(after))
        here = f"{NEEDS}/put-away"
        return await self._frame.page(
            request,
            "needs_put_away.html",
            views=views(page.cases, words),
            here=with_query(here, after=after),
            is_first=not after,
            older=with_query(here, after=_place_text(page)) if page.more else None,
        )

    async def decided(self, words: Words) -> Sequence[LetterView]:
        return views(await self._desks.needs.just_decided(), words)

    async def _ledger_waits(self, words: Words, code: str | None) -> Sequence[tuple[LedgerWait, str]]:
        waits = await self._desks.needs.ledger_waits()
        wanted = [wait for wait in waits if code is None or wait.reason_code == code]
        return [(wait, place_words(wait.field, words)) for wait in wanted]


def needs_pages(pages: NeedsPages) -> APIRouter:
    router = APIRouter(prefix=NEEDS)

    @router.get("")
    async def list_needs(request: Request) -> Response:
        return await pages.overview(request)

    @router.get("/reasons/{code}")
    async def list_of_reason(
        request: Request, code: Identifier, profile: Text = "", after: Text = ""
    ) -> Response:
        return await pages.of_reason(request, code, profile, after)

    @router.get("/put-away")
    async def list_put_away(request: Request, after: Text = "") -> Response:
        return await pages.put_away(request, after)

    return router


def views(cases: Sequence[LetterCase], words: Words) -> Sequence[LetterView]:
    return [LetterView.of(case, words) for case in cases]


def group_sentence(code: str, words: Words) -> str:
    """What a reason means and what helps, in one sentence; of one that is not known a general one."""
    key = f"needs.why.{code}"
    return words.text(key if words.has(key) else "needs.why.other")


def _of_reason(groups: Sequence[LetterGroup], code: str) -> LetterGroup:
    """The group of that reason, an empty one when nothing waits for it."""
    none = LetterGroup(reason_code=code, letters=0, from_shop=0, by_profile={})
    return next((group for group in groups if group.reason_code == code), none)


def _place_text(page: CasePage) -> str:
    return "" if page.more is None else place_text(page.more.at, page.more.letter_id)


def _place(text: str) -> LetterPlace | None:
    place = read_place(text)
    return None if place is None else LetterPlace(at=place[0], letter_id=place[1])
