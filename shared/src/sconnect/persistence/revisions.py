"""Which migrations a database has had, as alembic wrote it down, and which ones this release brings."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files

from sqlalchemy import URL, Connection, Engine, create_engine, inspect, text
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


def require_migrated(url: str, package: str) -> None:
    """Raise StartupError unless the database has exactly the tables that this release of `package` needs."""
    known = revisions(package)
    with connected(url) as connection:
        found = _found(connection, version_table(package))
    if found == {known[-1]}:
        return
    if not found.issubset(known):
        raise made_by_another_release(url, package)
    raise StartupError(f"The {_place(url)} lacks tables of {package}: run its migrations first.")


def revisions(package: str) -> list[str]:
    """In their order; each is the number that its file's name begins with."""
    versions = files(package).joinpath("migrations", "versions")
    names = [file.name for file in versions.iterdir() if file.name.endswith(".py")]
    return sorted(name.removesuffix(".py").partition("_")[0] for name in names)


def version_table(package: str) -> str:
    """A name per package, so that several packages can share a database."""
    return f"alembic_version_{package.replace('.', '_')}"


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    """A transaction; StartupError when the database cannot be used."""
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


def _found(connection: Connection, table: str) -> set[str]:
    if not inspect(connection).has_table(table):
        return set()
    return set(connection.scalars(text(f"SELECT version_num FROM {table}")))  # noqa: S608 - our own name


def _place(url: str) -> str:
    return database_place(read_database_url(url))


def made_by_another_release(url: str, package: str) -> StartupError:
    return StartupError(
        f"The {_place(url)} holds tables of {package} that this release does not know:"
        " use the release that made them."
    )
