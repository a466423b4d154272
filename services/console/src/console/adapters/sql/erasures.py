"""Wishes to be forgotten, and which trails hold a person's data; each runs in the caller's transaction."""

import json

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from console.adapters.sql.tables import erasures, order_events, orders
from console.domain.privacy import Erasure, KeptOrders
from console.domain.standing import UNFINISHED
from sconnect.contracts import Message, PersonErased


async def kept_orders(connection: AsyncConnection, email: str) -> KeptOrders:
    """Orders with this address as a value in their trail. Reads all trails: it is asked seldom."""
    # With its quotes: the end of another address is not this one.
    value = json.dumps(email.strip().lower(), ensure_ascii=False)
    holds = func.lower(order_events.c.body).contains(value, autoescape=True)
    theirs = select(order_events.c.profile, order_events.c.order_uuid).where(holds).distinct().subquery()
    same = (orders.c.profile == theirs.c.profile) & (orders.c.order_uuid == theirs.c.order_uuid)
    statement = select(orders.c.status, func.count()).select_from(theirs.join(orders, same))
    counts = (await connection.execute(statement.group_by(orders.c.status))).all()
    unfinished = {status.value for status in UNFINISHED}
    return KeptOrders(
        count=sum(count for _, count in counts),
        unfinished=sum(count for status, count in counts if status in unfinished),
    )


async def request(connection: AsyncConnection, erasure: Erasure) -> None:
    values = {
        "id": erasure.id,
        "requested_by": erasure.requested_by,
        "requested_at": erasure.requested_at,
        "orders_kept": erasure.kept.count,
        "orders_unfinished": erasure.kept.unfinished,
    }
    await connection.execute(insert(erasures).values(**values))


async def note(connection: AsyncConnection, message: Message) -> None:
    if not isinstance(message, PersonErased):
        return
    await connection.execute(
        update(erasures)
        .where(erasures.c.id == message.erasure_id, erasures.c.answered_at.is_(None))
        .values(
            answered_at=message.occurred_at,
            erased=json.dumps(message.erased),
            under_way=message.under_way,
            customer_numbers=json.dumps(message.customer_numbers),
        )
    )


async def find(connection: AsyncConnection, erasure_id: str) -> Erasure | None:
    row = (await connection.execute(select(erasures).where(erasures.c.id == erasure_id))).one_or_none()
    if row is None:
        return None
    return Erasure(
        id=row.id,
        requested_by=row.requested_by,
        requested_at=row.requested_at,
        kept=KeptOrders(count=row.orders_kept, unfinished=row.orders_unfinished),
        answered_at=row.answered_at,
        erased=json.loads(row.erased or "{}"),
        under_way=row.under_way or 0,
        customer_numbers=tuple(json.loads(row.customer_numbers or "[]")),
    )
