"""What every page of a profile has around its own part: the profile, its tabs, who looks at it."""

import hashlib
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from fastapi import Request
from fastapi.responses import Response

from console.adapters.web.access import Doors, Visitor
from console.adapters.web.desks import Desks
from console.adapters.web.pages.frame import Frame
from console.adapters.web.pages.profiles.fields import Field, Tab
from console.adapters.web.pages.profiles.sealed_keys import SealedKeys
from console.adapters.web.pages.profiles.typed import Typed, read_form
from console.adapters.web.pages.words import Words
from console.domain.people import Permission
from sconnect.profiles import StoredProfile, take_out_secrets

OVERVIEW = "overview"
HISTORY = "history"
TABS = (OVERVIEW, *(tab.value for tab in Tab), HISTORY)


class ProfileRooms:
    """Shared by the pages; it keeps nothing but the seal of typed keys."""

    def __init__(self, frame: Frame, desks: Desks) -> None:
        self.frame = frame
        self.desks = desks
        self._seals = SealedKeys()

    def words(self, request: Request) -> Words:
        return self.frame.words(request)

    async def read(self, request: Request, fields: Iterable[Field]) -> Typed:
        form = await request.form()
        return read_form(form, fields, self._seals, session=_session(request))

    def seal(self, request: Request, key: str, path: str) -> str:
        return self._seals.seal(key, path=path, session=_session(request))

    async def page(
        self,
        request: Request,
        template: str,
        stored: StoredProfile,
        tab: str,
        *,
        status: HTTPStatus = HTTPStatus.OK,
        **content: Any,
    ) -> Response:
        """A page of one profile: `profile`, `tabs` and `tab` beside its own content."""
        return await self.frame.page(
            request,
            template,
            status=status,
            stored=stored,
            profile=stored.profile,
            home=address_of(stored.profile.name),
            preview_address=f"/previews?profile={stored.profile.name}",
            tabs=TABS,
            tab=tab,
            **content,
        )


def by(request: Request) -> str:
    """Who acts."""
    visitor: Visitor = request.state.visitor
    return visitor.name


def may_administer(request: Request) -> bool:
    visitor: Visitor = request.state.visitor
    return visitor.may(Permission.ADMINISTER)


def address_of(name: str, tab: str = "") -> str:
    """A page of a profile; names need no quoting."""
    return f"/profiles/{name}/{tab}" if tab else f"/profiles/{name}"


def document_of(stored: StoredProfile) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The settings without the keys, and which keys there are."""
    document, secrets = take_out_secrets(stored.profile)
    return document, tuple(secrets)


def _session(request: Request) -> str:
    doors: Doors = request.app.state.doors
    return hashlib.sha256((doors.session_token(request) or "").encode()).hexdigest()
