"""The orders seen, what is remembered of each profile, the import runs and the leases."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    _create_seen_orders()
    _create_poll_states()
    _create_import_runs()
    op.create_table(
        "leases",
        sa.Column("name", sa.String(200), primary_key=True),
        sa.Column("token", sa.String(36), nullable=False),
        sa.Column("held_until", sa.BigInteger, nullable=False),
    )


def _create_seen_orders() -> None:
    op.create_table(
        "seen_orders",
        sa.Column("profile", sa.String(64), primary_key=True),
        sa.Column("order_key", sa.String(64), primary_key=True),
        sa.Column("number", sa.String(64), nullable=False),
        sa.Column("number_value", sa.BigInteger),
        sa.Column("state", sa.String(20), nullable=False),
        *_reason_columns(),
        sa.Column("status", sa.BigInteger),
        sa.Column("contents", sa.String(80)),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("replay", sa.Integer, nullable=False),
        sa.Column("told", sa.Integer, nullable=False),
        sa.Column("run_id", sa.String(64)),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        *_message_columns(),
    )
    op.create_index("seen_orders_by_number", "seen_orders", ["profile", "number_value"])
    op.create_index("seen_orders_by_run", "seen_orders", ["profile", "run_id"])
    waiting = sa.text("state = 'waiting'")
    op.create_index(
        "seen_orders_waiting", "seen_orders", ["profile"], sqlite_where=waiting, postgresql_where=waiting
    )
    _create_message_index("seen_orders")


def _create_poll_states() -> None:
    op.create_table(
        "poll_states",
        sa.Column("profile", sa.String(64), primary_key=True),
        sa.Column("read_from", sa.BigInteger),
        sa.Column("start_number", sa.BigInteger),
        sa.Column("accepted", sa.Text, nullable=False),
        sa.Column("looked_back_on", sa.Date),
        sa.Column("started_at", sa.BigInteger),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("not_before", sa.BigInteger),
        *_reason_columns(),
        sa.Column("paused_profile_version", sa.Integer),
        sa.Column("probed_at", sa.BigInteger),
        *_message_columns(),
    )
    _create_message_index("poll_states")


def _create_import_runs() -> None:
    op.create_table(
        "import_runs",
        sa.Column("run_id", sa.String(64), primary_key=True),
        sa.Column("profile", sa.String(64), nullable=False),
        sa.Column("requested_at", sa.BigInteger, nullable=False),
        sa.Column("requested_by", sa.String(200), nullable=False),
        sa.Column("started_at", sa.BigInteger),
        sa.Column("finished_at", sa.BigInteger),
        *_reason_columns(),
        *_message_columns(),
    )
    op.create_index("import_runs_by_profile", "import_runs", ["profile", "finished_at"])
    _create_message_index("import_runs")


def _reason_columns() -> tuple[sa.Column[str], ...]:
    return (
        sa.Column("reason_code", sa.String(40)),
        sa.Column("reason_variant", sa.String(40)),
        sa.Column("reason_details", sa.Text),
    )


def _message_columns() -> tuple[sa.Column[str], ...]:
    return sa.Column("outgoing_id", sa.String(36)), sa.Column("outgoing", sa.Text)


def _create_message_index(table: str) -> None:
    unsent = sa.text("outgoing_id IS NOT NULL")
    op.create_index(f"{table}_outgoing", table, ["profile"], sqlite_where=unsent, postgresql_where=unsent)
