"""What an administration consists of: company, ledgers, cost centres, VAT rates, countries."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from sconnect.errors import Reason, ReasonCode, UpstreamUnavailable
from sconnect.snelstart.session import SnelstartSession

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class CompanyInfo:
    """The administration behind the koppelsleutel; `foreign_vat` is its switch for one-stop-shop VAT.

    `small_business_scheme` (KOR) is None when SnelStart says nothing of it.
    """

    administration_id: str
    name: str
    foreign_vat: bool
    foreign_vat_ledger_id: str | None
    small_business_scheme: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerAccount:
    """A grootboek.

    `vat_rate_bands` are the kinds a line on it may have, in SnelStart's words (Geen, Laag, Hoog, Overig);
    `account_kind` is Balans or WinstEnVerlies; `vat_rate_code` belongs to one-stop-shop ledgers.
    """

    id: str
    number: int
    description: str
    function: str
    vat_rate_bands: frozenset[str]
    cost_centre_required: bool
    account_kind: str | None
    active: bool
    vat_rate_code: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class CostCentre:
    id: str
    number: int
    description: str
    active: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class VatRatePeriod:
    """A percentage that a band (Hoog, Laag, Overig, Geen) had from `first_day` to `last_day` inclusive."""

    band: str
    percentage: Decimal
    first_day: date
    last_day: date


@dataclass(frozen=True, kw_only=True, slots=True)
class ForeignVatRatePeriod:
    """A percentage that a rate code (SR, RRH, RRL, SRR, PR) has in an EU country from `first_day` on."""

    country_iso3: str
    code: str
    percentage: Decimal
    first_day: date


@dataclass(frozen=True, kw_only=True, slots=True)
class Country:
    """`code` has two letters, `code_iso3` three."""

    id: str
    name: str
    code: str
    code_iso3: str


class SnelstartDirectory:
    """Typed reads, not cached; an answer of another shape is UpstreamUnavailable."""

    def __init__(self, session: SnelstartSession) -> None:
        self._session = session

    async def company_info(self) -> CompanyInfo:
        return _read(_company_info, await self._session.get("/companyInfo"))

    async def ledgers(self) -> tuple[LedgerAccount, ...]:
        """All ledgers, the inactive ones included."""
        rows = await self._session.get_all("/grootboeken")
        return tuple(_read(_ledger_account, row) for row in rows)

    async def cost_centres(self) -> tuple[CostCentre, ...]:
        rows = await self._session.get_rows("/kostenplaatsen")
        return tuple(_read(_cost_centre, row) for row in rows)

    async def vat_rate_periods(self) -> tuple[VatRatePeriod, ...]:
        rows = await self._session.get_rows("/btwtarieven")
        return tuple(_read(_vat_rate_period, row) for row in rows)

    async def foreign_vat_rate_periods(self) -> tuple[ForeignVatRatePeriod, ...]:
        rows = await self._session.get_rows("/vatrates")
        return tuple(period for row in rows for period in _read(_foreign_vat_rate_periods, row))

    async def countries(self) -> tuple[Country, ...]:
        rows = await self._session.get_rows("/landen")
        return tuple(_read(_country, row) for row in rows)


def _read(reader: Callable[[Mapping[str, Any]], T], row: Any) -> T:
    try:
        return reader(row)
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError):
        reason = Reason(
            code=ReasonCode.UPSTREAM_UNAVAILABLE,
            variant="unreadable_answer",
            details={"host": "SnelStart", "part": reader.__name__.strip("_")},
        )
        raise UpstreamUnavailable(reason) from None


def _company_info(row: Mapping[str, Any]) -> CompanyInfo:
    foreign_vat_ledger = row.get("buitenlandseBtwGrootboek") or {}
    scheme = (row.get("kleineOndernemersregeling") or {}).get("isKleineOndernemersRegelingActief")
    return CompanyInfo(
        administration_id=str(row["administratieIdentifier"]),
        name=str(row.get("administratieNaam") or ""),
        foreign_vat=bool(row.get("factureerBuitenlandsBtw")),
        foreign_vat_ledger_id=foreign_vat_ledger.get("id"),
        small_business_scheme=scheme if isinstance(scheme, bool) else None,
    )


def _ledger_account(row: Mapping[str, Any]) -> LedgerAccount:
    return LedgerAccount(
        id=str(row["id"]),
        number=int(row["nummer"]),
        description=str(row.get("omschrijving") or ""),
        function=str(row.get("grootboekfunctie") or ""),
        vat_rate_bands=frozenset(str(band) for band in row.get("btwSoort") or ()),
        cost_centre_required=bool(row.get("kostenplaatsVerplicht")),
        account_kind=row.get("rekeningCode"),
        active=not row.get("nonactief"),
        vat_rate_code=row.get("vatRateCode") or None,
    )


def _cost_centre(row: Mapping[str, Any]) -> CostCentre:
    return CostCentre(
        id=str(row["id"]),
        number=int(row["nummer"]),
        description=str(row.get("omschrijving") or ""),
        active=not row.get("nonactief"),
    )


def _vat_rate_period(row: Mapping[str, Any]) -> VatRatePeriod:
    return VatRatePeriod(
        band=str(row["btwSoort"]),
        percentage=Decimal(str(row["btwPercentage"])),
        first_day=date.fromisoformat(str(row["datumVanaf"])[:10]),
        last_day=date.fromisoformat(str(row["datumTotEnMet"])[:10]),
    )


def _foreign_vat_rate_periods(row: Mapping[str, Any]) -> tuple[ForeignVatRatePeriod, ...]:
    return tuple(
        ForeignVatRatePeriod(
            country_iso3=str(row["countryCode"]).upper(),
            code=str(rate["rateCode"]),
            percentage=Decimal(str(rate["rate"])),
            first_day=date.fromisoformat(str(rate["validFrom"])[:10]),
        )
        for rate in row.get("vatRates") or ()
    )


def _country(row: Mapping[str, Any]) -> Country:
    return Country(
        id=str(row["id"]),
        name=str(row.get("naam") or ""),
        code=str(row.get("landcode") or "").upper(),
        code_iso3=str(row.get("landcodeISO") or "").upper(),
    )
