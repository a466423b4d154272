"""Looks into a profile's administration in SnelStart, before the profile is saved."""

from collections.abc import Mapping
from typing import Any

from console.ports import KnownCustomer, OpenedBooks
from sconnect.allowance import interactive_calls
from sconnect.ledgers import Books
from sconnect.profiles import Profile
from sconnect.snelstart import (
    SnelstartDirectory,
    SnelstartSession,
    SnelstartSessions,
    account_of,
    foreign_vat_rates,
    vat_periods,
)


class SnelstartAdministration:
    """Bookkeeping of console.ports; every look logs in anew, for the key itself is what is examined.

    A person waits for the answer: the calls may use what work in bulk leaves free of the limits.
    """

    def __init__(self, sessions: SnelstartSessions) -> None:
        self._sessions = sessions
        self._administrations: dict[str, str] = {}

    async def log_in(self, profile: Profile) -> OpenedBooks:
        with interactive_calls():
            session = self._session(profile)
            granted = await session.token_scopes()
            company = await SnelstartDirectory(session).company_info()
        self._administrations[_key(profile)] = company.administration_id
        return OpenedBooks(
            administration_id=company.administration_id,
            administration_name=company.name,
            granted=granted,
        )

    async def books(self, profile: Profile) -> Books:
        directory = SnelstartDirectory(self._session(profile))
        with interactive_calls():
            return await _books(directory)

    async def customer(self, profile: Profile, number: int) -> KnownCustomer | None:
        session = self._session(profile)
        with interactive_calls():
            rows = await session.get_all("/relaties", filter=f"Relatiecode eq {number}")
        found = [_customer(row) for row in rows]
        return next((each for each in found if each.number == number), None)

    def _session(self, profile: Profile) -> SnelstartSession:
        return self._sessions.of_settings(profile.bookkeeping, self._administrations.get(_key(profile)))


async def _books(directory: SnelstartDirectory) -> Books:
    company = await directory.company_info()
    ledgers = await directory.ledgers()
    foreign = await directory.foreign_vat_rate_periods() if company.foreign_vat else ()
    countries = await directory.countries() if company.foreign_vat else ()
    numbers = {ledger.id: ledger.number for ledger in ledgers}
    return Books(
        accounts={ledger.number: account_of(ledger) for ledger in ledgers},
        cost_centres=frozenset(centre.number for centre in await directory.cost_centres() if centre.active),
        vat_periods=vat_periods(await directory.vat_rate_periods()),
        invoices_foreign_vat=company.foreign_vat,
        foreign_vat_rates=foreign_vat_rates(foreign, countries),
        foreign_vat_ledger=numbers.get(company.foreign_vat_ledger_id or ""),
        small_business_scheme=company.small_business_scheme,
    )


def _customer(row: Mapping[str, Any]) -> KnownCustomer:
    address = row.get("vestigingsAdres") or {}
    kinds = row.get("relatiesoort") or ()
    number = int(row.get("relatiecode") or 0)
    return KnownCustomer(
        number=number,
        name=str(row.get("naam") or ""),
        street=str(address.get("straat") or ""),
        city=" ".join(str(address[part]) for part in ("postcode", "plaats") if address.get(part)),
        email=str(row.get("email") or ""),
        bookable=not row.get("nonactief") and "Klant" in kinds and number > 0,
    )


def _key(profile: Profile) -> str:
    return profile.bookkeeping.connection_key.get_secret_value()
