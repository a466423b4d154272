"""What must be true of every order when the trouble is over, read from the vendors and our own rows."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from faults.orders import KNOWN_EMAIL, PlannedOrder
from faults.world import World

ROWS = "SELECT order_uuid, state, follow_ups_sent, dead_letter_sent FROM order_rows WHERE profile = :profile"
LETTERS = (
    "SELECT order_uuid, dead_letter_id FROM order_rows WHERE profile = :profile AND state = 'dead_lettered'"
)
TOLD = "SELECT order_uuid, status FROM orders WHERE profile = :profile"


@dataclass(frozen=True)
class Verdict:
    """Empty lists are what everybody wants."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        return not (self.lost or self.doubled or self.wrong)


def is_settled(world: World, name: str, orders: Sequence[PlannedOrder]) -> bool:
    """Whether nothing is under way any more: every row is final, and no queue holds a message."""
    if not is_final(world, name, orders):
        return False
    depths = world.queue_depths()
    return depths is not None and not any(depths.values())


def is_final(world: World, name: str, orders: Sequence[PlannedOrder]) -> bool:
    rows = {row.order_uuid: row for row in world.rows("booking_writer", ROWS, profile=name)}
    return all(order.uuid in rows and _is_final(rows[order.uuid]) for order in orders)


def _is_final(row: Any) -> bool:
    if row.state == "done":
        return bool(row.follow_ups_sent)
    return row.state == "dead_lettered" and bool(row.dead_letter_sent)


def judge(world: World, verdict: Verdict) -> None:
    """All orders so far: what was doubled later on by the trouble of an earlier run is found as well."""
    for name, orders in world.orders.items():
        _judge_bookings(world, name, orders, verdict)
        _judge_letters(world, name, orders, verdict)
        _judge_relations(world, name, orders, verdict)
    verdict.wrong.extend(world.complaints)
    world.complaints.clear()


def _judge_bookings(world: World, name: str, orders: Sequence[PlannedOrder], verdict: Verdict) -> None:
    bookings = defaultdict(list)
    for booking in world.administrations[name].books.command("GET", "/bookings"):
        bookings[booking["factuurnummer"]].append(Decimal(str(booking["factuurbedrag"])))
    strangers = bookings.keys() - {order.number for order in orders}
    verdict.wrong.extend(f"a booking {number} without an order" for number in sorted(strangers))
    for order in orders:
        totals = bookings.get(order.number, [])
        if order.total is None:
            verdict.wrong.extend(f"{order.number} was booked, {total}" for total in totals)
        elif not totals:
            verdict.lost.append(f"{order.number} is not booked")
        elif len(totals) > 1:
            verdict.doubled.append(f"{order.number} is booked {len(totals)} times")
        elif totals != [order.total]:
            verdict.wrong.append(f"{order.number}: {totals[0]} in the books, {order.total} in the shop")


def _judge_letters(world: World, name: str, orders: Sequence[PlannedOrder], verdict: Verdict) -> None:
    letters = Counter(
        row.order_uuid
        for package in ("customer_resolver", "booking_writer")
        for row in world.rows(package, LETTERS, profile=name)
    )
    for order in orders:
        count = letters[order.uuid]
        if order.total is None and not count:
            verdict.lost.append(f"{order.number} has no dead letter")
        elif count > (order.total is None):
            verdict.doubled.append(f"{order.number} has {count} dead letters")


def _judge_relations(world: World, name: str, orders: Sequence[PlannedOrder], verdict: Verdict) -> None:
    relations = world.administrations[name].books.command("GET", "/relations")
    made = Counter((row.get("email") or "").lower() for row in relations)
    for email in sorted({order.email for order in orders} | {KNOWN_EMAIL}):
        if made[email] > 1:
            verdict.doubled.append(f"{email} has {made[email]} relations")
        elif not made[email]:
            verdict.lost.append(f"{email} has no relation")


def console_knows(world: World, name: str, orders: Sequence[PlannedOrder]) -> bool:
    """Whether the bookkeeper sees of every order what became of it."""
    told = {row.order_uuid: row.status for row in world.rows("console", TOLD, profile=name)}
    return all(
        told.get(order.uuid) == ("dead_lettered" if order.total is None else "booked") for order in orders
    )
