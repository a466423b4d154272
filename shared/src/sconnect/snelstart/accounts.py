"""SnelStart's grootboek in the terms of the booking."""

from types import MappingProxyType

from sconnect.ledgers import Account, AccountFunction, VatRateBand
from sconnect.snelstart.directory import LedgerAccount

BALANCE_SHEET = "Balans"
PROFIT_AND_LOSS = "WinstEnVerlies"

BANDS = MappingProxyType(
    {
        "Geen": VatRateBand.NONE,
        "Laag": VatRateBand.LOW,
        "Hoog": VatRateBand.HIGH,
        "Overig": VatRateBand.OTHER,
    }
)
# The grootboekfuncties (B2B API v2, GrootboekModel) that a sale can meet.
FUNCTIONS = MappingProxyType(
    {
        "Diversen": AccountFunction.NEUTRAL,
        "VerkopenOmzetHoog": AccountFunction.SALES_HIGH,
        "VerkopenOmzetLaag": AccountFunction.SALES_LOW,
        "VerkopenOmzetOverig": AccountFunction.SALES_OTHER,
        "VerkopenOmzetOnbelastVerlegd": AccountFunction.SALES_UNTAXED,
        "VerkopenBtwVrij": AccountFunction.SALES_EXEMPT,
        "VerkopenExportBinnenEU": AccountFunction.EU_GOODS,
        "DienstverleningBinnenEU": AccountFunction.EU_SERVICES,
        "VerkopenExportBuitenEU": AccountFunction.EXPORT,
        "InstallatieTeleverkoopBinnenEUgeen": AccountFunction.DISTANCE_SALES,
        "InkopenKostenAlleBtwTarieven": AccountFunction.COSTS_OF_ANY_VAT,
    }
)
# Whole families, by how their names begin.
FAMILIES = (
    ("Dagboek", AccountFunction.JOURNAL),
    ("Btw", AccountFunction.VAT),
    ("Inkopen", AccountFunction.PURCHASE),
    ("Bpm", AccountFunction.VEHICLE_TAX),
)


def account_of(ledger: LedgerAccount) -> Account:
    return Account(
        number=ledger.number,
        is_active=ledger.active,
        bands=frozenset(BANDS[word] for word in ledger.vat_rate_bands if word in BANDS),
        needs_cost_centre=ledger.cost_centre_required,
        function=function_of(ledger.function),
        is_balance_sheet=_is_balance_sheet(ledger.account_kind),
        vat_rate_code=ledger.vat_rate_code,
        name=ledger.description,
    )


def function_of(word: str) -> AccountFunction | None:
    """What a grootboekfunctie means; None when SnelStart gives none."""
    if not word:
        return None
    family = next((function for start, function in FAMILIES if word.startswith(start)), None)
    return FUNCTIONS.get(word) or family or AccountFunction.ANYTHING_ELSE


def _is_balance_sheet(account_kind: str | None) -> bool | None:
    return account_kind == BALANCE_SHEET if account_kind in (BALANCE_SHEET, PROFIT_AND_LOSS) else None
