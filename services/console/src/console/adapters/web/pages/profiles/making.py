"""A new profile, a copy, a profile from a file; a profile as a file; and a profile that goes."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from console.adapters.web.access import ADMINISTRATORS_ONLY, note_made
from console.adapters.web.pages.profiles.fields import (
    FIELDS,
    FIRST_FIELDS,
    INVOICE_NUMBER,
    NAME,
    Field,
    Kind,
    Tab,
)
from console.adapters.web.pages.profiles.problems import elsewhere, remarks_on
from console.adapters.web.pages.profiles.rooms import OVERVIEW, ProfileRooms, address_of, by, document_of
from console.adapters.web.pages.profiles.tabs import Attempt, failed, saved
from console.adapters.web.pages.profiles.typed import Typed, changes_in
from console.adapters.web.pages.profiles.views import FormView, field_views
from console.adapters.web.profile_files import profile_file
from console.adapters.web.requests import ProfileName
from console.domain.profile_settings import patched
from console.domain.refusals import NotNow
from console.handlers.connections import Side
from console.handlers.profiles import AppliedProfile, ProfileRefused
from sconnect.errors import TransientError
from sconnect.profiles import ProfileProblems

NEW = "/new-profile"
# Shipped, paid, paid and collected: what shops that book at all usually book (MyOnlineStore).
USUAL_STATUSES = [2, 3, 6]
KEYS = tuple(field for field in FIRST_FIELDS if field.kind is Kind.KEY)
COPY_FIELDS = (NAME, INVOICE_NUMBER, *FIELDS[Tab.SHOP][:2], *KEYS[2:])


class MakingPages:
    """Whatever goes wrong, a form comes back with what was typed in it."""

    def __init__(self, rooms: ProfileRooms) -> None:
        self._rooms = rooms
        self._desks = rooms.desks

    async def new(self, request: Request, attempt: Attempt | None = None) -> Response:
        defaults: dict[str, Any] = {
            "shop": {"order_statuses": USUAL_STATUSES, "home_country": "NL"},
            "bookkeeping": {"rate_limits": "production"},
            "bookings": {"invoice_number": "{order_number}"},
        }
        return await self.form(request, "profile_new.html", FIRST_FIELDS, defaults, attempt)

    async def create(self, request: Request) -> Response:
        typed = await self._rooms.read(request, FIRST_FIELDS)
        document = patched({}, changes_in(typed, FIRST_FIELDS)) | {"enabled": False}
        make = self._desks.profiles.create(document, by=by(request))
        return await self.made(request, typed, make, partial(self.new, request))

    async def try_out(self, request: Request, side: Side) -> Response:
        typed = await self._rooms.read(request, FIRST_FIELDS)
        settings = changes_in(typed, FIELDS[Tab(side.value)])[side.value]
        try:
            report = await self._desks.connections.try_out(side, settings, before=None)
        except (ProfileProblems, TransientError) as error:
            return await self.new(request, failed(typed, error, self._rooms, request))
        remarks = remarks_on(report.findings, self._rooms.words(request))
        return await self.new(request, Attempt(typed=typed, remarks=remarks, report=report))

    async def made(
        self,
        request: Request,
        typed: Typed,
        make: Awaitable[AppliedProfile],
        again: Callable[[Attempt], Awaitable[Response]],
    ) -> Response:
        try:
            applied = await make
        except (ProfileProblems, ProfileRefused, NotNow, TransientError) as error:
            return await again(failed(typed, error, self._rooms, request))
        note_made(request, made=applied.stored.profile.name)
        return await saved(self._rooms, request, applied, address_of(applied.stored.profile.name))

    async def form(
        self,
        request: Request,
        template: str,
        fields: tuple[Field, ...],
        document: Mapping[str, Any],
        attempt: Attempt | None,
        **content: Any,
    ) -> Response:
        remarks = attempt.remarks if attempt else ()
        views = field_views(
            fields,
            document,
            typed=attempt.typed if attempt else None,
            remarks=remarks,
            seal=partial(self._rooms.seal, request),
        )
        report = attempt.report if attempt else None
        return await self._rooms.frame.page(
            request,
            template,
            status=attempt.status if attempt else HTTPStatus.OK,
            form=FormView(
                fields=views,
                notes=elsewhere(remarks, [field.path for field in fields]),
                errors=tuple(remark for remark in remarks if remark.is_refusal),
                statuses=report.statuses if report else (),
            ),
            refused=attempt.refused if attempt else None,
            report=report,
            words=self._rooms.words(request),
            may_change=True,
            examples={},
            tab="",
            **content,
        )


def making_pages(rooms: ProfileRooms) -> APIRouter:
    router = APIRouter(dependencies=[ADMINISTRATORS_ONLY])
    pages = MakingPages(rooms)

    @router.get(NEW)
    async def show_new_profile(request: Request) -> Response:
        return await pages.new(request)

    @router.post(NEW)
    async def create_profile(request: Request) -> Response:
        return await pages.create(request)

    @router.post(NEW + "/try/{side}")
    async def try_connection(request: Request, side: Side) -> Response:
        return await pages.try_out(request, side)

    return router


def copy_pages(rooms: ProfileRooms) -> APIRouter:
    router = APIRouter(prefix="/profiles/{name}", dependencies=[ADMINISTRATORS_ONLY])
    pages = MakingPages(rooms)

    async def form(request: Request, name: str, attempt: Attempt | None = None) -> Response:
        stored = await rooms.desks.profiles.profile(name)
        document, _ = document_of(stored)
        return await pages.form(
            request, "profile_copy.html", COPY_FIELDS, document | {"name": ""}, attempt, source=name
        )

    @router.get("/copy")
    async def show_copy(request: Request, name: ProfileName) -> Response:
        return await form(request, name)

    @router.post("/copy")
    async def copy_profile(request: Request, name: ProfileName) -> Response:
        typed = await rooms.read(request, COPY_FIELDS)
        changes = changes_in(typed, COPY_FIELDS[1:])
        make = rooms.desks.profiles.copy(name, typed.text(NAME.path), changes, by=by(request))
        return await pages.made(request, typed, make, partial(form, request, name))

    return router


def leaving_pages(rooms: ProfileRooms) -> APIRouter:
    """What takes a profile elsewhere, or away."""
    router = APIRouter(prefix="/profiles/{name}")
    desks = rooms.desks

    @router.get("/export")
    async def export_profile(request: Request, name: ProfileName) -> Response:
        stored = await desks.profiles.profile(name)
        text = profile_file(stored, rooms.frame.language(request))
        headers = {"Content-Disposition": f'attachment; filename="{name}.yaml"'}
        return Response(text, media_type="application/yaml; charset=utf-8", headers=headers)

    @router.get("/delete", dependencies=[ADMINISTRATORS_ONLY])
    async def show_delete(request: Request, name: ProfileName) -> Response:
        return await ask(request, name)

    @router.post("/delete", dependencies=[ADMINISTRATORS_ONLY])
    async def delete_profile(
        request: Request, name: ProfileName, repeated: Annotated[str, Form(max_length=200)] = ""
    ) -> Response:
        if repeated.strip() != name:
            return await ask(request, name, not_repeated=True)
        await desks.removal.delete(name)
        return await rooms.frame.go(request, "/profiles", notice="profile_deleted", name=name)

    async def ask(request: Request, name: str, *, not_repeated: bool = False) -> Response:
        left_over = await desks.removal.left_over(name)
        stored = await desks.profiles.profile(name)
        status = HTTPStatus.UNPROCESSABLE_ENTITY if not_repeated else HTTPStatus.OK
        return await rooms.page(
            request,
            "profile_delete.html",
            stored,
            OVERVIEW,
            status=status,
            left_over=left_over,
            not_repeated=not_repeated,
        )

    return router
