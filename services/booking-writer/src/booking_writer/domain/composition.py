"""The booking of an order, step by step; it either adds up to the cent or says why it cannot."""

from collections.abc import Sequence
from decimal import Decimal
from string import Formatter

from booking_writer.domain.booking import ComposedBooking, SkippedOrder
from booking_writer.domain.case import Case
from booking_writer.domain.classification import VAT_FREE_KINDS, Part, classify
from booking_writer.domain.lines import compose_lines
from booking_writer.domain.order import BookableOrder
from booking_writer.domain.parts import OrderAmounts, read_amounts
from booking_writer.domain.refusal import reason, refuse
from booking_writer.domain.treatment import TAXED_TREATMENTS, decide_treatment
from sconnect.errors import ReasonCode
from sconnect.money import ZERO

# SnelStart BOE-0058 and BOE-0071.
INVOICE_NUMBER_LENGTH_MAX = 25
DESCRIPTION_LENGTH_MAX = 250


def compose(case: Case) -> ComposedBooking | SkippedOrder:
    """The booking that an order becomes in its administration, or why nothing is to be booked.

    The order's total is never changed, its VAT per rate is taken over when it can be true, and its lines
    decide how the rest is split. RejectedError when that does not fit together.
    """
    amounts = read_amounts(case.order)
    parts = classify(amounts.entries, case.rules, is_credit=case.order.is_credit)
    if _is_zero(amounts, parts) and not case.rules.book_zero_totals:
        return SkippedOrder(reason(ReasonCode.ZERO_TOTAL))
    treatment = decide_treatment(case, parts, amounts.vat_rows)
    lines, vat_rows = compose_lines(case, treatment, amounts, parts)
    if not lines:
        return _nothing_to_book(amounts)
    return ComposedBooking(
        invoice_number=_invoice_number(case.rules.invoice_number, case.order),
        invoice_date=case.invoice_date,
        relation_id=case.customer.relation_id,
        customer_number=case.customer.number,
        total=amounts.total,
        lines=lines,
        vat_rows=vat_rows,
        description=_description(case.rules.description, case.order),
        payment_term_days=case.rules.payment_term_days,
        mark_unread=case.rules.mark_unread,
        vat_was_derived=treatment in TAXED_TREATMENTS and not amounts.vat_rows,
    )


def _nothing_to_book(amounts: OrderAmounts) -> SkippedOrder:
    """No line is left, and SnelStart takes no booking without one (BOE-0023)."""
    if amounts.total:
        refuse(ReasonCode.NOTHING_TO_BOOK, total=amounts.total)
    return SkippedOrder(reason(ReasonCode.NOTHING_TO_BOOK))


def _is_zero(amounts: OrderAmounts, parts: Sequence[Part]) -> bool:
    """Nothing at any rate. A gift card that pays everything makes the total zero too, but VAT is due then."""
    gross_by_rate: dict[Decimal, Decimal] = {}
    for part in parts:
        gross_by_rate[part.rate] = gross_by_rate.get(part.rate, ZERO) + part.gross
    return (
        not amounts.total
        and not any(gross_by_rate.values())
        and not any(row.amount for row in amounts.vat_rows)
        and not any(part.kind in VAT_FREE_KINDS for part in parts)
    )


def _invoice_number(pattern: str, order: BookableOrder) -> str:
    number = _filled(pattern, order)
    if not 0 < len(number) <= INVOICE_NUMBER_LENGTH_MAX:
        refuse(
            ReasonCode.REFUSED_BY_SNELSTART,
            "invoice_number_length",
            invoice_number=number or "-",
            length_max=INVOICE_NUMBER_LENGTH_MAX,
        )
    return number


def _description(pattern: str, order: BookableOrder) -> str:
    """Names the credited order too: SnelStart knows no link between a credit and its original."""
    if order.is_credit and order.credited_number and "{credited_order_number}" not in pattern:
        pattern += " (credit van {credited_order_number})"
    return _filled(pattern, order)[:DESCRIPTION_LENGTH_MAX]


def _filled(pattern: str, order: BookableOrder) -> str:
    values = {
        "order_number": order.number,
        "credited_order_number": order.credited_number or "",
        "reference": order.reference or "",
    }
    parts = Formatter().parse(pattern)
    return "".join(literal + values.get(name or "", "") for literal, name, _, _ in parts).strip()
