"""The SnelStart B2B API v2: login, calls, its errors as ours, and the reads that several services need."""

from sconnect.snelstart.accounts import account_of
from sconnect.snelstart.directory import (
    CompanyInfo,
    CostCentre,
    Country,
    ForeignVatRatePeriod,
    LedgerAccount,
    SnelstartDirectory,
    VatRatePeriod,
)
from sconnect.snelstart.errors import SnelstartNotFound, SnelstartRefused, VendorProblem
from sconnect.snelstart.rates import foreign_vat_rates, vat_periods
from sconnect.snelstart.session import Credentials, SnelstartSession, SnelstartSessions

__all__ = [
    "CompanyInfo",
    "CostCentre",
    "Country",
    "Credentials",
    "ForeignVatRatePeriod",
    "LedgerAccount",
    "SnelstartDirectory",
    "SnelstartNotFound",
    "SnelstartRefused",
    "SnelstartSession",
    "SnelstartSessions",
    "VatRatePeriod",
    "VendorProblem",
    "account_of",
    "foreign_vat_rates",
    "vat_periods",
]
