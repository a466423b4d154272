"""What is remembered of buyers, in memory and in both databases alike."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import MetaData

from customer_resolver.adapters.sql_links import SqlLinkMemory
from customer_resolver.adapters.tables import resolver_tables
from customer_resolver.domain.buyers import Address, Buyer
from customer_resolver.domain.memory import memory_keys
from customer_resolver.domain.recognition import NORMAL_FORM_VERSION
from customer_resolver.ports import Forgotten, LinkMemory, LinkNews, OrderReference, RememberedLink
from customer_resolver_cases import NOW
from fakes_customer_memory import FakeLinkMemory
from sconnect.persistence import create_engine
from sconnect.persistence.migrations import migrate

HERE, ELSEWHERE = "administration-1", "administration-2"
ACCOUNT, EMAIL, NAME = 2**63 - 1, -(2**63), 3


@pytest_asyncio.fixture(params=["fake", "sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def memory(request: pytest.FixtureRequest) -> AsyncIterator[LinkMemory]:
    if request.param == "fake":
        yield FakeLinkMemory()
        return
    url = request.getfixturevalue(f"{request.param}_url")
    await asyncio.to_thread(migrate, url, "customer_resolver")
    engine = create_engine(url)
    yield SqlLinkMemory(engine, resolver_tables(MetaData()))
    await engine.dispose()


def link(number: int, **changes: Any) -> RememberedLink:
    values: dict[str, Any] = {
        "id": f"link-{number}",
        "administration_id": HERE,
        "order": OrderReference(profile="voorbeeldwinkel", uuid=f"order-{number}"),
        "order_number": str(1000 + number),
        "buyer": Buyer(
            email="kim@example.nl",
            company="Voorbeeld 😀",
            person="Kim Voorbeeld",
            is_business=True,
            account_id="account-1",
            address=Address(street="Kade", house_number="1 a", postcode="1234AB", country_code="NL"),
        ),
        "relation_id": f"relation-{number}",
        "customer_number": 10000 + number,
        "customer_name": "P. Voorbeeld",
        "decided_by": "boekhouder",
        "decided_at": NOW + timedelta(minutes=number),
        "turned_down": frozenset({"relation-8", "relation-9"}),
    }
    return RememberedLink(**{**values, **changes})


async def test_recalls_whole_links_by_any_key_the_strongest_first(memory: LinkMemory) -> None:
    await memory.remember(link(1), [EMAIL, NAME])
    await memory.remember(link(2, decided_by=None, turned_down=frozenset()), [ACCOUNT])
    assert await memory.recall(HERE, [NAME]) == (link(1),)
    found = await memory.recall(HERE, [ACCOUNT, EMAIL, NAME])
    assert found == (link(2, decided_by=None, turned_down=frozenset()), link(1))
    assert await memory.recall(HERE, []) == ()
    assert await memory.recall(ELSEWHERE, [ACCOUNT, EMAIL, NAME]) == ()


async def test_a_later_decision_overrules_and_the_last_key_takes_the_link_along(memory: LinkMemory) -> None:
    await memory.remember(link(1), [ACCOUNT, EMAIL])
    await memory.remember(link(2), [EMAIL])
    assert await memory.recall(HERE, [EMAIL]) == (link(2),)
    assert await memory.recall(HERE, [ACCOUNT]) == (link(1),)
    await memory.remember(link(3), [ACCOUNT, EMAIL])
    assert await memory.recall(HERE, [ACCOUNT, EMAIL]) == (link(3),)
    assert {news.link.id: news.forgotten for news in await memory.untold()} == {
        "link-1": Forgotten.REPLACED,
        "link-2": Forgotten.REPLACED,
        "link-3": None,
    }


async def test_remembering_again_changes_nothing(memory: LinkMemory) -> None:
    await memory.remember(link(1), [EMAIL])
    await memory.remember(link(2), [EMAIL])
    await memory.remember(link(1), [EMAIL])
    assert await memory.recall(HERE, [EMAIL]) == (link(2),)


async def test_what_is_forgotten_is_recalled_no_more(memory: LinkMemory) -> None:
    await memory.remember(link(1), [EMAIL])
    await memory.forget("link-1", Forgotten.BY_HAND, by="boekhouder")
    await memory.forget("link-1", Forgotten.CUSTOMER_INACTIVE)
    await memory.forget("no-such-link", Forgotten.BY_HAND)
    assert await memory.recall(HERE, [EMAIL]) == ()
    expected = LinkNews(link=link(1), forgotten=Forgotten.BY_HAND, forgotten_by="boekhouder")
    assert await memory.untold() == (expected,)


async def test_news_is_told_once_and_forgetting_is_news_again(memory: LinkMemory) -> None:
    await memory.remember(link(1), [EMAIL])
    await memory.remember(link(2), [NAME])
    first, second = await memory.untold()
    assert (first, second) == (LinkNews(link=link(1)), LinkNews(link=link(2)))
    await memory.mark_told(first)
    assert await memory.untold() == (second,)
    await memory.forget("link-1", Forgotten.CUSTOMER_RENAMED)
    forgotten = replace(first, forgotten=Forgotten.CUSTOMER_RENAMED)
    assert set(await memory.untold()) == {forgotten, second}
    await memory.mark_told(forgotten)
    assert await memory.untold() == (second,)


async def test_what_is_forgotten_while_it_is_told_stays_news(memory: LinkMemory) -> None:
    await memory.remember(link(1), [EMAIL])
    (told,) = await memory.untold()
    await memory.forget("link-1", Forgotten.BY_HAND)
    await memory.mark_told(told)
    assert [news.forgotten for news in await memory.untold()] == [Forgotten.BY_HAND]


@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def test_links_of_another_normal_form_are_given_new_keys(
    database: str, request: pytest.FixtureRequest
) -> None:
    url = request.getfixturevalue(f"{database}_url")
    await asyncio.to_thread(migrate, url, "customer_resolver")
    engine = create_engine(url)
    tables = resolver_tables(MetaData())
    await SqlLinkMemory(engine, tables).remember(link(1), [EMAIL])
    await SqlLinkMemory(engine, tables).remember(link(2), [EMAIL])
    later = SqlLinkMemory(engine, tables, key_version=NORMAL_FORM_VERSION + 1)
    assert await later.recall(HERE, [EMAIL]) == ()
    assert await later.recall(HERE, memory_keys(link(2).buyer, HERE)) == (link(2),)
    await engine.dispose()
