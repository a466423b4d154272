"""The stage's rows, and the bookings that were sent."""

import sqlalchemy as sa
from alembic import op

from sconnect.stage.migrations import create_stage_tables_1

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_stage_tables_1()
    op.create_table(
        "bookings",
        sa.Column("profile", sa.String(64), primary_key=True),
        sa.Column("order_uuid", sa.String(64), primary_key=True),
        sa.Column("order_number", sa.String(64), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("administration_id", sa.String(64), nullable=False),
        sa.Column("invoice_number", sa.String(25), nullable=False),
        sa.Column("total", sa.String(20), nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("fingerprints", sa.Text, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("posting_since", sa.BigInteger, nullable=False),
        sa.Column("booking_id", sa.String(36)),
        sa.Column("booked_at", sa.BigInteger),
        sa.UniqueConstraint("administration_id", "invoice_number", name="bookings_invoice_number_once"),
    )
