"""What every page stands in: templates in two languages, navigation, forms and their proof."""

import hashlib
import json
import re
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlsplit

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from console.adapters.web.access import Doors, Visitor, proof_for
from console.adapters.web.pages.setting_words import with_settings_named
from console.adapters.web.pages.words import Words
from console.domain.people import Permission
from sconnect.texts import LANGUAGES, render

HERE: Final = Path(__file__).parent
LANGUAGE_COOKIE = "sconnect-language"
LANGUAGE_REMEMBERED_SECONDS = 365 * 24 * 3600
SIGN_IN = "/sign-in"
SIGN_OUT = "/sign-out"
CHANGE_PASSWORD = "/password"  # noqa: S105 - an address


@dataclass(frozen=True, kw_only=True, slots=True)
class Room:
    """An entry of the navigation; `title` is a text key of section `page.navigation`.

    `also` are the beginnings of other addresses in it.
    """

    path: str
    title: str
    permission: Permission = Permission.READ
    also: tuple[str, ...] = ()

    def has(self, path: str) -> bool:
        """Whether the page at that path is one of this room."""
        if _OF_AN_ORDER.fullmatch(path):
            return self.path == ORDERS
        if path == self.path:
            return True
        inside = () if self.path == "/" else (self.path,)
        return any(path == each or path.startswith(f"{each}/") for each in (*inside, *self.also))


ORDERS = "/orders"
# An order has its address below that of its profile.
_OF_AN_ORDER = re.compile(r"/profiles/[^/]+/orders/[^/]+")


# In the order in which they are shown. A new page of its own gets a line here.
NAVIGATION: tuple[Room, ...] = (
    Room(path="/", title="overview", also=("/imports",)),
    Room(path="/needs-you", title="needs_you", also=("/letter-jobs",)),
    Room(path=ORDERS, title="orders"),
    Room(path="/customers", title="customers"),
    Room(path="/profiles", title="profiles", also=("/new-profile", "/import-profile", "/previews")),
    Room(path="/users", title="users", permission=Permission.ADMINISTER),
    Room(path="/notifications", title="notifications", permission=Permission.ADMINISTER),
    Room(path="/log", title="log", permission=Permission.ADMINISTER),
)


class Frame:
    """Renders templates for a visitor, in the visitor's language."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors
        version = _version_of(HERE / "static")
        self._environments = {language: _environment(language, version) for language in LANGUAGES}
        self._words = {language: Words(language) for language in LANGUAGES}

    def language(self, request: Request) -> str:
        """Chosen by one click and remembered by a cookie; else the product's own."""
        chosen = request.cookies.get(LANGUAGE_COOKIE, "")
        return chosen if chosen in LANGUAGES else self._doors.language

    def words(self, request: Request) -> Words:
        return self._words[self.language(request)]

    async def page(
        self, request: Request, template: str, *, status: int = HTTPStatus.OK, **content: Any
    ) -> HTMLResponse:
        """The template with `content`, and everything that the frame around it needs."""
        visitor: Visitor | None = getattr(request.state, "visitor", None)
        granted = [each for each in Permission if visitor is not None and visitor.may(each)]
        around = {
            "visitor": visitor,
            "may": {each.value: each in granted for each in Permission},
            "navigation": [room for room in NAVIGATION if room.permission in granted],
            "path": request.url.path,
            "address": _address(request),
            "proof": self._proof(request),
            "notice": await self._take_notice(request, visitor),
        }
        environment = self._environments[self.language(request)]
        html = environment.get_template(template).render(**around, **content)
        return HTMLResponse(html, status_code=status)

    async def go(
        self, request: Request, path: str, *, notice: str | None = None, **details: object
    ) -> RedirectResponse:
        """After an action: on to a page of ours, which tells the text `page.notice.<notice>` once."""
        token = self._doors.session_token(request)
        if notice is not None and token is not None:
            told = {"key": notice, "details": {name: str(value) for name, value in details.items()}}
            await self._doors.access.leave_notice(token, json.dumps(told))
        return RedirectResponse(path, status_code=HTTPStatus.SEE_OTHER)

    async def _take_notice(self, request: Request, visitor: Visitor | None) -> str | None:
        session = visitor.session if visitor else None
        token = self._doors.session_token(request)
        if session is None or session.notice is None or token is None:
            return None
        await self._doors.access.leave_notice(token, None)
        told = json.loads(session.notice)
        return self.words(request).text(f"notice.{told['key']}", **told["details"])

    def _proof(self, request: Request) -> str | None:
        """None for a visitor whom no form would know again."""
        inside = getattr(request.state, "visitor", None) is not None
        token = self._doors.session_token(request) if inside else getattr(request.state, "visit", None)
        return proof_for(token) if token else None


def own_path(wanted: str) -> str:
    """A path on this console, whatever was asked for: nobody is sent elsewhere after signing in."""
    parts = urlsplit(wanted)
    elsewhere = parts.scheme or parts.netloc or not wanted.startswith("/") or wanted.startswith("//")
    return "/" if elsewhere or "\\" in wanted or not wanted.isprintable() else wanted


def sign_in_path(request: Request) -> str:
    """The sign-in page, which afterwards leads to where the visitor wanted to go."""
    wanted = _address(request) if request.method == "GET" else "/"
    return SIGN_IN if wanted == "/" else f"{SIGN_IN}?next={quote(wanted, safe='')}"


def _address(request: Request) -> str:
    query = request.url.query
    return f"{request.url.path}?{query}" if query else request.url.path


def _environment(language: str, version: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    words = Words(language)
    environment.globals |= {
        "language": language,
        "other_language": next(other for other in LANGUAGES if other != language),
        "t": words.text,
        "plural": words.plural,
        "refusal_sentence": lambda refused: render(f"command.{refused.key}", refused.details, language),
        "static": lambda name: f"/static/{name}?v={version}",
    }
    environment.filters |= {
        "money": words.money,
        "decimals": words.decimals,
        "number": words.number,
        "day": words.day,
        "moment": words.moment,
        "second": words.second,
        "rate": words.rate,
        "settings": lambda sentence: with_settings_named(sentence, words),
    }
    return environment


def _version_of(folder: Path) -> str:
    """Changes when a file does, so that browsers may keep them for long."""
    content = b"".join(file.read_bytes() for file in sorted(folder.iterdir()))
    return hashlib.sha256(content).hexdigest()[:12]
