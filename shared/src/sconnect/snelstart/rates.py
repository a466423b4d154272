"""SnelStart's VAT rates in the terms of the booking."""

from collections.abc import Iterable

from sconnect.ledgers import ForeignVatRate, VatPeriod
from sconnect.snelstart.accounts import BANDS
from sconnect.snelstart.directory import Country, ForeignVatRatePeriod, VatRatePeriod


def vat_periods(periods: Iterable[VatRatePeriod]) -> tuple[VatPeriod, ...]:
    """The home country's rates; those of a kind that no line of ours has are left out."""
    return tuple(
        VatPeriod(
            band=BANDS[period.band],
            rate=period.percentage,
            first_day=period.first_day,
            last_day=period.last_day,
        )
        for period in periods
        if period.band in BANDS
    )


def foreign_vat_rates(
    periods: Iterable[ForeignVatRatePeriod], countries: Iterable[Country]
) -> tuple[ForeignVatRate, ...]:
    """The rates by countries of two letters; SnelStart gives them three."""
    codes = {country.code_iso3: country.code for country in countries}
    return tuple(
        ForeignVatRate(
            country=codes[period.country_iso3],
            code=period.code,
            rate=period.percentage,
            first_day=period.first_day,
        )
        for period in periods
        if period.country_iso3 in codes
    )
