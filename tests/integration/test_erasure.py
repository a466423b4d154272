"""A person is forgotten outside the books, nobody else is, and what stays is told; on both databases."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest_asyncio
from sqlalchemy import MetaData
from sqlalchemy.ext.asyncio import AsyncEngine

from console_world import World, running_console
from customer_resolver.adapters.sql_erasing import SqlPersonEraser
from customer_resolver.adapters.sql_links import SqlLinkMemory
from customer_resolver.adapters.sql_mirror import SqlCustomerMirror
from customer_resolver.adapters.tables import resolver_tables
from customer_resolver.domain.buyers import Buyer
from customer_resolver.domain.memory import memory_keys
from customer_resolver.domain.recognition import keys_of_relation
from customer_resolver.handlers.erasing import ErasePerson
from customer_resolver.ports import OrderReference, RememberedLink
from customer_resolver_cases import relation
from fakes_console import NOON, OrderStory
from sconnect.clock import ManualClock
from sconnect.contracts import ErasePersonRequested, PersonErased
from sconnect.contracts.build import new_message
from sconnect.messaging import Delivery
from sconnect.messaging.memory import RecordingPublisher
from sconnect.persistence.migrations import migrate

JAN, OTHER = "jan.voorbeeld@example.nl", "niet.jan.voorbeeld@example.nl"
ADMINISTRATION = "administration-1"


def wish(email: str) -> ErasePersonRequested:
    return new_message(
        ErasePersonRequested,
        profile="",
        occurred_at=NOON,
        correlation_id="c",
        id_parts=("e-1",),
        erasure_id="e-1",
        email=email,
        requested_by="beheerder",
    )


def link_of(email: str, link_id: str) -> RememberedLink:
    buyer = Buyer(email=email, person="Jan Voorbeeld")
    return RememberedLink(
        id=link_id,
        administration_id=ADMINISTRATION,
        order=OrderReference(profile="shop", uuid=link_id),
        order_number="1001",
        buyer=buyer,
        relation_id="elsewhere",
        customer_number=7,
        customer_name="Jan Voorbeeld",
        decided_by=None,
        decided_at=NOON,
        turned_down=frozenset(),
    )


async def test_the_resolver_forgets_one_person_and_tells_what(
    database_url: str, database_engine: AsyncEngine
) -> None:
    await asyncio.to_thread(migrate, database_url, "customer_resolver")
    tables = resolver_tables(MetaData())
    mirror = SqlCustomerMirror(database_engine, tables)
    memory = SqlLinkMemory(database_engine, tables)
    jan = replace(relation(relation_id="r1", number=10412), emails=(JAN, "prive@example.nl"))
    other = replace(relation(relation_id="r2", number=10413), emails=(OTHER,))
    await mirror.save(ADMINISTRATION, [jan, other])
    for email, link_id in ((JAN, "l1"), (OTHER, "l2")):
        link = link_of(email, link_id)
        await memory.remember(link, memory_keys(link.buyer, ADMINISTRATION))
    for news in await memory.untold():
        await memory.mark_told(news)
    publisher = RecordingPublisher()
    eraser = SqlPersonEraser(database_engine, tables, memory)
    erase = ErasePerson(eraser, publisher, ManualClock(NOON))

    for _ in range(2):  # a message may come twice
        await erase(wish("Jan.Voorbeeld@Example.nl"), Delivery(queue="q", body=b"", message_id="m"))

    first, again = [message for message in publisher.events if isinstance(message, PersonErased)]
    assert first.erased["mirrored_cards"] == 1
    assert first.erased["recognition_keys"] == len(set(keys_of_relation(jan, ADMINISTRATION)))
    assert first.erased["remembered_decisions"] == 1
    assert first.customer_numbers == (10412,)
    assert set(again.erased.values()) == {0}
    assert again.id == first.id
    found = await mirror.candidates(ADMINISTRATION, keys_of_relation(jan, ADMINISTRATION))
    assert jan not in found.relations
    assert (await mirror.candidates(ADMINISTRATION, keys_of_relation(other, ADMINISTRATION))).relations == (
        other,
    )
    [news] = await memory.untold()
    assert news.link.id == "l1"
    await memory.mark_told(news)
    assert await memory.recall(ADMINISTRATION, memory_keys(link_of(JAN, "l1").buyer, ADMINISTRATION)) == ()


@pytest_asyncio.fixture
async def world(sqlite_url: str) -> AsyncIterator[World]:
    async with running_console(sqlite_url) as world:
        yield world


async def test_the_console_asks_and_tells_what_was_erased_and_what_stays(world: World) -> None:
    booked, waiting, others = (OrderStory(number=number) for number in ("1001", "1002", "1003"))
    for story in (booked, waiting):
        await world.read_model.record(story.received())
    await world.read_model.record(booked.booked(at=100))
    told = others.received()
    buyer = told.order.buyer.model_copy(update={"email": OTHER})
    order = told.order.model_copy(update={"buyer": buyer})
    await world.read_model.record(told.model_copy(update={"order": order}))

    asked = await world.client.post("/api/privacy/erasures", json={"email": JAN.upper()})

    assert asked.status_code == 202
    erasure = asked.json()
    assert (erasure["orders_kept"], erasure["orders_unfinished"]) == (2, 1)
    assert erasure["answered_at"] is None
    [wished] = [each for each in world.publisher.events if isinstance(each, ErasePersonRequested)]
    assert (wished.email, wished.erasure_id) == (JAN.upper(), erasure["id"])
    await world.read_model.record(
        new_message(
            PersonErased,
            profile="",
            occurred_at=NOON,
            correlation_id=erasure["id"],
            id_parts=(erasure["id"],),
            erasure_id=erasure["id"],
            erased={"mirrored_cards": 1},
            customer_numbers=(10412,),
        )
    )
    answer = (await world.client.get(f"/api/privacy/erasures/{erasure['id']}")).json()
    assert answer["erased"] == {"mirrored_cards": 1}
    assert answer["customer_numbers"] == [10412]
    assert answer["answered_at"] is not None
    # Kept nowhere: not with the request, not in the log of who did what.
    actions = [str(action) for action in await world.console.people.actions(before=None, at_most=10)]
    assert JAN not in (str(answer) + "".join(actions)).lower()


async def test_what_is_no_address_and_what_is_not_known_are_refused(world: World) -> None:
    for wrong in ("", "jan", "jan @example.nl", "a@" + "b" * 300):
        refused = await world.client.post("/api/privacy/erasures", json={"email": wrong})
        assert refused.status_code == 422
    assert (await world.client.get("/api/privacy/erasures/none")).status_code == 404
    assert world.publisher.events == []
