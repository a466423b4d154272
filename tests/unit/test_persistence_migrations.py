"""Migrations on both databases, of a small package that the tests write themselves."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine

from sconnect.errors import StartupError
from sconnect.persistence import require_migrated
from sconnect.persistence.migrations import migrate
from sconnect.persistence.revisions import revisions
from stack.migrate import COORDINATION_PACKAGES
from stack.services import SERVICES

ENVIRONMENT = "from sconnect.persistence.migrations import run_migrations\n\nrun_migrations()\n"
REVISION = """
import sqlalchemy as sa
from alembic import op

revision = "{number}"
down_revision = {previous}


def upgrade():
    {body}
"""
FIRST = 'op.create_table("parcels", sa.Column("number", sa.BigInteger, primary_key=True))'
SECOND = 'op.execute("INSERT INTO parcels (number) VALUES (1)")'
# Long enough for the processes to meet inside it.
MANY = (
    'for n in range(60): op.create_table(f"shelf_{n}", sa.Column("number", sa.BigInteger, primary_key=True))'
)
BROKEN = 'op.execute("INSERT INTO no_such_table (number) VALUES (1)")'

MIGRATE_AT_A_SIGN = "from sconnect.persistence.migrations import migrate; print('ready', flush=True); input()"


class ExamplePackage:
    """A package on the import path whose migrations a test adds one by one."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self.search_path = folder
        self._versions = folder / name / "migrations" / "versions"
        self._versions.mkdir(parents=True)
        (folder / name / "__init__.py").touch()
        (self._versions.parent / "env.py").write_text(ENVIRONMENT)
        self._count = 0

    def add(self, body: str) -> Path:
        self._count += 1
        number, previous = f"{self._count:04d}", f"{self._count - 1:04d}"
        file = self._versions / f"{number}.py"
        quoted = None if self._count == 1 else repr(previous)
        file.write_text(REVISION.format(number=number, previous=quoted, body=body))
        return file


@pytest.fixture
def package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> ExamplePackage:
    folder = tmp_path / "packages"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    return ExamplePackage(folder, f"example_{abs(hash(request.node.nodeid))}")


async def tables(engine: AsyncEngine) -> set[str]:
    async with engine.connect() as connection:
        return await connection.run_sync(lambda sync: set(inspect(sync).get_table_names()))


async def parcels(engine: AsyncEngine) -> int | None:
    async with engine.connect() as connection:
        count: int | None = await connection.scalar(text("SELECT count(*) FROM parcels"))
    return count


async def python(code: str, environment: dict[str, str]) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-W", "error", "-c", code, env=environment, stdin=PIPE, stdout=PIPE, stderr=PIPE
    )


async def expect_line(run: asyncio.subprocess.Process) -> None:
    assert run.stdout is not None
    assert await asyncio.wait_for(run.stdout.readline(), 60)


async def test_migrations_run_once_and_in_order(
    package: ExamplePackage, database_url: str, database_engine: AsyncEngine
) -> None:
    package.add(FIRST)
    await asyncio.to_thread(migrate, database_url, package.name)
    package.add(SECOND)
    await asyncio.to_thread(migrate, database_url, package.name)
    await asyncio.to_thread(migrate, database_url, package.name)
    assert await parcels(database_engine) == 1
    assert await tables(database_engine) == {"parcels", f"alembic_version_{package.name}"}


async def test_a_migration_that_fails_leaves_nothing_behind(
    package: ExamplePackage, database_url: str, database_engine: AsyncEngine
) -> None:
    package.add(FIRST)
    package.add(BROKEN)
    with pytest.raises(StartupError, match="no_such_table"):
        await asyncio.to_thread(migrate, database_url, package.name)
    assert await tables(database_engine) == set()


async def test_processes_that_migrate_at_once_all_succeed(
    package: ExamplePackage, database_url: str, database_engine: AsyncEngine
) -> None:
    for body in (FIRST, SECOND, MANY):
        package.add(body)
    code = f"{MIGRATE_AT_A_SIGN}\nmigrate({database_url!r}, {package.name!r})"
    environment = {**os.environ, "PYTHONPATH": str(package.search_path)}
    runs = [await python(code, environment) for _ in range(4)]
    for run in runs:
        await expect_line(run)
    answers = await asyncio.gather(*(run.communicate(b"go\n") for run in runs))
    assert [run.returncode for run in runs] == [0, 0, 0, 0], answers
    assert await parcels(database_engine) == 1


def test_a_database_without_the_newest_tables_is_told_apart(
    package: ExamplePackage, database_url: str
) -> None:
    package.add(FIRST)
    with pytest.raises(StartupError, match="run its migrations first"):
        require_migrated(database_url, package.name)
    migrate(database_url, package.name)
    require_migrated(database_url, package.name)


@pytest.mark.parametrize("package", [*COORDINATION_PACKAGES, *(kind.package for kind in SERVICES)])
def test_the_files_of_a_package_tell_the_revisions_that_alembic_knows(package: str) -> None:
    config = Config()
    config.set_main_option("script_location", f"{package}:migrations")
    config.set_main_option("path_separator", "os")
    known = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    assert revisions(package) == list(reversed(known))


@pytest.mark.parametrize("package", [kind.package for kind in SERVICES])
async def test_a_service_that_runs_does_not_carry_alembic(package: str) -> None:
    run = await python(f"import {package}.__main__, sys; print('alembic' in sys.modules)", {**os.environ})
    assert await run.communicate() == (b"False\n", b"")


def test_a_database_of_a_newer_release_is_refused(package: ExamplePackage, database_url: str) -> None:
    package.add(FIRST)
    newer = package.add(SECOND)
    migrate(database_url, package.name)
    newer.unlink()
    for refused in (migrate, require_migrated):
        with pytest.raises(StartupError, match="does not know"):
            refused(database_url, package.name)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://connector:hunter2-secret@127.0.0.1:1/orders?sslpassword=hunter2-secret",
        "sqlite+aiosqlite:////nowhere/at/all/hunter2.sqlite3",
        "mysql://connector:hunter2-secret@127.0.0.1/orders",
        "sqlite+aiosqlite://",
        "hunter2-secret",
    ],
)
def test_an_unusable_database_is_one_sentence_without_a_password(package: ExamplePackage, url: str) -> None:
    package.add(FIRST)
    with pytest.raises(StartupError) as refusal:
        migrate(url, package.name)
    sentence = str(refusal.value)
    assert "hunter2-secret" not in sentence
    assert "\n" not in sentence
    assert sentence.endswith(".")
    assert not sentence.endswith("..")


def test_a_file_that_is_no_database_is_one_sentence(package: ExamplePackage, tmp_path: Path) -> None:
    package.add(FIRST)
    file = tmp_path / "letter.txt"
    file.write_text("Dear reader, " * 100)
    with pytest.raises(StartupError, match="not a database"):
        migrate(f"sqlite+aiosqlite:///{file}", package.name)
