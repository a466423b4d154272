"""From an order of MyOnlineStore to the contract; only fields that version 2-beta of its API keeps are read.

Amounts stay the text they came as, and nothing is refused here.
"""

from datetime import date, time
from typing import Any

from sconnect.contracts import (
    Buyer,
    BuyerAddress,
    CreditedOrder,
    LinePrice,
    OrderLine,
    PaymentMethod,
    SalesOrder,
    VatAmount,
)
from sconnect.webshop.values import as_integer, as_list, as_object, as_text, as_words


def translate_order(raw: dict[str, Any], *, uuid: str, number: str, placed_on: date) -> SalesOrder:
    """The order under the identity that was read from it; what is missing or odd stays empty."""
    price = as_object(raw.get("price"))
    return SalesOrder(
        uuid=uuid,
        number=number,
        placed_on=placed_on,
        placed_at=_time(raw.get("time")),
        status=as_integer(raw.get("status")),
        status_changed_on=read_date(raw.get("status_changed_date")),
        # Shops show prices with VAT unless they say that they do not.
        prices_include_vat=as_text(raw.get("taxed")) != "exclude",
        currency=as_text(raw.get("currency")),
        total=as_text(price.get("total")),
        vat_amounts=tuple(_vat_amount(as_object(row)) for row in as_list(price.get("tax"))),
        lines=tuple(_order_line(as_object(line)) for line in as_list(raw.get("orderlines"))),
        business_model=as_text(raw.get("business_model")),
        reference=as_words(raw.get("reference")),
        tax_region=as_text(raw.get("tax_region")),
        tax_strategy=as_text(raw.get("tax_strategy")) or "",
        discount_code=as_words(raw.get("discountcode")),
        internal_comment=as_words(as_object(raw.get("comments")).get("internal")),
        credits=_credited_order(raw.get("credited_order_number")),
        payment=_payment(as_object(raw.get("payment"))),
        payment_status=as_text(raw.get("payment_status")),
        buyer=_buyer(as_object(raw.get("debtor"))),
        shipping_country=_shipping_country(as_list(raw.get("shipping"))),
        offline_location_id=as_text(raw.get("offline_location_id")),
    )


def _vat_amount(row: dict[str, Any]) -> VatAmount:
    return VatAmount(rate=as_text(row.get("rate")), amount=as_text(row.get("amount")))


def _order_line(line: dict[str, Any]) -> OrderLine:
    articles = [as_object(article) for article in as_list(line.get("articles"))]
    return OrderLine(
        kind=as_text(line.get("type")) or "",
        description=as_words(line.get("description")) or "",
        quantity=as_text(line.get("quantity")),
        sku=next((sku for sku in (as_words(article.get("sku")) for article in articles) if sku), None),
        prices=tuple(_line_price(as_object(price)) for price in as_list(line.get("price"))),
    )


def _line_price(price: dict[str, Any]) -> LinePrice:
    return LinePrice(
        net=as_text(price.get("amount")),
        gross=as_text(price.get("amount_including_tax")),
        rate=as_text(price.get("rate")),
    )


def _credited_order(value: Any) -> CreditedOrder | None:
    """Normal orders have null, 0, "" or [] here."""
    number = as_integer(value)
    return CreditedOrder(number=str(number)) if number is not None and number > 0 else None


def _payment(payment: dict[str, Any]) -> PaymentMethod | None:
    gateway, method = as_text(payment.get("gateway_name")), as_text(payment.get("method_name"))
    return PaymentMethod(gateway=gateway, method=method) if gateway or method else None


def _buyer(debtor: dict[str, Any]) -> Buyer:
    address = as_object(debtor.get("address"))
    delivery = as_object(address.get("delivery"))
    return Buyer(
        account_id=as_text(debtor.get("id")),
        email=as_words(debtor.get("email")),
        invoice=_address(as_object(address.get("invoice"))),
        delivery=_address(delivery) if delivery else None,
    )


def _address(address: dict[str, Any]) -> BuyerAddress:
    return BuyerAddress(
        name=as_words(address.get("name")),
        company=as_words(address.get("company")),
        street=as_words(address.get("street")),
        house_number=as_words(address.get("number")),
        postcode=as_words(address.get("zipcode")),
        city=as_words(address.get("city")),
        country_code=as_text(address.get("country_code")),
        phone=as_words(address.get("phone")),
        gender=as_text(address.get("gender")),
        vat_number=as_words(address.get("taxnumber")),
        bank_account=as_words(address.get("bankaccount")),
    )


def _shipping_country(shipping: list[Any]) -> str | None:
    countries = (as_object(as_object(part).get("country")) for part in shipping)
    codes = (as_text(country.get("isocode")) for country in countries)
    return next((code for code in codes if code), None)


def read_date(value: Any) -> date | None:
    """The date of "2026-03-03", also with a time behind it; never converted to another zone."""
    try:
        return date.fromisoformat((as_text(value) or "").strip()[:10])
    except ValueError:
        return None


def _time(value: Any) -> time | None:
    """The bare local time of "13:37:12"; a zone is cut off."""
    try:
        return time.fromisoformat((as_text(value) or "").strip()).replace(tzinfo=None)
    except ValueError:
        return None
