"""What stands outside VAT in a booking: gift cards, deposits, and the last cents of the total."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from booking_writer.domain.booking import BookingLine
from booking_writer.domain.classification import Part
from booking_writer.domain.refusal import reason
from booking_writer.domain.rules import BookingRules
from sconnect.errors import Reason, ReasonCode
from sconnect.ledgers import LedgerChoice, LineKind, VatRateBand, ledger_field
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
        if rules.ledgers.number_outside_vat(kind) is None:
            yield reason(ReasonCode.LEDGER_UNMAPPED, field=ledger_field(kind), kind=kind, amount=amount)


def vat_free_choices(amounts: dict[LineKind, Decimal], rules: BookingRules) -> Iterator[LedgerChoice]:
    """The ledger of each kind that has one."""
    for kind in amounts:
        number = rules.ledgers.number_outside_vat(kind)
        if number is not None:
            yield LedgerChoice(kind=kind, column=None, number=number, field=ledger_field(kind))


def vat_free_lines(amounts: dict[LineKind, Decimal], rules: BookingRules) -> Iterator[BookingLine]:
    """A line for each kind that has a ledger."""
    for choice in vat_free_choices(amounts, rules):
        yield BookingLine(
            kind=choice.kind,
            ledger_number=choice.number,
            amount=amounts[choice.kind],
            band=VatRateBand.NONE,
            rate=None,
            cost_centre=rules.cost_centre,
        )
