"""Empty databases: a SQLite file, or one on a PostgreSQL server that the session's tests share.

That server is a container where a Docker engine has its image, else a private one.
"""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncEngine

from sconnect.persistence import create_engine
from servers.containers import ContainerPostgres, engine_has_image_of
from servers.presence import require_installed
from stack.postgres import PrivatePostgres, postgres_binary


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[ContainerPostgres | PrivatePostgres]:
    server = _postgres_server()
    try:
        server.start()
        yield server
    finally:
        server.stop()


def _postgres_server() -> ContainerPostgres | PrivatePostgres:
    if engine_has_image_of("postgres"):
        return ContainerPostgres()
    require_installed(postgres_binary, "postgres")
    return PrivatePostgres()


@pytest.fixture
def postgres_url(postgres_server: ContainerPostgres | PrivatePostgres) -> Iterator[str]:
    """The address of an empty PostgreSQL database, gone after the test."""
    name = f"test_{uuid4().hex}"
    yield postgres_server.create_database(name)
    postgres_server.drop_database(name)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The address of a SQLite file that does not exist yet."""
    return f"sqlite+aiosqlite:///{tmp_path / 'test.sqlite3'}"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty database of each kind: the test runs twice."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest_asyncio.fixture
async def database_engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    """An engine on `database_url`, closed after the test."""
    engine = create_engine(database_url)
    yield engine
    await engine.dispose()
