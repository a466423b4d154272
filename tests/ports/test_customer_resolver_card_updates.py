"""The last update of a card, in memory and in both databases alike."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from sqlalchemy import MetaData

from customer_resolver.adapters.sql_card_updates import SqlCardUpdates
from customer_resolver.adapters.tables import resolver_tables
from customer_resolver.domain.updates import FieldChange
from customer_resolver.ports import CardUpdates, OrderReference, OrderVersion, SentUpdate
from customer_resolver_cases import NOW
from fakes_customer_memory import FakeCardUpdates
from sconnect.persistence import create_engine
from sconnect.persistence.migrations import migrate


@pytest_asyncio.fixture(params=["fake", "sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def updates(request: pytest.FixtureRequest) -> AsyncIterator[CardUpdates]:
    if request.param == "fake":
        yield FakeCardUpdates()
        return
    url = request.getfixturevalue(f"{request.param}_url")
    await asyncio.to_thread(migrate, url, "customer_resolver")
    engine = create_engine(url)
    yield SqlCardUpdates(engine, resolver_tables(MetaData()))
    await engine.dispose()


async def test_the_last_one_of_each_card_is_kept(updates: CardUpdates) -> None:
    order = OrderReference(profile="voorbeeldwinkel", uuid="order-1")
    version = OrderVersion(order=order, revision=1, replay=2, placed_at=NOW)
    first = SentUpdate(order=version, changes=(FieldChange(field="phone", old="", new="😀 1"),))
    second = SentUpdate(order=version, changes=())
    assert await updates.last("administration-1", "relation-1") is None
    await updates.record("administration-1", "relation-1", first)
    assert await updates.last("administration-1", "relation-1") == first
    await updates.record("administration-1", "relation-2", first)
    await updates.record("administration-1", "relation-1", second)
    assert await updates.last("administration-1", "relation-1") == second
    assert await updates.last("administration-1", "relation-2") == first
    assert await updates.last("administration-2", "relation-1") is None
