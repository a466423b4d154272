"""The tabs on which a profile's settings are changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from console.adapters.web.access import ADMINISTRATORS_ONLY
from console.adapters.web.pages.profiles.examples import examples_of
from console.adapters.web.pages.profiles.fields import FIELDS, Tab
from console.adapters.web.pages.profiles.ledgers import LedgerTableMaker, ledger_changes
from console.adapters.web.pages.profiles.problems import Remark, elsewhere, remarks_of, remarks_on
from console.adapters.web.pages.profiles.rooms import (
    ProfileRooms,
    address_of,
    by,
    document_of,
    may_administer,
)
from console.adapters.web.pages.profiles.typed import Typed, changes_in, integer_or_text
from console.adapters.web.pages.profiles.views import FormView, field_views
from console.adapters.web.requests import ProfileName
from console.adapters.web.sentences import error_sentence
from console.domain.refusals import NotNow
from console.handlers.connections import ConnectionReport, Side
from console.handlers.ledger_assistant import LedgerProposal
from console.handlers.profiles import AppliedProfile, ProfileRefused
from sconnect.errors import TransientError
from sconnect.profiles import ProfileConflict, ProfileProblems, StoredProfile
from sconnect.texts import render


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """What somebody did on a tab, and what came of it: shown above and between the fields."""

    typed: Typed
    remarks: tuple[Remark, ...] = ()
    refused: str | None = None
    report: ConnectionReport | None = None
    proposal: LedgerProposal | None = None
    status: HTTPStatus = HTTPStatus.OK


def tab_pages(rooms: ProfileRooms) -> APIRouter:
    router = APIRouter(prefix="/profiles/{name}")
    pages = TabPages(rooms)
    for tab in Tab:
        _add_tab(router, pages, tab)
    for side in Side:
        _add_trial(router, pages, side)

    @router.post("/bookings/proposal")
    async def propose_ledgers(request: Request, name: ProfileName) -> Response:
        return await pages.propose(request, name)

    @router.post("/bookings/lists")
    async def read_lists(request: Request, name: ProfileName) -> Response:
        return await pages.read_again(request, name)

    return router


def _add_tab(router: APIRouter, pages: "TabPages", tab: Tab) -> None:
    # Which ledger is right a bookkeeper knows best: decision 0018.
    guards = [] if tab is Tab.BOOKINGS else [ADMINISTRATORS_ONLY]

    @router.get(f"/{tab}")
    async def show_tab(request: Request, name: ProfileName) -> Response:
        return await pages.show(request, name, tab)

    @router.post(f"/{tab}", dependencies=guards)
    async def change_profile(request: Request, name: ProfileName) -> Response:
        return await pages.save(request, name, tab)


def _add_trial(router: APIRouter, pages: "TabPages", side: Side) -> None:
    @router.post(f"/{side}/try", dependencies=[ADMINISTRATORS_ONLY])
    async def try_connection(request: Request, name: ProfileName) -> Response:
        return await pages.try_out(request, name, side)


class TabPages:
    """Whatever goes wrong, a form comes back with what was typed in it."""

    def __init__(self, rooms: ProfileRooms) -> None:
        self._rooms = rooms
        self._desks = rooms.desks

    async def show(self, request: Request, name: str, tab: Tab) -> Response:
        return await self._page(request, await self._desks.profiles.profile(name), tab)

    async def save(self, request: Request, name: str, tab: Tab) -> Response:
        stored = await self._desks.profiles.profile(name)
        typed = await self._rooms.read(request, FIELDS[tab])
        changes = self._changes(request, stored, tab, typed)
        version = integer_or_text(typed.text("version"))
        try:
            applied = await self._desks.profiles.change(
                name, changes, by=by(request), over_version=version if isinstance(version, int) else None
            )
        except (ProfileProblems, ProfileRefused, NotNow, TransientError) as error:
            return await self._page(request, stored, tab, self._failed(request, typed, error))
        return await saved(self._rooms, request, applied, address_of(name, tab))

    async def try_out(self, request: Request, name: str, side: Side) -> Response:
        tab = Tab(side.value)
        stored = await self._desks.profiles.profile(name)
        typed = await self._rooms.read(request, FIELDS[tab])
        settings = changes_in(typed, FIELDS[tab])[side.value]
        try:
            report = await self._desks.connections.try_out(side, settings, before=stored)
        except (ProfileProblems, TransientError) as error:
            return await self._page(request, stored, tab, self._failed(request, typed, error))
        remarks = remarks_on(report.findings, self._rooms.words(request))
        return await self._page(request, stored, tab, Attempt(typed=typed, remarks=remarks, report=report))

    async def propose(self, request: Request, name: str) -> Response:
        stored = await self._desks.profiles.profile(name)
        typed = await self._rooms.read(request, FIELDS[Tab.BOOKINGS])
        try:
            proposal = await self._desks.assistant.propose(name)
        except (ProfileProblems, ProfileRefused, TransientError) as error:
            return await self._page(request, stored, Tab.BOOKINGS, self._failed(request, typed, error))
        self._desks.connections.lists.note_books(stored.profile, proposal.books)
        attempt = Attempt(typed=typed, proposal=proposal)
        return await self._page(request, stored, Tab.BOOKINGS, attempt)

    async def read_again(self, request: Request, name: str) -> Response:
        """The ledgers as they are in the administration now; what was typed stays."""
        stored = await self._desks.profiles.profile(name)
        self._desks.connections.lists.forget(stored.profile)
        typed = await self._rooms.read(request, FIELDS[Tab.BOOKINGS])
        return await self._page(request, stored, Tab.BOOKINGS, Attempt(typed=typed))

    def _changes(self, request: Request, stored: StoredProfile, tab: Tab, typed: Typed) -> dict[str, Any]:
        if tab is not Tab.BOOKINGS:
            return changes_in(typed, FIELDS[tab])
        ledgers = ledger_changes(typed, stored.profile)
        if not may_administer(request):
            return ledgers
        settings = changes_in(typed, FIELDS[tab])
        return {"bookings": {**settings["bookings"], **ledgers["bookings"]}}

    def _failed(
        self,
        request: Request,
        typed: Typed,
        error: ProfileProblems | ProfileRefused | NotNow | TransientError,
    ) -> Attempt:
        return failed(typed, error, self._rooms, request)

    async def _page(
        self, request: Request, stored: StoredProfile, tab: Tab, attempt: Attempt | None = None
    ) -> Response:
        words = self._rooms.words(request)
        remarks = attempt.remarks if attempt else self._last_remarks(request, stored)
        document, keys = document_of(stored)
        views = field_views(
            FIELDS[tab],
            document,
            kept_keys=keys,
            typed=self._typed_fields(request, tab, attempt),
            remarks=remarks,
            seal=partial(self._rooms.seal, request),
        )
        own = await self._of_tab(request, stored, tab, attempt, remarks)
        paths = [*(view.field.path for view in views), *own.pop("paths", ())]
        here = [remark for remark in remarks if remark.tab is tab or remark.is_refusal]
        form = FormView(
            fields=views,
            notes=elsewhere(here, paths),
            errors=tuple(remark for remark in here if remark.is_refusal),
            version=stored.version,
            statuses=await self._statuses(stored, attempt) if tab is Tab.SHOP else (),
        )
        return await self._rooms.page(
            request,
            "profile_bookings.html" if tab is Tab.BOOKINGS else "profile_form.html",
            stored,
            tab.value,
            status=attempt.status if attempt else HTTPStatus.OK,
            form=form,
            refused=attempt.refused if attempt else None,
            report=attempt.report if attempt else None,
            may_change=may_administer(request),
            words=words,
            **own,
        )

    async def _of_tab(
        self,
        request: Request,
        stored: StoredProfile,
        tab: Tab,
        attempt: Attempt | None,
        remarks: Sequence[Remark],
    ) -> dict[str, Any]:
        words = self._rooms.words(request)
        if tab is Tab.CUSTOMERS:
            return {"examples": await examples_of(self._desks.orders, stored.profile, words)}
        if tab is not Tab.BOOKINGS:
            return {"examples": {}}
        books = await self._desks.connections.lists.books(stored.profile)
        maker = LedgerTableMaker(
            stored.profile,
            books,
            words.language,
            typed=attempt.typed if attempt else None,
            proposal=attempt.proposal if attempt else None,
            remarks=remarks,
        )
        table = maker.table()
        return {
            "table": table,
            "proposal": attempt.proposal if attempt else None,
            "proposal_remarks": remarks_on(attempt.proposal.remarks, words)
            if attempt and attempt.proposal
            else (),
            "cost_centres": sorted(books.cost_centres) if books else (),
            "paths": [*(cell.path for cell in table.cells), "bookings.ledgers.refinements"],
        }

    def _typed_fields(self, request: Request, tab: Tab, attempt: Attempt | None) -> Typed | None:
        """Fields that this person cannot change were not sent, so they show what is saved."""
        if attempt is None or (tab is Tab.BOOKINGS and not may_administer(request)):
            return None
        return attempt.typed

    def _last_remarks(self, request: Request, stored: StoredProfile) -> tuple[Remark, ...]:
        checked = self._desks.checks.last(stored)
        return remarks_on(checked.findings if checked else (), self._rooms.words(request))

    async def _statuses(self, stored: StoredProfile, attempt: Attempt | None) -> Sequence[Any]:
        if attempt is not None and attempt.report is not None and attempt.report.statuses:
            return attempt.report.statuses
        return await self._desks.connections.lists.statuses(stored.profile)


def failed(
    typed: Typed,
    error: ProfileProblems | ProfileRefused | NotNow | TransientError,
    rooms: ProfileRooms,
    request: Request,
) -> Attempt:
    """The attempt with what went wrong in words."""
    words = rooms.words(request)
    if isinstance(error, ProfileProblems | ProfileRefused):
        conflict = isinstance(error, ProfileConflict)
        status = HTTPStatus.CONFLICT if conflict else HTTPStatus.UNPROCESSABLE_ENTITY
        return Attempt(typed=typed, remarks=remarks_of(error, words), status=status)
    if isinstance(error, NotNow):
        sentence = render(f"command.{error.key}", error.details, words.language)
        return Attempt(typed=typed, refused=sentence, status=HTTPStatus.CONFLICT)
    reason = error.reason
    cause = error_sentence(reason, words.language)
    sentence = render(f"command.away.{reason.variant}", {"cause": cause}, words.language)
    return Attempt(typed=typed, refused=sentence, status=HTTPStatus.SERVICE_UNAVAILABLE)


async def saved(rooms: ProfileRooms, request: Request, applied: AppliedProfile, path: str) -> Response:
    """On to a page that tells what was saved, and that something deserves a look."""
    rooms.desks.checks.note(applied.stored, applied.warnings)
    details: Mapping[str, object] = {
        "name": applied.stored.profile.name,
        "version": applied.stored.version,
        "count": len(applied.warnings),
    }
    notice = "profile_saved_with_remarks" if applied.warnings else "profile_saved"
    return await rooms.frame.go(request, path, notice=notice, **details)
