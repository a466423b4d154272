"""What a profile says about bookings, and what the administration allows: the other half of the input."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fnmatch import fnmatchcase
from types import MappingProxyType

from booking_writer.domain.booking import LineKind, VatRateBand


class LedgerColumn(StrEnum):
    """The treatment that a ledger is chosen for, next to the kind of the line."""

    NL_HIGH = "nl_high"
    NL_LOW = "nl_low"
    NL_OTHER = "nl_other"


_FIELDS_WITHOUT_TREATMENT = MappingProxyType(
    {
        LineKind.GIFT_CARD: "gift_cards",
        LineKind.DEPOSIT: "deposits",
        LineKind.ROUNDING: "rounding",
    }
)


def ledger_field(kind: LineKind, column: LedgerColumn | None = None) -> str:
    """Where a profile states the ledger of this kind, as its file writes it."""
    if column is not None:
        return f"bookings.ledgers.{kind}.{column}"
    return f"bookings.ledgers.{_FIELDS_WITHOUT_TREATMENT[kind]}"


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerRefinement:
    """Other ledgers for some lines of a kind: those whose SKU matches a pattern (`BOEK-*`), or all of an
    order that was paid or delivered in a certain way."""

    kind: LineKind
    numbers: Mapping[LedgerColumn, int]
    sku: str | None = None
    payment_method: str | None = None
    country: str | None = None

    def fits(
        self, *, kind: LineKind, sku: str | None, payment_method: str | None, country: str | None
    ) -> bool:
        return (
            kind is self.kind
            and (self.sku is None or fnmatchcase((sku or "").upper(), self.sku.upper()))
            and (self.payment_method is None or _same(payment_method, self.payment_method))
            and (self.country is None or _same(country, self.country))
        )


def _same(found: str | None, wanted: str) -> bool:
    return found is not None and found.casefold() == wanted.casefold()


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerMapping:
    """Account numbers by kind of line and treatment; a missing one is never replaced by another's.

    `refinements` stand most specific first: the first that fits and names the treatment wins.
    """

    numbers: Mapping[LineKind, Mapping[LedgerColumn, int]]
    gift_cards: int | None = None
    deposits: int | None = None
    rounding: int | None = None
    refinements: tuple[LedgerRefinement, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class BookingRules:
    """`invoice_number` and `description` have the placeholders {order_number} and {credited_order_number}."""

    home_country: str
    ledgers: LedgerMapping
    small_business_scheme: bool = False
    invoice_number: str = "{order_number}"
    description: str = "{order_number}"
    dated_by_status: bool = False
    payment_term_days: int | None = None
    cost_centre: int | None = None
    mark_unread: bool = True
    book_zero_totals: bool = False
    rounding_tolerance: Decimal = Decimal("0.05")
    gift_card_skus: frozenset[str] = frozenset()
    gift_card_description: re.Pattern[str] | None = None
    deposit_skus: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class VatPeriod:
    """The rate (percent) that a band had from `first_day` to `last_day`, both included."""

    band: VatRateBand
    rate: Decimal
    first_day: date
    last_day: date


@dataclass(frozen=True, kw_only=True, slots=True)
class Ledger:
    """An account as far as it limits what may be booked on it; `bands` empty means not known."""

    number: int
    is_active: bool
    bands: frozenset[VatRateBand]
    needs_cost_centre: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Administration:
    """The books that a profile writes to; `cost_centres` holds the active ones."""

    id: str
    invoices_foreign_vat: bool
    vat_periods: tuple[VatPeriod, ...]
    ledgers: Mapping[int, Ledger] = field(default_factory=dict)
    cost_centres: frozenset[int] = frozenset()
