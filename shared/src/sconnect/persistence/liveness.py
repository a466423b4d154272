"""Notices that PostgreSQL hung up on a pooled connection, without asking it before every use.

A ping costs as much as the statement that follows it. A server that stops or restarts says so on the
connection, and then the kernel has something to read: only such a connection is asked, and one that was
idle for so long that something between us may have forgotten it.
"""

import select
import time
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry

ASKED_AFTER_IDLE_SECONDS = 30.0

_USED_AT = "used_at"


def replace_dead_connections(engine: Engine) -> None:
    """Let the pool hand out a new connection instead of one that the server has closed."""

    def note_use(_connection: DBAPIConnection | None, entry: ConnectionPoolEntry) -> None:
        entry.info[_USED_AT] = time.monotonic()

    def look(connection: DBAPIConnection, entry: ConnectionPoolEntry, _proxy: Any) -> None:
        used_at = entry.info.get(_USED_AT)
        if used_at is None:  # it was made just now
            return
        is_old = time.monotonic() - used_at > ASKED_AFTER_IDLE_SECONDS
        if (is_old or _has_news(entry.driver_connection)) and not _answers(engine, connection):
            # The pool makes a new one for this caller, and puts away all others that are older.
            raise InvalidatePoolError

    event.listen(engine, "checkin", note_use)
    event.listen(engine, "checkout", look)


def _has_news(driver_connection: Any) -> bool:
    """Whether the server sent something that nobody asked for, such as the end of the connection."""
    if driver_connection.closed:
        return True
    poll = select.poll()
    poll.register(driver_connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))


def _answers(engine: Engine, connection: DBAPIConnection) -> bool:
    dialect = engine.dialect
    try:
        return dialect.do_ping(connection)
    except dialect.dbapi.Error:  # type: ignore[union-attr]
        return False
