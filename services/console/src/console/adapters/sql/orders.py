"""Orders and the events they are concluded from; every function runs in the caller's transaction."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from console.adapters.sql.reasons import read_reason, reason_values
from console.adapters.sql.tables import order_events, orders
from console.domain.search import search_text, sort_number
from console.domain.standing import (
    UNFINISHED,
    Booking,
    Discard,
    OrderRow,
    OrderStatus,
    Standing,
    conclude,
)
from console.handlers.news import news_of
from sconnect.contracts import Message, OrderKey, decode, encode
from sconnect.metrics import UnfinishedOrders
from sconnect.persistence import insert_if_absent

UUIDS_PER_STATEMENT_MAX = 500
CENTS_PER_EURO = 100


async def record(connection: AsyncConnection, message: Message, order: OrderKey) -> Standing:
    """Add an event to its order's trail and conclude the order's row anew from the whole trail."""
    profile, uuid = message.profile, order.uuid
    standing = _conclude([message])
    row = {"profile": profile, "order_uuid": uuid, **row_values(standing)}
    is_new = (await connection.execute(_INSERT_ORDER, row)).rowcount == 1
    if not is_new and connection.dialect.name == "postgresql":
        # Two events of one order at once: the second must conclude from the first one's event too.
        # SQLite writes one transaction after the other anyway.
        await connection.execute(select(orders.c.order_uuid).where(_key(profile, uuid)).with_for_update())
    await connection.execute(_UPSERT_EVENT, _event_values(message, uuid))
    if is_new:
        return standing
    standing = _conclude(await trail(connection, profile, uuid))
    await connection.execute(_UPDATE_ORDER, _new_values(profile, uuid, standing))
    return standing


async def record_many(connection: AsyncConnection, told: Sequence[tuple[Message, OrderKey]]) -> None:
    """`record` for one event each of many orders that are known, in a few statements for all."""
    by_profile: dict[str, list[str]] = {}
    for message, order in told:
        by_profile.setdefault(message.profile, []).append(order.uuid)
    trails: dict[tuple[str, str], list[Message]] = {}
    for profile, uuids in by_profile.items():
        trails |= await _trails(connection, profile, uuids)
    await connection.execute(_UPSERT_EVENT, [_event_values(message, order.uuid) for message, order in told])
    await connection.execute(
        _UPDATE_ORDER,
        [
            _new_values(
                message.profile,
                order.uuid,
                _conclude([*trails.get((message.profile, order.uuid), []), message]),
            )
            for message, order in told
        ],
    )


async def _trails(
    connection: AsyncConnection, profile: str, uuids: Sequence[str]
) -> dict[tuple[str, str], list[Message]]:
    """The trails of at most UUIDS_PER_STATEMENT_MAX orders, whose rows the caller has locked."""
    statement = select(order_events.c.order_uuid, order_events.c.body).where(
        order_events.c.profile == profile, order_events.c.order_uuid.in_(uuids)
    )
    found: dict[tuple[str, str], list[Message]] = {}
    for uuid, body in (await connection.execute(statement)).all():
        found.setdefault((profile, uuid), []).append(decode(body.encode()))
    return found


async def trail(connection: AsyncConnection, profile: str, uuid: str) -> list[Message]:
    bodies = await connection.scalars(_TRAIL, {"of_profile": profile, "of_order": uuid})
    return [decode(body.encode()) for body in bodies.all()]


async def uuids_of_profile(connection: AsyncConnection, profile: str) -> list[str]:
    """Of all orders of a profile, by number."""
    number = orders.c.order_number
    statement = (
        select(orders.c.order_uuid)
        .where(orders.c.profile == profile)
        .order_by(func.length(number), number, orders.c.order_uuid)
    )
    return list((await connection.scalars(statement)).all())


async def by_number(connection: AsyncConnection, profile: str, number: str) -> OrderRow | None:
    """The order of that number; of several (a shop that was set up anew) the one last heard of."""
    statement = (
        select(orders)
        .where(orders.c.profile == profile, orders.c.order_number == number)
        .order_by(orders.c.updated_at.desc())
        .limit(1)
    )
    return next(iter(await _rows(connection, statement)), None)


async def by_uuids(connection: AsyncConnection, profile: str, uuids: Sequence[str]) -> list[OrderRow]:
    """Those that are known, in the order asked for."""
    found: dict[str, OrderRow] = {}
    for start in range(0, len(uuids), UUIDS_PER_STATEMENT_MAX):
        part = uuids[start : start + UUIDS_PER_STATEMENT_MAX]
        statement = select(orders).where(orders.c.profile == profile, orders.c.order_uuid.in_(part))
        found |= {row.order_uuid: row for row in await _rows(connection, statement)}
    return [found[uuid] for uuid in uuids if uuid in found]


async def status_counts(connection: AsyncConnection) -> dict[str, dict[OrderStatus, int]]:
    """By profile and status, the number of orders."""
    statement = select(orders.c.profile, orders.c.status, func.count()).group_by(
        orders.c.profile, orders.c.status
    )
    counts: dict[str, dict[OrderStatus, int]] = {}
    for profile, status, count in (await connection.execute(statement)).all():
        counts.setdefault(profile, {})[OrderStatus(status)] = count
    return counts


async def unfinished(connection: AsyncConnection) -> list[UnfinishedOrders]:
    """By status and reason; an order counts from the first that was told about it."""
    first_told = (
        select(func.min(order_events.c.occurred_at))
        .where(order_events.c.profile == orders.c.profile, order_events.c.order_uuid == orders.c.order_uuid)
        .scalar_subquery()
    )
    each = (
        select(orders.c.status, orders.c.reason_code, first_told.label("since"))
        .where(orders.c.status.in_([status.value for status in UNFINISHED]))
        .subquery()
    )
    statement = select(
        each.c.status, each.c.reason_code, func.count().label("number"), func.min(each.c.since).label("since")
    ).group_by(each.c.status, each.c.reason_code)
    return [
        UnfinishedOrders(
            status=row.status, reason_code=row.reason_code, count=row.number, oldest_since=row.since
        )
        for row in (await connection.execute(statement)).all()
    ]


def _conclude(messages: list[Message]) -> Standing:
    return conclude(news for message in messages if (news := news_of(message)) is not None)


def _event_values(message: Message, uuid: str) -> dict[str, Any]:
    return {
        "id": message.id,
        "profile": message.profile,
        "order_uuid": uuid,
        "type": message.type,
        "occurred_at": message.occurred_at,
        "body": encode(message).decode(),
    }


def _upsert_event() -> Any:
    statement = insert(order_events)
    # A repeat changes nothing; the same thing told anew at a later moment replaces the earlier telling.
    return statement.on_conflict_do_update(
        index_elements=["id"],
        set_={"occurred_at": statement.excluded.occurred_at, "body": statement.excluded.body},
        where=statement.excluded.occurred_at > order_events.c.occurred_at,
    )


def _key(profile: str, uuid: str) -> ColumnElement[bool]:
    return (orders.c.profile == profile) & (orders.c.order_uuid == uuid)


async def _rows(connection: AsyncConnection, statement: Select[Any]) -> list[OrderRow]:
    return [read_order(row) for row in (await connection.execute(statement)).all()]


def row_values(standing: Standing) -> dict[str, Any]:
    booking, discard = standing.booking, standing.discard
    return {
        "order_number": standing.order_number,
        "status": standing.status.value,
        "revision": standing.version[0],
        "replay": standing.version[1],
        "heard_revision": standing.heard[0],
        "heard_replay": standing.heard[1],
        "replays": standing.replays,
        **reason_values(standing.reason),
        "discarded_by": discard.by if discard else None,
        "discarded_why": discard.why if discard else None,
        "booking_id": booking.booking_id if booking else None,
        "invoice_number": booking.invoice_number if booking else None,
        "total": standing.total,
        "customer_number": standing.customer_number,
        "changed_in_shop": standing.changed_in_shop,
        "updated_at": standing.updated_at,
        "ordered_on": standing.ordered_on.isoformat(),
        "sort_number": sort_number(standing.order_number),
        "buyer_name": standing.buyer_name,
        "search_text": search_text(
            standing.order_number, booking.invoice_number if booking else None, standing.buyer_name
        ),
        "total_cents": None if standing.total is None else int(Decimal(standing.total) * CENTS_PER_EURO),
    }


def _new_values(profile: str, uuid: str, standing: Standing) -> dict[str, Any]:
    changes = {f"new_{name}": value for name, value in row_values(standing).items()}
    return {"of_profile": profile, "of_order": uuid, **changes}


def read_order(row: Row[Any]) -> OrderRow:
    booking = None
    if row.booking_id is not None:
        booking = Booking(
            booking_id=row.booking_id,
            invoice_number=row.invoice_number,
            total=row.total,
            customer_number=row.customer_number,
        )
    standing = Standing(
        order_number=row.order_number,
        status=OrderStatus(row.status),
        version=(row.revision, row.replay),
        heard=(row.heard_revision, row.heard_replay),
        replays=row.replays,
        ordered_on=date.fromisoformat(row.ordered_on),
        buyer_name=row.buyer_name,
        updated_at=row.updated_at,
        reason=read_reason(row),
        discard=Discard(by=row.discarded_by, why=row.discarded_why) if row.discarded_by else None,
        booking=booking,
        total=row.total,
        customer_number=row.customer_number,
        changed_in_shop=row.changed_in_shop,
    )
    return OrderRow(profile=row.profile, order_uuid=row.order_uuid, standing=standing)


# Made once: every event needs them.
_INSERT_ORDER = insert_if_absent(orders)
_UPSERT_EVENT = _upsert_event()
_TRAIL = (
    select(order_events.c.body)
    .where(
        order_events.c.profile == bindparam("of_profile"), order_events.c.order_uuid == bindparam("of_order")
    )
    .order_by(order_events.c.occurred_at, order_events.c.id)
)
_UPDATE_ORDER = (
    update(orders)
    .where(orders.c.profile == bindparam("of_profile"), orders.c.order_uuid == bindparam("of_order"))
    .values(
        {
            column.name: bindparam(f"new_{column.name}")
            for column in orders.c
            if column.name not in ("profile", "order_uuid")
        }
    )
)
