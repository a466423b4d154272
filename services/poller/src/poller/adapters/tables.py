"""The poller's own tables."""

from sqlalchemy import BigInteger, Column, Date, Index, Integer, MetaData, String, Table, Text, column

from sconnect.persistence import Instant, lease_table

metadata = MetaData()


def _reason_columns() -> tuple[Column[object], ...]:
    return (
        Column("reason_code", String(40)),
        Column("reason_variant", String(40)),
        Column("reason_details", Text),
    )


def _message_columns() -> tuple[Column[object], ...]:
    """The message about a row that the broker has not confirmed yet; null when there is none."""
    return Column("outgoing_id", String(36)), Column("outgoing", Text)


def _message_index(table: str) -> Index:
    unsent = column("outgoing_id").is_not(None)
    return Index(f"{table}_outgoing", "profile", sqlite_where=unsent, postgresql_where=unsent)


_waiting = column("state") == "waiting"

seen_orders = Table(
    "seen_orders",
    metadata,
    Column("profile", String(64), primary_key=True),
    Column("order_key", String(64), primary_key=True),
    Column("number", String(64), nullable=False),
    Column("number_value", BigInteger),  # null when the number is not all digits
    Column("state", String(20), nullable=False),
    *_reason_columns(),
    Column("status", BigInteger),
    Column("contents", String(80)),
    Column("revision", Integer, nullable=False),
    Column("replay", Integer, nullable=False),
    Column("told", Integer, nullable=False),
    Column("run_id", String(64)),
    Column("version", Integer, nullable=False),
    Column("document", Text, nullable=False),
    *_message_columns(),
    Column("stored_at", Instant),
    Index("seen_orders_by_number", "profile", "number_value"),
    Index("seen_orders_by_run", "profile", "run_id"),
    Index("seen_orders_waiting", "profile", sqlite_where=_waiting, postgresql_where=_waiting),
    _message_index("seen_orders"),
)

poll_states = Table(
    "poll_states",
    metadata,
    Column("profile", String(64), primary_key=True),
    Column("read_from", Instant),
    Column("start_number", BigInteger),
    Column("accepted", Text, nullable=False),  # JSON: a list of statuses, null for all
    Column("looked_back_on", Date),
    Column("started_at", Instant),
    Column("failures", Integer, nullable=False),
    Column("not_before", Instant),
    *_reason_columns(),  # of the pause; null while there is none
    Column("paused_profile_version", Integer),
    Column("probed_at", Instant),
    *_message_columns(),
    _message_index("poll_states"),
)

import_runs = Table(
    "import_runs",
    metadata,
    Column("run_id", String(64), primary_key=True),
    Column("profile", String(64), nullable=False),
    Column("requested_at", Instant, nullable=False),
    Column("requested_by", String(200), nullable=False),
    Column("started_at", Instant),
    Column("finished_at", Instant),
    *_reason_columns(),  # why it failed; null when it did not
    *_message_columns(),
    Index("import_runs_by_profile", "profile", "finished_at"),
    _message_index("import_runs"),
)

leases = lease_table(metadata)
