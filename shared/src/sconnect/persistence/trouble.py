"""Which errors of a database pass by themselves."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from sconnect.errors import DatabaseUnavailable

# SQLite says "no such table" with the same class as "database is locked"; code 1 is the former kind.
_SQLITE_STATEMENT_IS_WRONG = 1
_SQLITE_PRIMARY_CODE_MASK = 0xFF


@asynccontextmanager
async def translate_database_errors() -> AsyncIterator[None]:
    """Turn a database that is locked, away or restarting into DatabaseUnavailable; others pass unchanged.

    `async with translate_database_errors():` around statements, or `@translate_database_errors()` on an
    asynchronous function.
    """
    try:
        yield
    except (DBAPIError, PoolTimeoutError) as error:
        if not passes_by_itself(error):
            raise
        raise DatabaseUnavailable from error


def passes_by_itself(error: DBAPIError | PoolTimeoutError) -> bool:
    """Whether the same statement may succeed later, without anybody changing it."""
    if isinstance(error, PoolTimeoutError):
        return True
    if isinstance(error, InterfaceError) or error.connection_invalidated:
        return True
    sqlite_code = getattr(error.orig, "sqlite_errorcode", 0) & _SQLITE_PRIMARY_CODE_MASK
    return isinstance(error, OperationalError) and sqlite_code != _SQLITE_STATEMENT_IS_WRONG
