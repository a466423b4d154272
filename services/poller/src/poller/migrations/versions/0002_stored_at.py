"""When an order was stored last, so that it can be forgotten when it was kept long enough."""

import sqlalchemy as sa
from alembic import op

from sconnect.persistence import database_now_ms

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("seen_orders", sa.Column("stored_at", sa.BigInteger))
    table = sa.table("seen_orders", sa.column("stored_at", sa.BigInteger))
    # Of orders from before nobody knows when: their time begins now.
    op.execute(table.update().values(stored_at=database_now_ms()))
