"""The calls granted per administration."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "call_allowances",
        sa.Column("administration_id", sa.String(100), primary_key=True),
        sa.Column("account", sa.Text, nullable=False),
    )
