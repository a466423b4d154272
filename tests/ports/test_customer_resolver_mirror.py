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
from customer_resolver.domain.recognition import (
    CARRIERS_MAX,
    NORMAL_FORM_VERSION,
    Candidates,
    Statistics,
    keys_of_relation,
)
from customer_resolver.domain.relations import Relation, RelationAddress, RelationRole
from customer_resolver.ports import CustomerMirror, Freshness
from customer_resolver_cases import relation
from fakes_customer_resolver import FakeMirror
from sconnect.persistence import create_engine
from sconnect.persistence.migrations import migrate

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


async def found_by(mirror: CustomerMirror, relation: Relation, administration_id: str = HERE) -> Candidates:
    """The candidates for a buyer who would have exactly this card."""
    return await mirror.candidates(administration_id, keys_of_relation(relation, administration_id))


def numbers(candidates: Candidates) -> list[int]:
    return sorted(relation.number for relation in candidates.relations)


async def test_starts_empty(mirror: CustomerMirror) -> None:
    assert await mirror.freshness(HERE) == Freshness()
    assert await mirror.highest_number(HERE) == 0
    assert await mirror.candidates(HERE, [1, 2]) == Candidates()
    assert await mirror.candidates(HERE, []) == Candidates()
    assert await mirror.statistics(HERE) == Statistics()


async def test_keeps_every_field(mirror: CustomerMirror) -> None:
    full = relation(
        7,
        name="Jan 😀 Voorbeeld",
        emails=("jan@example.nl", "facturen@example.nl"),
        phones=("030 000 00 01",),
        address=RelationAddress(
            contact="K. Voorbeeld", street="Kade 1", postcode="1234AB", city="Utrecht", country_code="NL"
        ),
        correspondence=RelationAddress(street="Postbus 7", postcode="3500AA"),
        vat_number="000099998B57",
        coc_number="12345678",
        iban="NL91ABNA0417164300",
        active=False,
        role=RelationRole.OTHER,
        invoice_relation_id="another",
        modified_on=BEGAN_AT,
    )
    await mirror.save(HERE, [full])
    assert await mirror.find_by_number(HERE, 7) == full
    assert await mirror.find_by_id(HERE, full.relation_id) == full
    assert (await found_by(mirror, full)).relations == (full,)


async def test_finds_by_any_key(mirror: CustomerMirror) -> None:
    first, second = (
        relation(9, name="Jan Eerste", emails=("eerste@jan.example.nl", "samen@example.nl")),
        relation(3, name="Piet Tweede", emails=("samen@example.nl",)),
    )
    await mirror.save(HERE, [first, second])
    assert numbers(await found_by(mirror, relation(1, emails=("eerste@jan.example.nl",)))) == [9]
    both = await found_by(mirror, relation(1, emails=("samen@example.nl",)))
    assert numbers(both) == [3, 9]
    assert 2 in both.carriers.values()
    assert (
        await found_by(mirror, relation(1, name="Kees", emails=("niemand@elders.example.be",)))
        == Candidates()
    )


async def test_what_was_changed_no_longer_finds(mirror: CustomerMirror) -> None:
    jan = relation(7, name="Jan Oud", emails=("oud@example.nl",))
    await mirror.save(HERE, [jan])
    await mirror.save(HERE, [replace(jan, emails=("nieuw@example.nl",), name="Jan Nieuw")])
    await mirror.save(HERE, [replace(jan, emails=("nieuw@example.nl",), name="Jan Nieuw")])
    assert numbers(await mirror.candidates(HERE, keys_of_relation(jan, HERE) - shared_keys(jan))) == []
    (found,) = (await found_by(mirror, relation(1, emails=("nieuw@example.nl",)))).relations
    assert (found.name, await mirror.highest_number(HERE)) == ("Jan Nieuw", 7)


def shared_keys(jan: Relation) -> frozenset[int]:
    """Those of the number and the mail domain, which stayed the same."""
    renamed = replace(jan, emails=("nieuw@example.nl",), name="Jan Nieuw")
    return keys_of_relation(renamed, HERE)


async def test_a_key_that_too_many_carry_finds_nobody(mirror: CustomerMirror) -> None:
    crowd = [
        relation(number, name=f"Bedrijf {number} BV", emails=("samen@example.nl",))
        for number in range(1, CARRIERS_MAX + 5)
    ]
    await mirror.save(HERE, crowd)
    found = await found_by(mirror, crowd[0])
    assert numbers(found) == [1]
    assert max(found.carriers.values()) == CARRIERS_MAX + 1


async def test_administrations_are_apart(mirror: CustomerMirror) -> None:
    jan = relation(7, emails=("jan@example.nl",))
    await mirror.save(HERE, [jan])
    await mirror.save(ELSEWHERE, [replace(jan, number=8)])
    assert numbers(await found_by(mirror, jan, HERE)) == [7]
    assert numbers(await found_by(mirror, jan, ELSEWHERE)) == [8]
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
    await mirror.save(HERE, [relation(1, emails=("weg@weg.example.nl",)), relation(2)])
    await mirror.finish_full_read(HERE, first, BEGAN_AT, Statistics())
    await mirror.save(ELSEWHERE, [relation(1)])
    second = await mirror.begin_full_read(HERE)
    await mirror.save(HERE, [relation(2)])
    assert await mirror.count_unseen(HERE, second) == 1
    await mirror.save(HERE, [relation(3)])
    await mirror.finish_full_read(HERE, second, LATER, Statistics())
    assert await mirror.find_by_number(HERE, 1) is None
    assert await found_by(mirror, relation(1, emails=("weg@weg.example.nl",))) == Candidates()
    assert await mirror.find_by_number(HERE, 3) is not None
    assert await mirror.find_by_number(ELSEWHERE, 1) is not None
    assert await mirror.count_unseen(HERE, second) == 0


async def test_freshness_tells_when_the_reads_began(mirror: CustomerMirror) -> None:
    read = await mirror.begin_full_read(HERE)
    assert await mirror.freshness(HERE) == Freshness()
    await mirror.finish_full_read(HERE, read, BEGAN_AT, Statistics())
    assert await mirror.freshness(HERE) == Freshness(read_at=BEGAN_AT, full_read_at=BEGAN_AT)
    await mirror.finish_delta(HERE, LATER)
    assert await mirror.freshness(HERE) == Freshness(read_at=LATER, full_read_at=BEGAN_AT)
    assert await mirror.freshness(ELSEWHERE) == Freshness()


async def test_remembers_when_the_last_card_was_made(mirror: CustomerMirror) -> None:
    await mirror.begin_full_read(HERE)
    await mirror.note_card_made(HERE, LATER)
    await mirror.note_card_made(HERE, BEGAN_AT)
    assert (await mirror.freshness(HERE)).card_made_on == BEGAN_AT


async def test_the_statistics_are_those_of_the_last_complete_read(mirror: CustomerMirror) -> None:
    first = Statistics(relation_count=7, surnames={"jansen": 3})
    await mirror.finish_full_read(HERE, await mirror.begin_full_read(HERE), BEGAN_AT, first)
    assert await mirror.statistics(HERE) == first
    second = replace(first, relation_count=8)
    await mirror.finish_full_read(HERE, await mirror.begin_full_read(HERE), LATER, second)
    assert await mirror.statistics(HERE) == second
    assert await mirror.statistics(ELSEWHERE) == Statistics()


async def test_a_page_of_five_hundred(mirror: CustomerMirror) -> None:
    page = [
        relation(number, name=f"Klant{number}", emails=(f"klant{number}@example.nl",))
        for number in range(1, 501)
    ]
    await mirror.save(HERE, page)
    await mirror.save(HERE, page)
    assert await mirror.find_by_number(HERE, 250) == page[249]
    assert await mirror.highest_number(HERE) == 500
    await mirror.finish_full_read(HERE, await mirror.begin_full_read(HERE), LATER, Statistics())
    assert await mirror.highest_number(HERE) == 0
    assert await found_by(mirror, page[249]) == Candidates()


async def test_savers_at_once_leave_keys_that_fit_the_contents(mirror: CustomerMirror) -> None:
    jan = relation(7, name="Jan Voorbeeld")
    versions = [replace(jan, emails=(f"jan{number}@example.nl",)) for number in range(12)]
    await asyncio.gather(*(mirror.save(HERE, [version]) for version in versions))
    there = await mirror.find_by_id(HERE, jan.relation_id)
    for version in versions:
        own = keys_of_relation(version, HERE) - keys_of_relation(jan, HERE)
        own -= frozenset().union(*(keys_of_relation(each, HERE) for each in versions if each != version))
        assert numbers(await mirror.candidates(HERE, own)) == ([7] if version == there else [])


@pytest_asyncio.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def releases(
    request: pytest.FixtureRequest,
) -> AsyncIterator[tuple[SqlCustomerMirror, SqlCustomerMirror]]:
    """One database in the hands of two releases with another normal form each."""
    url = request.getfixturevalue(f"{request.param}_url")
    await asyncio.to_thread(migrate, url, "customer_resolver")
    engine = create_engine(url)
    tables = resolver_tables(MetaData())
    old, new = NORMAL_FORM_VERSION, NORMAL_FORM_VERSION + 1
    yield (
        SqlCustomerMirror(engine, tables, key_version=old),
        SqlCustomerMirror(engine, tables, key_version=new),
    )
    await engine.dispose()


async def test_keys_of_another_normal_form_are_noticed_and_made_anew(
    releases: tuple[SqlCustomerMirror, SqlCustomerMirror],
) -> None:
    old, new = releases
    page = [relation(number, emails=(f"klant{number}@example.nl",)) for number in range(1, 702)]
    await old.begin_full_read(HERE)
    await old.save(HERE, page)
    await old.save(ELSEWHERE, [relation(1)])
    assert (await old.freshness(HERE)).keys_are_current
    assert not (await new.freshness(HERE)).keys_are_current
    assert await new.make_keys_anew(HERE)
    assert not (await new.freshness(HERE)).keys_are_current
    while await new.make_keys_anew(HERE):
        pass
    assert (await new.freshness(HERE)).keys_are_current
    assert not (await old.freshness(HERE)).keys_are_current
    assert not (await new.freshness(ELSEWHERE)).keys_are_current
    assert numbers(await found_by(new, page[700])) == [701]
