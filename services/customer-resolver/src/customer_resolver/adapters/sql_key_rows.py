"""The key table in bulk: thousands of rows per statement, in the way that each database is quick at."""

from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

KeyRow = tuple[int, int]  # key, row number of the relation

# Written out, not composed: SQLAlchemy would spend more time on a look-up than the database does.
_POSTGRESQL_INSERT: Final = """
    INSERT INTO mirrored_relation_keys (key, relation_row)
    SELECT * FROM unnest(CAST(%s AS BIGINT[]), CAST(%s AS BIGINT[])) ON CONFLICT DO NOTHING"""
_POSTGRESQL_DELETE: Final = """
    DELETE FROM mirrored_relation_keys AS known
    USING unnest(CAST(%s AS BIGINT[]), CAST(%s AS BIGINT[])) AS gone(key, relation_row)
    WHERE known.key = gone.key AND known.relation_row = gone.relation_row"""
_POSTGRESQL_LOOKUP: Final = """
    SELECT wanted.key, found.relation_row FROM unnest(CAST(%s AS BIGINT[])) AS wanted(key)
    CROSS JOIN LATERAL (
        SELECT relation_row FROM mirrored_relation_keys WHERE mirrored_relation_keys.key = wanted.key LIMIT %s
    ) AS found"""
_SQLITE_INSERT: Final = "INSERT OR IGNORE INTO mirrored_relation_keys (key, relation_row) VALUES (?, ?)"
_SQLITE_DELETE: Final = "DELETE FROM mirrored_relation_keys WHERE key = ? AND relation_row = ?"
_SQLITE_LOOKUP: Final = """
    SELECT * FROM (SELECT key, relation_row FROM mirrored_relation_keys WHERE key = ? LIMIT ?)"""


async def insert_keys(connection: AsyncConnection, rows: Sequence[KeyRow]) -> None:
    """Add the rows that are not there yet."""
    if rows and _is_postgresql(connection):
        await connection.exec_driver_sql(_POSTGRESQL_INSERT, _columns(rows))
    elif rows:
        await connection.exec_driver_sql(_SQLITE_INSERT, list(rows))


async def delete_keys(connection: AsyncConnection, rows: Sequence[KeyRow]) -> None:
    if rows and _is_postgresql(connection):
        await connection.exec_driver_sql(_POSTGRESQL_DELETE, _columns(rows))
    elif rows:
        await connection.exec_driver_sql(_SQLITE_DELETE, list(rows))


async def find_carriers(
    connection: AsyncConnection, keys: Collection[int], *, per_key_max: int
) -> Sequence[KeyRow]:
    """For each key at most `per_key_max` of the relations that carry it: a popular key costs no more."""
    wanted = list(keys)
    if not wanted:
        return ()
    if _is_postgresql(connection):
        found = await connection.exec_driver_sql(_POSTGRESQL_LOOKUP, (wanted, per_key_max))
    else:
        parameters = tuple(value for key in wanted for value in (key, per_key_max))
        found = await connection.exec_driver_sql(_sqlite_lookup(len(wanted)), parameters)
    rows: Sequence[Any] = found.all()
    return [(row[0], row[1]) for row in rows]


@lru_cache(maxsize=64)
def _sqlite_lookup(keys: int) -> str:
    return " UNION ALL ".join([_SQLITE_LOOKUP] * keys)


def _is_postgresql(connection: AsyncConnection) -> bool:
    return connection.dialect.name == "postgresql"


def _columns(rows: Sequence[KeyRow]) -> tuple[list[int], list[int]]:
    return [key for key, _ in rows], [row for _, row in rows]
