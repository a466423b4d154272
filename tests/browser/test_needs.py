"""What needs a person, solved in a browser."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from browser.needs_life import ambiguous, not_adding_up, open_shop, tell, without_ledger
from browser.shop_life import SHOP
from browser.visitors import Visitors, picture
from console_world import World, running_console
from fakes_console import unreadable
from sconnect.messaging.topology import RESOLVER_RECEIVED


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shop(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """A console in which something of every kind waits; the tests only look."""
    file = tmp_path_factory.mktemp("needs") / "console.sqlite3"
    async with running_console(f"sqlite+aiosqlite:///{file}") as world:
        await open_shop(world)
        await tell(world, ambiguous(1017), ambiguous(1044, name="Zoë Testers"))
        await tell(world, *(without_ledger(number) for number in (1020, 1021, 1022)))
        await tell(world, not_adding_up(1036))
        letter, copy = unreadable(RESOLVER_RECEIVED.name, b"{")
        await world.read_model.record(letter)
        world.queues.put(copy)
        yield world


async def test_the_pages_are_accessible_and_fit(shop: World, visitors: Visitors) -> None:
    for language, phone in (("nl", False), ("en", True)):
        page = await visitors.enter(shop, language=language, phone=phone)
        for path, name in (
            ("/needs-you", "needs-you"),
            ("/needs-you/reasons/AMBIGUOUS_CUSTOMER", "needs-you-customer"),
            ("/needs-you/reasons/LEDGER_UNMAPPED", "needs-you-ledgers"),
            ("/needs-you/reasons/TOTAL_MISMATCH", None),
            ("/needs-you/reasons/UNREADABLE_MESSAGE", None),
            (f"/needs-you/ledgers/{SHOP}?place=revenue.nl_low", "needs-you-ledger"),
            ("/needs-you/put-away", None),
            ("/customers", "customers"),
            ("/previews", "preview-asked"),
            ("/letter-jobs", None),
        ):
            await page.goto(path)
            await visitors.look(page, None if name is None else picture(name, phone=phone))
