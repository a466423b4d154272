"""Fixtures of the browser tests; all of them run in one loop, which the browser belongs to."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from browser.visitors import Visitors
from console_world import World, running_console


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(loop_scope="session")
async def world(sqlite_url: str) -> AsyncIterator[World]:
    """A console over an empty database, whose vendors agree with everything."""
    async with running_console(sqlite_url) as world:
        yield world


@pytest_asyncio.fixture(loop_scope="session")
async def visitors(chromium: Browser) -> AsyncIterator[Visitors]:
    visitors = Visitors(browser=chromium)
    yield visitors
    await visitors.leave()
