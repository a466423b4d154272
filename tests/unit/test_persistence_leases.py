"""Leases on both databases."""

import asyncio

import pytest
from sqlalchemy import MetaData, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from sconnect.persistence import Leases, create_engine, database_now_ms, lease_table

METADATA = MetaData()
LEASES = lease_table(METADATA)


@pytest.fixture
async def leases(database_engine: AsyncEngine) -> Leases:
    async with database_engine.begin() as connection:
        await connection.run_sync(METADATA.create_all)
    return Leases(database_engine, LEASES)


async def expire(engine: AsyncEngine, name: str) -> None:
    statement = update(LEASES).where(LEASES.c.name == name).values(held_until=database_now_ms())
    async with engine.begin() as connection:
        await connection.execute(statement)


async def test_a_lease_has_one_holder_until_it_is_released(leases: Leases) -> None:
    token = await leases.take("profile", 60)
    assert token is not None
    assert await leases.take("profile", 60) is None
    assert await leases.take("another profile", 60) is not None
    await leases.release("profile", token)
    assert await leases.take("profile", 60) is not None


async def test_a_holder_can_renew_and_a_stranger_cannot(leases: Leases) -> None:
    token = await leases.take("profile", 60)
    assert token is not None
    assert await leases.renew("profile", token, 60)
    assert not await leases.renew("profile", "another token", 60)
    assert not await leases.renew("unknown", token, 60)


async def test_an_expired_lease_can_be_taken_and_not_be_renewed(
    leases: Leases, database_engine: AsyncEngine
) -> None:
    old = await leases.take("profile", 60)
    assert old is not None
    await expire(database_engine, "profile")
    assert not await leases.renew("profile", old, 60)
    new = await leases.take("profile", 60)
    assert new not in {None, old}
    assert not await leases.renew("profile", old, 60)


async def test_the_old_holder_cannot_release_the_new_ones_lease(
    leases: Leases, database_engine: AsyncEngine
) -> None:
    old = await leases.take("profile", 60)
    assert old is not None
    await expire(database_engine, "profile")
    new = await leases.take("profile", 60)
    assert new is not None
    await leases.release("profile", old)
    assert await leases.renew("profile", new, 60)


async def test_a_lease_runs_on_the_databases_clock_for_the_seconds_asked(
    leases: Leases, database_engine: AsyncEngine
) -> None:
    await leases.take("profile", 1.5)
    left = select(LEASES.c.held_until, database_now_ms().label("now"))
    async with database_engine.connect() as connection:
        row = (await connection.execute(left)).one()
    seconds_left = row.held_until.timestamp() - row.now / 1000
    assert 0 < seconds_left <= 1.5


async def test_of_many_takers_at_once_exactly_one_wins(leases: Leases, database_url: str) -> None:
    rivals = [create_engine(database_url) for _ in range(4)]
    try:
        attempts = [Leases(rival, LEASES).take("profile", 60) for rival in rivals for _ in range(5)]
        tokens = await asyncio.gather(*attempts)
    finally:
        for rival in rivals:
            await rival.dispose()
    assert len([token for token in tokens if token]) == 1
    assert await leases.take("profile", 60) is None
