"""What a profile says about bookings, and what the administration allows: the other half of the input."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from sconnect.ledgers import Account, Books, ForeignVatRate, LedgerMapping, VatPeriod


@dataclass(frozen=True, kw_only=True, slots=True)
class BookingRules:
    """`invoice_number` and `description` may have the placeholders {order_number},
    {credited_order_number} and {reference}."""

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
class Administration:
    """The books that a profile writes to; `cost_centres` holds the active ones.

    `foreign_vat_rates` and `foreign_vat_ledger`, the account of the VAT itself, serve the one-stop shop;
    `small_business_scheme` is what the company says of itself, None when it says nothing.
    """

    id: str
    invoices_foreign_vat: bool
    vat_periods: tuple[VatPeriod, ...]
    foreign_vat_rates: tuple[ForeignVatRate, ...] = ()
    foreign_vat_ledger: int | None = None
    ledgers: Mapping[int, Account] = field(default_factory=dict)
    cost_centres: frozenset[int] = frozenset()
    small_business_scheme: bool | None = None

    @property
    def books(self) -> Books:
        """The part of it that a mapping is checked against."""
        return Books(
            accounts=self.ledgers,
            cost_centres=self.cost_centres,
            vat_periods=self.vat_periods,
            invoices_foreign_vat=self.invoices_foreign_vat,
            foreign_vat_rates=self.foreign_vat_rates,
            foreign_vat_ledger=self.foreign_vat_ledger,
            small_business_scheme=self.small_business_scheme,
        )
