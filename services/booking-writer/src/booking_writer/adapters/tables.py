"""The service's own tables; its migrations create the same ones."""

from sqlalchemy import Column, Integer, MetaData, String, Table, Text, UniqueConstraint

from sconnect.persistence import Instant


def bookings_table(metadata: MetaData) -> Table:
    """Bookings that were sent to SnelStart, by the order they are of."""
    return Table(
        "bookings",
        metadata,
        Column("profile", String(64), primary_key=True),
        Column("order_uuid", String(64), primary_key=True),
        Column("order_number", String(64), nullable=False),
        Column("revision", Integer, nullable=False),
        Column("administration_id", String(64), nullable=False),
        Column("invoice_number", String(25), nullable=False),
        Column("total", String(20), nullable=False),
        Column("payload", Text, nullable=False),
        Column("fingerprints", Text, nullable=False),
        Column("state", String(20), nullable=False),
        Column("posting_since", Instant, nullable=False),
        Column("booking_id", String(36)),
        Column("booked_at", Instant),
        UniqueConstraint("administration_id", "invoice_number", name="bookings_invoice_number_once"),
    )


def ledger_findings_table(metadata: MetaData) -> Table:
    """What stops orders according to the last look at a profile's ledgers, as JSON."""
    return Table(
        "ledger_findings",
        metadata,
        Column("profile", String(64), primary_key=True),
        Column("profile_version", Integer, nullable=False),
        Column("findings", Text, nullable=False),
    )
