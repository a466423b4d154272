"""From the shop's JSON to what it sells, as far as that tells which ledgers are needed.

Nothing is refused: an order without a date, a line of no kind or a rate that is no number just tells nothing.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from sconnect.ledgers import SoldLine, SoldOrder, TaxedRegion
from sconnect.money import ZERO, parse_amount
from sconnect.webshop import as_list, as_object, as_text, as_words

FIXED = "fixed"


def read_orders(content: Any) -> tuple[SoldOrder, ...] | None:
    """A page of orders; None when it is no list."""
    if not isinstance(content, list):
        return None
    orders = (_order(as_object(raw)) for raw in content)
    return tuple(order for order in orders if order is not None)


def read_regions(content: Any) -> tuple[TaxedRegion, ...]:
    """The regions of the shop's VAT settings that charge VAT; the API wraps them in an object, or not."""
    regions = as_object(content).get("regions") if isinstance(content, dict) else content
    return tuple(region for raw in as_list(regions) if (region := _region(as_object(raw))) is not None)


def _order(raw: dict[str, Any]) -> SoldOrder | None:
    try:
        placed_on = date.fromisoformat((as_text(raw.get("date")) or "").strip()[:10])
    except ValueError:
        return None
    price, payment = as_object(raw.get("price")), as_object(raw.get("payment"))
    total = _amount(price.get("total"))
    gateway, method = as_text(payment.get("gateway_name")), as_text(payment.get("method_name"))
    return SoldOrder(
        placed_on=placed_on,
        lines=tuple(_line(as_object(line), total) for line in as_list(raw.get("orderlines"))),
        tax_region=(as_text(raw.get("tax_region")) or "").strip().upper(),
        tax_strategy=as_text(raw.get("tax_strategy")) or "",
        destination=_destination(raw),
        payment_method=f"{gateway or ''}/{method or ''}" if gateway or method else None,
        has_vat=any(_amount(as_object(row).get("amount")) for row in as_list(price.get("tax"))),
    )


def _line(raw: dict[str, Any], order_total: Decimal) -> SoldLine:
    articles = (as_object(article) for article in as_list(raw.get("articles")))
    prices = [price for price in (as_object(price) for price in as_list(raw.get("price"))) if _worth(price)]
    rates = (_rate(price.get("rate")) for price in prices)
    worth = sum((_worth(price) for price in prices), ZERO)
    return SoldLine(
        word=as_text(raw.get("type")) or "",
        rates=frozenset(rate for rate in rates if rate is not None),
        sku=next((sku for article in articles if (sku := as_words(article.get("sku")))), None),
        description=as_words(raw.get("description")) or "",
        runs_against=worth < 0 if order_total >= 0 else worth > 0,
    )


def _worth(price: dict[str, Any]) -> Decimal:
    return _amount(price.get("amount_including_tax")) or _amount(price.get("amount"))


def _destination(raw: dict[str, Any]) -> str:
    address = as_object(as_object(raw.get("debtor")).get("address"))
    delivery, invoice = as_object(address.get("delivery")), as_object(address.get("invoice"))
    shipping = (as_object(as_object(part).get("country")) for part in as_list(raw.get("shipping")))
    codes = (delivery.get("country_code"), *(c.get("isocode") for c in shipping), invoice.get("country_code"))
    return next((text.strip().upper() for code in codes if (text := as_text(code))), "")


def _region(raw: dict[str, Any]) -> TaxedRegion | None:
    """Rates are fractions here (0.21), in text or as a number."""
    country = (as_text(raw.get("regionCode")) or "").strip().upper()
    goods = frozenset(_goods_rates(raw))
    if not country or raw.get("taxEnabled") not in (True, "1", "true"):
        return None
    return TaxedRegion(
        country=country,
        goods=goods,
        shipping=_cost_rates(raw, "shipping", goods),
        payment_costs=_cost_rates(raw, "transaction", goods),
    )


def _goods_rates(raw: dict[str, Any]) -> Iterator[Decimal]:
    for place in (raw, *(as_object(override) for override in as_list(raw.get("overrides")))):
        rate = _rate(place.get("taxRate"))
        if rate is not None:
            yield _percent(rate)


def _cost_rates(raw: dict[str, Any], what: str, goods: frozenset[Decimal]) -> frozenset[Decimal]:
    """Costs have a rate of their own, or are spread over those of the goods."""
    rate = _rate(raw.get(f"{what}TaxRate"))
    if as_text(raw.get(f"{what}TaxMethod")) == FIXED and rate is not None:
        return frozenset({_percent(rate)})
    return goods


def _percent(fraction: Decimal) -> Decimal:
    return fraction * 100


def _rate(value: Any) -> Decimal | None:
    text = as_text(value)
    try:
        return None if text is None else parse_amount(text)
    except ValueError:
        return None


def _amount(value: Any) -> Decimal:
    return _rate(value) or ZERO
