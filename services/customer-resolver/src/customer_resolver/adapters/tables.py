"""The service's own tables; its migrations create the same ones."""

from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from sconnect.persistence import Instant


@dataclass(frozen=True, slots=True)
class ResolverTables:
    administrations: Table
    relations: Table
    relation_keys: Table
    claims: Table
    claim_keys: Table
    numbers: Table
    resolutions: Table
    card_updates: Table
    links: Table
    link_keys: Table


def resolver_tables(metadata: MetaData) -> ResolverTables:
    return ResolverTables(
        administrations=_administrations(metadata),
        relations=_relations(metadata),
        relation_keys=_relation_keys(metadata),
        claims=_claims(metadata),
        claim_keys=_claim_keys(metadata),
        numbers=_numbers(metadata),
        resolutions=_resolutions(metadata),
        card_updates=_card_updates(metadata),
        links=_links(metadata),
        link_keys=_link_keys(metadata),
    )


def _administrations(metadata: MetaData) -> Table:
    return Table(
        "mirrored_administrations",
        metadata,
        Column("administration_id", String(64), primary_key=True),
        Column("full_read", Integer, nullable=False),
        Column("read_at", Instant),
        Column("full_read_at", Instant),
        Column("card_made_on", Instant),
        Column("statistics", Text),
    )


def _relations(metadata: MetaData) -> Table:
    """`content` is the whole relation; `packed_keys` repeats what it has in the key table."""
    return Table(
        "mirrored_relations",
        metadata,
        Column("row_number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
        Column("administration_id", String(64), nullable=False),
        Column("relation_id", String(64), nullable=False),
        Column("number", BigInteger, nullable=False),
        Column("active", Boolean, nullable=False),
        Column("content", Text, nullable=False),
        Column("packed_keys", LargeBinary, nullable=False),
        Column("key_version", Integer, nullable=False),
        Column("full_read", Integer, nullable=False),
        UniqueConstraint("administration_id", "relation_id", name="mirrored_relations_once"),
        Index("mirrored_relations_by_number", "administration_id", "number"),
        Index("mirrored_relations_by_key_version", "administration_id", "key_version"),
    )


def _relation_keys(metadata: MetaData) -> Table:
    """What a relation can be found by: small hashes, for there are several per relation."""
    return Table(
        "mirrored_relation_keys",
        metadata,
        Column("key", BigInteger, primary_key=True),
        Column("relation_row", BigInteger, primary_key=True),
        sqlite_with_rowid=False,
    )


def _claims(metadata: MetaData) -> Table:
    """One row per order that a card is, or was, made for."""
    return Table(
        "card_claims",
        metadata,
        Column("administration_id", String(64), primary_key=True),
        Column("profile", String(64), primary_key=True),
        Column("order_uuid", String(64), primary_key=True),
        Column("token", String(36), nullable=False),
        Column("held_until", Instant, nullable=False),
        Column("number", BigInteger, nullable=False),
        Column("sent", Text),
        Column("relation_id", String(64)),
        Column("settled_at", Instant),
    )


def _claim_keys(metadata: MetaData) -> Table:
    """What the buyer of an open claim could be found by: each key belongs to one claim at a time."""
    return Table(
        "card_claim_keys",
        metadata,
        Column("administration_id", String(64), primary_key=True),
        Column("key", BigInteger, primary_key=True),
        Column("profile", String(64), nullable=False),
        Column("order_uuid", String(64), nullable=False),
        Index("card_claim_keys_by_claim", "administration_id", "profile", "order_uuid"),
    )


def _numbers(metadata: MetaData) -> Table:
    return Table(
        "customer_numbers",
        metadata,
        Column("administration_id", String(64), primary_key=True),
        Column("last_reserved", BigInteger, nullable=False),
    )


def _resolutions(metadata: MetaData) -> Table:
    return Table(
        "customer_resolutions",
        metadata,
        Column("profile", String(64), primary_key=True),
        Column("order_uuid", String(64), primary_key=True),
        Column("order_number", String(64), nullable=False),
        Column("revision", Integer, nullable=False),
        Column("replay", Integer, nullable=False),
        Column("administration_id", String(64), nullable=False),
        Column("relation_id", String(64), nullable=False),
        Column("customer_number", BigInteger, nullable=False),
        Column("origin", String(20), nullable=False),
        Column("explanation", Text, nullable=False),
        Column("vat_number", Text),
        Column("country_code", String(2)),
        Column("details", Text),
        Column("resolved_at", Instant, nullable=False),
        Index("customer_resolutions_by_number", "profile", "order_number"),
    )


def _links(metadata: MetaData) -> Table:
    """`forgotten` is why, for a link that is only kept until that is told."""
    return Table(
        "remembered_links",
        metadata,
        Column("id", String(36), primary_key=True),
        Column("administration_id", String(64), nullable=False),
        Column("profile", String(64), nullable=False),
        Column("order_uuid", String(64), nullable=False),
        Column("order_number", String(64), nullable=False),
        Column("buyer", Text, nullable=False),
        Column("relation_id", String(64), nullable=False),
        Column("customer_number", BigInteger, nullable=False),
        Column("customer_name", Text, nullable=False),
        Column("decided_by", Text),
        Column("decided_at", Instant, nullable=False),
        Column("turned_down", Text, nullable=False),
        Column("key_version", Integer, nullable=False),
        Column("forgotten", String(20)),
        Column("forgotten_by", Text),
        Column("told", Boolean, nullable=False),
        Index("remembered_links_untold", "told", "decided_at"),
    )


def _link_keys(metadata: MetaData) -> Table:
    return Table(
        "remembered_link_keys",
        metadata,
        Column("administration_id", String(64), primary_key=True),
        Column("key", BigInteger, primary_key=True),
        Column("link_id", String(36), nullable=False),
        Index("remembered_link_keys_by_link", "link_id"),
    )


def _card_updates(metadata: MetaData) -> Table:
    return Table(
        "card_updates",
        metadata,
        Column("administration_id", String(64), primary_key=True),
        Column("relation_id", String(64), primary_key=True),
        Column("profile", String(64), nullable=False),
        Column("order_uuid", String(64), nullable=False),
        Column("revision", Integer, nullable=False),
        Column("replay", Integer, nullable=False),
        Column("placed_at", Instant, nullable=False),
        Column("changes", Text, nullable=False),
    )
