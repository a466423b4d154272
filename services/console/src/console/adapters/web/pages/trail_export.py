"""One order from shop to booking as a file for a spreadsheet."""

from collections.abc import Iterator

from console.adapters.web.order_documents import BookingDocument, EventDocument, OrderTrailDocument
from console.adapters.web.pages.export import BYTE_ORDER_MARK, csv_rows, harmless
from console.adapters.web.pages.trail import card_field_words, vat_words
from console.adapters.web.pages.words import Words
from sconnect.contracts import SalesOrder

COLUMNS = ("part", "when", "what", "ledger", "vat", "amount")

Line = tuple[str, str, str, str, str]
"""When, what, ledger, VAT, amount; "" where the part has none."""


def trail_csv(order: OrderTrailDocument, words: Words) -> str:
    """The heading, then a line for each thing that the order's page tells, part by part."""
    parts = (
        ("order.from_the_shop", _received(order.received, words) if order.received else ()),
        ("order.customer", _customer(order, words)),
        ("order.booking", _booking(order.booking, words) if order.booking else ()),
        ("order.trail", _events(order.trail, words)),
    )
    rows = [
        [harmless(words.text(part)), *map(harmless, line[:-1]), line[-1]]
        for part, lines in parts
        for line in lines
    ]
    heading = [words.text(f"order_file.{column}") for column in COLUMNS]
    return BYTE_ORDER_MARK + csv_rows([heading, *rows], words)


def _received(received: SalesOrder, words: Words) -> Iterator[Line]:
    for line in received.lines:
        for price in line.prices:
            vat = f"{price.rate} %" if price.rate else ""
            what = line.description or line.kind
            yield "", what, "", vat, _amount(price.gross or price.net, words)
    for vat_amount in received.vat_amounts:
        text = words.text("order.vat_at", rate=words.decimals(vat_amount.rate))
        yield "", text, "", "", _amount(vat_amount.amount, words)
    yield "", words.text("orders.total"), "", "", _amount(received.total, words)


def _customer(order: OrderTrailDocument, words: Words) -> Iterator[Line]:
    customer = order.customer
    if customer is None:
        return
    yield "", words.text("order.customer_number", number=customer.number), "", "", ""
    yield "", words.text("order.why", why=customer.explanation), "", "", ""
    if customer.differs:
        yield "", words.text("order.differs", differs=customer.differs), "", "", ""
    for change in customer.changes:
        field, old = card_field_words(change.field, words), change.old or words.text("order.empty")
        yield "", f"{field}: {old} → {change.new or words.text('order.empty')}", "", "", ""


def _booking(booking: BookingDocument, words: Words) -> Iterator[Line]:
    day = booking.invoice_date.isoformat()
    for line in booking.lines:
        vat = vat_words(line.vat_rate_band, words)
        yield day, line.description, str(line.ledger_number), vat, _amount(line.amount, words)
    for row in booking.vat_rows:
        what = words.text("order.vat_row", what=vat_words(row.category, words))
        yield day, what, "", "", _amount(row.amount, words)
    total = f"{words.text('orders.total')}, {words.text('orders.invoice')} {booking.invoice_number}"
    yield day, total, "", "", _amount(booking.total, words)


def _events(trail: tuple[EventDocument, ...], words: Words) -> Iterator[Line]:
    for event in trail:
        yield words.second(event.at), event.text, "", "", ""
        for call in event.calls:
            times = f" {words.text('order.call_times', count=call.times)}" if call.times > 1 else ""
            what = f"{call.system}: {call.method} {call.path}{times} ({call.answer})"
            yield words.second(call.began_at), what, "", "", ""


def _amount(amount: str | None, words: Words) -> str:
    """A number to be computed with; what is none, as a text that is not."""
    if amount is None:
        return ""
    is_number = amount.removeprefix("-").replace(".", "", 1).isdecimal()
    return amount.replace(".", words.decimal_mark) if is_number else harmless(amount)
