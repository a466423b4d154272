"""The migrations of the stage's tables, for the `versions/` of a service."""

from alembic import op

from sconnect.stage.tables import order_row_columns, profile_health_columns, unreadable_message_columns


def create_stage_tables_1() -> None:
    """The first migration of these tables; never changed afterwards."""
    op.create_table("order_rows", *order_row_columns())
    op.create_table("unreadable_messages", *unreadable_message_columns())
    op.create_table("profile_health", *profile_health_columns())
