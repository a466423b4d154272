"""People at the console's pages, in a real browser.

A test asks for `visitors` (tests/browser/conftest.py) and lets one in:

    page = await visitors.enter(world, role=Role.BOOKKEEPER, language="en", phone=True)
    await visitors.look(page, "orders")  # axe, overflow, and the picture for docs/screenshots

Whatever a page asks of another host, writes to the browser's console or breaks in the content security policy
fails the test.
"""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, FloatRect, Page, ViewportSize

from console.adapters.web.pages.frame import LANGUAGE_COOKIE
from console.domain.people import Role
from console_visitor import account
from console_world import World

DESKTOP: Final = ViewportSize(width=1280, height=860)
PHONE: Final = ViewportSize(width=390, height=844)
DEADLINE_MS: Final = 10_000
PICTURE_HEIGHT_MAX: Final = 1400
# `make screenshots` names a folder; else no pictures are kept.
PICTURES: Final = os.environ.get("SCREENSHOTS")


class Addressed(Protocol):
    """A console that answers somewhere."""

    @property
    def url(self) -> str: ...


@dataclass(kw_only=True)
class Visitors:
    """Opens windows of a browser, and notes what must not happen in any of them."""

    browser: Browser
    mistakes: list[str] = field(default_factory=list)
    _windows: list[BrowserContext] = field(default_factory=list)

    async def window(
        self,
        world: Addressed,
        *,
        language: str = "nl",
        javascript: bool = True,
        phone: bool = False,
        dark: bool = False,
    ) -> Page:
        """An empty window, not signed in."""
        window = await self.browser.new_context(
            base_url=world.url,
            viewport=PHONE if phone else DESKTOP,
            has_touch=phone,
            java_script_enabled=javascript,
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            locale="nl-NL",
            timezone_id="Europe/Amsterdam",
        )
        window.set_default_timeout(DEADLINE_MS)
        self._windows.append(window)
        if language != "nl":
            await window.add_cookies([{"name": LANGUAGE_COOKIE, "value": language, "url": world.url}])
        page = await window.new_page()
        page.on("console", lambda said: self._hear(said.type, said.text))
        page.on("pageerror", lambda error: self._note("raised", str(error)))
        page.on(
            "request",
            lambda asked: None if asked.url.startswith(world.url) else self._note("asked", asked.url),
        )
        return page

    async def enter(
        self,
        world: World,
        *,
        role: Role = Role.ADMINISTRATOR,
        language: str = "nl",
        javascript: bool = True,
        phone: bool = False,
        dark: bool = False,
    ) -> Page:
        """A window in which somebody with that role is signed in, at the overview."""
        page = await self.window(world, language=language, javascript=javascript, phone=phone, dark=dark)
        name, password = await account(world, role)
        await page.goto("/sign-in")
        await page.locator("#name").fill(name)
        await page.locator("#password").fill(password)
        await page.locator("form[action='/sign-in'] button").click()
        await page.wait_for_url(f"{world.url}/")
        return page

    async def look(self, page: Page, name: str | None = None) -> None:
        """Check what every page must be; keep a picture of it under `name` when pictures are wanted."""
        if await page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            self._note("is wider than the window", page.url)
        found = await Axe().run(page)
        if found.violations_count:
            self._note("axe", f"{page.url} {found.generate_report()}")
        if name is not None and PICTURES:
            height = await page.evaluate("document.documentElement.scrollHeight")
            clip = FloatRect(
                x=0,
                y=0,
                width=(page.viewport_size or DESKTOP)["width"],
                height=min(height, PICTURE_HEIGHT_MAX),
            )
            await page.screenshot(
                path=Path(PICTURES) / f"{name}.png",
                full_page=True,
                clip=clip,
                animations="disabled",
                caret="hide",
                scale="css",
            )

    async def leave(self) -> None:
        for window in self._windows:
            await window.close()
        if self.mistakes:
            pytest.fail("\n".join(self.mistakes), pytrace=False)

    def _hear(self, kind: str, text: str) -> None:
        # The browser says so of every page that refuses something, which tests ask for.
        if kind in _BAD and not text.startswith("Failed to load resource"):
            self._note("said", text)

    def _note(self, what: str, text: str) -> None:
        self.mistakes.append(f"{what}: {text}")


_BAD = frozenset({"error", "warning"})


def picture(name: str, *, phone: bool) -> str:
    """Pictures are of Dutch pages on a desktop and English ones on a phone."""
    return f"{name}-phone" if phone else name
