"""Fixtures that several of these files share."""

import pytest
import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncEngine

from stage_bench import Bench, MakeBench, bench_maker


@pytest_asyncio.fixture
async def make_bench(database_engine: AsyncEngine) -> MakeBench:
    return await bench_maker(database_engine)


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    return make_bench()
