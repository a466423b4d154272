"""What is wrong with the ledgers of a profile."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "ledger_findings",
        sa.Column("profile", sa.String, primary_key=True),
        sa.Column("profile_version", sa.Integer, nullable=False),
        sa.Column("findings", sa.Text, nullable=False),
        sa.Column("occurred_at", sa.BigInteger, nullable=False),
    )
