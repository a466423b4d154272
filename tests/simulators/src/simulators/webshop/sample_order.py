"""How a sample order is put together, and what a kind of sample order is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeAlias
from uuid import NAMESPACE_URL, uuid5

from simulators.webshop.sample_buyers import COUNTRY_NAMES, Buyer
from simulators.webshop.sample_lines import Line, credited, order_price

Order: TypeAlias = dict[str, Any]

STATUS_NEW: Final = 1
STATUS_SHIPPED: Final = 2
STATUS_PAID: Final = 3
STATUS_COLLECTED: Final = 6
STATUS_CREDIT: Final = 10

IDEAL: Final = {"gateway_name": "mollie", "method_name": "ideal", "status": {"id": 1, "text": "Successful"}}
PAYPAL: Final = {"gateway_name": "paypal", "method_name": "paypal", "status": {"id": 1, "text": "Successful"}}
BANCONTACT: Final = {**IDEAL, "method_name": "bancontact"}
CASH: Final = {**IDEAL, "gateway_name": "basic", "method_name": "cash"}
ADVANCE: Final = {"gateway_name": "basic", "method_name": "advance", "status": {"id": 5, "text": "Pending"}}


@dataclass(frozen=True, kw_only=True)
class Slot:
    """The place of an order in the series: its number, its moment, the shop, the samples before it."""

    number: int
    placed: datetime
    shop: str
    earlier: Mapping[str, Order]

    def uuid(self, part: object) -> str:
        """Return a uuid that is the same at every run, and another for every shop."""
        return str(uuid5(NAMESPACE_URL, f"https://{self.shop}.example.nl/{self.placed}/{self.number}/{part}"))


Build: TypeAlias = Callable[[Slot], Order]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of sample order.

    `domestic`: it is booked with Dutch VAT at 21 or 9 % as soon as its status qualifies. `needs` names the
    kind whose order it refers to.
    """

    shows: str
    domestic: bool
    build: Build
    needs: str | None = None


def paid(slot: Slot, buyer: Buyer, lines: list[Line], **differences: Any) -> Order:
    """Return a paid order of the Dutch shop; `differences` replace fields of the order."""
    day, moment = f"{slot.placed:%Y-%m-%d}", f"{slot.placed:%H:%M:%S}"
    order = {
        "number": str(slot.number),
        "uuid": slot.uuid("order"),
        "date": day,
        "time": moment,
        "status": STATUS_PAID,
        "status_changed_date": day,
        "status_changed_time": moment,
        "weight": "0",
        "archived": False,
        "finished": True,
        "taxed": "include",
        "locale": buyer.locale,
        "discountcode": "",
        "currency": "EUR",
        "currency_format_locale": "nl_NL",
        "credited_order_number": None,
        "credit_order_numbers": [],
        "comments": {"customer": "", "internal": ""},
        "business_model": "B2C",
        "reference": "",
        "tax_region": "NL",
        "tax_strategy": "",
        "offline_location_id": None,
        "payment_status": "captured",
        "payment": IDEAL,
        "debtor": buyer.debtor(),
        "price": order_price(lines),
        "orderlines": [{**line, "id": slot.uuid(position)} for position, line in enumerate(lines)],
        "shipping": [shipped_to(buyer.country_code)],
    }
    return order | differences


def unpaid(order: Order, *fields: str) -> Order:
    """Return the order without payment data and without the other named fields."""
    return {name: value for name, value in order.items() if name not in ("payment", *fields)}


def credit(slot: Slot, original: Order, buyer: Buyer, lines: list[Line], **differences: Any) -> Order:
    """Return a credit order with its own number; the original learns of it. It has no payment data."""
    original["credit_order_numbers"].append(str(slot.number))
    order = paid(
        slot,
        buyer,
        lines,
        status=STATUS_CREDIT,
        credited_order_number=int(original["number"]),
        payment_status="unknown",
        **differences,
    )
    return unpaid(order)


def credited_lines(original: Order) -> list[Line]:
    """Return all lines of the original with the other sign."""
    return [credited(line) for line in original["orderlines"]]


def shipped_to(country_code: str) -> dict[str, Any]:
    """Return an entry of the order's shipping list."""
    return {"country": {"description": COUNTRY_NAMES[country_code], "isocode": country_code}}
