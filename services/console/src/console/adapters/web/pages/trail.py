"""Words of the books and of a customer's card, for the page of one order."""

from console.adapters.web.pages.words import Words
from sconnect.texts import render


def vat_words(word: str, words: Words) -> str:
    """A VAT band or row of the books in the reader's language; an unknown one as it is."""
    key = f"vat.{word}"
    return words.text(key) if words.has(key) else word


def card_field_words(field: str, words: Words) -> str:
    """A part of a customer's card; an unknown one as it is."""
    return render(f"command.card_field.{field}", {}, words.language).removeprefix("command.card_field.")
