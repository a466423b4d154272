"""Looks into a profile's administration in SnelStart, before the profile is saved."""

import httpx

from console.ports import Chart, OpenedBooks
from sconnect.clock import Clock
from sconnect.ledgers import Books
from sconnect.profiles import Profile
from sconnect.snelstart import (
    Credentials,
    SnelstartDirectory,
    SnelstartSession,
    account_of,
    foreign_vat_rates,
    vat_periods,
)


class SnelstartAdministration:
    """Bookkeeping of console.ports; every look logs in anew, for the key itself is what is examined."""

    def __init__(self, client: httpx.AsyncClient, clock: Clock, *, total_timeout_seconds: float) -> None:
        self._client = client
        self._clock = clock
        self._total_timeout_seconds = total_timeout_seconds

    async def log_in(self, profile: Profile) -> OpenedBooks:
        session = self._session(profile)
        granted = await session.token_scopes()
        company = await SnelstartDirectory(session).company_info()
        return OpenedBooks(
            administration_id=company.administration_id,
            administration_name=company.name,
            granted=granted,
        )

    async def chart(self, profile: Profile) -> Chart:
        directory = SnelstartDirectory(self._session(profile))
        company = await directory.company_info()
        ledgers = await directory.ledgers()
        foreign = await directory.foreign_vat_rate_periods() if company.foreign_vat else ()
        countries = await directory.countries() if company.foreign_vat else ()
        numbers = {ledger.id: ledger.number for ledger in ledgers}
        books = Books(
            accounts={ledger.number: account_of(ledger) for ledger in ledgers},
            cost_centres=frozenset(
                centre.number for centre in await directory.cost_centres() if centre.active
            ),
            vat_periods=vat_periods(await directory.vat_rate_periods()),
            invoices_foreign_vat=company.foreign_vat,
            foreign_vat_rates=foreign_vat_rates(foreign, countries),
            foreign_vat_ledger=numbers.get(company.foreign_vat_ledger_id or ""),
            small_business_scheme=company.small_business_scheme,
        )
        return Chart(books=books, names={ledger.number: ledger.description for ledger in ledgers})

    def _session(self, profile: Profile) -> SnelstartSession:
        return SnelstartSession(
            self._client,
            self._clock,
            Credentials.of(profile.bookkeeping),
            total_timeout_seconds=self._total_timeout_seconds,
        )
