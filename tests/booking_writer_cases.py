"""Orders, customers, rules and administrations for the tests of the booking-writer."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from booking_writer.domain.booking import ComposedBooking
from booking_writer.domain.case import Case
from booking_writer.domain.composition import compose
from booking_writer.domain.order import BookableOrder, BookedCustomer, OrderedLine, OrderedPrice, PrintedVat
from booking_writer.domain.rules import Administration, BookingRules
from sconnect.ledgers import (
    Account,
    AccountFunction,
    ForeignVatRate,
    LedgerColumn,
    LedgerMapping,
    LineKind,
    VatPeriod,
    VatRateBand,
)

SINCE_2019 = date(2019, 1, 1)
UNTIL_2018 = date(2018, 12, 31)
ORDERED_ON = date(2026, 3, 2)
RELATION_ID = "5a0e2b5e-6a8e-4c53-9b49-0d6f3b8d4a10"

VAT_PERIODS = (
    VatPeriod(
        band=VatRateBand.HIGH, rate=Decimal("21.0"), first_day=date(2012, 10, 1), last_day=date(2400, 1, 1)
    ),
    VatPeriod(
        band=VatRateBand.HIGH, rate=Decimal("19.0"), first_day=date(2001, 1, 1), last_day=date(2012, 9, 30)
    ),
    VatPeriod(band=VatRateBand.LOW, rate=Decimal("6.0"), first_day=date(2001, 1, 1), last_day=UNTIL_2018),
    VatPeriod(band=VatRateBand.LOW, rate=Decimal("9.0"), first_day=SINCE_2019, last_day=date(2400, 1, 1)),
    VatPeriod(band=VatRateBand.NONE, rate=Decimal(0), first_day=date(1900, 1, 1), last_day=date(2400, 1, 1)),
)

# Kind by kind the numbers of the profile example, and those of the VAT treatments it leaves out.
NUMBERS = {
    LineKind.REVENUE: {
        LedgerColumn.NL_HIGH: 8100,
        LedgerColumn.NL_LOW: 8110,
        LedgerColumn.NL_OTHER: 8120,
        LedgerColumn.KOR: 8199,
        LedgerColumn.EU_BUSINESS: 8170,
        LedgerColumn.EXPORT: 8160,
        LedgerColumn.OSS_SR: 8177,
        LedgerColumn.OSS_RRH: 8178,
        LedgerColumn.OSS_RRL: 8179,
    },
    LineKind.SHIPPING: {
        LedgerColumn.NL_HIGH: 8300,
        LedgerColumn.NL_LOW: 8301,
        LedgerColumn.KOR: 8309,
        LedgerColumn.EU_BUSINESS: 8307,
        LedgerColumn.EXPORT: 8306,
        LedgerColumn.OSS_SR: 8187,
        LedgerColumn.OSS_RRH: 8178,
        LedgerColumn.OSS_RRL: 8189,
    },
    LineKind.PAYMENT_COSTS: {
        LedgerColumn.NL_HIGH: 8310,
        LedgerColumn.NL_LOW: 8311,
        LedgerColumn.KOR: 8309,
        LedgerColumn.EU_BUSINESS: 8307,
        LedgerColumn.EXPORT: 8306,
        LedgerColumn.OSS_SR: 8187,
        LedgerColumn.OSS_RRH: 8178,
        LedgerColumn.OSS_RRL: 8189,
    },
    LineKind.DISCOUNT: {
        LedgerColumn.NL_HIGH: 8320,
        LedgerColumn.NL_LOW: 8321,
        LedgerColumn.KOR: 8329,
        LedgerColumn.EU_BUSINESS: 8327,
        LedgerColumn.EXPORT: 8326,
        LedgerColumn.OSS_SR: 8177,
        LedgerColumn.OSS_RRH: 8178,
        LedgerColumn.OSS_RRL: 8179,
    },
}
MAPPING = LedgerMapping(numbers=NUMBERS, gift_cards=1760, deposits=1765, rounding=8990)

BANDS_OF_FUNCTION = {
    AccountFunction.SALES_HIGH: VatRateBand.HIGH,
    AccountFunction.SALES_LOW: VatRateBand.LOW,
    AccountFunction.SALES_OTHER: VatRateBand.OTHER,
}
FUNCTIONS = {
    AccountFunction.SALES_HIGH: (8000, 8100, 8105, 8150, 8200, 8300, 8310, 8320),
    AccountFunction.SALES_LOW: (8010, 8110, 8210, 8301, 8311, 8321),
    AccountFunction.SALES_OTHER: (8020, 8120),
    AccountFunction.SALES_UNTAXED: (8040, 8140, 8304, 8324),
    AccountFunction.EXPORT: (8060, 8160, 8306, 8326),
    AccountFunction.EU_GOODS: (8070, 8170, 8307, 8327),
    AccountFunction.EU_SERVICES: (8270,),
    AccountFunction.DISTANCE_SALES: (8077, 8175, 8176, 8177, 8178, 8179, 8187, 8189),
    AccountFunction.NEUTRAL: (1690, 1760, 1765, 8199, 8309, 8329, 8990),
}
FUNCTION_OF_NUMBER = {number: function for function, numbers in FUNCTIONS.items() for number in numbers}
RATE_CODES = {
    8077: "SR",
    8175: "PR",
    8176: "SRR",
    8177: "SR",
    8178: "RRH",
    8179: "RRL",
    8187: "SR",
    8189: "RRL",
}
FOREIGN_VAT_LEDGER = 1690
FOREIGN_RATES = tuple(
    ForeignVatRate(country=country, code=code, rate=Decimal(rate), first_day=date(2021, 7, 1))
    for country, rates in {
        "BE": {"SR": "21", "RRH": "12", "RRL": "6", "PR": "12"},
        "DE": {"SR": "19", "RRL": "7"},
        "ES": {"SR": "21", "RRL": "10", "SRR": "4"},
        "FR": {"SR": "20", "RRH": "10", "RRL": "5.5"},
        "HU": {"SR": "27", "RRH": "18", "RRL": "5"},
        "LU": {"SR": "17", "RRL": "8", "SRR": "3", "PR": "14"},
    }.items()
    for code, rate in rates.items()
)


def ledger(number: int, **changes: Any) -> Account:
    function = FUNCTION_OF_NUMBER[number]
    facts: dict[str, Any] = {
        "is_active": True,
        "bands": frozenset({BANDS_OF_FUNCTION.get(function, VatRateBand.NONE)}),
        "needs_cost_centre": False,
        "function": function,
        "is_balance_sheet": number < 4000,
        "vat_rate_code": RATE_CODES.get(number),
        "name": f"Grootboek {number}",
    }
    return Account(number=number, **facts | changes)


def administration(**changes: Any) -> Administration:
    facts: dict[str, Any] = {
        "id": "7b1f6f2c-3d52-4f54-9d0b-1a6d6e0b8c01",
        "invoices_foreign_vat": False,
        "vat_periods": VAT_PERIODS,
        "foreign_vat_rates": FOREIGN_RATES,
        "foreign_vat_ledger": FOREIGN_VAT_LEDGER,
        "ledgers": {number: ledger(number) for number in FUNCTION_OF_NUMBER},
        "cost_centres": frozenset({1, 2}),
    }
    return Administration(**facts | changes)


def rules(**changes: Any) -> BookingRules:
    facts: dict[str, Any] = {
        "home_country": "NL",
        "ledgers": MAPPING,
        "description": "Mijnwebwinkel order {order_number}",
        "gift_card_skus": frozenset({"gift"}),
        "deposit_skus": frozenset({"statie"}),
    }
    return BookingRules(**facts | changes)


def customer(**changes: Any) -> BookedCustomer:
    facts: dict[str, Any] = {"relation_id": RELATION_ID, "number": 10412, "country_code": "NL"}
    return BookedCustomer(**facts | changes)


def price(net: str | None, gross: str | None, rate: str | None) -> OrderedPrice:
    return OrderedPrice(net=net, gross=gross, rate=rate)


def line(kind: str, *prices: tuple[str | None, str | None, str | None], **changes: Any) -> OrderedLine:
    return OrderedLine(kind=kind, prices=tuple(price(*given) for given in prices), **changes)


def vat(*rows: tuple[str | None, str | None]) -> tuple[PrintedVat, ...]:
    """Rows of (rate, amount)."""
    return tuple(PrintedVat(rate=rate, amount=amount) for rate, amount in rows)


def order(**changes: Any) -> BookableOrder:
    """One article of 68.00 at 21 %."""
    facts: dict[str, Any] = {
        "number": "1001",
        "placed_on": ORDERED_ON,
        "currency": "EUR",
        "total": "68.00",
        "vat_amounts": vat(("21.00", "11.80")),
        "lines": (line("article", ("56.198347", "68.00", "21.00")),),
        "tax_region": "NL",
        "destination_country": "NL",
    }
    return BookableOrder(**facts | changes)


def case(order_: BookableOrder | None = None, **changes: Any) -> Case:
    facts: dict[str, Any] = {"customer": customer(), "rules": rules(), "administration": administration()}
    return Case(order=order_ or order(), **facts | changes)


def booked(given: Case) -> ComposedBooking:
    """The booking of a case that must have one."""
    result = compose(given)
    assert isinstance(result, ComposedBooking)
    return result


def amounts(booking: ComposedBooking) -> dict[str, str]:
    """The booking at a glance: "ledger kind" or VAT category to amount."""
    lines = {f"{line.ledger_number} {line.kind}": str(line.amount) for line in booking.lines}
    return lines | {str(row.category): str(row.amount) for row in booking.vat_rows}


def mirrored(given: BookableOrder) -> BookableOrder:
    """The full credit of an order, with every sign changed."""
    return replace(
        given,
        is_credit=True,
        total=_negated(given.total),
        vat_amounts=tuple(replace(row, amount=_negated(row.amount)) for row in given.vat_amounts),
        lines=tuple(
            replace(
                line,
                prices=tuple(
                    replace(price, net=_negated(price.net), gross=_negated(price.gross))
                    for price in line.prices
                ),
            )
            for line in given.lines
        ),
    )


def _negated(text: str | None) -> str | None:
    return None if text is None else str(-Decimal(text))


# The example order of the shop's API (number 27): prices of whole lines, payment costs spread over two rates,
# a VAT row that is a cent off per rate while both together are right.
DOCUMENTED_EXAMPLE = order(
    number="27",
    total="47.450000",
    vat_amounts=vat(("9.00", "0.830000"), ("21.00", "6.500000")),
    lines=(
        line("article", ("12.396694", "15.00", "21.00"), description="Article A"),
        line("article", ("8.181818", "9.90", "21.00"), description="Article B"),
        line("article", ("4.834710", "5.85", "21.00"), description="Article C"),
        line("article", ("8.944950", "9.75", "9.00"), description="Article D"),
        line("payment", ("0.192571", "0.21", "9.00"), ("0.652972", "0.79", "21.00")),
        line("payment", ("4.917355", "5.95", "21.00")),
    ),
)
