"""Brings a database to the tables that a package needs; the alembic files live in `<package>/migrations/`."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from alembic import command, context
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import URL, Connection, Engine, create_engine, text
from sqlalchemy.exc import DBAPIError

from sconnect.errors import StartupError
from sconnect.persistence.engine import (
    CONNECT_TIMEOUT_SECONDS,
    SQLITE_DRIVER,
    database_place,
    read_database_url,
    set_up_sqlite,
)

MIGRATION_WAIT_SECONDS = 60

# Any number does, as long as every release uses the same one.
_POSTGRESQL_LOCK = 7_266_210_031
_ONE_AT_A_TIME = threading.Lock()  # alembic's `context` and `op` are global to the process


def migrate(url: str, package: str, revision: str = "head") -> None:
    """Run the migrations of `package` that the database lacks, up to `revision`, all of them or none.

    Safe when two processes do it at once: the second waits, at most MIGRATION_WAIT_SECONDS, and finds nothing
    left to do. Raises StartupError when the database is away, broken or made by a newer release.
    """
    config = _alembic_config(package)
    with _ONE_AT_A_TIME, _connected(url) as connection:
        _keep_others_out(connection)
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, revision)
        except CommandError as error:
            raise _made_by_another_release(url, package) from error


def require_migrated(url: str, package: str) -> None:
    """Raise StartupError unless the database has exactly the tables that this release of `package` needs."""
    script = ScriptDirectory.from_config(_alembic_config(package))
    with _connected(url) as connection:
        options = {"version_table": version_table(package)}
        found = MigrationContext.configure(connection, opts=options).get_current_heads()
    if set(found) == set(script.get_heads()):
        return
    known = {revision.revision for revision in script.walk_revisions()}
    if not known.issuperset(found):
        raise _made_by_another_release(url, package)
    raise StartupError(f"The {_place(url)} lacks tables of {package}: run its migrations first.")


def run_migrations() -> None:
    """What the `env.py` of every package does: migrate the connection that `migrate` opened."""
    connection: Connection = context.config.attributes["connection"]
    package: str = context.config.attributes["package"]
    context.configure(connection=connection, version_table=version_table(package))
    with context.begin_transaction():
        context.run_migrations()


def version_table(package: str) -> str:
    """A name per package, so that several packages can share a database."""
    return f"alembic_version_{package.replace('.', '_')}"


def _alembic_config(package: str) -> Config:
    config = Config()
    config.set_main_option("script_location", f"{package}:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["package"] = package
    return config


@contextmanager
def _connected(url: str) -> Iterator[Connection]:
    engine = _migration_engine(read_database_url(url))
    try:
        with engine.begin() as connection:
            yield connection
    except DBAPIError as error:
        cause = str(error.orig).strip().partition("\n")[0]
        raise StartupError(f"The {_place(url)} cannot be used: {cause}.") from error
    finally:
        engine.dispose()


def _migration_engine(address: URL) -> Engine:
    if address.drivername == SQLITE_DRIVER:
        engine = create_engine(address.set(drivername="sqlite"), hide_parameters=True)
        set_up_sqlite(engine, busy_timeout_ms=MIGRATION_WAIT_SECONDS * 1000)
        return engine
    waits = {
        "connect_timeout": CONNECT_TIMEOUT_SECONDS,
        "options": f"-c lock_timeout={MIGRATION_WAIT_SECONDS}s",
    }
    return create_engine(address, hide_parameters=True, connect_args=waits)


def _keep_others_out(connection: Connection) -> None:
    # SQLite's write lock came with BEGIN IMMEDIATE.
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _POSTGRESQL_LOCK})


def _place(url: str) -> str:
    return database_place(read_database_url(url))


def _made_by_another_release(url: str, package: str) -> StartupError:
    return StartupError(
        f"The {_place(url)} holds tables of {package} that this release does not know:"
        " use the release that made them."
    )
