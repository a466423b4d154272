"""What was told about the ledgers of a profile."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "ledger_findings",
        sa.Column("profile", sa.String(64), primary_key=True),
        sa.Column("profile_version", sa.Integer, nullable=False),
        sa.Column("findings", sa.Text, nullable=False),
    )
