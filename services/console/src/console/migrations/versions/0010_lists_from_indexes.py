"""Every list finds, sorts and searches in an index: of a profile and a status, of a reason and a profile.

What waits is counted from an index alone, and what was put away is listed from one.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

PLACE = ["ordered_on", "sort_number"]


def upgrade() -> None:
    for what, column in (("profile", ["profile"]), ("status", ["status"])):
        # Anew, with the text in it: a search that finds little reads no row in vain.
        op.drop_index(f"orders_newest_of_{what}", "orders")
        rest = ["order_uuid"] if what == "profile" else ["profile", "order_uuid"]
        op.create_index(f"orders_newest_of_{what}", "orders", [*column, *PLACE, *rest, "search_text"])
    op.create_index(
        "orders_newest_of_profile_and_status",
        "orders",
        ["profile", "status", *PLACE, "order_uuid", "search_text"],
    )
    has_a_reason = sa.text("reason_code IS NOT NULL")
    op.create_index(
        "orders_newest_of_reason_and_profile",
        "orders",
        ["reason_code", "profile", *PLACE, "order_uuid"],
        sqlite_where=has_a_reason,
        postgresql_where=has_a_reason,
    )
    of_reason_and_profile = ["state", "reason_code", "profile", "since", "id", "queue"]
    op.create_index("dead_letters_of_reason_and_profile", "dead_letters", of_reason_and_profile)
    op.create_index("dead_letters_put_away", "dead_letters", ["state", "decided_at", "id"])
