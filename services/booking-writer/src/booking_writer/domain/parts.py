"""The order's amounts, flat: one entry per price, one row per printed VAT rate, one total."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from booking_writer.domain.order import BookableOrder, OrderedLine, OrderedPrice
from booking_writer.domain.reading import NumberReader, is_absent
from booking_writer.domain.refusal import reason, refuse, refuse_if_any
from sconnect.errors import ReasonCode
from sconnect.money import ZERO, r2

CURRENCY = "EUR"


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One price of one line, its gross in cents; `rate` is None when the shop gave none."""

    shop_kind: str
    description: str
    sku: str | None
    rate: Decimal | None
    net: Decimal
    gross: Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class VatRow:
    rate: Decimal
    amount: Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderAmounts:
    """Everything of an order that is money; `total` is in whole cents."""

    total: Decimal
    entries: tuple[Entry, ...]
    vat_rows: tuple[VatRow, ...]


def read_amounts(order: BookableOrder) -> OrderAmounts:
    """The order's amounts, signed as a booking is; RejectedError names every field that is no number."""
    if (order.currency or "").strip().upper() != CURRENCY:
        refuse(ReasonCode.FOREIGN_CURRENCY, currency=order.currency or "-")
    if order.total is None or is_absent(order.total):
        refuse(ReasonCode.NO_TOTAL)
    reader = NumberReader()
    amounts = OrderAmounts(
        total=r2(reader.amount("total", order.total)),
        entries=tuple(_entries(order, reader)),
        vat_rows=tuple(_vat_rows(order, reader)),
    )
    refuse_if_any(reader.problems)
    return _with_credit_sign(amounts) if order.is_credit else amounts


def _entries(order: BookableOrder, reader: NumberReader) -> Iterator[Entry]:
    for line_place, line in enumerate(order.lines):
        for price_place, price in enumerate(line.prices):
            entry = _entry(line, price, f"lines[{line_place}].prices[{price_place}]", reader)
            if entry.net or entry.gross:
                yield entry


def _entry(line: OrderedLine, price: OrderedPrice, field: str, reader: NumberReader) -> Entry:
    net, gross = _amount(price.net, f"{field}.net", reader), _amount(price.gross, f"{field}.gross", reader)
    if net is None and gross is None:
        reader.note(f"{field}.net", "")
    # A part of nothing is dropped whatever its rate, so its rate need not be readable.
    is_nothing = not net and not gross
    rate = None if is_nothing or is_absent(price.rate) else reader.rate(f"{field}.rate", price.rate or "")
    if gross is None and rate is None and not is_nothing:
        reader.add(reason(ReasonCode.RATE_MISSING, field=f"{field}.rate", amount=net))
    factor = 1 + (rate or ZERO) / 100
    if net is None:
        net = (gross or ZERO) / factor
    gross = r2(net * factor if gross is None else gross)
    return Entry(
        shop_kind=line.kind, description=line.description, sku=line.sku, rate=rate, net=net, gross=gross
    )


def _amount(text: str | None, field: str, reader: NumberReader) -> Decimal | None:
    return None if text is None or is_absent(text) else reader.amount(field, text)


def _vat_rows(order: BookableOrder, reader: NumberReader) -> Iterator[VatRow]:
    """One row per rate."""
    amounts: dict[Decimal, Decimal] = {}
    for place, printed in enumerate(order.vat_amounts):
        amount = reader.amount(f"vat_amounts[{place}].amount", printed.amount or "")
        if not amount and is_absent(printed.rate):
            continue
        rate = reader.rate(f"vat_amounts[{place}].rate", printed.rate or "")
        amounts[rate] = amounts.get(rate, ZERO) + amount
    for rate, amount in sorted(amounts.items()):
        yield VatRow(rate=rate, amount=r2(amount))


def _with_credit_sign(amounts: OrderAmounts) -> OrderAmounts:
    """A credit order takes money out of the books, whichever sign the shop prints (it documents none)."""
    if amounts.total <= 0:
        return amounts
    signed = [amount for entry in amounts.entries for amount in (entry.net, entry.gross)]
    signed += [row.amount for row in amounts.vat_rows]
    if any(amount < 0 for amount in signed):
        refuse(ReasonCode.CREDIT_SIGN_AMBIGUOUS, total=amounts.total)
    return OrderAmounts(
        total=-amounts.total,
        entries=tuple(replace(entry, net=-entry.net, gross=-entry.gross) for entry in amounts.entries),
        vat_rows=tuple(replace(row, amount=-row.amount) for row in amounts.vat_rows),
    )
