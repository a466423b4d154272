"""The mirror keeps and finds relations, in memory and in both databases alike."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import pytest_asyncio
from sqlalchemy import MetaData

from customer_resolver.adapters.sql_mirror import SqlCustomerMirror
from customer_resolver.adapters.tables import resolver_tables
from customer_resolver.domain.relations import RelationRole
from customer_resolver.ports import CustomerMirror, Freshness
from customer_resolver_cases import relation
from fakes_customer_resolver import FakeMirror
from sconnect.persistence import create_engine, migrate

HERE, ELSEWHERE = "administration-1", "administration-2"
BEGAN_AT = datetime(2026, 3, 2, 2, tzinfo=UTC)
LATER = datetime(2026, 3, 2, 3, tzinfo=UTC)


@pytest_asyncio.fixture(
    params=["fake", "sqlite", pytest.param("postgres", marks=pytest.mark.postgres)],
)
async def mirror(request: pytest.FixtureRequest) -> AsyncIterator[CustomerMirror]:
    if request.param == "fake":
        yield FakeMirror()
        return
    url = request.getfixturevalue(f"{request.param}_url")
    await asyncio.to_thread(migrate, url, "customer_resolver")
    engine = create_engine(url)
    yield SqlCustomerMirror(engine, resolver_tables(MetaData()))
    await engine.dispose()


async def test_starts_empty(mirror: CustomerMirror) -> None:
    assert await mirror.freshness(HERE) == Freshness()
    assert await mirror.highest_number(HERE) == 0
    assert await mirror.find_by_email(HERE, "jan@example.nl") == ()


async def test_keeps_every_field(mirror: CustomerMirror) -> None:
    full = relation(
        7,
        name="Jan 😀 Voorbeeld",
        emails=("jan@example.nl", "facturen@example.nl"),
        postcode="1234AB",
        vat_number="000099998B57",
        country_code="NL",
        active=False,
        role=RelationRole.OTHER,
        modified_on=BEGAN_AT,
    )
    await mirror.save(HERE, [full])
    assert await mirror.find_by_number(HERE, 7) == full
    assert await mirror.find_by_id(HERE, full.relation_id) == full


async def test_finds_by_any_of_the_addresses_in_order_of_number(mirror: CustomerMirror) -> None:
    first, second = (
        relation(9, emails=("a@example.nl", "b@example.nl")),
        relation(3, emails=("b@example.nl",)),
    )
    await mirror.save(HERE, [first, second])
    assert await mirror.find_by_email(HERE, "a@example.nl") == (first,)
    assert await mirror.find_by_email(HERE, "b@example.nl") == (second, first)
    assert await mirror.find_by_email(HERE, "c@example.nl") == ()


async def test_an_address_that_was_changed_no_longer_finds(mirror: CustomerMirror) -> None:
    jan = relation(7, emails=("oud@example.nl",))
    await mirror.save(HERE, [jan])
    await mirror.save(HERE, [replace(jan, emails=("nieuw@example.nl",), name="Anders")])
    assert await mirror.find_by_email(HERE, "oud@example.nl") == ()
    (found,) = await mirror.find_by_email(HERE, "nieuw@example.nl")
    assert (found.name, await mirror.highest_number(HERE)) == ("Anders", 7)


async def test_administrations_are_apart(mirror: CustomerMirror) -> None:
    jan = relation(7, emails=("jan@example.nl",))
    await mirror.save(HERE, [jan])
    await mirror.save(ELSEWHERE, [replace(jan, number=8)])
    assert [each.number for each in await mirror.find_by_email(HERE, "jan@example.nl")] == [7]
    assert [each.number for each in await mirror.find_by_email(ELSEWHERE, "jan@example.nl")] == [8]
    assert await mirror.find_by_number(HERE, 8) is None
    assert (await mirror.highest_number(HERE), await mirror.highest_number(ELSEWHERE)) == (7, 8)


async def test_of_two_with_one_number_the_active_one_is_found(mirror: CustomerMirror) -> None:
    gone, there = relation(7, active=False), relation(7, relation_id="there")
    await mirror.save(HERE, [gone])
    await mirror.save(HERE, [there])
    assert await mirror.find_by_number(HERE, 7) == there


async def test_system_relations_do_not_raise_the_highest_number(mirror: CustomerMirror) -> None:
    await mirror.save(HERE, [relation(-1, role=RelationRole.SYSTEM)])
    assert await mirror.highest_number(HERE) == 0


async def test_saving_nothing_is_nothing(mirror: CustomerMirror) -> None:
    await mirror.save(HERE, [])
    assert await mirror.highest_number(HERE) == 0


async def test_a_full_read_forgets_what_it_did_not_show(mirror: CustomerMirror) -> None:
    first = await mirror.begin_full_read(HERE)
    await mirror.save(HERE, [relation(1, emails=("weg@example.nl",)), relation(2)])
    await mirror.finish_full_read(HERE, first, BEGAN_AT)
    await mirror.save(ELSEWHERE, [relation(1)])
    second = await mirror.begin_full_read(HERE)
    await mirror.save(HERE, [relation(2)])
    assert await mirror.count_unseen(HERE, second) == 1
    await mirror.save(HERE, [relation(3)])
    await mirror.finish_full_read(HERE, second, LATER)
    assert await mirror.find_by_number(HERE, 1) is None
    assert await mirror.find_by_email(HERE, "weg@example.nl") == ()
    assert await mirror.find_by_number(HERE, 3) is not None
    assert await mirror.find_by_number(ELSEWHERE, 1) is not None
    assert await mirror.count_unseen(HERE, second) == 0


async def test_freshness_tells_when_the_reads_began(mirror: CustomerMirror) -> None:
    read = await mirror.begin_full_read(HERE)
    assert await mirror.freshness(HERE) == Freshness()
    await mirror.finish_full_read(HERE, read, BEGAN_AT)
    assert await mirror.freshness(HERE) == Freshness(read_at=BEGAN_AT, full_read_at=BEGAN_AT)
    await mirror.finish_delta(HERE, LATER)
    assert await mirror.freshness(HERE) == Freshness(read_at=LATER, full_read_at=BEGAN_AT)
    assert await mirror.freshness(ELSEWHERE) == Freshness()


async def test_remembers_when_the_last_card_was_made(mirror: CustomerMirror) -> None:
    await mirror.begin_full_read(HERE)
    await mirror.note_card_made(HERE, LATER)
    await mirror.note_card_made(HERE, BEGAN_AT)
    assert (await mirror.freshness(HERE)).card_made_on == BEGAN_AT


async def test_a_page_of_five_hundred(mirror: CustomerMirror) -> None:
    page = [relation(number, emails=(f"klant{number}@example.nl",)) for number in range(1, 501)]
    await mirror.save(HERE, page)
    await mirror.save(HERE, page)
    assert await mirror.find_by_email(HERE, "klant250@example.nl") == (page[249],)
    assert await mirror.highest_number(HERE) == 500
