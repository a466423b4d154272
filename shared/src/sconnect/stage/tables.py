"""The tables that a stage keeps in its own database."""

from dataclasses import dataclass

from sqlalchemy import BigInteger, Boolean, Column, Integer, MetaData, String, Table, Text

from sconnect.persistence import Instant


@dataclass(frozen=True, slots=True)
class StageTables:
    order_rows: Table
    unreadable_messages: Table
    profile_health: Table


def stage_tables(metadata: MetaData) -> StageTables:
    """The stage's tables as part of a service's metadata."""
    return StageTables(
        order_rows=Table("order_rows", metadata, *order_row_columns()),
        unreadable_messages=Table("unreadable_messages", metadata, *unreadable_message_columns()),
        profile_health=Table("profile_health", metadata, *profile_health_columns()),
    )


def order_row_columns() -> tuple[Column[object], ...]:
    return (
        Column("profile", String(64), primary_key=True),
        Column("order_uuid", String(64), primary_key=True),
        Column("order_number", String(64), nullable=False),
        Column("revision", Integer, nullable=False),
        Column("replay", Integer, nullable=False),
        Column("state", String(20), nullable=False),
        Column("attempts", Integer, nullable=False),
        Column("lease_token", String(36)),
        Column("lease_until_ms", BigInteger, nullable=False),
        Column("reason_code", String(40)),
        Column("reason_variant", String(40)),
        Column("reason_details", Text),
        Column("suggestions", Text),
        Column("amendment", Text),
        Column("dead_letter_id", String(36)),
        Column("dead_letter_sent", Boolean, nullable=False),
        Column("follow_ups", Text),
        Column("follow_ups_sent", Boolean, nullable=False),
        Column("updated_at", Instant, nullable=False),
    )


def unreadable_message_columns() -> tuple[Column[object], ...]:
    return (
        Column("dead_letter_id", String(36), primary_key=True),
        Column("queue", String(120), nullable=False),
        Column("reason_code", String(40), nullable=False),
        Column("reason_variant", String(40)),
        Column("dead_letter_sent", Boolean, nullable=False),
        Column("first_seen_at", Instant, nullable=False),
    )


def profile_health_columns() -> tuple[Column[object], ...]:
    return (
        Column("profile", String(64), primary_key=True),
        Column("dead_letters_in_a_row", Integer, nullable=False),
        Column("paused_reason_code", String(40)),
        Column("paused_reason_variant", String(40)),
        Column("paused_reason_details", Text),
        Column("paused_profile_version", Integer),
        Column("paused_at", Instant),
        # While paused the next probe; after that the moment until which its waiting orders are called back.
        Column("next_probe_at_ms", BigInteger, nullable=False),
    )
