"""How MyOnlineStore writes its JSON, read tolerantly by every service that meets it."""

from sconnect.webshop.orders import read_date, translate_order
from sconnect.webshop.values import as_integer, as_list, as_object, as_text, as_words, parse

__all__ = [
    "as_integer",
    "as_list",
    "as_object",
    "as_text",
    "as_words",
    "parse",
    "read_date",
    "translate_order",
]
