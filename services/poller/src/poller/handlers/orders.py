"""What runs and replays both do with an order that the shop showed."""

from poller.domain.contents import contents_print
from poller.domain.orders import (
    CREDIT_STATUSES_FALLBACK,
    OrderFacts,
    OrderState,
    SeenOrder,
    Selection,
)
from poller.handlers.messages import Occasion, order_held_back, order_received
from poller.ports import OrderSource, Record, Sighting
from sconnect.contracts import CreditedOrder, SalesOrder
from sconnect.profiles import StoredProfile


async def selection_for(profile: StoredProfile, source: OrderSource) -> Selection:
    """Which orders the profile wants; the shop tells which statuses mark a credit order."""
    shop = profile.profile.shop
    credit_statuses = await source.credit_statuses()
    return Selection(
        start_number=shop.start_order_number,
        statuses=None if shop.order_statuses == "all" else frozenset(shop.order_statuses),
        credit_statuses=CREDIT_STATUSES_FALLBACK if credit_statuses is None else credit_statuses,
    )


def facts_of(order: SalesOrder) -> OrderFacts:
    return OrderFacts(
        key=order.uuid,
        number=order.number,
        status=order.status,
        contents=contents_print(order.model_dump(mode="json")),
    )


async def record_of(
    before: SeenOrder | None,
    after: SeenOrder,
    sighting: Sighting,
    occasion: Occasion,
    *,
    source: OrderSource,
    selection: Selection,
) -> Record:
    """What to store of an order, with the message that tells of it when there is news."""
    if before is not None and after.told == before.told:
        return Record(seen=after, document=sighting.document)
    if after.state is OrderState.HANDED_OVER and sighting.order is not None:
        order = await completed(sighting.order, source, selection)
        message = order_received(occasion, after, order)
    else:
        message = order_held_back(occasion, after)
    return Record(seen=after, document=sighting.document, message=message)


async def completed(order: SalesOrder, source: OrderSource, selection: Selection) -> SalesOrder:
    """The order with what the shop's own answer leaves out: whether it is a credit order, and of which."""
    if order.credits is None:
        return order.model_copy(update={"is_credit": order.status in selection.credit_statuses})
    original = await _original(order.credits, source)
    return order.model_copy(update={"is_credit": True, "credits": original})


async def _original(credited: CreditedOrder, source: OrderSource) -> CreditedOrder:
    sighting = await source.order(credited.number)
    original = None if sighting is None else sighting.order
    if original is None:
        return credited
    return CreditedOrder(number=credited.number, uuid=original.uuid, placed_on=original.placed_on)
