"""What the console remembers, in SQLite or PostgreSQL."""

from console.adapters.sql.access import SqlAccess
from console.adapters.sql.letter_jobs import SqlLetterJobs
from console.adapters.sql.letter_list import SqlLetterList
from console.adapters.sql.notices import SqlNotices
from console.adapters.sql.read_model import SqlReadModel
from console.adapters.sql.transactions import Transactions

__all__ = ["SqlAccess", "SqlLetterJobs", "SqlLetterList", "SqlNotices", "SqlReadModel", "Transactions"]
