"""The stage's rows, the mirror of the relations, the claims and the answers."""

import sqlalchemy as sa
from alembic import op

from sconnect.stage.migrations import create_stage_tables_1

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_stage_tables_1()
    op.create_table(
        "leases",
        sa.Column("name", sa.String(200), primary_key=True),
        sa.Column("token", sa.String(36), nullable=False),
        sa.Column("held_until", sa.BigInteger, nullable=False),
    )
    _create_mirror()
    _create_claims()
    _create_resolutions()


def _create_mirror() -> None:
    op.create_table(
        "mirrored_administrations",
        sa.Column("administration_id", sa.String(64), primary_key=True),
        sa.Column("full_read", sa.Integer, nullable=False),
        sa.Column("read_at", sa.BigInteger),
        sa.Column("full_read_at", sa.BigInteger),
        sa.Column("card_made_on", sa.BigInteger),
    )
    op.create_table(
        "mirrored_relations",
        sa.Column("row_number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        sa.Column("administration_id", sa.String(64), nullable=False),
        sa.Column("relation_id", sa.String(64), nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("emails", sa.Text, nullable=False),
        sa.Column("postcode", sa.Text, nullable=False),
        sa.Column("vat_number", sa.Text),
        sa.Column("country_code", sa.String(2)),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("modified_on", sa.BigInteger),
        sa.Column("full_read", sa.Integer, nullable=False),
        sa.UniqueConstraint("administration_id", "relation_id", name="mirrored_relations_once"),
    )
    op.create_index("mirrored_relations_by_number", "mirrored_relations", ["administration_id", "number"])
    op.create_table(
        "mirrored_relation_keys",
        sa.Column("key", sa.BigInteger, primary_key=True),
        sa.Column(
            "relation_row",
            sa.BigInteger,
            sa.ForeignKey("mirrored_relations.row_number", ondelete="CASCADE"),
            primary_key=True,
        ),
    )
    op.create_index("mirrored_relation_keys_by_relation", "mirrored_relation_keys", ["relation_row"])


def _create_claims() -> None:
    op.create_table(
        "customer_claims",
        sa.Column("administration_id", sa.String(64), primary_key=True),
        sa.Column("key", sa.String(200), primary_key=True),
        sa.Column("profile", sa.String(64), nullable=False),
        sa.Column("order_uuid", sa.String(64), nullable=False),
        sa.Column("token", sa.String(36), nullable=False),
        sa.Column("held_until", sa.BigInteger, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("sent", sa.Text),
        sa.Column("relation_id", sa.String(64)),
        sa.Column("settled_at", sa.BigInteger),
    )
    op.create_table(
        "customer_numbers",
        sa.Column("administration_id", sa.String(64), primary_key=True),
        sa.Column("last_reserved", sa.BigInteger, nullable=False),
    )


def _create_resolutions() -> None:
    op.create_table(
        "customer_resolutions",
        sa.Column("profile", sa.String(64), primary_key=True),
        sa.Column("order_uuid", sa.String(64), primary_key=True),
        sa.Column("order_number", sa.String(64), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("replay", sa.Integer, nullable=False),
        sa.Column("administration_id", sa.String(64), nullable=False),
        sa.Column("relation_id", sa.String(64), nullable=False),
        sa.Column("customer_number", sa.BigInteger, nullable=False),
        sa.Column("origin", sa.String(20), nullable=False),
        sa.Column("explanation", sa.Text, nullable=False),
        sa.Column("vat_number", sa.Text),
        sa.Column("country_code", sa.String(2)),
        sa.Column("resolved_at", sa.BigInteger, nullable=False),
    )
    op.create_index("customer_resolutions_by_number", "customer_resolutions", ["profile", "order_number"])
