"""What a profile was before, and the way back."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import Response

from console.adapters.web.access import ADMINISTRATORS_ONLY
from console.adapters.web.pages.profiles.fields import tab_of
from console.adapters.web.pages.profiles.problems import Remark, field_words, remarks_of
from console.adapters.web.pages.profiles.rooms import HISTORY, ProfileRooms, address_of, by
from console.adapters.web.pages.profiles.tabs import saved
from console.adapters.web.pages.words import Words
from console.adapters.web.requests import ProfileName, VersionNumber
from console.domain.profile_settings import FieldChange
from console.handlers.profile_history import HistoryEntry
from console.handlers.profiles import ProfileRefused
from sconnect.profiles import ProfileProblems


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangeLine:
    """A change in words; `before` and `after` are None for a key."""

    field: str
    label: str
    before: str | None
    after: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class VersionCard:
    entry: HistoryEntry
    changes: tuple[ChangeLine, ...]


def version_pages(rooms: ProfileRooms) -> APIRouter:
    router = APIRouter(prefix="/profiles/{name}")
    desks = rooms.desks

    async def show(
        request: Request, name: str, before: int | None, refusals: tuple[Remark, ...] = ()
    ) -> Response:
        words = rooms.words(request)
        page = await desks.history.page(name, before=before)
        cards = [
            VersionCard(entry=entry, changes=tuple(_line(change, words) for change in entry.changes))
            for entry in page.entries
        ]
        stored = await desks.profiles.profile(name)
        return await rooms.page(
            request,
            "profile_history.html",
            stored,
            HISTORY,
            cards=cards,
            older=page.older,
            present=page.present,
            refusals=refusals,
            tab_of=tab_of,
        )

    @router.get("/history")
    async def show_history(
        request: Request, name: ProfileName, before: Annotated[VersionNumber | None, Query()] = None
    ) -> Response:
        return await show(request, name, before)

    @router.post("/undo", dependencies=[ADMINISTRATORS_ONLY])
    async def undo_profile(
        request: Request,
        name: ProfileName,
        version: Annotated[VersionNumber, Form()],
        over_version: Annotated[VersionNumber, Form()],
    ) -> Response:
        try:
            applied = await desks.history.undo(name, version, by=by(request), over_version=over_version)
        except (ProfileProblems, ProfileRefused) as error:
            return await show(request, name, None, remarks_of(error, rooms.words(request)))
        return await saved(rooms, request, applied, address_of(name, HISTORY))

    return router


def _line(change: FieldChange, words: Words) -> ChangeLine:
    return ChangeLine(
        field=change.field,
        label=field_words(change.field, words),
        before=_value(change.field, change.before, words),
        after=_value(change.field, change.after, words),
    )


def _value(field: str, written: str | None, words: Words) -> str | None:
    """As the form calls it; what it does not name stays as it is written."""
    if written in _YES_OR_NO:
        return words.text(f"profile.{written}")
    choice = f"profile.choice.{field}.{written}"
    return words.text(choice) if words.has(choice) else written


_YES_OR_NO = frozenset({"true", "false"})
