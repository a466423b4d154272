"""Profiles: what couples a shop to an administration, read strictly and kept with encrypted keys."""

from sconnect.profiles.ledger_mapping import ledger_mapping, mapping_settings, shop_terms
from sconnect.profiles.model import (
    BookingSettings,
    BookkeepingSettings,
    CollectiveDebtor,
    CustomerSettings,
    LedgerRefinement,
    Ledgers,
    PlanningSettings,
    Profile,
    ShopSettings,
    TreatmentLedgers,
)
from sconnect.profiles.patterns import fill, literal_prefix
from sconnect.profiles.problems import Problem, ProfileConflict, ProfileInvalid, ProfileProblems
from sconnect.profiles.reader import read_profile
from sconnect.profiles.secrets import SecretsKeyring, new_secrets_key, read_keyring
from sconnect.profiles.store import AdministrationInfo, ProfileStore, StoredProfile, take_out_secrets

__all__ = [
    "AdministrationInfo",
    "BookingSettings",
    "BookkeepingSettings",
    "CollectiveDebtor",
    "CustomerSettings",
    "LedgerRefinement",
    "Ledgers",
    "PlanningSettings",
    "Problem",
    "Profile",
    "ProfileConflict",
    "ProfileInvalid",
    "ProfileProblems",
    "ProfileStore",
    "SecretsKeyring",
    "ShopSettings",
    "StoredProfile",
    "TreatmentLedgers",
    "fill",
    "ledger_mapping",
    "literal_prefix",
    "mapping_settings",
    "new_secrets_key",
    "read_keyring",
    "read_profile",
    "shop_terms",
    "take_out_secrets",
]
