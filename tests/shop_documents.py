"""Orders in the shop's own JSON on their way: read and judged by the poller, booked by the writer."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from booking_outcomes import outcome
from booking_writer.domain.booking import ComposedBooking, SkippedOrder
from booking_writer.domain.case import Case
from booking_writer.domain.rules import BookingRules
from booking_writer.handlers.translation import bookable_order
from booking_writer_cases import customer, rules
from order_strategies import BOOKS, COMPLETE_MAPPING
from poller.adapters.shop_orders import read_order
from poller.domain.orders import OrderFacts, OrderState, Selection, judge
from sconnect.contracts import CreditedOrder, SalesOrder
from sconnect.errors import Reason
from sconnect.webshop import parse

SELECTION = Selection(start_number=1, statuses=frozenset({2, 3, 6}))
RULES = rules(ledgers=COMPLETE_MAPPING)
BOOKS_WITHOUT_FOREIGN_VAT = replace(BOOKS, invoices_foreign_vat=False)


@dataclass(frozen=True, kw_only=True)
class Journey:
    """What became of one order; `held_back` is the poller's reason."""

    order: SalesOrder
    held_back: Reason | None
    result: ComposedBooking | SkippedOrder | Reason | None

    @property
    def booking(self) -> ComposedBooking | None:
        return self.result if isinstance(self.result, ComposedBooking) else None

    @property
    def reason(self) -> Reason | None:
        """Why it is not booked."""
        if isinstance(self.result, SkippedOrder):
            return self.result.reason
        return self.result if isinstance(self.result, Reason) else self.held_back


def travel(documents: Iterable[Mapping[str, Any]], case_rules: BookingRules = RULES) -> Iterator[Journey]:
    """The journeys of a shop's orders, each with a card made from what the order says of its buyer."""
    orders = [_read(document) for document in documents]
    placed = {order.number: order.placed_on for order in orders}
    for order in orders:
        yield _travel(_completed(order, placed), case_rules)


def _read(document: Mapping[str, Any]) -> SalesOrder:
    found = read_order(parse(json.dumps(document).encode())).found
    assert isinstance(found, SalesOrder)
    return found


def _completed(order: SalesOrder, placed: Mapping[str, date]) -> SalesOrder:
    if order.credits is None:
        return order
    number = order.credits.number
    original = CreditedOrder(number=number, placed_on=placed.get(number))
    return order.model_copy(update={"is_credit": True, "credits": original})


def _travel(order: SalesOrder, case_rules: BookingRules) -> Journey:
    facts = OrderFacts(key=order.uuid, number=order.number, status=order.status, contents="")
    verdict = judge(facts, SELECTION)
    if verdict.state is not OrderState.HANDED_OVER:
        return Journey(order=order, held_back=verdict.reason, result=None)
    return Journey(order=order, held_back=None, result=outcome(case_of(order, case_rules)))


def case_of(order: SalesOrder, case_rules: BookingRules = RULES) -> Case:
    """The order as the booking-writer gets it, with a card made from what it says of its buyer."""
    bookable = bookable_order(order)
    invoice = order.buyer.invoice
    # SnelStart's setting is per administration; with it on, Dutch VAT is no longer for consumers abroad.
    is_foreign = bookable.tax_region not in (None, "NL")
    return Case(
        order=bookable,
        customer=customer(country_code=invoice.country_code, vat_number=invoice.vat_number),
        rules=case_rules,
        administration=BOOKS if is_foreign else BOOKS_WITHOUT_FOREIGN_VAT,
    )
