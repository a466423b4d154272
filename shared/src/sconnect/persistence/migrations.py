"""Brings a database to the tables that a package needs; the alembic files live in `<package>/migrations/`.

Imported by those who migrate and nobody else: a service that runs does not carry alembic in its memory.
"""

import threading

from alembic import command, context
from alembic.config import Config
from alembic.util.exc import CommandError
from sqlalchemy import Connection, text

from sconnect.persistence.revisions import connected, made_by_another_release, version_table

# Any number does, as long as every release uses the same one.
_POSTGRESQL_LOCK = 7_266_210_031
_ONE_AT_A_TIME = threading.Lock()  # alembic's `context` and `op` are global to the process


def migrate(url: str, package: str, revision: str = "head") -> None:
    """Run the migrations of `package` that the database lacks, up to `revision`, all of them or none.

    Safe when two processes do it at once: the second waits, at most MIGRATION_WAIT_SECONDS, and finds nothing
    left to do. Raises StartupError when the database is away, broken or made by a newer release.
    """
    config = _alembic_config(package)
    with _ONE_AT_A_TIME, connected(url) as connection:
        _keep_others_out(connection)
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, revision)
        except CommandError as error:
            raise made_by_another_release(url, package) from error


def run_migrations() -> None:
    """What the `env.py` of every package does: migrate the connection that `migrate` opened."""
    connection: Connection = context.config.attributes["connection"]
    package: str = context.config.attributes["package"]
    context.configure(connection=connection, version_table=version_table(package))
    with context.begin_transaction():
        context.run_migrations()


def _alembic_config(package: str) -> Config:
    config = Config()
    config.set_main_option("script_location", f"{package}:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["package"] = package
    return config


def _keep_others_out(connection: Connection) -> None:
    # SQLite's write lock came with BEGIN IMMEDIATE.
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _POSTGRESQL_LOCK})
