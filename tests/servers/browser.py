"""Debian's Chromium, started once for all browser tests; tests/browser/visitors.py opens pages in it."""

from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from sconnect.errors import StartupError
from servers.presence import require_installed
from stack.debian import CHROMIUM

# Without these the browser looks for its maker's hosts at every start.
QUIET = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Dates are typed as the visitors are used to.
    "--lang=nl-NL",
    # The same shapes of letters on every machine with the same fonts.
    "--font-render-hinting=none",
    "--disable-lcd-text",
)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """The browser; skipped where it is not installed, failed there where CI=true."""
    require_installed(_chromium_binary, "chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=_chromium_binary(""), args=list(QUIET))
        yield browser
        await browser.close()


def _chromium_binary(_name: str) -> str:
    found = CHROMIUM.find()
    if found is None:
        raise StartupError("Chromium is not installed; on Debian: sudo apt-get install chromium")
    return found
