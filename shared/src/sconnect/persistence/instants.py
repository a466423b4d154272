"""Moments in the database: epoch milliseconds in UTC, and the database's own clock."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


class Instant(TypeDecorator[datetime]):
    """An aware datetime, kept as BIGINT milliseconds since 1970 in UTC; finer parts are cut off."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return (value - _EPOCH) // _MILLISECOND

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        return None if value is None else _EPOCH + value * _MILLISECOND


class database_now_ms(FunctionElement[int]):  # noqa: N801
    """SQL: the database's clock in epoch milliseconds, read anew at each use, not at the transaction's start.

    Compare it with an Instant column directly; `type_coerce(database_now_ms(), Instant)` gives a datetime.
    """

    type = BigInteger()
    inherit_cache = True


@compiles(database_now_ms, "sqlite")
def _sqlite_now(_element: database_now_ms, _compiler: SQLCompiler, **_keywords: Any) -> str:
    # Day 2440587.5 of the Julian calendar is 1970-01-01. unixepoch('subsec') needs SQLite 3.42.
    return "CAST(ROUND((julianday('now') - 2440587.5) * 86400000) AS INTEGER)"


@compiles(database_now_ms, "postgresql")
def _postgresql_now(_element: database_now_ms, _compiler: SQLCompiler, **_keywords: Any) -> str:
    # now() stands still inside a transaction: a lease taken after a wait for a lock would be too short.
    return "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)"
