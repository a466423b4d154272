"""Databases, SQLite or PostgreSQL alike: engines, instants, inserts, leases and migrations."""

from sconnect.persistence.engine import READS_ONLY, create_engine
from sconnect.persistence.instants import Instant, database_now_ms
from sconnect.persistence.leases import Leases, lease_table
from sconnect.persistence.revisions import require_migrated
from sconnect.persistence.statements import insert_if_absent, upsert, upsert_rows
from sconnect.persistence.transactions import execute_alone, locked_with_clock, reading
from sconnect.persistence.trouble import translate_database_errors

__all__ = [
    "READS_ONLY",
    "Instant",
    "Leases",
    "create_engine",
    "database_now_ms",
    "execute_alone",
    "insert_if_absent",
    "lease_table",
    "locked_with_clock",
    "reading",
    "require_migrated",
    "translate_database_errors",
    "upsert",
    "upsert_rows",
]
