"""Which VAT rate was which on a day: the home country's bands, and the codes of other EU countries."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sconnect.ledgers.words import VatRateBand


@dataclass(frozen=True, kw_only=True, slots=True)
class VatPeriod:
    """The rate (percent) that a band had from `first_day` to `last_day`, both included."""

    band: VatRateBand
    rate: Decimal
    first_day: date
    last_day: date


@dataclass(frozen=True, kw_only=True, slots=True)
class ForeignVatRate:
    """The rate (percent) that a code has in another EU country (two letters) from `first_day` on, until the
    code's next one."""

    country: str
    code: str
    rate: Decimal
    first_day: date


def band_of(
    rate: Decimal, periods: Iterable[VatPeriod], *, supplied_on: date, booked_on: date
) -> VatRateBand | None:
    """The band of a domestic rate that held when the goods were supplied; None when it did not.

    A credit of an old order may carry a rate that has gone since; such a rate is booked as "other".
    """
    periods = tuple(periods)
    then = _band_on(rate, periods, supplied_on)
    if then is None or _band_on(rate, periods, booked_on) is not None:
        return then
    return VatRateBand.OTHER


def foreign_rates(rates: Iterable[ForeignVatRate], country: str, day: date) -> dict[str, Decimal]:
    """The country's rate of each code on a day."""
    held = (rate for rate in rates if rate.country == country)
    begun = sorted((rate for rate in held if rate.first_day <= day), key=lambda rate: rate.first_day)
    return {rate.code: rate.rate for rate in begun}


def _band_on(rate: Decimal, periods: Iterable[VatPeriod], day: date) -> VatRateBand | None:
    for period in periods:
        # SnelStart lists 0 % under Geen, and may under Overig: a rate of nothing is in no band.
        fits = 0 < period.rate == rate and period.first_day <= day <= period.last_day
        if fits and period.band is not VatRateBand.NONE:
            return period.band
    return None
