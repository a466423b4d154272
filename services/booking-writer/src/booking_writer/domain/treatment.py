"""Which VAT regime an order falls under. Never decided on a percentage: 21 % may be Belgian."""

from collections.abc import Iterator, Sequence
from datetime import date
from enum import StrEnum

from booking_writer.domain.case import Case
from booking_writer.domain.classification import Part
from booking_writer.domain.parts import VatRow
from booking_writer.domain.refusal import percent, reason, refuse, refuse_if_any
from sconnect.errors import Reason, ReasonCode
from sconnect.money import r2

# One scheme for consumer sales in the whole EU; SnelStart applies it from the same day.
OSS_FIRST_DAY = date(2021, 7, 1)

# What the shop writes when its ordinary rates do not apply.
REVERSE_CHARGED = "reverse_charged_vat"
ZERO_PERCENT = "zero_percent"

# fmt: off
EU_COUNTRIES = frozenset({
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU",
    "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
})
# fmt: on


class Treatment(StrEnum):
    DOMESTIC = "domestic"
    EU_BUSINESS = "eu_business"
    EXPORT = "export"
    ONE_STOP_SHOP = "one_stop_shop"
    SMALL_BUSINESS = "small_business"


def decide_treatment(case: Case, parts: Sequence[Part], vat_rows: Sequence[VatRow]) -> Treatment:
    """The treatment of the whole order; RejectedError when its signs contradict each other."""
    strategy = case.order.tax_strategy.strip()
    if strategy == REVERSE_CHARGED:
        refuse_if_any(_vat_under_strategy(case, parts, vat_rows))
        return _eu_business(case)
    if strategy == ZERO_PERCENT:
        refuse_if_any(_vat_under_strategy(case, parts, vat_rows))
        return _export(case)
    if strategy:
        refuse(ReasonCode.TAX_STRATEGY_CONFLICT, "unknown", tax_strategy=strategy)
    if case.rules.small_business_scheme:
        refuse_if_any(_vat_under_small_business_scheme(parts, vat_rows))
        return Treatment.SMALL_BUSINESS
    return _by_region(case)


def _vat_under_strategy(case: Case, parts: Sequence[Part], vat_rows: Sequence[VatRow]) -> Iterator[Reason]:
    charged = [(row.rate, row.amount) for row in vat_rows]
    charged += [(part.rate, part.gross - r2(part.net)) for part in parts]
    for rate, amount in charged:
        if amount:
            yield reason(
                ReasonCode.TAX_STRATEGY_CONFLICT,
                tax_strategy=case.order.tax_strategy,
                rate=percent(rate),
                amount=amount,
            )


def _eu_business(case: Case) -> Treatment:
    destination = _destination(case)
    if destination not in EU_COUNTRIES - {case.rules.home_country}:
        _refuse_destination(case, destination)
    if not (case.order.vat_number or case.customer.vat_number):
        refuse(ReasonCode.MISSING_VAT_NUMBER, country=destination)
    return Treatment.EU_BUSINESS


def _export(case: Case) -> Treatment:
    destination = _destination(case)
    if not destination or destination in EU_COUNTRIES:
        _refuse_destination(case, destination)
    return Treatment.EXPORT


def _destination(case: Case) -> str:
    return (case.order.destination_country or "").strip().upper()


def _refuse_destination(case: Case, destination: str) -> None:
    refuse(
        ReasonCode.TAX_STRATEGY_CONFLICT,
        "destination",
        tax_strategy=case.order.tax_strategy,
        country=destination or "-",
    )


def _vat_under_small_business_scheme(parts: Sequence[Part], vat_rows: Sequence[VatRow]) -> Iterator[Reason]:
    rates = {part.rate for part in parts} | {row.rate for row in vat_rows if row.amount}
    for rate in sorted(rates):
        if rate:
            yield reason(ReasonCode.KOR_WITH_VAT, rate=percent(rate))


def _by_region(case: Case) -> Treatment:
    """The region whose rates the shop used decides, not where the goods went."""
    region = (case.order.tax_region or "").strip().upper() or _region_before_it_was_told(case)
    if region == case.rules.home_country:
        return _domestic(case)
    if region not in EU_COUNTRIES:
        refuse(ReasonCode.UNSUPPORTED_REGION, region=region)
    if not case.administration.invoices_foreign_vat or case.invoice_date < OSS_FIRST_DAY:
        refuse(ReasonCode.OSS_NOT_ENABLED, country=region, date=case.invoice_date)
    if case.customer.vat_number:
        refuse(ReasonCode.OSS_CUSTOMER_HAS_VAT_NUMBER, customer_number=case.customer.number)
    return Treatment.ONE_STOP_SHOP


def _region_before_it_was_told(case: Case) -> str:
    """The shop has told whose rates it used since June 2021 only; before, they were the home country's."""
    destination = _destination(case) or case.rules.home_country
    if destination != case.rules.home_country and case.invoice_date >= OSS_FIRST_DAY:
        refuse(ReasonCode.TAX_REGION_UNKNOWN, country=destination)
    return case.rules.home_country


def _domestic(case: Case) -> Treatment:
    """SnelStart wants foreign VAT from every EU consumer abroad while its setting is on."""
    country = (case.customer.country_code or "").upper()
    is_consumer_abroad = not case.customer.vat_number and country in EU_COUNTRIES - {case.rules.home_country}
    foreign_vat_is_due = case.administration.invoices_foreign_vat and case.invoice_date >= OSS_FIRST_DAY
    if foreign_vat_is_due and is_consumer_abroad:
        refuse(ReasonCode.OSS_REQUIRED_BY_SNELSTART, country=country)
    return Treatment.DOMESTIC
