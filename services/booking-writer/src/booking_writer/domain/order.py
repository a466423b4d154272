"""The order and its customer, as far as a booking depends on them; amounts and rates are still text."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderedPrice:
    """The whole line at one VAT rate (percent), not per piece."""

    net: str | None = None
    gross: str | None = None
    rate: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderedLine:
    """`kind` is the shop's own word (article, shipping, …)."""

    kind: str
    description: str = ""
    sku: str | None = None
    prices: tuple[OrderedPrice, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class PrintedVat:
    """The VAT of the whole order at one rate."""

    rate: str | None = None
    amount: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class BookableOrder:
    """`destination_country` has two letters; `payment_method` is "gateway/method"."""

    number: str
    placed_on: date
    status_changed_on: date | None = None
    prices_include_vat: bool = True
    currency: str | None = None
    total: str | None = None
    vat_amounts: tuple[PrintedVat, ...] = ()
    lines: tuple[OrderedLine, ...] = ()
    tax_region: str | None = None
    tax_strategy: str = ""
    is_credit: bool = False
    credited_number: str | None = None
    credited_placed_on: date | None = None
    destination_country: str | None = None
    payment_method: str | None = None
    vat_number: str | None = None
    reference: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class BookedCustomer:
    """The card in the books; SnelStart judges VAT by its number and country."""

    relation_id: str
    number: int
    vat_number: str | None = None
    country_code: str | None = None
