"""Remembered links; every function runs in the caller's transaction."""

from typing import Any

from sqlalchemy import Row, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from console.adapters.sql.tables import customer_links
from console.domain.links import LinkPlace, RememberedLink
from sconnect.contracts import CustomerLinkForgotten, CustomerLinkRemembered, Message
from sconnect.persistence import upsert


async def note(connection: AsyncConnection, message: Message) -> None:
    """A forgotten link leaves its id behind: what was remembered may be heard of after it."""
    match message:
        case CustomerLinkRemembered():
            values = {
                "profile": message.profile,
                "customer_number": message.customer_number,
                "customer_name": message.customer_name,
                "buyer": message.buyer,
                "order_number": message.order_number,
                "decided_by": message.decided_by,
                "decided_at": message.decided_at,
            }
            await connection.execute(upsert(customer_links, ["link_id"], link_id=message.link_id, **values))
        case CustomerLinkForgotten():
            await connection.execute(
                upsert(
                    customer_links,
                    ["link_id"],
                    link_id=message.link_id,
                    profile=message.profile,
                    forgotten=True,
                    customer_name=None,
                    buyer=None,
                )
            )
        case _:
            pass


async def part(
    connection: AsyncConnection, profile: str, *, after: LinkPlace | None, at_most: int
) -> list[RememberedLink]:
    table = customer_links
    place = (table.c.decided_at, table.c.link_id)
    statement = select(table).where(table.c.profile == profile, table.c.forgotten.is_(None))
    if after is not None:
        earlier = or_(table.c.decided_at < after.at, table.c.link_id < after.link_id)
        statement = statement.where(table.c.decided_at <= after.at, earlier)
    statement = statement.order_by(*(column.desc() for column in place)).limit(at_most)
    return [_link(row) for row in (await connection.execute(statement)).all()]


async def find(connection: AsyncConnection, link_id: str) -> RememberedLink | None:
    table = customer_links
    statement = select(table).where(table.c.link_id == link_id, table.c.forgotten.is_(None))
    row = (await connection.execute(statement)).one_or_none()
    return None if row is None else _link(row)


def _link(row: Row[Any]) -> RememberedLink:
    return RememberedLink(
        id=row.link_id,
        profile=row.profile,
        customer_number=row.customer_number,
        customer_name=row.customer_name,
        buyer=row.buyer,
        order_number=row.order_number,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
    )
