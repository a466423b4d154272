"""How a stored order leaves the API: the type variance of a PHP back end, switch by switch."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from decimal import Decimal
from typing import Any, Final, TypeAlias
from uuid import NAMESPACE_OID, uuid5

from simulators.webshop.amounts import adjusted, as_number, as_text
from simulators.webshop.shops import SIMULATOR_KEY, Order
from simulators.webshop.switches import ShapeSwitches

Step: TypeAlias = Callable[[Order, ShapeSwitches], None]

AMOUNT_KEYS: Final = frozenset({"amount", "amount_including_tax", "rate", "total", "weight"})
DEPRECATED_DEBTOR_KEYS: Final = ("name", "company", "phone", "gender", "bankaccount")
VERSION_WITHOUT_DEPRECATED: Final = "2-beta"


def shaped(order: Order, switches: ShapeSwitches, version: str) -> Order:
    """Return the order as this version of the API answers it; the stored one stays as it is."""
    shown = deepcopy(order)
    shown.pop(SIMULATOR_KEY, None)
    for step in STEPS:
        step(shown, switches)
    if version == VERSION_WITHOUT_DEPRECATED:
        _drop_deprecated(shown)
    return shown


def price_entries(price: Any) -> list[dict[str, Any]]:
    """Return the entries of a price or of the VAT rows, whether they are one object or a list."""
    return [price] if isinstance(price, dict) else list(price or [])


def _all_prices(order: Order) -> Iterator[dict[str, Any]]:
    yield from price_entries(order.get("price", {}).get("tax"))
    for line in order.get("orderlines", []):
        yield from price_entries(line.get("price"))


def _credit_signs(order: Order, switches: ShapeSwitches) -> None:
    if switches.credit_signs == "stored" or not order.get("credited_order_number"):
        return
    _change_total(order, lambda total: -total)
    if switches.credit_signs == "mixed":
        return
    for price in _all_prices(order):
        for name in price.keys() & {"amount", "amount_including_tax"}:
            price[name] = adjusted(price[name], lambda amount: -amount)
    for line in order.get("orderlines", []):
        line["quantity"] = abs(line["quantity"])


def _deviations(order: Order, switches: ShapeSwitches) -> None:
    rows = price_entries(order.get("price", {}).get("tax"))
    cents = Decimal(switches.tax_cents_off) / 100
    # The vendor's own example is a cent off at one rate and a cent back at the other; the sum is right.
    for row, change in zip(rows, (cents, -cents), strict=False):
        row["amount"] = adjusted(row["amount"], change.__add__)
    if switches.tax_doubled:
        # MyOnlineStore API changelog 2.0.12: so it was from 2019-01-23 to 2019-02-07.
        for row in rows:
            row["amount"] = adjusted(row["amount"], lambda amount: amount * 2)
    _change_total(order, lambda total: total + Decimal(switches.total_cents_off) / 100)


def _change_total(order: Order, change: Callable[[Decimal], Decimal]) -> None:
    price = order.get("price", {})
    if "total" in price:
        price["total"] = adjusted(price["total"], change)


def _line_types(order: Order, switches: ShapeSwitches) -> None:
    for line in order.get("orderlines", []):
        line["type"] = switches.line_type_names.get(line["type"], line["type"])


def _order_price_decimals(order: Order, switches: ShapeSwitches) -> None:
    if switches.order_price_decimals == "stored":
        return
    price = order.get("price", {})
    for holder, name in [*((row, "amount") for row in price_entries(price.get("tax"))), (price, "total")]:
        if name in holder:
            holder[name] = f"{Decimal(str(holder[name])):.{switches.order_price_decimals}f}"


def _lists_or_objects(order: Order, switches: ShapeSwitches) -> None:
    if "tax" in order.get("price", {}):
        order["price"]["tax"] = _as_list_or_object(order["price"]["tax"], switches.tax_rows)
    for line in order.get("orderlines", []):
        if "price" in line:
            line["price"] = _as_list_or_object(line["price"], switches.line_prices)


def _as_list_or_object(value: Any, form: str) -> Any:
    entries = price_entries(value)
    if form == "list":
        return entries
    return entries[0] if form == "object" and len(entries) == 1 else value


def _empty_objects(order: Order, switches: ShapeSwitches) -> None:
    if switches.empty_objects == "stored":
        return
    address = order.get("debtor", {}).get("address") or {}
    for holder, name in ((order, "payment"), (order, "partner"), (order, "comments"), (address, "delivery")):
        if holder.get(name):
            continue
        holder.pop(name, None)
        if switches.empty_objects == "list":
            holder[name] = []


def _shipping_country(order: Order, switches: ShapeSwitches) -> None:
    if switches.shipping_country == "list":
        order["shipping"] = [{"country": []}]


def _credited_order(order: Order, switches: ShapeSwitches) -> None:
    forms: dict[str, Any] = {"null": None, "text": "", "list": []}
    if switches.no_credited_order == "stored" or order.get("credited_order_number"):
        return
    order.pop("credited_order_number", None)
    if switches.no_credited_order in forms:
        order["credited_order_number"] = forms[switches.no_credited_order]


def _weight(order: Order, switches: ShapeSwitches) -> None:
    if switches.weight == "absent":
        order.pop("weight", None)
    if switches.weight == "empty":
        order["weight"] = ""


def _address_ids(order: Order, switches: ShapeSwitches) -> None:
    if switches.address_ids == "stored":
        return
    for role, address in (order.get("debtor", {}).get("address") or {}).items():
        if isinstance(address, dict):
            address["id"] = str(uuid5(NAMESPACE_OID, f"{order['uuid']}/{role}"))


def _number_forms(order: Order, switches: ShapeSwitches) -> None:
    if switches.order_number == "text":
        order["number"] = str(order["number"])
    if switches.order_number == "integer" and str(order["number"]).isdigit():
        order["number"] = int(order["number"])
    if switches.amounts != "stored":
        _convert_amounts(order, as_text if switches.amounts == "text" else as_number)


def _convert_amounts(node: Any, convert: Callable[[Any], Any]) -> None:
    children = node.values() if isinstance(node, dict) else node
    if isinstance(node, dict):
        for name in node.keys() & AMOUNT_KEYS:
            node[name] = convert(node[name])
    for child in children:
        if isinstance(child, dict | list):
            _convert_amounts(child, convert)


def _drop_deprecated(order: Order) -> None:
    order.pop("finished", None)
    debtor = order.get("debtor") or {}
    for name in DEPRECATED_DEBTOR_KEYS:
        debtor.pop(name, None)
    for address in (debtor.get("address") or {}).values():
        if isinstance(address, dict):
            address.pop("country", None)


STEPS: Final[tuple[Step, ...]] = (
    _credit_signs,
    _deviations,
    _line_types,
    _order_price_decimals,
    _lists_or_objects,
    _empty_objects,
    _shipping_country,
    _credited_order,
    _weight,
    _address_ids,
    _number_forms,
)
