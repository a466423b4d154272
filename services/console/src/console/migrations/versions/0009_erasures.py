"""Who asked that somebody be forgotten, and what was; never who that somebody is."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "erasures",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("requested_by", sa.String, nullable=False),
        sa.Column("requested_at", sa.BigInteger, nullable=False),
        sa.Column("orders_kept", sa.Integer, nullable=False),
        sa.Column("orders_unfinished", sa.Integer, nullable=False),
        sa.Column("answered_at", sa.BigInteger),
        sa.Column("erased", sa.Text),
        sa.Column("under_way", sa.Integer),
        sa.Column("customer_numbers", sa.Text),
    )
