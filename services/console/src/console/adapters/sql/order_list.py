"""The list of orders: filtered, the newest first, part by part; and figures per day."""

from collections.abc import Iterator
from datetime import date

from sqlalchemy import ColumnElement, case, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from console.adapters.sql.orders import read_order
from console.adapters.sql.tables import orders
from console.domain.search import DayFigures, OrderFilter, OrderPlace, folded
from console.domain.standing import OrderRow, OrderStatus

_PLACE = (orders.c.ordered_on, orders.c.sort_number, orders.c.profile, orders.c.order_uuid)


async def search(
    connection: AsyncConnection, wanted: OrderFilter, *, after: OrderPlace | None, at_most: int
) -> list[tuple[OrderPlace, OrderRow]]:
    """Those that fit, the newest first, from the one that comes after `after`."""
    # First only what the index holds: a search that finds little reads no row in vain.
    places = select(*_PLACE).where(*_conditions(wanted)).order_by(*(column.desc() for column in _PLACE))
    if after is not None:
        key = (after.ordered_on, after.sort_number, after.profile, after.order_uuid)
        places = places.where(tuple_(*_PLACE) < tuple_(*key))
    found = places.limit(at_most).subquery()
    same = (orders.c.profile == found.c.profile) & (orders.c.order_uuid == found.c.order_uuid)
    statement = (
        select(orders).select_from(found.join(orders, same)).order_by(*(column.desc() for column in found.c))
    )
    return [
        (
            OrderPlace(
                ordered_on=row.ordered_on,
                sort_number=row.sort_number,
                profile=row.profile,
                order_uuid=row.order_uuid,
            ),
            read_order(row),
        )
        for row in (await connection.execute(statement)).all()
    ]


async def days(connection: AsyncConnection, first: date, last: date) -> list[DayFigures]:
    """Of every day with orders, the oldest first."""
    is_booked = orders.c.status == OrderStatus.BOOKED.value
    statement = (
        select(
            orders.c.ordered_on,
            func.count().label("orders"),
            func.sum(case((is_booked, 1), else_=0)).label("booked"),
            func.sum(case((is_booked, orders.c.total_cents), else_=0)).label("booked_cents"),
        )
        .where(orders.c.ordered_on.between(first.isoformat(), last.isoformat()))
        .group_by(orders.c.ordered_on)
        .order_by(orders.c.ordered_on)
    )
    return [
        DayFigures(
            day=date.fromisoformat(row.ordered_on),
            orders=row.orders,
            booked=int(row.booked),
            booked_cents=int(row.booked_cents or 0),
        )
        for row in (await connection.execute(statement)).all()
    ]


async def reason_codes(connection: AsyncConnection) -> list[str]:
    """The reasons for which any order is not in the books."""
    statement = select(orders.c.reason_code).where(orders.c.reason_code.is_not(None)).distinct()
    return sorted((await connection.scalars(statement)).all())


def _conditions(wanted: OrderFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.profile is not None:
        yield orders.c.profile == wanted.profile
    if wanted.status is not None:
        yield orders.c.status == wanted.status.value
    if wanted.reason_code is not None:
        yield orders.c.reason_code == wanted.reason_code
    if wanted.first_day is not None:
        yield orders.c.ordered_on >= wanted.first_day.isoformat()
    if wanted.last_day is not None:
        yield orders.c.ordered_on <= wanted.last_day.isoformat()
    if wanted.text is not None:
        yield orders.c.search_text.contains(f" {folded(wanted.text)}", autoescape=True)
