"""The places of a profile's ledgers that orders wait for, and which ledgers could stand there."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from console.domain.standing import ToldReason
from sconnect.errors import ReasonCode
from sconnect.ledgers import (
    TREATED_KINDS,
    ZERO_COLUMNS,
    Account,
    LedgerColumn,
    LineKind,
    Misfit,
    ledger_field,
    misfits,
)

LEDGERS_PATH = "bookings.ledgers."
LEDGER_REASONS = frozenset(
    {
        ReasonCode.LEDGER_UNMAPPED,
        ReasonCode.LEDGER_UNFIT,
        ReasonCode.ZERO_RATE_UNMAPPED,
        ReasonCode.OSS_LEDGER_RESTRICTION,
    }
)
_REFINED = re.compile(r"refinements\[(\d{1,4})\]\.(.+)", re.ASCII)
_OUTSIDE_VAT = {
    ledger_field(kind).removeprefix(LEDGERS_PATH): kind
    for kind in (LineKind.GIFT_CARD, LineKind.DEPOSIT, LineKind.ROUNDING)
}


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerPlace:
    """A place under `bookings.ledgers`. `refinement` is its position when it stands in one: then `kind` is
    what the refinement is for, and None here. `column` is None for what stands outside VAT."""

    field: str
    kind: LineKind | None
    column: LedgerColumn | None
    refinement: int | None = None

    def alternatives(self) -> tuple["LedgerPlace", ...]:
        """The places of which one must be chosen: the shop's 0 % is zero-rated or exempt, a person knows."""
        if self.kind is None or self.column not in ZERO_COLUMNS:
            return (self,)
        kind = self.kind
        return tuple(
            LedgerPlace(field=_short(ledger_field(kind, column)), kind=kind, column=column)
            for column in ZERO_COLUMNS
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class RankedLedger:
    """A ledger of the administration, with everything that keeps it from a place."""

    account: Account
    misfits: tuple[Misfit, ...]

    @property
    def fits(self) -> bool:
        return not self.misfits


def waited_for(reason: ToldReason) -> str | None:
    """The place that an order waits for, as `revenue.nl_high`; None when no ledger would help."""
    field = reason.details.get("field", "")
    if reason.code not in LEDGER_REASONS or not field.startswith(LEDGERS_PATH):
        return None
    place = read_place(_short(field))
    return None if place is None else place.field


def read_place(field: str) -> LedgerPlace | None:
    """From `revenue.nl_high`, `revenue.oss.SR`, `gift_cards` or `refinements[0].nl_low`; else None."""
    if field in _OUTSIDE_VAT:
        return LedgerPlace(field=field, kind=_OUTSIDE_VAT[field], column=None)
    refined = _REFINED.fullmatch(field)
    if refined is not None:
        column = _column(refined.group(2))
        place = int(refined.group(1))
        if column is None:
            return None
        return LedgerPlace(field=field, kind=None, column=column, refinement=place)
    kind, _, word = field.partition(".")
    column = _column(word)
    if column is None or kind not in set(TREATED_KINDS):
        return None
    return LedgerPlace(field=field, kind=LineKind(kind), column=column)


def ranked(
    accounts: Mapping[int, Account],
    kind: LineKind,
    column: LedgerColumn | None,
    *,
    has_cost_centre: bool,
) -> Iterable[RankedLedger]:
    """All ledgers of an administration, those that fit first, by number."""
    judged = [
        RankedLedger(
            account=account,
            misfits=tuple(misfits(account, kind, column, has_cost_centre=has_cost_centre)),
        )
        for _, account in sorted(accounts.items())
    ]
    return sorted(judged, key=lambda ledger: not ledger.fits)


def _short(field: str) -> str:
    return field.removeprefix(LEDGERS_PATH)


def _column(word: str) -> LedgerColumn | None:
    return LedgerColumn(word) if word in set(LedgerColumn) else None
