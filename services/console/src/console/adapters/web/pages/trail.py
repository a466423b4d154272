"""Parts of one order's trail that the JSON API has no document for."""

from collections.abc import Mapping, Sequence
from typing import Any

from console.adapters.web.pages.words import Words
from sconnect.contracts import Message, SalesOrderCustomerResolved


def card_changes(messages: Sequence[Message]) -> Sequence[Mapping[str, str]]:
    """What the order changed on the customer's card (field, old, new), as the last recognition told it."""
    for message in reversed(messages):
        if isinstance(message, SalesOrderCustomerResolved):
            told: Sequence[Mapping[str, Any]] = message.customer.model_dump().get("changes", ())
            if told:
                return [{name: str(value) for name, value in change.items()} for change in told]
    return []


def vat_words(word: str, words: Words) -> str:
    """A VAT band or row of the books in the reader's language; an unknown one as it is."""
    key = f"vat.{word}"
    return words.text(key) if words.has(key) else word
