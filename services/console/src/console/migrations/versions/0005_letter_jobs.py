"""Replays and discards of many dead letters at once."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "letter_jobs",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("selection", sa.Text, nullable=False),
        sa.Column("way", sa.String, nullable=False),
        sa.Column("decision_kind", sa.String),
        sa.Column("decision_value", sa.String),
        sa.Column("why", sa.Text),
        sa.Column("requested_by", sa.String, nullable=False),
        sa.Column("requested_at", sa.BigInteger, nullable=False),
        sa.Column("finished_at", sa.BigInteger),
    )
    op.create_index("letter_jobs_open", "letter_jobs", ["finished_at", "requested_at"])
    op.create_table(
        "letter_job_items",
        sa.Column("job_id", sa.String, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("letter_id", sa.String, nullable=False),
        sa.Column("order_number", sa.String),
        sa.Column("outcome", sa.String, nullable=False),
        sa.Column("trouble_key", sa.String),
        sa.Column("trouble_details", sa.Text),
        sa.PrimaryKeyConstraint("job_id", "position"),
    )
    op.create_index("letter_job_items_by_outcome", "letter_job_items", ["job_id", "outcome", "position"])
