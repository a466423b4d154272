"""The last answer per order, in memory and in both databases alike."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
import pytest_asyncio
from sqlalchemy import MetaData

from customer_resolver.adapters.sql_resolutions import SqlResolutions
from customer_resolver.adapters.tables import resolver_tables
from customer_resolver.ports import OrderReference, Resolution, Resolutions
from customer_resolver_cases import NOW
from fakes_customer_memory import FakeResolutions
from sconnect.persistence import create_engine
from sconnect.persistence.migrations import migrate

ANSWER = Resolution(
    order=OrderReference(profile="voorbeeldwinkel", uuid="order-1"),
    order_number="1001",
    revision=2,
    replay=1,
    administration_id="administration-1",
    relation_id="relation-1",
    customer_number=10412,
    origin="matched",
    explanation="email",
    vat_number=None,
    country_code="NL",
)


@pytest_asyncio.fixture(params=["fake", "sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def resolutions(request: pytest.FixtureRequest) -> AsyncIterator[Resolutions]:
    if request.param == "fake":
        yield FakeResolutions()
        return
    url = request.getfixturevalue(f"{request.param}_url")
    await asyncio.to_thread(migrate, url, "customer_resolver")
    engine = create_engine(url)
    yield SqlResolutions(engine, resolver_tables(MetaData()))
    await engine.dispose()


async def test_keeps_every_field(resolutions: Resolutions) -> None:
    await resolutions.save(ANSWER, NOW)
    assert await resolutions.find(ANSWER.order) == ANSWER
    assert await resolutions.find_by_order_number("voorbeeldwinkel", "1001") == ANSWER


async def test_knows_nothing_of_other_orders_and_profiles(resolutions: Resolutions) -> None:
    await resolutions.save(ANSWER, NOW)
    assert await resolutions.find(OrderReference(profile="voorbeeldwinkel", uuid="order-2")) is None
    assert await resolutions.find(OrderReference(profile="andere-winkel", uuid="order-1")) is None
    assert await resolutions.find_by_order_number("andere-winkel", "1001") is None
    assert await resolutions.find_by_order_number("voorbeeldwinkel", "1002") is None


async def test_the_last_answer_counts(resolutions: Resolutions) -> None:
    later = replace(ANSWER, revision=3, customer_number=10500, vat_number="NL000099998B57")
    await resolutions.save(ANSWER, NOW)
    await resolutions.save(later, NOW + timedelta(minutes=1))
    assert await resolutions.find(ANSWER.order) == later


async def test_of_two_orders_with_one_number_the_last_one_counts(resolutions: Resolutions) -> None:
    other = replace(ANSWER, order=replace(ANSWER.order, uuid="order-2"), customer_number=10500)
    await resolutions.save(other, NOW + timedelta(minutes=1))
    await resolutions.save(ANSWER, NOW)
    assert await resolutions.find_by_order_number("voorbeeldwinkel", "1001") == other
