"""A mirror of whole relations with their keys, claims on all of a buyer's keys, and remembered links."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    _create_mirror()
    _create_claims()
    _create_links()
    _create_updates()


def _create_mirror() -> None:
    # The mirror is a copy: it is read again, whole, before the next order.
    op.drop_table("mirrored_relation_keys")
    op.drop_table("mirrored_relations")
    op.drop_table("mirrored_administrations")
    op.create_table(
        "mirrored_administrations",
        sa.Column("administration_id", sa.String(64), primary_key=True),
        sa.Column("full_read", sa.Integer, nullable=False),
        sa.Column("read_at", sa.BigInteger),
        sa.Column("full_read_at", sa.BigInteger),
        sa.Column("card_made_on", sa.BigInteger),
        sa.Column("statistics", sa.Text),
    )
    op.create_table(
        "mirrored_relations",
        sa.Column("row_number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        sa.Column("administration_id", sa.String(64), nullable=False),
        sa.Column("relation_id", sa.String(64), nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("packed_keys", sa.LargeBinary, nullable=False),
        sa.Column("key_version", sa.Integer, nullable=False),
        sa.Column("full_read", sa.Integer, nullable=False),
        sa.UniqueConstraint("administration_id", "relation_id", name="mirrored_relations_once"),
    )
    op.create_index("mirrored_relations_by_number", "mirrored_relations", ["administration_id", "number"])
    op.create_index(
        "mirrored_relations_by_key_version", "mirrored_relations", ["administration_id", "key_version"]
    )
    op.create_table(
        "mirrored_relation_keys",
        sa.Column("key", sa.BigInteger, primary_key=True),
        sa.Column("relation_row", sa.BigInteger, primary_key=True),
        sqlite_with_rowid=False,
    )


def _create_claims() -> None:
    # A claim was one key of a buyer. What it protects shows in SnelStart itself: an open one is not carried
    # over, for the read before every new card finds the card that it may have made.
    op.drop_table("customer_claims")
    op.create_table(
        "card_claims",
        sa.Column("administration_id", sa.String(64), primary_key=True),
        sa.Column("profile", sa.String(64), primary_key=True),
        sa.Column("order_uuid", sa.String(64), primary_key=True),
        sa.Column("token", sa.String(36), nullable=False),
        sa.Column("held_until", sa.BigInteger, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("sent", sa.Text),
        sa.Column("relation_id", sa.String(64)),
        sa.Column("settled_at", sa.BigInteger),
    )
    op.create_table(
        "card_claim_keys",
        sa.Column("administration_id", sa.String(64), primary_key=True),
        sa.Column("key", sa.BigInteger, primary_key=True),
        sa.Column("profile", sa.String(64), nullable=False),
        sa.Column("order_uuid", sa.String(64), nullable=False),
    )
    op.create_index(
        "card_claim_keys_by_claim", "card_claim_keys", ["administration_id", "profile", "order_uuid"]
    )


def _create_links() -> None:
    op.create_table(
        "remembered_links",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("administration_id", sa.String(64), nullable=False),
        sa.Column("profile", sa.String(64), nullable=False),
        sa.Column("order_uuid", sa.String(64), nullable=False),
        sa.Column("order_number", sa.String(64), nullable=False),
        sa.Column("buyer", sa.Text, nullable=False),
        sa.Column("relation_id", sa.String(64), nullable=False),
        sa.Column("customer_number", sa.BigInteger, nullable=False),
        sa.Column("customer_name", sa.Text, nullable=False),
        sa.Column("decided_by", sa.Text),
        sa.Column("decided_at", sa.BigInteger, nullable=False),
        sa.Column("turned_down", sa.Text, nullable=False),
        sa.Column("key_version", sa.Integer, nullable=False),
        sa.Column("forgotten", sa.String(20)),
        sa.Column("forgotten_by", sa.Text),
        sa.Column("told", sa.Boolean, nullable=False),
    )
    op.create_index("remembered_links_untold", "remembered_links", ["told", "decided_at"])
    op.create_table(
        "remembered_link_keys",
        sa.Column("administration_id", sa.String(64), primary_key=True),
        sa.Column("key", sa.BigInteger, primary_key=True),
        sa.Column("link_id", sa.String(36), nullable=False),
    )
    op.create_index("remembered_link_keys_by_link", "remembered_link_keys", ["link_id"])


def _create_updates() -> None:
    op.create_table(
        "card_updates",
        sa.Column("administration_id", sa.String(64), primary_key=True),
        sa.Column("relation_id", sa.String(64), primary_key=True),
        sa.Column("profile", sa.String(64), nullable=False),
        sa.Column("order_uuid", sa.String(64), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("replay", sa.Integer, nullable=False),
        sa.Column("placed_at", sa.BigInteger, nullable=False),
        sa.Column("changes", sa.Text, nullable=False),
    )
    op.add_column("customer_resolutions", sa.Column("details", sa.Text))
