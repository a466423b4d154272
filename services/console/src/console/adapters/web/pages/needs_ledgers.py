"""Choosing the ledger that orders wait for, from now on."""

from http import HTTPStatus
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import Response

from console.adapters.web.desks import Desks
from console.adapters.web.pages.frame import Frame
from console.adapters.web.pages.letter_views import place_words
from console.adapters.web.pages.needs import NEEDS
from console.adapters.web.pages.orders import Text, Typed
from console.adapters.web.requests import ProfileName
from console.adapters.web.sentences import error_sentence, finding_sentence
from console.domain.refusals import NotNow
from console.handlers.profiles import ProfileRefused
from sconnect.profiles import ProfileProblems

LEDGER_NUMBER_DIGITS_MAX = 10


class LedgerPage:
    def __init__(self, frame: Frame, desks: Desks) -> None:
        self._frame = frame
        self._desks = desks

    async def show(
        self,
        request: Request,
        profile: str,
        field: str,
        *,
        anew: bool = False,
        refused: NotNow | None = None,
        problems: tuple[str, ...] = (),
    ) -> Response:
        words = self._frame.words(request)
        choices = await self._desks.ledger_choice.choices(profile, field, anew=anew)
        is_refused = refused is not None or problems
        return await self._frame.page(
            request,
            "needs_ledger.html",
            status=HTTPStatus.CONFLICT if is_refused else HTTPStatus.OK,
            profile=profile,
            administration=choices.stored.administration_name,
            field=field,
            letters=choices.letters,
            places=choices.places,
            unread=error_sentence(choices.unread, words.language) if choices.unread else None,
            waits_for=place_words(field, words),
            place_words=lambda place: place_words(place, words),
            misfit_words=lambda misfit: words.text(f"ledger_misfit.{misfit.value}"),
            here=f"{NEEDS}/ledgers/{quote(profile, safe='')}",
            refused=refused,
            problems=problems,
        )


def ledger_pages(frame: Frame, desks: Desks) -> APIRouter:
    router = APIRouter(prefix=NEEDS)
    page = LedgerPage(frame, desks)

    @router.get("/ledgers/{name}")
    async def show_ledger_choice(
        request: Request, name: ProfileName, place: Text = "", anew: Text = ""
    ) -> Response:
        return await page.show(request, name, place, anew=bool(anew))

    @router.post("/ledgers/{name}")
    async def choose_ledger(
        request: Request, name: ProfileName, waits_for: Typed = "", place: Typed = "", number: Typed = ""
    ) -> Response:
        words, by = frame.words(request), request.state.visitor.name
        if not _is_ledger_number(number):
            return await page.show(request, name, waits_for, refused=NotNow("ledger_not_chosen"))
        try:
            job = await desks.ledger_choice.choose(name, waits_for, place, int(number), by=by)
        except NotNow as refused:
            return await page.show(request, name, waits_for, refused=refused)
        except ProfileRefused as refused:
            found = tuple(finding_sentence(finding, words.language) for finding in refused.findings)
            return await page.show(request, name, waits_for, problems=found)
        except ProfileProblems as refused:
            found = tuple(problem.sentence(words.language) for problem in refused.problems)
            return await page.show(request, name, waits_for, problems=found)
        return await frame.go(
            request,
            f"/letter-jobs/{job.id}",
            notice="ledger_chosen",
            number=number,
            place=place_words(place, words),
        )

    return router


def _is_ledger_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= LEDGER_NUMBER_DIGITS_MAX
