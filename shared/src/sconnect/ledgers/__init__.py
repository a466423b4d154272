"""Which ledger a line of a sales booking stands on, and what SnelStart asks of such a ledger."""

from sconnect.ledgers.accounts import Account, AccountFunction, Misfit, misfits
from sconnect.ledgers.checks import (
    Books,
    Finding,
    MappingSettings,
    SeenSale,
    Severity,
    check_mapping,
    newly_found,
)
from sconnect.ledgers.mapping import (
    LedgerChoice,
    LedgerMapping,
    LedgerRefinement,
    choose_ledger,
    ledger_field,
    refinement_field,
)
from sconnect.ledgers.words import OSS_COLUMNS, LedgerColumn, LineKind, VatRateBand

__all__ = [
    "OSS_COLUMNS",
    "Account",
    "AccountFunction",
    "Books",
    "Finding",
    "LedgerChoice",
    "LedgerColumn",
    "LedgerMapping",
    "LedgerRefinement",
    "LineKind",
    "MappingSettings",
    "Misfit",
    "SeenSale",
    "Severity",
    "VatRateBand",
    "check_mapping",
    "choose_ledger",
    "ledger_field",
    "misfits",
    "newly_found",
    "refinement_field",
]
