"""The ledgers of a profile in the terms of the booking."""

from sconnect.ledgers import OSS_COLUMNS, LedgerColumn, LedgerMapping, LedgerRefinement, LineKind
from sconnect.profiles.model import Ledgers, TreatmentLedgers


def ledger_mapping(ledgers: Ledgers) -> LedgerMapping:
    return LedgerMapping(
        numbers={
            LineKind.REVENUE: _numbers(ledgers.revenue),
            LineKind.SHIPPING: _numbers(ledgers.shipping),
            LineKind.PAYMENT_COSTS: _numbers(ledgers.payment_costs),
            LineKind.DISCOUNT: _numbers(ledgers.discount),
        },
        gift_cards=ledgers.gift_cards,
        deposits=ledgers.deposits,
        rounding=ledgers.rounding,
        refinements=tuple(
            LedgerRefinement(
                kind=LineKind(refinement.kind),
                numbers=_numbers(refinement),
                sku=refinement.sku,
                payment_method=refinement.payment_method,
                country=refinement.country,
            )
            for refinement in ledgers.refinements
        ),
    )


def _numbers(ledgers: TreatmentLedgers) -> dict[LedgerColumn, int]:
    """The ledgers that were chosen, by column."""
    plain = {
        column: getattr(ledgers, column) for column in LedgerColumn if column not in OSS_COLUMNS.values()
    }
    foreign = {OSS_COLUMNS[code]: number for code, number in ledgers.oss.items()}
    return {column: number for column, number in (plain | foreign).items() if number is not None}
