"""What the page of dead letters groups, sorts and selects by: the ledger that an order waits for."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

LEDGERS_PATH = "bookings.ledgers."
LEDGER_REASONS = ("LEDGER_UNMAPPED", "LEDGER_UNFIT", "ZERO_RATE_UNMAPPED", "OSS_LEDGER_RESTRICTION")


def upgrade() -> None:
    op.add_column("dead_letters", sa.Column("ledger_field", sa.String))
    _fill_in(op.get_bind())
    op.create_index("dead_letters_of_reason", "dead_letters", ["state", "reason_code", "since", "id"])
    op.create_index("dead_letters_of_profile", "dead_letters", ["state", "profile", "since", "id"])
    op.create_index("dead_letters_of_ledger", "dead_letters", ["state", "ledger_field", "profile"])
    op.create_index("dead_letters_decided", "dead_letters", ["decided_at", "id"])


def _fill_in(connection: sa.Connection) -> None:
    letters = sa.table(
        "dead_letters",
        sa.column("id"),
        sa.column("reason_code"),
        sa.column("reason_details"),
        sa.column("ledger_field"),
    )
    about_ledgers = sa.select(letters.c.id, letters.c.reason_details).where(
        letters.c.reason_code.in_(LEDGER_REASONS)
    )
    found = [
        {"letter_id": row.id, "field": field.removeprefix(LEDGERS_PATH)}
        for row in connection.execute(about_ledgers).all()
        if (field := json.loads(row.reason_details).get("field", "")).startswith(LEDGERS_PATH)
    ]
    if found:
        connection.execute(
            sa.update(letters)
            .where(letters.c.id == sa.bindparam("letter_id"))
            .values(ledger_field=sa.bindparam("field")),
            found,
        )
