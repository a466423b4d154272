"""What stands outside VAT in a booking: gift cards, deposits, and the last cents of the total."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from booking_writer.domain.booking import BookingLine, LineKind, VatRateBand
from booking_writer.domain.classification import Part
from booking_writer.domain.refusal import reason
from booking_writer.domain.rules import BookingRules, ledger_field
from sconnect.errors import Reason, ReasonCode
from sconnect.money import ZERO


def vat_free_amounts(vat_free: Sequence[Part], difference: Decimal) -> dict[LineKind, Decimal]:
    """The amount of every kind that is not zero."""
    amounts = dict.fromkeys(sorted({part.kind for part in vat_free}), ZERO)
    for part in vat_free:
        amounts[part.kind] += part.gross
    amounts[LineKind.ROUNDING] = difference
    return {kind: amount for kind, amount in amounts.items() if amount}


def vat_free_unmapped(amounts: dict[LineKind, Decimal], rules: BookingRules) -> Iterator[Reason]:
    for kind, amount in amounts.items():
        if _ledger_number(kind, rules) is None:
            yield reason(ReasonCode.LEDGER_UNMAPPED, field=ledger_field(kind), kind=kind, amount=amount)


def vat_free_lines(amounts: dict[LineKind, Decimal], rules: BookingRules) -> Iterator[BookingLine]:
    """A line for each kind that has a ledger."""
    for kind, amount in amounts.items():
        number = _ledger_number(kind, rules)
        if number is not None:
            yield BookingLine(
                kind=kind,
                ledger_number=number,
                amount=amount,
                band=VatRateBand.NONE,
                rate=None,
                cost_centre=rules.cost_centre,
            )


def _ledger_number(kind: LineKind, rules: BookingRules) -> int | None:
    match kind:
        case LineKind.GIFT_CARD:
            return rules.ledgers.gift_cards
        case LineKind.DEPOSIT:
            return rules.ledgers.deposits
        case _:
            return rules.ledgers.rounding
