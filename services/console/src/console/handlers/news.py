"""Reads the messages about orders as news about where they stand."""

from collections.abc import Callable
from types import MappingProxyType
from typing import Any

from console.domain.standing import Booking, Discard, OrderNews, Stage, Step, ToldReason
from sconnect.contracts import (
    DeadLetterDiscarded,
    Message,
    Mode,
    OrderChanged,
    OrderDeadLettered,
    OrderReplayRequested,
    OrderSkipped,
    OrderWaiting,
    SalesBookingWritten,
    SalesOrder,
    SalesOrderCustomerResolved,
    SalesOrderReceived,
    WireReason,
)
from sconnect.contracts.build import order_key_of

_STAGES = MappingProxyType(
    {"poller": Stage.POLLER, "customer-resolver": Stage.RESOLVER, "booking-writer": Stage.WRITER}
)


def news_of(message: Message) -> OrderNews | None:
    """The news in a message; None when it is about no order, or about a preview, which leaves no trace."""
    order = order_key_of(message)
    read = _READERS.get(type(message))
    if order is None or read is None or message.mode is not Mode.LIVE:
        return None
    return OrderNews(
        id=message.id,
        occurred_at=message.occurred_at,
        order_number=order.number,
        revision=order.revision,
        replay=message.replay,
        **read(message),
    )


def told_reason(reason: WireReason) -> ToldReason:
    return ToldReason(code=reason.code, variant=reason.variant, details=reason.details)


def _received(message: SalesOrderReceived) -> dict[str, Any]:
    return {"step": Step.RECEIVED, "stage": Stage.POLLER, **_of_the_shop(message.order)}


def _resolved(message: SalesOrderCustomerResolved) -> dict[str, Any]:
    return {
        "step": Step.RESOLVED,
        "stage": Stage.RESOLVER,
        **_of_the_shop(message.order),
        "customer_number": message.customer.number,
    }


def _of_the_shop(order: SalesOrder) -> dict[str, Any]:
    buyer = order.buyer.invoice
    return {
        "shop_total": order.total,
        "placed_on": order.placed_on,
        "buyer_name": " ".join(name for name in (buyer.company, buyer.name) if name) or None,
    }


def _booked(message: SalesBookingWritten) -> dict[str, Any]:
    booking = Booking(
        booking_id=message.booking_id,
        invoice_number=message.invoice_number,
        total=message.total,
        customer_number=message.customer_number,
    )
    return {"step": Step.BOOKED, "stage": Stage.WRITER, "booking": booking}


def _waiting(message: OrderWaiting) -> dict[str, Any]:
    return {
        "step": Step.WAITING,
        "stage": _STAGES[message.stage],
        "attempt": message.attempt,
        "reason": told_reason(message.reason),
    }


def _skipped(message: OrderSkipped) -> dict[str, Any]:
    return {
        "step": Step.SKIPPED,
        "stage": _STAGES[message.stage],
        "reason": told_reason(message.reason),
    }


def _changed(message: OrderChanged) -> dict[str, Any]:
    return {"step": Step.CHANGED, "stage": _STAGES[message.stage]}


def _dead_lettered(message: OrderDeadLettered) -> dict[str, Any]:
    return {
        "step": Step.DEAD_LETTERED,
        "stage": _STAGES[message.stage],
        "reason": told_reason(message.reason),
        "dead_letter_id": message.dead_letter_id,
    }


def _discarded(message: DeadLetterDiscarded) -> dict[str, Any]:
    return {
        "step": Step.DISCARDED,
        "stage": Stage.DISCARD,
        "dead_letter_id": message.dead_letter_id,
        "discard": Discard(by=message.discarded_by, why=message.why),
    }


def _replay_requested(_message: OrderReplayRequested) -> dict[str, Any]:
    return {"step": Step.REPLAY_REQUESTED, "stage": Stage.REPLAY}


_READERS: MappingProxyType[type[Message], Callable[[Any], dict[str, Any]]] = MappingProxyType(
    {
        SalesOrderReceived: _received,
        SalesOrderCustomerResolved: _resolved,
        SalesBookingWritten: _booked,
        OrderWaiting: _waiting,
        OrderSkipped: _skipped,
        OrderChanged: _changed,
        OrderDeadLettered: _dead_lettered,
        DeadLetterDiscarded: _discarded,
        OrderReplayRequested: _replay_requested,
    }
)
