"""The payments of an order: minor units, offset timestamps, mutations."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final
from uuid import NAMESPACE_OID, uuid5

from simulators.webshop.amounts import to_cents
from simulators.webshop.shape import price_entries
from simulators.webshop.shops import SHOP_ZONE, Order

LINE_TYPES: Final = {
    "article": "physical",
    "shipping": "shipping_fee",
    "payment": "payment_fee",
    "discount": "discount",
}
MUTATIONS: Final = {
    "authorized": ("authorize",),
    "captured": ("authorize", "capture"),
    "refunded": ("authorize", "capture", "refund"),
    "voided": ("authorize", "void"),
    "failed": ("failed",),
}


def order_payments(order: Order, store_id: str, embed: set[str], *, is_test: bool) -> list[dict[str, Any]]:
    """Return the payments, at most one; a credit order and an order of 0.00 have none.

    `embed` may name `mutations`, `order` and `properties`.
    """
    total = _minor_units(order["price"]["total"])
    summary = order.get("payment")
    if total == 0 or not summary or order.get("credited_order_number"):
        return []
    placed = datetime.combine(
        date.fromisoformat(order["date"]), time.fromisoformat(order["time"]), tzinfo=SHOP_ZONE
    ).isoformat()
    payment = {
        "id": _identifier(order, "payment"),
        "gateway": summary["gateway_name"],
        "method": summary["method_name"],
        "gatewayReference": f"ord_{order['uuid'][:8]}",
        "price": total,
        "currency": order["currency"],
        "storeId": store_id,
        "reference": _identifier(order, "reference"),
        "isTest": is_test,
        "createdAt": placed,
        "updatedAt": placed,
    }
    if "mutations" in embed:
        payment["mutations"] = _mutations(order, total, placed)
    if "order" in embed:
        payment["order"] = _embedded_order(order, total)
    if "properties" in embed:
        payment["properties"] = {}
    return [payment]


def with_text_prices(payment: dict[str, Any]) -> dict[str, Any]:
    """Return the payment with its prices as text: still minor units, as the public client expects them."""
    mutations = [{**mutation, "price": str(mutation["price"])} for mutation in payment.get("mutations", [])]
    changed = {**payment, "price": str(payment["price"])}
    return {**changed, "mutations": mutations} if "mutations" in payment else changed


def _mutations(order: Order, total: int, placed: str) -> list[dict[str, Any]]:
    kinds = MUTATIONS.get(order.get("payment_status", ""), ())
    first_id = int(_identifier(order, "mutations")[:6], 16)
    return [
        {
            "id": first_id + position,
            "type": kind,
            "reference": None,
            "price": total,
            "description": None,
            "createdAt": placed,
            "expiresAt": None,
        }
        for position, kind in enumerate(kinds)
    ]


def _embedded_order(order: Order, total: int) -> dict[str, Any]:
    lines = [_line(line) for line in order["orderlines"]]
    return {
        "id": order["uuid"],
        "reference": str(order["number"]),
        "price": total,
        "tax": sum(line["tax"] for line in lines),
        "locale": order["locale"],
        "deliveryType": "pickup" if order.get("offline_location_id") else "delivery",
        "lines": lines,
    }


def _line(line: dict[str, Any]) -> dict[str, Any]:
    entries = price_entries(line["price"])
    gross = sum(_minor_units(entry["amount_including_tax"]) for entry in entries)
    tax = gross - sum(_minor_units(entry["amount"]) for entry in entries)
    return {
        "id": line["id"],
        "type": LINE_TYPES.get(line["type"], "physical"),
        "name": line["description"],
        "description": line["description"],
        "quantity": str(line["quantity"]),
        "price": gross,
        "tax": tax,
        # An effective rate, worked out from whole cents: 0.2107 where the line was charged 21 %.
        "taxRate": f"{Decimal(tax) / (gross - tax) if gross != tax else Decimal(0):.4f}",
    }


def _minor_units(amount: Any) -> int:
    return int(to_cents(Decimal(str(amount))) * 100)


def _identifier(order: Order, role: str) -> str:
    return str(uuid5(NAMESPACE_OID, f"{order['uuid']}/{role}"))
