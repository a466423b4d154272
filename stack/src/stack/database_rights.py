"""`python -m stack.database_rights FOLDER`: a PostgreSQL login per service that can do only its part.

Run by the owner of the databases, after the migrations; a second run changes nothing. FOLDER holds a file
`postgres-password-<service>` for each. SQLite has no logins: there the rights of the files count.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import psycopg
from psycopg import sql
from sqlalchemy import URL, make_url

from sconnect.errors import StartupError
from sconnect.persistence.engine import database_place, read_database_url
from stack.services import SERVICES, ServiceKind

CONNECT_TIMEOUT_SECONDS = 5
READ: Final[tuple[str, ...]] = ("SELECT",)
CHANGE: Final[tuple[str, ...]] = ("SELECT", "INSERT", "UPDATE", "DELETE")
COORDINATION: Final = "SCONNECT_DATABASE_URL"
VERSION_TABLES: Final = "alembic_version_"

# What a service may do with the tables that several share; with those that are not named here: nothing.
COORDINATION_RIGHTS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = MappingProxyType(
    {
        "console": {"profiles": CHANGE, "profile_versions": CHANGE, "call_allowances": CHANGE},
        "poller": {"profiles": READ},
        "customer-resolver": {"profiles": READ, "call_allowances": CHANGE},
        "booking-writer": {"profiles": READ, "call_allowances": CHANGE},
    }
)


def role_of(kind: ServiceKind) -> str:
    return f"sconnect_{kind.package}"


def grant_rights(databases: Mapping[str, str], passwords: Mapping[str, str]) -> None:
    """`databases`: variable to the owner's address of the migrated database; `passwords`: by service.

    StartupError when a database cannot be used, or its owner may not make logins.
    """
    for kind in SERVICES:
        own = read_database_url(databases[f"{kind.prefix}_DATABASE_URL"])
        shared = read_database_url(databases[COORDINATION])
        if own.database == shared.database:
            raise StartupError(f"{kind.name} needs a database of its own: rights are given by database.")
        for address, rights in ((own, None), (shared, COORDINATION_RIGHTS[kind.name])):
            try:
                with psycopg.connect(**_connection_arguments(address)) as connection:
                    _login(connection, role_of(kind), passwords[kind.name])
                    _grant(connection, address.database or "", role_of(kind), rights)
            except psycopg.Error as error:
                cause = str(error).strip().partition("\n")[0]
                place = database_place(address)
                raise StartupError(f"Rights on the {place} cannot be given: {cause}.") from None


def _login(connection: psycopg.Connection, role: str, password: str) -> None:
    known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
    change = "ALTER" if known else "CREATE"
    statement = sql.SQL(
        f"{change} ROLE {{}} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT PASSWORD {{}}"
    )
    connection.execute(statement.format(sql.Identifier(role), sql.Literal(password)))


def _grant(
    connection: psycopg.Connection,
    database: str,
    role: str,
    rights: Mapping[str, tuple[str, ...]] | None,
) -> None:
    """`rights` by table; None: all that a service does with tables of its own."""
    names = {"database": sql.Identifier(database), "role": sql.Identifier(role)}
    for text in (
        "REVOKE ALL ON DATABASE {database} FROM PUBLIC",
        "GRANT CONNECT ON DATABASE {database} TO {role}",
        "REVOKE ALL ON SCHEMA public FROM PUBLIC",
        "GRANT USAGE ON SCHEMA public TO {role}",
        "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}",
    ):
        connection.execute(sql.SQL(text).format(**names))
    if rights is None:
        # Numbers that the database hands out.
        connection.execute(sql.SQL("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}").format(**names))
    for table in _tables(connection):
        granted = READ if table.startswith(VERSION_TABLES) else CHANGE
        if rights is not None and not table.startswith(VERSION_TABLES):
            granted = rights.get(table, ())
        if granted:
            words = sql.SQL(", ").join(map(sql.SQL, granted))
            statement = sql.SQL("GRANT {} ON TABLE {} TO {}")
            connection.execute(statement.format(words, sql.Identifier(table), names["role"]))


def _tables(connection: psycopg.Connection) -> list[str]:
    statement = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    return [name for (name,) in connection.execute(statement).fetchall()]


def _connection_arguments(address: URL) -> dict[str, Any]:
    _, arguments = make_url(address).get_dialect()().create_connect_args(address)
    return {**arguments, "connect_timeout": CONNECT_TIMEOUT_SECONDS}


def main() -> int:
    """Exit code 2 with one sentence on stderr when the rights cannot be given."""
    folder = Path(sys.argv[1])
    variables = [COORDINATION, *(f"{kind.prefix}_DATABASE_URL" for kind in SERVICES)]
    try:
        passwords = {
            kind.name: (folder / f"postgres-password-{kind.name}").read_text().strip() for kind in SERVICES
        }
        grant_rights({name: os.environ[name] for name in variables}, passwords)
    except OSError as error:
        sys.stderr.write(f"{error.filename} cannot be read: {error.strerror}.\n")
        return 2
    except KeyError as error:
        sys.stderr.write(f"The settings are not complete: {error.args[0]} must be set.\n")
        return 2
    except StartupError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
