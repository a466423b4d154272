"""Looks into a profile's administration in SnelStart, before the profile is saved."""

from types import MappingProxyType

import httpx

from console.domain.mapping import Administration, CostCentre, Ledger, LedgerUse
from console.ports import Books
from sconnect.clock import Clock
from sconnect.profiles import Profile
from sconnect.snelstart import Credentials, LedgerAccount, SnelstartDirectory, SnelstartSession

BALANCE_SHEET = "Balans"

# The grootboekfuncties that sales go by (SnelStart B2B API v2, GrootboekModel).
_USE_OF_FUNCTION = MappingProxyType(
    {
        "VerkopenOmzetHoog": LedgerUse.SALES_HIGH,
        "VerkopenOmzetLaag": LedgerUse.SALES_LOW,
        "VerkopenOmzetOverig": LedgerUse.SALES_OTHER,
        "VerkopenOmzetOnbelastVerlegd": LedgerUse.SALES_ZERO,
        "VerkopenBtwVrij": LedgerUse.SALES_ZERO,
        "VerkopenExportBinnenEU": LedgerUse.EU_BUSINESS,
        "DienstverleningBinnenEU": LedgerUse.EU_BUSINESS,
        "VerkopenExportBuitenEU": LedgerUse.EXPORT,
        "InstallatieTeleverkoopBinnenEUgeen": LedgerUse.ONE_STOP_SHOP,
        "Diversen": LedgerUse.NEUTRAL,
    }
)


class SnelstartAdministration:
    """Bookkeeping of console.ports; every look logs in anew, for the key itself is what is examined."""

    def __init__(self, client: httpx.AsyncClient, clock: Clock, *, total_timeout_seconds: float) -> None:
        self._client = client
        self._clock = clock
        self._total_timeout_seconds = total_timeout_seconds

    async def log_in(self, profile: Profile) -> Books:
        session = self._session(profile)
        granted = await session.token_scopes()
        company = await SnelstartDirectory(session).company_info()
        return Books(
            administration_id=company.administration_id,
            administration_name=company.name,
            granted=granted,
        )

    async def administration(self, profile: Profile) -> Administration:
        directory = SnelstartDirectory(self._session(profile))
        company = await directory.company_info()
        return Administration(
            ledgers=tuple(_ledger(account) for account in await directory.ledgers()),
            cost_centres=tuple(
                CostCentre(number=centre.number, active=centre.active)
                for centre in await directory.cost_centres()
            ),
            foreign_vat=company.foreign_vat,
        )

    def _session(self, profile: Profile) -> SnelstartSession:
        settings = profile.bookkeeping
        credentials = Credentials(
            token_url=settings.token_url,
            api_url=settings.api_url,
            subscription_key=settings.subscription_key.get_secret_value(),
            connection_key=settings.connection_key.get_secret_value(),
        )
        return SnelstartSession(
            self._client, self._clock, credentials, total_timeout_seconds=self._total_timeout_seconds
        )


def _ledger(account: LedgerAccount) -> Ledger:
    return Ledger(
        number=account.number,
        use=_USE_OF_FUNCTION.get(account.function, LedgerUse.ANYTHING_ELSE),
        on_balance_sheet=account.account_kind == BALANCE_SHEET,
        cost_centre_required=account.cost_centre_required,
        active=account.active,
    )
