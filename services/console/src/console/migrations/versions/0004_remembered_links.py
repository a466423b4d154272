"""What the customer-resolver remembers of buyers."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "customer_links",
        sa.Column("link_id", sa.String, primary_key=True),
        sa.Column("profile", sa.String, nullable=False),
        sa.Column("customer_number", sa.BigInteger),
        sa.Column("customer_name", sa.Text),
        sa.Column("buyer", sa.Text),
        sa.Column("order_number", sa.String),
        sa.Column("decided_by", sa.String),
        sa.Column("decided_at", sa.BigInteger),
        sa.Column("forgotten", sa.Boolean),
    )
    op.create_index("customer_links_of_profile", "customer_links", ["profile", "decided_at"])
