"""A profile is taken away; its orders are not, and what becomes of them is told."""

from collections.abc import AsyncIterator

import pytest_asyncio

from console_world import World, running_console
from factories import profile
from fakes_console import PROFILE, OrderStory
from sconnect.profiles import AdministrationInfo

ADDRESS = f"/api/profiles/{PROFILE}"


@pytest_asyncio.fixture
async def world(sqlite_url: str) -> AsyncIterator[World]:
    async with running_console(sqlite_url) as world:
        administration = AdministrationInfo(id="a", name="Voorbeeld")
        await world.profiles.save(profile(name=PROFILE), administration=administration, saved_by="test")
        yield world


async def test_what_is_left_is_told_and_stays(world: World) -> None:
    for story, last in (
        (OrderStory(number="1"), "booked"),
        (OrderStory(number="2"), "dead_lettered"),
        (OrderStory(number="3"), None),
    ):
        await world.read_model.record(story.received())
        if last is not None:
            await world.read_model.record(getattr(story, last)())
    expected = {"in_progress": 1, "waiting": 0, "dead_lettered": 1}

    asked = await world.client.get(f"{ADDRESS}/left-over")
    assert asked.json() == {"profile": PROFILE, "orders": expected}
    assert (await world.client.get(ADDRESS)).is_success

    deleted = await world.client.delete(ADDRESS)
    assert deleted.json() == {"profile": PROFILE, "orders": expected}
    assert (await world.client.get(ADDRESS)).status_code == 404
    assert await world.profiles.get(PROFILE) is None
    assert len((await world.client.get("/api/dead-letters")).json()) == 1
    assert len((await world.client.get(f"{ADDRESS}/orders")).json()) == 3


async def test_it_is_deleted_once(world: World) -> None:
    assert (await world.client.delete(ADDRESS)).is_success
    again = await world.client.delete(ADDRESS)
    assert (again.status_code, again.json()["type"]) == (404, "urn:sconnect:problem:profile_unknown")
