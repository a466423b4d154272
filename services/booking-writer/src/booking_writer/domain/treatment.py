"""Which VAT regime an order falls under. Never decided on a percentage: 21 % may be Belgian."""

from collections.abc import Iterator, Sequence
from enum import StrEnum

from booking_writer.domain.case import Case
from booking_writer.domain.classification import Part
from booking_writer.domain.parts import VatRow
from booking_writer.domain.refusal import percent, reason, refuse, refuse_if_any
from sconnect.errors import Reason, ReasonCode
from sconnect.ledgers import EU_COUNTRIES, OSS_FIRST_DAY, REVERSE_CHARGED, ZERO_PERCENT
from sconnect.money import r2


class Treatment(StrEnum):
    DOMESTIC = "domestic"
    EU_BUSINESS = "eu_business"
    EXPORT = "export"
    ONE_STOP_SHOP = "one_stop_shop"
    SMALL_BUSINESS = "small_business"


# Where VAT stands in the booking.
TAXED_TREATMENTS = frozenset({Treatment.DOMESTIC, Treatment.ONE_STOP_SHOP})


def decide_treatment(case: Case, parts: Sequence[Part], vat_rows: Sequence[VatRow]) -> Treatment:
    """The treatment of the whole order; RejectedError when its signs contradict each other."""
    treatment = _by_strategy(case, parts, vat_rows)
    if treatment is not Treatment.ONE_STOP_SHOP:
        _require_no_foreign_vat(case)
    return treatment


def foreign_country(case: Case) -> str:
    """The country whose VAT the shop used."""
    return (case.order.tax_region or "").strip().upper()


def _by_strategy(case: Case, parts: Sequence[Part], vat_rows: Sequence[VatRow]) -> Treatment:
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
    # SnelStart judges by the card (BOE-0080).
    if not case.customer.vat_number:
        refuse(ReasonCode.CUSTOMER_LACKS_VAT_NUMBER, customer_number=case.customer.number)
    country = _country_of_customer(case)
    if country and country not in EU_COUNTRIES - {case.rules.home_country}:
        refuse(
            ReasonCode.TAX_STRATEGY_CONFLICT,
            "customer",
            tax_strategy=case.order.tax_strategy,
            customer_number=case.customer.number,
            country=country,
        )
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
    for row in vat_rows:
        if row.amount:
            yield reason(ReasonCode.KOR_WITH_VAT, rate=percent(row.rate), amount=row.amount)
    for part in parts:
        if part.rate:
            yield reason(ReasonCode.KOR_WITH_VAT, rate=percent(part.rate), amount=part.gross - r2(part.net))


def _by_region(case: Case) -> Treatment:
    """The region whose rates the shop used decides, not where the goods went."""
    region = foreign_country(case) or _region_before_it_was_told(case)
    if region == case.rules.home_country:
        return Treatment.DOMESTIC
    if region not in EU_COUNTRIES:
        refuse(ReasonCode.UNSUPPORTED_REGION, region=region)
    return _one_stop_shop(case, region)


def _one_stop_shop(case: Case, region: str) -> Treatment:
    """SnelStart takes the country, and whether it is a consumer, from the customer's card."""
    if not case.administration.invoices_foreign_vat or case.invoice_date < OSS_FIRST_DAY:
        refuse(ReasonCode.OSS_NOT_ENABLED, country=region, date=case.invoice_date)
    if case.administration.foreign_vat_ledger is None:
        refuse(ReasonCode.OSS_NOT_ENABLED, "no_ledger", country=region)
    if case.customer.vat_number:
        refuse(ReasonCode.OSS_CUSTOMER_HAS_VAT_NUMBER, customer_number=case.customer.number)
    if _country_of_customer(case) != region:
        refuse(
            ReasonCode.OSS_NOT_ENABLED,
            "customer",
            country=region,
            customer_number=case.customer.number,
            customer_country=_country_of_customer(case) or "-",
        )
    return Treatment.ONE_STOP_SHOP


def _region_before_it_was_told(case: Case) -> str:
    """The shop has told whose rates it used since June 2021 only; before, they were the home country's."""
    destination = _destination(case) or case.rules.home_country
    if destination != case.rules.home_country and case.invoice_date >= OSS_FIRST_DAY:
        refuse(ReasonCode.TAX_REGION_UNKNOWN, country=destination)
    return case.rules.home_country


def _require_no_foreign_vat(case: Case) -> None:
    """SnelStart wants foreign VAT from every EU consumer abroad while its setting is on."""
    country = _country_of_customer(case)
    is_consumer_abroad = not case.customer.vat_number and country in EU_COUNTRIES - {case.rules.home_country}
    foreign_vat_is_due = case.administration.invoices_foreign_vat and case.invoice_date >= OSS_FIRST_DAY
    if foreign_vat_is_due and is_consumer_abroad:
        refuse(ReasonCode.OSS_REQUIRED_BY_SNELSTART, country=country, customer_number=case.customer.number)


def _country_of_customer(case: Case) -> str:
    return (case.customer.country_code or "").strip().upper()
