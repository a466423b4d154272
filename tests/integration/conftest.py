"""Fixtures that several of these files share."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncEngine

from sconnect.persistence import create_engine
from stage_bench import Bench, MakeBench, MemoryStorage, bench_maker, sql_storage


@pytest_asyncio.fixture(params=["memory", "sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def make_bench(request: pytest.FixtureRequest) -> AsyncIterator[MakeBench]:
    if request.param == "memory":
        yield bench_maker(MemoryStorage())
        return
    engine = create_engine(request.getfixturevalue(f"{request.param}_url"))
    yield bench_maker(await sql_storage(engine))
    await engine.dispose()


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    return make_bench()


@pytest_asyncio.fixture
async def sql_bench(database_engine: AsyncEngine) -> Bench:
    """One that keeps its rows in a database."""
    return bench_maker(await sql_storage(database_engine))()
