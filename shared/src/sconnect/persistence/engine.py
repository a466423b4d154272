"""One way to open a database: SQLite for one host, PostgreSQL for more."""

from types import MappingProxyType
from typing import Any

from sqlalchemy import URL, Connection, Engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from sconnect.errors import StartupError
from sconnect.persistence.liveness import replace_dead_connections

SQLITE_DRIVER = "sqlite+aiosqlite"
POSTGRESQL_DRIVER = "postgresql+psycopg"

# Execution options of a connection: it will not write; each of its statements is a transaction of its own.
READS_ONLY = "reads_only"
EACH_ALONE = "each_alone"
SQLITE_BUSY_TIMEOUT_MS = 5_000
POOL_SIZE = 5
POOL_OVERFLOW = 10
POOL_TIMEOUT_SECONDS = 10
CONNECT_TIMEOUT_SECONDS = 5
STATEMENT_TIMEOUT_MS = 15_000
LOCK_TIMEOUT_MS = 5_000
IDLE_IN_TRANSACTION_TIMEOUT_MS = 60_000
UNANSWERED_TIMEOUT_MS = 20_000

_POSTGRESQL_ARGUMENTS: MappingProxyType[str, Any] = MappingProxyType(
    {
        "connect_timeout": CONNECT_TIMEOUT_SECONDS,
        # A server that vanished without a word is noticed by TCP, not after the kernel's quarter of an hour.
        "tcp_user_timeout": UNANSWERED_TIMEOUT_MS,
        "options": (
            f"-c statement_timeout={STATEMENT_TIMEOUT_MS} -c lock_timeout={LOCK_TIMEOUT_MS}"
            f" -c idle_in_transaction_session_timeout={IDLE_IN_TRANSACTION_TIMEOUT_MS} -c timezone=UTC"
        ),
    }
)


def create_engine(url: str) -> AsyncEngine:
    """An engine for `sqlite+aiosqlite:///PATH` or `postgresql+psycopg://…`; nothing is connected yet.

    Raises StartupError for any other address. Errors never carry the values of a statement.
    """
    address = read_database_url(url)
    if address.drivername == POSTGRESQL_DRIVER:
        engine = create_async_engine(
            address,
            hide_parameters=True,
            # The driver begins nothing of its own: _begin_on_postgresql does, where a transaction is more
            # than a statement.
            isolation_level="AUTOCOMMIT",
            # What it would ask before every use, replace_dead_connections asks when there is a cause.
            pool_pre_ping=False,
            pool_size=POOL_SIZE,
            max_overflow=POOL_OVERFLOW,
            pool_timeout=POOL_TIMEOUT_SECONDS,
            connect_args=dict(_POSTGRESQL_ARGUMENTS),
        )
        replace_dead_connections(engine.sync_engine)
        event.listen(engine.sync_engine, "begin", _begin_on_postgresql)
        return engine
    engine = create_async_engine(address, hide_parameters=True, pool_timeout=POOL_TIMEOUT_SECONDS)
    set_up_sqlite(engine.sync_engine, busy_timeout_ms=SQLITE_BUSY_TIMEOUT_MS)
    return engine


def read_database_url(url: str) -> URL:
    """The parsed address; its text is never repeated, for it may hold a password."""
    try:
        address = make_url(url)
    except (ArgumentError, ValueError):
        raise StartupError(_UNUSABLE_ADDRESS) from None
    named = address.database and address.database != ":memory:"
    if address.drivername not in (SQLITE_DRIVER, POSTGRESQL_DRIVER) or not named:
        raise StartupError(_UNUSABLE_ADDRESS)
    return address


def database_place(address: URL) -> str:
    """Where a database is, for people: never its user, its password or an option."""
    if address.drivername == SQLITE_DRIVER:
        return f"SQLite file {address.database}"
    port = "" if address.port is None else f":{address.port}"
    return f"PostgreSQL database {address.database} on {address.host or 'the local socket'}{port}"


_UNUSABLE_ADDRESS = (
    "A database address is not usable: write"
    f" {SQLITE_DRIVER}:///PATH or {POSTGRESQL_DRIVER}://USER:PASSWORD@HOST/DATABASE."
)


def set_up_sqlite(engine: Engine, *, busy_timeout_ms: int) -> None:
    """Make every connection durable and every transaction take the write lock at its start.

    A transaction that reads first and writes later cannot wait for the lock: SQLite refuses it at once when
    another process wrote in between. BEGIN IMMEDIATE waits instead, up to the busy time-out. A connection
    with the execution option READS_ONLY never writes, so it waits for nobody.
    """

    def prepare(connection: Any, _entry: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # the driver must not begin transactions of its own
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout = {busy_timeout_ms}",
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", _begin_on_sqlite)


def _begin_on_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    # Alone, a statement that writes takes the lock in the same way, and waits for it as long.
    if not options.get(EACH_ALONE, False):
        connection.exec_driver_sql("BEGIN" if options.get(READS_ONLY, False) else "BEGIN IMMEDIATE")


def _begin_on_postgresql(connection: Connection) -> None:
    # The COMMIT or ROLLBACK at the end is the driver's: it sends one when the server is in a transaction.
    options = connection.get_execution_options()
    if not options.get(EACH_ALONE, False) and not options.get(READS_ONLY, False):
        connection.exec_driver_sql("BEGIN")
