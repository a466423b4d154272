"""The words of a booking line: what it is for, and under which VAT it falls."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class LineKind(StrEnum):
    """What a line of the booking is for; each kind has ledgers of its own."""

    REVENUE = "revenue"
    SHIPPING = "shipping"
    PAYMENT_COSTS = "payment_costs"
    DISCOUNT = "discount"
    GIFT_CARD = "gift_card"
    DEPOSIT = "deposit"
    ROUNDING = "rounding"
    FOREIGN_VAT = "foreign_vat"


class VatRateBand(StrEnum):
    """The VAT kind of a line."""

    NONE = "none"
    LOW = "low"
    HIGH = "high"
    OTHER = "other"


class LedgerColumn(StrEnum):
    """The treatment that a ledger is chosen for, next to the kind of the line; as a profile writes it.

    The one-stop shop (OSS) has a ledger for each of SnelStart's rate codes: SR standard, RRH and RRL reduced
    (high, low), SRR super reduced, PR parking.
    """

    NL_HIGH = "nl_high"
    NL_LOW = "nl_low"
    NL_OTHER = "nl_other"
    NL_ZERO = "nl_zero"
    NL_EXEMPT = "nl_exempt"
    KOR = "kor"
    EU_BUSINESS = "eu_business"
    EXPORT = "export"
    OSS_SR = "oss.SR"
    OSS_RRH = "oss.RRH"
    OSS_RRL = "oss.RRL"
    OSS_SRR = "oss.SRR"
    OSS_PR = "oss.PR"

    @property
    def vat_rate_code(self) -> str | None:
        """The code that a ledger of the one-stop shop carries; None outside it."""
        return self.value.partition(".")[2] or None


OSS_COLUMNS: Mapping[str, LedgerColumn] = MappingProxyType(
    {column.vat_rate_code: column for column in LedgerColumn if column.vat_rate_code is not None}
)
