"""Orders with their events, dead letters, import runs, pauses."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    _create_orders()
    _create_dead_letters()
    _create_runs_and_states()


def _create_orders() -> None:
    op.create_table(
        "order_events",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("profile", sa.String, nullable=False),
        sa.Column("order_uuid", sa.String, nullable=False),
        sa.Column("type", sa.String, nullable=False),
        sa.Column("occurred_at", sa.BigInteger, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_index("order_events_of_order", "order_events", ["profile", "order_uuid", "occurred_at"])
    op.create_table(
        "orders",
        sa.Column("profile", sa.String, nullable=False),
        sa.Column("order_uuid", sa.String, nullable=False),
        sa.Column("order_number", sa.String, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("replay", sa.Integer, nullable=False),
        sa.Column("heard_revision", sa.Integer, nullable=False),
        sa.Column("heard_replay", sa.Integer, nullable=False),
        sa.Column("replays", sa.Integer, nullable=False),
        sa.Column("reason_code", sa.String),
        sa.Column("reason_variant", sa.String),
        sa.Column("reason_details", sa.Text),
        sa.Column("discarded_by", sa.String),
        sa.Column("discarded_why", sa.Text),
        sa.Column("booking_id", sa.String),
        sa.Column("invoice_number", sa.String),
        sa.Column("total", sa.String),
        sa.Column("customer_number", sa.BigInteger),
        sa.Column("changed_in_shop", sa.Boolean, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("profile", "order_uuid"),
    )
    op.create_index("orders_by_number", "orders", ["profile", "order_number"])
    op.create_index("orders_by_status", "orders", ["profile", "status"])


def _create_dead_letters() -> None:
    op.create_table(
        "dead_letters",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("profile", sa.String, nullable=False),
        sa.Column("order_uuid", sa.String),
        sa.Column("order_number", sa.String),
        sa.Column("revision", sa.Integer),
        sa.Column("replay", sa.Integer),
        sa.Column("service", sa.String, nullable=False),
        sa.Column("queue", sa.String),
        sa.Column("reason_code", sa.String, nullable=False),
        sa.Column("reason_variant", sa.String),
        sa.Column("reason_details", sa.Text, nullable=False),
        sa.Column("suggestions", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("message", sa.Text),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("copy_held", sa.Boolean, nullable=False),
        sa.Column("discarded_by", sa.String),
        sa.Column("discarded_why", sa.Text),
        sa.Column("decided_at", sa.BigInteger),
        sa.Column("outgoing_queue", sa.String),
        sa.Column("outgoing_id", sa.String),
        sa.Column("outgoing_body", sa.Text),
    )
    op.create_index("dead_letters_by_state", "dead_letters", ["state", "since"])
    op.create_index("dead_letters_of_order", "dead_letters", ["profile", "order_uuid"])
    op.create_index("dead_letters_of_queue", "dead_letters", ["queue", "copy_held"])


def _create_runs_and_states() -> None:
    op.create_table(
        "import_runs",
        sa.Column("run_id", sa.String, primary_key=True),
        sa.Column("profile", sa.String, nullable=False),
        sa.Column("requested_at", sa.BigInteger),
        sa.Column("requested_by", sa.String),
        sa.Column("started_at", sa.BigInteger),
        sa.Column("finished_at", sa.BigInteger),
        sa.Column("order_uuids", sa.Text),
        sa.Column("next_order_number", sa.BigInteger),
        sa.Column("missing_numbers", sa.Text),
        sa.Column("failure_code", sa.String),
        sa.Column("failure_variant", sa.String),
        sa.Column("failure_details", sa.Text),
    )
    op.create_index("import_runs_of_profile", "import_runs", ["profile", "finished_at"])
    op.create_table(
        "profile_states",
        sa.Column("profile", sa.String, nullable=False),
        sa.Column("stage", sa.String, nullable=False),
        sa.Column("paused", sa.Boolean, nullable=False),
        sa.Column("reason_code", sa.String),
        sa.Column("reason_variant", sa.String),
        sa.Column("reason_details", sa.Text),
        sa.Column("occurred_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("profile", "stage"),
    )
    op.create_table(
        "leases",
        sa.Column("name", sa.String(200), primary_key=True),
        sa.Column("token", sa.String(36), nullable=False),
        sa.Column("held_until", sa.BigInteger, nullable=False),
    )
