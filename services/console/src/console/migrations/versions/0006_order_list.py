"""What the list of orders shows, sorts and searches by; filled in from the events that are there already."""

import json
import unicodedata
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

ROWS_AT_ONCE = 1000


def upgrade() -> None:
    for column in (
        sa.Column("ordered_on", sa.String, nullable=False, server_default=""),
        sa.Column("sort_number", sa.String, nullable=False, server_default=""),
        sa.Column("buyer_name", sa.String),
        sa.Column("search_text", sa.String, nullable=False, server_default=""),
        sa.Column("total_cents", sa.BigInteger),
    ):
        op.add_column("orders", column)
    _fill_in(op.get_bind())
    op.create_index(
        "orders_newest", "orders", ["ordered_on", "sort_number", "profile", "order_uuid", "search_text"]
    )
    for what, filtered in (("status", "status"), ("reason", "reason_code")):
        key = [filtered, "ordered_on", "sort_number", "profile", "order_uuid"]
        op.create_index(f"orders_newest_of_{what}", "orders", key)
    op.create_index(
        "orders_newest_of_profile", "orders", ["profile", "ordered_on", "sort_number", "order_uuid"]
    )
    op.create_index("orders_by_day", "orders", ["ordered_on", "status", "total_cents"])


def _fill_in(connection: sa.Connection) -> None:
    orders = connection.execute(
        sa.text("SELECT profile, order_uuid, order_number, invoice_number, total FROM orders")
    ).all()
    for start in range(0, len(orders), ROWS_AT_ONCE):
        rows = [_row(connection, order) for order in orders[start : start + ROWS_AT_ONCE]]
        connection.execute(
            sa.text(
                "UPDATE orders SET ordered_on = :ordered_on, sort_number = :sort_number,"
                " buyer_name = :buyer_name, search_text = :search_text, total_cents = :total_cents"
                " WHERE profile = :profile AND order_uuid = :order_uuid"
            ),
            rows,
        )


def _row(connection: sa.Connection, order: Any) -> dict[str, Any]:
    key = {"profile": order.profile, "order_uuid": order.order_uuid}
    bodies = connection.scalars(
        sa.text(
            "SELECT body FROM order_events WHERE profile = :profile AND order_uuid = :order_uuid"
            " ORDER BY occurred_at"
        ),
        key,
    ).all()
    events = [json.loads(body) for body in bodies]
    read = [event["order"] for event in events if "placed_on" in (event.get("order") or {})]
    buyer = read[-1]["buyer"]["invoice"] if read else {}
    name = " ".join(part for part in (buyer.get("company"), buyer.get("name")) if part) or None
    number = order.order_number
    return key | {
        "ordered_on": read[-1]["placed_on"] if read else events[0]["occurred_at"][:10],
        "sort_number": number.zfill(20) if number.isdecimal() else f"~{number}",
        "buyer_name": name,
        "search_text": _search_text(number, order.invoice_number, name),
        "total_cents": None if order.total is None else int(Decimal(order.total) * 100),
    }


def _search_text(*parts: str | None) -> str:
    plain = unicodedata.normalize("NFKD", " ".join(part for part in parts if part))
    kept = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return (" " + " ".join(kept.casefold().split()))[:200]
