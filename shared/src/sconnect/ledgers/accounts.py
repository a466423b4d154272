"""What SnelStart asks of a ledger before a sales booking may stand on it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from sconnect.ledgers.words import LedgerColumn, LineKind, VatRateBand


class AccountFunction(StrEnum):
    """What a ledger is for in the books; SnelStart ties the VAT of a line, and the VAT return, to it."""

    SALES_HIGH = "sales_high"
    SALES_LOW = "sales_low"
    SALES_OTHER = "sales_other"
    SALES_UNTAXED = "sales_untaxed"
    SALES_EXEMPT = "sales_exempt"
    EU_GOODS = "eu_goods"
    EU_SERVICES = "eu_services"
    EXPORT = "export"
    DISTANCE_SALES = "distance_sales"
    NEUTRAL = "neutral"
    COSTS_OF_ANY_VAT = "costs_of_any_vat"
    # No line of a sale may stand on these (SnelStart BOE-0061).
    JOURNAL = "journal"
    VAT = "vat"
    PURCHASE = "purchase"
    VEHICLE_TAX = "vehicle_tax"
    ANYTHING_ELSE = "anything_else"


NEVER_FOR_SALES = frozenset(
    {
        AccountFunction.JOURNAL,
        AccountFunction.VAT,
        AccountFunction.PURCHASE,
        AccountFunction.VEHICLE_TAX,
    }
)

FUNCTIONS_OF_COLUMN: Mapping[LedgerColumn, frozenset[AccountFunction]] = MappingProxyType(
    {
        LedgerColumn.NL_HIGH: frozenset({AccountFunction.SALES_HIGH}),
        LedgerColumn.NL_LOW: frozenset({AccountFunction.SALES_LOW}),
        LedgerColumn.NL_OTHER: frozenset({AccountFunction.SALES_OTHER}),
        LedgerColumn.NL_ZERO: frozenset({AccountFunction.SALES_UNTAXED}),
        # In the standard chart the exempt ledger is neutral; administrations also use that of 0 %.
        LedgerColumn.NL_EXEMPT: frozenset(
            {AccountFunction.NEUTRAL, AccountFunction.SALES_EXEMPT, AccountFunction.SALES_UNTAXED}
        ),
        LedgerColumn.KOR: frozenset(
            {AccountFunction.NEUTRAL, AccountFunction.SALES_EXEMPT, AccountFunction.SALES_UNTAXED}
        ),
        LedgerColumn.EU_BUSINESS: frozenset({AccountFunction.EU_GOODS, AccountFunction.EU_SERVICES}),
        LedgerColumn.EXPORT: frozenset({AccountFunction.EXPORT}),
        **{
            column: frozenset({AccountFunction.DISTANCE_SALES})
            for column in LedgerColumn
            if column.vat_rate_code is not None
        },
    }
)
BAND_OF_COLUMN: Mapping[LedgerColumn, VatRateBand] = MappingProxyType(
    {
        LedgerColumn.NL_HIGH: VatRateBand.HIGH,
        LedgerColumn.NL_LOW: VatRateBand.LOW,
        LedgerColumn.NL_OTHER: VatRateBand.OTHER,
    }
)
DOMESTIC_COLUMNS = frozenset(BAND_OF_COLUMN) | {LedgerColumn.NL_ZERO, LedgerColumn.NL_EXEMPT}
BALANCE_SHEET_KINDS = frozenset({LineKind.GIFT_CARD, LineKind.DEPOSIT})


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """A ledger of the administration as far as it limits what may stand on it.

    What the administration does not tell is None, or no `bands` at all, and then limits nothing.
    """

    number: int
    is_active: bool
    bands: frozenset[VatRateBand]
    needs_cost_centre: bool
    function: AccountFunction | None = None
    is_balance_sheet: bool | None = None
    vat_rate_code: str | None = None
    name: str = ""


class Misfit(StrEnum):
    """Why a ledger cannot carry a line."""

    UNKNOWN = "unknown"
    INACTIVE = "inactive"
    FORBIDDEN = "forbidden"
    FUNCTION = "function"
    VAT_BAND = "vat_band"
    VAT_RATE_CODE = "vat_rate_code"
    ON_BALANCE_SHEET = "on_balance_sheet"
    NOT_ON_BALANCE_SHEET = "not_on_balance_sheet"
    COST_CENTRE_REQUIRED = "cost_centre_required"


def misfits(
    account: Account | None, kind: LineKind, column: LedgerColumn | None, *, has_cost_centre: bool
) -> Iterator[Misfit]:
    """Everything that speaks against this ledger for a line of this kind and treatment."""
    if account is None:
        yield Misfit.UNKNOWN
        return
    if not account.is_active:
        yield Misfit.INACTIVE
    yield from _function_misfits(account, kind, column)
    band = VatRateBand.NONE if column is None else BAND_OF_COLUMN.get(column, VatRateBand.NONE)
    if account.bands and band not in account.bands:
        yield Misfit.VAT_BAND
    if account.is_balance_sheet is not None:
        if account.is_balance_sheet and kind not in BALANCE_SHEET_KINDS:
            yield Misfit.ON_BALANCE_SHEET
        elif not account.is_balance_sheet and kind in BALANCE_SHEET_KINDS:
            yield Misfit.NOT_ON_BALANCE_SHEET
    if account.needs_cost_centre and not has_cost_centre:
        yield Misfit.COST_CENTRE_REQUIRED


def takes_any_vat(account: Account, kind: LineKind, column: LedgerColumn | None) -> bool:
    """Payment costs may stand on a ledger for costs; revenue then misses them in the VAT return."""
    return (
        account.function is AccountFunction.COSTS_OF_ANY_VAT
        and kind is LineKind.PAYMENT_COSTS
        and column in DOMESTIC_COLUMNS
    )


def _function_misfits(account: Account, kind: LineKind, column: LedgerColumn | None) -> Iterator[Misfit]:
    if account.function is None or takes_any_vat(account, kind, column):
        return
    if account.function in NEVER_FOR_SALES:
        yield Misfit.FORBIDDEN
        return
    fitting = frozenset({AccountFunction.NEUTRAL}) if column is None else FUNCTIONS_OF_COLUMN[column]
    if account.function not in fitting:
        yield Misfit.FUNCTION
    elif column is not None and column.vat_rate_code not in (None, account.vat_rate_code):
        yield Misfit.VAT_RATE_CODE
