"""Tells the orders of MyOnlineStore from what can be no order at all: no object, uuid, number or date."""

import json
from typing import Any

from poller.domain.orders import Unreadable, is_order_number, key_without_uuid
from poller.ports import Sighting
from sconnect.contracts import SalesOrder
from sconnect.webshop import as_object, as_text, parse, read_date, translate_order

ORDER_NUMBER_DIGITS_MAX = 15
IDENTITY_LENGTH_MAX = 64


def read_document(document: str) -> Sighting:
    """Translate an order that was kept as `Sighting.document`."""
    return read_order(parse(document.encode()))


def read_order(raw: Any) -> Sighting:
    """Translate one parsed order of the shop, whatever it is."""
    document = json.dumps(raw)
    shop_order = as_object(raw)
    if not shop_order:
        return Sighting(found=_unreadable(document, "order"), document=document)
    uuid, number = _identity(shop_order.get("uuid")), _identity(shop_order.get("number"))
    placed_on = read_date(shop_order.get("date"))
    if number is None:
        found: SalesOrder | Unreadable = _unreadable(document, "number", uuid=uuid)
    elif uuid is None:
        found = _unreadable(document, "uuid", number=number)
    elif placed_on is None:
        found = _unreadable(document, "date", uuid=uuid, number=number)
    else:
        found = translate_order(shop_order, uuid=uuid, number=number, placed_on=placed_on)
    return Sighting(found=found, document=document)


def _unreadable(document: str, field: str, *, uuid: str | None = None, number: str = "") -> Unreadable:
    return Unreadable(key=uuid or key_without_uuid(number or document), number=number, field=field)


def _identity(value: Any) -> str | None:
    text = (as_text(value) or "").strip()
    length_max = ORDER_NUMBER_DIGITS_MAX if is_order_number(text) else IDENTITY_LENGTH_MAX
    return text if 0 < len(text) <= length_max else None
