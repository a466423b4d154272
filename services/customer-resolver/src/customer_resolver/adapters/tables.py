"""The service's own tables; its migrations create the same ones."""

from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
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
    numbers: Table
    resolutions: Table


def resolver_tables(metadata: MetaData) -> ResolverTables:
    return ResolverTables(
        administrations=_administrations(metadata),
        relations=_relations(metadata),
        relation_keys=_relation_keys(metadata),
        claims=_claims(metadata),
        numbers=_numbers(metadata),
        resolutions=_resolutions(metadata),
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
    )


def _relations(metadata: MetaData) -> Table:
    return Table(
        "mirrored_relations",
        metadata,
        Column("row_number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
        Column("administration_id", String(64), nullable=False),
        Column("relation_id", String(64), nullable=False),
        Column("number", BigInteger, nullable=False),
        Column("name", Text, nullable=False),
        Column("emails", Text, nullable=False),
        Column("postcode", Text, nullable=False),
        Column("vat_number", Text),
        Column("country_code", String(2)),
        Column("active", Boolean, nullable=False),
        Column("role", String(20), nullable=False),
        Column("modified_on", Instant),
        Column("full_read", Integer, nullable=False),
        UniqueConstraint("administration_id", "relation_id", name="mirrored_relations_once"),
        Index("mirrored_relations_by_number", "administration_id", "number"),
    )


def _relation_keys(metadata: MetaData) -> Table:
    """What a relation can be found by: small hashes, for there are several per relation."""
    return Table(
        "mirrored_relation_keys",
        metadata,
        Column("key", BigInteger, primary_key=True),
        Column(
            "relation_row",
            BigInteger,
            ForeignKey("mirrored_relations.row_number", ondelete="CASCADE"),
            primary_key=True,
        ),
        Index("mirrored_relation_keys_by_relation", "relation_row"),
    )


def _claims(metadata: MetaData) -> Table:
    return Table(
        "customer_claims",
        metadata,
        Column("administration_id", String(64), primary_key=True),
        Column("key", String(200), primary_key=True),
        Column("profile", String(64), nullable=False),
        Column("order_uuid", String(64), nullable=False),
        Column("token", String(36), nullable=False),
        Column("held_until", Instant, nullable=False),
        Column("number", BigInteger, nullable=False),
        Column("sent", Text),
        Column("relation_id", String(64)),
        Column("settled_at", Instant),
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
        Column("resolved_at", Instant, nullable=False),
        Index("customer_resolutions_by_number", "profile", "order_number"),
    )
