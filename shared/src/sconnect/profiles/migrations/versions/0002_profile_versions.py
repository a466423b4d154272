"""Every version of a profile, without its keys."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "profile_versions",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("changed_keys", sa.Text, nullable=False),
        sa.Column("administration_id", sa.String(64), nullable=False),
        sa.Column("administration_name", sa.Text, nullable=False),
        sa.Column("saved_at", sa.BigInteger, nullable=False),
        sa.Column("saved_by", sa.Text, nullable=False),
    )
    # Of what was saved before, the newest version is all that is known.
    op.execute(
        "INSERT INTO profile_versions (name, version, document, changed_keys, administration_id,"
        " administration_name, saved_at, saved_by)"
        " SELECT name, version, document, '[]', administration_id, administration_name, saved_at, saved_by"
        " FROM profiles WHERE document IS NOT NULL"
    )
