"""The read model in SQLite or PostgreSQL."""

from console.adapters.sql.read_model import SqlReadModel

__all__ = ["SqlReadModel"]
