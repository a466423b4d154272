"""The orders of the soak: each is made from its number alone, and so is what has to become of it."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from bench.buyers import debtor
from fakes_poller import RawOrder
from sconnect.clock import SHOP_TIME_ZONE
from simulators.webshop.samples import numbered_samples

FIRST_NUMBER: Final = 1001
STATUS_NEW: Final = 1

# One in fifty each: what a bookkeeper has to look at, and what waits.
CYCLE: Final = 50
PLAIN_KINDS: Final = (
    "single_rate_single_tax_object",
    "multi_rate_shipping_payment_costs",
    "percentage_discount_two_rates",
    "fixed_discount_two_rates",
    "plain_high_rate",
    "plain_low_rate",
    "plain_two_rates",
    "custom_line",
    "shipping_spread_over_rates",
    "tax_rows_a_cent_off",
    "net_priced_business",
)
CREDIT_KIND: Final = "credit_order_partial"
AMBIGUOUS_EMAIL: Final = "post@gedeeld.example.nl"
WRONG_BY: Final = Decimal(10)

TEMPLATES: Final = {sample.kind: sample.order for sample in numbered_samples(date(2026, 3, 1))}


class Plan(StrEnum):
    """What an order is in for."""

    PLAIN = "plain"
    CREDIT = "credit"
    UNPAID = "unpaid"
    CORRECTED = "corrected"
    DISCARDED = "discarded"
    AMBIGUOUS = "ambiguous"


def plan_of(number: int) -> Plan:
    match number % CYCLE:
        case 7:
            return Plan.CREDIT
        case 13:
            return Plan.UNPAID
        case 29:
            return Plan.DISCARDED if number // CYCLE % 2 else Plan.CORRECTED
        case 41:
            return Plan.AMBIGUOUS
        case _:
            return Plan.PLAIN


def total_of(number: int) -> Decimal:
    """What the books must show of this order, once it is right."""
    return Decimal(TEMPLATES[_kind_of(number)]["price"]["total"])


def right_price(number: int) -> dict[str, Any]:
    price: dict[str, Any] = TEMPLATES[_kind_of(number)]["price"]
    return price


def raw_order(shop: str, number: int, placed_at: datetime, buyers: int) -> RawOrder:
    """The order as the shop shows it when it is new; `buyers` is how many people order in this shop."""
    plan = plan_of(number)
    moment = placed_at.astimezone(SHOP_TIME_ZONE)
    day, time = moment.date().isoformat(), moment.time().replace(microsecond=0).isoformat()
    order: RawOrder = TEMPLATES[_kind_of(number)] | {
        "number": str(number),
        "uuid": order_uuid(shop, number),
        "date": day,
        "time": time,
        "status_changed_date": day,
        "status_changed_time": time,
        "debtor": debtor(shop, _buyer_of(number, buyers), number),
    }
    if plan is Plan.CREDIT:
        order["credited_order_number"] = number - 1
    if plan is Plan.UNPAID:
        order["status"] = STATUS_NEW
    if plan in (Plan.CORRECTED, Plan.DISCARDED):
        order["price"] = right_price(number) | {"total": str(total_of(number) + WRONG_BY)}
    if plan is Plan.AMBIGUOUS:
        order["debtor"]["email"] = AMBIGUOUS_EMAIL
    return order


def order_uuid(shop: str, number: int) -> str:
    return str(uuid5(NAMESPACE_URL, f"https://{shop}.example.nl/{number}"))


def moments(burst_at: datetime, count: int) -> list[datetime]:
    """When the orders of a burst were placed: within the hours before it."""
    return [burst_at - timedelta(seconds=30 * (count - position)) for position in range(count)]


def _kind_of(number: int) -> str:
    return CREDIT_KIND if plan_of(number) is Plan.CREDIT else PLAIN_KINDS[number % len(PLAIN_KINDS)]


def _buyer_of(number: int, buyers: int) -> int:
    # A credit order is its original's buyer's.
    origin = number - 1 if plan_of(number) is Plan.CREDIT else number
    return origin * 7919 % buyers
