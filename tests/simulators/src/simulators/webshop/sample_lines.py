"""The lines of the sample orders, with the shop's own arithmetic.

The shop keeps 6 decimals of the net price of one piece and multiplies that; what the buyer pays has 2.
Costs and discounts that are spread over the rates follow the net amounts of goods and shipping.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, TypeAlias

from simulators.webshop.amounts import to_cents, to_micros

Line: TypeAlias = dict[str, Any]

GOODS_TYPES: Final = frozenset({"article", "custom"})
WEIGHING_TYPES: Final = GOODS_TYPES | {"shipping"}


@dataclass(frozen=True)
class Product:
    """An article of the catalogue; `price` is for one piece, with VAT at `rate` % unless `net_priced`."""

    article_id: int
    sku: str
    description: str
    price: str
    rate: str = "21"
    net_priced: bool = False

    def net(self, price: str) -> Decimal:
        """Return a catalogue price without VAT, as the shop keeps it."""
        return to_micros(Decimal(price) if self.net_priced else Decimal(price) / factor(Decimal(self.rate)))


def factor(rate: Decimal) -> Decimal:
    """Return what a net amount is multiplied by to include VAT at `rate` percent."""
    return 1 + rate / 100


def price_entry(net: Decimal, gross: Decimal, rate: Decimal) -> dict[str, str]:
    """Return one price as the shop writes it."""
    return {"amount": f"{net:.6f}", "amount_including_tax": f"{gross:.2f}", "rate": f"{rate:.2f}"}


def article(
    product: Product, quantity: int = 1, *, charged: str | None = None, action: str | None = None
) -> Line:
    """Return an article line. `charged` is the rate when it is not the catalogue's, `action` a lower price.

    The shop shows an action price as an option with a negative price per piece.
    """
    rate = Decimal(product.rate if charged is None else charged)
    regular = product.net(product.price)
    unit = regular if action is None else product.net(action)
    return {
        "type": "article",
        "quantity": quantity,
        "weight": "0",
        "description": product.description,
        "price": _whole_line(unit * quantity, rate),
        "articles": [
            {
                "id": product.article_id,
                "description": product.description,
                "sku": product.sku,
                "price": {"amount": f"{regular:.6f}", "rate": f"{rate:.2f}", "purchase_price": ""},
                "options": [] if action is None else [_action_option(unit - regular, rate)],
            }
        ],
    }


def custom(description: str, gross: str, rate: str = "21", quantity: int = 1) -> Line:
    """Return a line of free text, such as the back office makes them; `gross` is for one piece."""
    net = to_micros(Decimal(gross) / factor(Decimal(rate)))
    price = _whole_line(net * quantity, Decimal(rate))
    return {"unit_weight": "0", **_line("custom", description, price), "quantity": quantity}


def shipping(gross: str, rate: str = "21", *, catalogue_rate: str | None = None) -> Line:
    """Return shipping costs; `catalogue_rate` is the rate inside `gross` when another is charged."""
    net = to_micros(Decimal(gross) / factor(Decimal(catalogue_rate or rate)))
    return _line("shipping", "Verzendkosten", _whole_line(net, Decimal(rate)))


def shipping_spread(gross: str, goods: Iterable[Line]) -> Line:
    """Return shipping costs spread over the rates of the goods."""
    return _line("shipping", "Verzendkosten", spread(Decimal(gross), goods))


def payment_costs(gross: str, rate: str = "21") -> Line:
    """Return payment costs at one rate."""
    net = to_micros(Decimal(gross) / factor(Decimal(rate)))
    return _line("payment", "Betaalkosten", _whole_line(net, Decimal(rate)))


def payment_costs_spread(gross: str, lines: Iterable[Line]) -> Line:
    """Return payment costs spread over the rates of the lines."""
    return _line("payment", "Betaalkosten", spread(Decimal(gross), lines))


def discount_percentage(code: str, percentage: int, goods: Iterable[Line]) -> Line:
    """Return a discount on the goods: always a list, one negative price per rate touched."""
    share = Decimal(-percentage) / 100
    nets = _sum_per_rate(_of_types(goods, GOODS_TYPES), "amount")
    prices = [_whole_line(to_micros(net * share), rate) for rate, net in sorted(nets.items())]
    return _line("discount", f"Kortingscode {code} ({percentage}%)", prices)


def discount_amount(code: str, gross: str, goods: Iterable[Line]) -> Line:
    """Return a discount of a fixed amount, spread over the rates of the goods."""
    return _line("discount", f"Kortingscode {code}", spread(-Decimal(gross), goods))


def spread(gross: Decimal, lines: Iterable[Line]) -> list[dict[str, str]]:
    """Spread an amount with VAT over the rates of the lines; ValueError when the cents do not add up.

    This is the shop's rule as it can be read from the vendor's example order. It does not say where a
    left-over cent goes, so the samples have none.
    """
    nets = _sum_per_rate(_of_types(lines, WEIGHING_TYPES), "amount")
    share = gross / sum(net * factor(rate) for rate, net in nets.items())
    prices = [_whole_line(to_micros(net * share), rate) for rate, net in sorted(nets.items())]
    if sum(Decimal(price["amount_including_tax"]) for price in prices) != gross:
        raise ValueError(f"{gross} cannot be spread without a left-over cent.")
    return prices


def credited(line: Line) -> Line:
    """Return the line as a credit order has it: quantities of goods and all amounts with the other sign."""
    sign = -1 if line["type"] in GOODS_TYPES else 1
    price = line["price"]
    turned = [_turned(entry) for entry in price] if isinstance(price, list) else _turned(price)
    return {**line, "quantity": sign * line["quantity"], "price": turned}


def order_price(lines: Sequence[Line], *, net_priced: bool = False) -> dict[str, Any]:
    """Return the VAT rows and the total: VAT per rate from the gross amounts, or from the net ones."""
    grosses = _sum_per_rate(lines, "amount_including_tax")
    nets = _sum_per_rate(lines, "amount")
    total = sum(grosses.values(), Decimal(0))
    rows: list[dict[str, str]] = []
    for rate, gross in sorted(grosses.items()):
        vat = nets[rate] * rate / 100 if net_priced else gross * rate / (100 + rate)
        rows.append({"amount": f"{to_cents(vat):.2f}", "rate": f"{rate:.2f}"})
    if total == 0:
        rows = []
    return {"tax": rows[0] if len(rows) == 1 else rows, "total": f"{total:.2f}"}


def entries(lines: Iterable[Line]) -> Iterable[Mapping[str, str]]:
    """Return every price of the lines, whether a line has one or a list of them."""
    for line in lines:
        yield from line["price"] if isinstance(line["price"], list) else [line["price"]]


def _of_types(lines: Iterable[Line], types: frozenset[str]) -> list[Line]:
    return [line for line in lines if line["type"] in types]


def _sum_per_rate(lines: Iterable[Line], field: str) -> dict[Decimal, Decimal]:
    sums: dict[Decimal, Decimal] = defaultdict(Decimal)
    for entry in entries(lines):
        sums[Decimal(entry["rate"])] += Decimal(entry[field])
    return sums


def _whole_line(net: Decimal, rate: Decimal) -> dict[str, str]:
    return price_entry(net, to_cents(net * factor(rate)), rate)


def _action_option(net: Decimal, rate: Decimal) -> dict[str, Any]:
    return {"description": "Actieprijs", "price": {"amount": f"{net:.6f}", "rate": f"{rate:.2f}"}}


def _turned(entry: Mapping[str, str]) -> dict[str, str]:
    return price_entry(
        -Decimal(entry["amount"]) + 0, -Decimal(entry["amount_including_tax"]) + 0, Decimal(entry["rate"])
    )


def _line(type_name: str, description: str, price: Any) -> Line:
    return {"type": type_name, "quantity": 1, "weight": "0", "description": description, "price": price}
