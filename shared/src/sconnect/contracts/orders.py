"""A webshop order, translated from the shop's JSON; amounts and rates stay the text they came as.

The poller judges nothing but number, start and status, so every amount here may be absent or nonsense:
the booking-writer decides, and names the field when it cannot.
"""

from datetime import date, time

from sconnect.contracts.base import Wire


class LinePrice(Wire):
    """One price entry of a line: the WHOLE line, not per piece (net up to 6 decimals, gross 2)."""

    net: str | None = None
    gross: str | None = None
    rate: str | None = None


class OrderLine(Wire):
    """A line of the order; `prices` has one entry per VAT rate, `kind` is the shop's own word."""

    kind: str
    description: str = ""
    quantity: str | None = None
    sku: str | None = None
    prices: tuple[LinePrice, ...] = ()


class VatAmount(Wire):
    """The VAT of the whole order at one rate, as the shop printed it."""

    rate: str | None = None
    amount: str | None = None


class BuyerAddress(Wire):
    name: str | None = None
    company: str | None = None
    street: str | None = None
    house_number: str | None = None
    postcode: str | None = None
    city: str | None = None
    country_code: str | None = None
    phone: str | None = None
    gender: str | None = None
    vat_number: str | None = None
    bank_account: str | None = None


class Buyer(Wire):
    """The person or company in the shop; a `customer` only exists once it is resolved."""

    account_id: str | None = None
    email: str | None = None
    invoice: BuyerAddress = BuyerAddress()
    delivery: BuyerAddress | None = None


class CreditedOrder(Wire):
    """The original of a credit order; uuid and date are absent when the shop no longer has it."""

    number: str
    uuid: str | None = None
    placed_on: date | None = None


class PaymentMethod(Wire):
    gateway: str | None = None
    method: str | None = None


class SalesOrder(Wire):
    """An order as the shop told it at one moment; `revision` counts the contents seen, from 1."""

    uuid: str
    number: str
    revision: int = 1
    placed_on: date
    placed_at: time | None = None
    status: int | None = None
    status_changed_on: date | None = None
    prices_include_vat: bool = True
    currency: str | None = None
    total: str | None = None
    vat_amounts: tuple[VatAmount, ...] = ()
    lines: tuple[OrderLine, ...] = ()
    business_model: str | None = None
    reference: str | None = None
    tax_region: str | None = None
    tax_strategy: str = ""
    discount_code: str | None = None
    internal_comment: str | None = None
    is_credit: bool = False
    credits: CreditedOrder | None = None
    payment: PaymentMethod | None = None
    payment_status: str | None = None
    buyer: Buyer
    shipping_country: str | None = None
    offline_location_id: str | None = None
