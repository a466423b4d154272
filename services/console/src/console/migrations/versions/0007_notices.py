"""What people were told outside the console, per channel."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "notices_told",
        sa.Column("channel", sa.String, nullable=False),
        sa.Column("subject", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("channel", "subject"),
    )
    op.create_table(
        "notice_channels",
        sa.Column("channel", sa.String, primary_key=True),
        sa.Column("last_sent_at", sa.BigInteger),
        sa.Column("last_count", sa.Integer, nullable=False, server_default="0"),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("next_attempt_at", sa.BigInteger),
        sa.Column("trouble_at", sa.BigInteger),
        sa.Column("trouble_key", sa.String),
        sa.Column("trouble_details", sa.Text),
    )
