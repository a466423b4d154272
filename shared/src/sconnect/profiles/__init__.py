"""Profiles: what couples a shop to an administration, read strictly and kept with encrypted keys."""

from sconnect.profiles.history import ProfileHistory, ProfileVersion
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
from sconnect.profiles.problems import (
    Problem,
    ProfileConflict,
    ProfileInvalid,
    ProfileOutdated,
    ProfileProblems,
)
from sconnect.profiles.reader import read_profile
from sconnect.profiles.secrets import SecretsKeyring, new_secrets_key, read_keyring
from sconnect.profiles.store import (
    SECRET_FIELDS,
    AdministrationInfo,
    ProfileStore,
    StoredProfile,
    put_back_secrets,
    take_out_secrets,
)

__all__ = [
    "SECRET_FIELDS",
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
    "ProfileHistory",
    "ProfileInvalid",
    "ProfileOutdated",
    "ProfileProblems",
    "ProfileStore",
    "ProfileVersion",
    "SecretsKeyring",
    "ShopSettings",
    "StoredProfile",
    "TreatmentLedgers",
    "fill",
    "ledger_mapping",
    "literal_prefix",
    "mapping_settings",
    "new_secrets_key",
    "put_back_secrets",
    "read_keyring",
    "read_profile",
    "shop_terms",
    "take_out_secrets",
]
