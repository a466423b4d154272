"""Inserts that cope with a row that is there already, in one form for both databases."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Table

# SQLite took its ON CONFLICT clause from PostgreSQL, and SQLAlchemy compiles this one construct for either.
from sqlalchemy.dialects.postgresql import Insert, insert


def insert_if_absent(table: Table, **values: Any) -> Insert:
    """Insert a row unless one with an equal unique key exists; `rowcount` of the result is 1 or 0.

    Without values it is made once and executed with the row as its parameters.
    """
    statement = insert(table).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
    return statement.values(**values) if values else statement


def upsert(table: Table, key_columns: Sequence[str], **values: Any) -> Insert:
    """Insert a row, or give the row with equal `key_columns` (a unique key) the other values."""
    return upsert_rows(table, key_columns, values).values(**values)


def upsert_rows(table: Table, key_columns: Sequence[str], names: Iterable[str]) -> Insert:
    """`upsert`, made once and executed with the row's values as its parameters; `names` are all of them."""
    statement = insert(table)
    others = {name: statement.excluded[name] for name in names if name not in key_columns}
    if not others:
        return statement.on_conflict_do_nothing(index_elements=key_columns)
    return statement.on_conflict_do_update(index_elements=key_columns, set_=others)
