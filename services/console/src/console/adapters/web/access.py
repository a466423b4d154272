"""Who asks, what that person may do, and in which language."""

import hashlib
import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import SecretStr

from console.adapters.web.headers import ACTION_MADE, ACTION_NUMBER
from console.domain.people import Permission, Role, may
from console.domain.visits import Session
from console.handlers.access import AccessDesk
from console.handlers.audit import AuditDesk
from sconnect.texts import LANGUAGES

ADMINISTRATOR = "administrator"
READING_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# What the browser says of the page that a request comes from; other values are another site's page.
OUR_OWN_PAGES = frozenset({"same-origin", "none"})
FORM_PROOF_HEADER = "X-Form-Proof"
ASKED_BY_A_SCRIPT_HEADER = "X-Asked-By-Script"


class NotSignedIn(Exception):
    """The request carries no token or session, or none of ours."""


class NotAllowed(Exception):
    """The role does not allow this."""


class NotFromOurForm(Exception):
    """Something was to be changed, and the request does not prove that one of our pages asked for it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Visitor:
    """Who asks. `session` is None for the command, which shows the product's token."""

    name: str
    role: Role
    session: Session | None = None

    def may(self, permission: Permission) -> bool:
        return may(self.role, permission)


@dataclass(frozen=True, kw_only=True, slots=True)
class Cookies:
    """Names and properties of our cookies; `__Host-` binds them to this host and to https."""

    over_https: bool

    @property
    def session(self) -> str:
        return "__Host-sconnect" if self.over_https else "sconnect"

    @property
    def before_sign_in(self) -> str:
        return f"{self.session}-visit"


@dataclass(frozen=True, kw_only=True, slots=True)
class Doors:
    """What every door of the web asks: the API's and the pages'."""

    token: SecretStr
    access: AccessDesk
    audit: AuditDesk
    cookies: Cookies
    language: str

    def opens_with(self, token: str) -> bool:
        # In bytes: comparing texts in constant time refuses anything but ASCII.
        return hmac.compare_digest(token.encode(), self.token.get_secret_value().encode())

    def session_token(self, request: Request) -> str | None:
        return request.cookies.get(self.cookies.session)

    async def visitor(self, request: Request) -> Visitor:
        """Who has the session of the request's cookie; NotSignedIn when nobody."""
        is_person = ASKED_BY_A_SCRIPT_HEADER not in request.headers
        session = await self.access.visitor(self.session_token(request), is_person=is_person)
        if session is None:
            raise NotSignedIn
        return Visitor(name=session.name, role=session.role, session=session)

    async def admit(
        self, request: Request, visitor: Visitor, *, to_change: Permission = Permission.WORK
    ) -> None:
        """Write an action down before it is tried, and see that the role allows it; NotAllowed otherwise."""
        request.state.visitor = visitor
        if request.method in READING_METHODS:
            return
        route = request.scope["route"]
        subject = {name: str(value) for name, value in request.path_params.items()}
        number = await self.audit.begin(visitor.name, route.name, subject)
        request.scope["state"][ACTION_NUMBER] = number
        if not visitor.may(to_change):
            raise NotAllowed


def note_made(request: Request, **made: str) -> None:
    """For the log of actions: the name of what a request made, which its address does not tell.

    Only what came to be, never what was typed: somebody may have typed a password in the wrong field.
    """
    request.scope["state"][ACTION_MADE] = made


def proof_for(token: str) -> str:
    """What a form of ours carries: only a page that was made for this visitor can know it."""
    return hmac.new(token.encode(), b"form", hashlib.sha256).hexdigest()


def require_proof(request: Request, token: str | None, given: str | None) -> None:
    """NotFromOurForm unless the request came from a form that we made for this visitor."""
    site = request.headers.get("sec-fetch-site", "same-origin")
    if site not in OUR_OWN_PAGES or not token or not given:
        raise NotFromOurForm
    if not hmac.compare_digest(proof_for(token).encode(), given.encode()):
        raise NotFromOurForm


async def signed_in(
    request: Request,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False))],
) -> str:
    """The name under which decisions are recorded; NotSignedIn without the right bearer token or session.

    Reading takes any role, changing at least a bookkeeper; a route that needs more says `needs(…)`.
    """
    doors: Doors = request.app.state.doors
    if credentials is not None:
        if not doors.opens_with(credentials.credentials):
            raise NotSignedIn
        visitor = Visitor(name=ADMINISTRATOR, role=Role.ADMINISTRATOR)
    elif "authorization" in request.headers:
        raise NotSignedIn
    else:
        visitor = await doors.visitor(request)
        if visitor.session is None or visitor.session.must_change_password:
            raise NotAllowed
        if request.method not in READING_METHODS:
            require_proof(request, doors.session_token(request), request.headers.get(FORM_PROOF_HEADER))
    await doors.admit(request, visitor)
    return visitor.name


def needs(permission: Permission) -> Callable[[Request], Awaitable[None]]:
    """A dependency of a route, after `signed_in` or the pages' door: NotAllowed without the permission."""

    async def check(request: Request) -> None:
        visitor: Visitor = request.state.visitor
        if not visitor.may(permission):
            raise NotAllowed

    return check


async def requested_language(request: Request) -> str:
    """The first language of the request that we speak, else the product's own."""
    for wish in request.headers.get("accept-language", "").split(","):
        language = wish.strip()[:2].lower()
        if language in LANGUAGES:
            return language
    doors: Doors = request.app.state.doors
    return doors.language


SignedIn = Annotated[str, Depends(signed_in)]
Language = Annotated[str, Depends(requested_language)]
ADMINISTRATORS_ONLY = Depends(needs(Permission.ADMINISTER))
