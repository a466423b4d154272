"""Where one outcome turns into another: the first day, the last cent, the longest number."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from booking_outcomes import told
from booking_writer.domain.booking import ComposedBooking
from booking_writer.domain.refusal import refuse_number_of_others, refuse_number_of_ours
from booking_writer.domain.wording import line_description
from booking_writer_cases import (
    FOREIGN_RATES,
    VAT_PERIODS,
    administration,
    amounts,
    booked,
    case,
    customer,
    ledger,
    line,
    mirrored,
    order,
    rules,
    vat,
)
from order_strategies import COMPLETE_MAPPING
from sconnect.errors import RejectedError
from sconnect.ledgers import (
    LedgerColumn,
    LedgerRefinement,
    LineKind,
    VatRateBand,
    band_of,
    foreign_rates,
)

OSS_DAY = date(2021, 7, 1)
OSS_ON = administration(invoices_foreign_vat=True)
BELGIAN = customer(country_code="BE")
TO_BELGIUM: dict[str, Any] = {
    "tax_region": "BE",
    "destination_country": "BE",
    "total": "100.00",
    "vat_amounts": vat(("21.00", "17.36")),
    "lines": (line("article", ("82.644628", "100.00", "21.00")),),
}


def to_belgium(**changes: Any) -> Any:
    rest = {name: changes.pop(name) for name in ("rules",) if name in changes}
    given = order(**{**TO_BELGIUM, **changes})
    return case(given, administration=OSS_ON, customer=BELGIAN, **rest)


# The first day of the one-stop shop


def test_refined_ledgers_abroad_go_by_the_country_whose_vat_it_is() -> None:
    refined = LedgerRefinement(
        kind=LineKind.REVENUE,
        country="BE",
        numbers={LedgerColumn.OSS_SR: 9999},
    )
    mapping = replace(COMPLETE_MAPPING, refinements=(refined,))
    key, details = told(to_belgium(destination_country="NL", rules=rules(ledgers=mapping)))
    assert (key, details["ledger"]) == ("LEDGER_UNFIT.unknown", "9999")


def test_the_one_stop_shop_begins_on_its_first_day() -> None:
    assert booked(to_belgium(placed_on=OSS_DAY)).total == 100
    assert told(to_belgium(placed_on=date(2021, 6, 30)))[0] == "OSS_NOT_ENABLED"


def test_dutch_vat_for_a_consumer_abroad_ends_on_that_day() -> None:
    given = case(order(placed_on=OSS_DAY), administration=OSS_ON, customer=BELGIAN)
    assert told(given)[0] == "OSS_REQUIRED_BY_SNELSTART"


def test_an_order_abroad_without_a_region_waits_from_that_day() -> None:
    given = order(tax_region=None, destination_country="BE", placed_on=OSS_DAY)
    assert told(case(given)) == ("TAX_REGION_UNKNOWN", {"country": "BE"})


@pytest.mark.parametrize(
    ("day", "rate"), [(date(2023, 12, 31), "10"), (date(2024, 1, 1), "12"), (date(2024, 1, 2), "12")]
)
def test_a_foreign_rate_holds_from_its_first_day(day: date, rate: str) -> None:
    first = replace(FOREIGN_RATES[0], country="CZ", code="RRL", rate=Decimal(10), first_day=OSS_DAY)
    second = replace(first, rate=Decimal(12), first_day=date(2024, 1, 1))
    assert foreign_rates((second, first), "CZ", day) == {"RRL": Decimal(rate)}


@pytest.mark.parametrize(
    ("day", "rate", "band"),
    [
        (date(2018, 12, 31), "6", VatRateBand.LOW),
        (date(2019, 1, 1), "6", None),
        (date(2018, 12, 31), "9", None),
        (date(2019, 1, 1), "9", VatRateBand.LOW),
        (date(2012, 9, 30), "19", VatRateBand.HIGH),
        (date(2012, 10, 1), "21", VatRateBand.HIGH),
        (date(2026, 1, 1), "0", None),
        (date(2026, 1, 1), "1", VatRateBand.OTHER),
    ],
)
def test_a_dutch_rate_holds_on_its_first_and_last_day(day: date, rate: str, band: VatRateBand | None) -> None:
    """SnelStart lists 0 % under "other" too; a rate of nothing is in no band all the same."""
    other = replace(VAT_PERIODS[0], band=VatRateBand.OTHER, rate=Decimal(0))
    periods = (*VAT_PERIODS, other, replace(other, rate=Decimal(1)))
    assert band_of(Decimal(rate), periods, supplied_on=day, booked_on=day) is band


def test_a_card_without_a_country_is_shown_as_a_dash() -> None:
    given = replace(to_belgium(), customer=customer(country_code=None))
    details = {"country": "BE", "customer_number": "10412", "customer_country": "-"}
    assert told(given) == ("OSS_NOT_ENABLED.customer", details)


# The cents of the one-stop shop


def test_a_foreign_order_may_be_a_cent_per_line_off_and_no_more() -> None:
    two = (*TO_BELGIUM["lines"], line("shipping", ("8.264463", "10.00", "21.00")))
    fields = {"lines": two, "vat_amounts": vat(("21.00", "19.09"))}

    assert booked(to_belgium(total="110.02", **fields)).total == Decimal("110.02")
    details = {"difference": "0.03", "allowed": "0.02"}
    assert told(to_belgium(total="110.03", **fields)) == ("OSS_LEDGER_RESTRICTION.rounding", details)


def test_foreign_vat_may_be_a_cent_per_line_from_what_snelstart_finds() -> None:
    ten = tuple(line("article", ("8.264463", "10.00", "21.00")) for _ in range(9))
    two_kinds = (*ten, line("shipping", ("8.264463", "10.00", "21.00")))
    fields = {"lines": two_kinds, "total": "100.00"}

    # The lines are 74.38 and 8.26, which SnelStart holds to 15.62 and 1.73.
    assert booked(to_belgium(vat_amounts=vat(("21.00", "17.37")), **fields)).total == 100
    key, details = told(to_belgium(vat_amounts=vat(("21.00", "17.38")), **fields))
    assert key == "OSS_LEDGER_RESTRICTION.vat_difference"
    assert details == {"vat": "17.38", "expected": "17.35", "allowed": "0.02"}


def test_the_last_cents_of_equal_foreign_lines_stand_at_the_higher_rate() -> None:
    given = to_belgium(
        total="22.71",
        lines=(line("article", ("10.00", "10.60", "6.00")), line("article", ("10.00", "12.10", "21.00"))),
        vat_amounts=vat(("6.00", "0.60"), ("21.00", "2.10")),
    )

    by_ledger = {each.ledger_number: str(each.amount) for each in booked(given).lines}
    assert (by_ledger[8177], by_ledger[8179]) == ("10.01", "10.00")


# Cost centres


def test_every_line_has_the_cost_centre_also_outside_vat_and_of_foreign_vat() -> None:
    settled = rules(cost_centre=2)
    vouchers = (
        line("gift_card", ("5.00", "5.00", None)),
        line("article", ("1.00", "1.00", "0"), sku="statie"),
    )
    dutch = booked(case(order(total="74.01", lines=(*order().lines, *vouchers)), rules=settled))

    assert {str(each.kind) for each in dutch.lines} == {"revenue", "gift_card", "deposit", "rounding"}
    for booking in (dutch, booked(to_belgium(rules=settled))):
        assert {each.cost_centre for each in booking.lines} == {2}


def test_a_ledger_that_asks_for_a_cost_centre_is_fit_when_there_is_one() -> None:
    books = administration(ledgers={**OSS_ON.ledgers, 8100: ledger(8100, needs_cost_centre=True)})
    assert booked(case(administration=books, rules=rules(cost_centre=1)))


def test_a_cost_centre_that_does_not_exist_keeps_a_foreign_order_too() -> None:
    found = told(to_belgium(rules=rules(cost_centre=7)))
    assert found == ("LEDGER_UNFIT.cost_centre_unknown", {"cost_centre": "7"})


# Signs and small amounts


def test_a_small_credit_printed_positive_is_turned() -> None:
    given = order(
        is_credit=True,
        total="0.50",
        vat_amounts=vat(("9.00", "0.00"), ("21.00", "0.09")),
        lines=(line("article", ("0.413223", "0.50", "21.00")),),
    )
    assert amounts(booked(case(given))) == {"8100 revenue": "-0.41", "sales_high": "-0.09"}


@pytest.mark.parametrize("prices", [("-0.413223", "-0.50", "21.00"), ("-0.413223", None, "21.00")])
def test_a_small_negative_line_of_free_text_is_a_discount(prices: Any) -> None:
    given = order(
        total="67.50",
        vat_amounts=vat(("21.00", "11.71")),
        lines=(*order().lines, line("custom", prices)),
    )
    assert amounts(booked(case(given)))["8320 discount"] == "-0.41"
    turned = amounts(booked(case(mirrored(given))))
    assert turned["8320 discount"] == "0.41"


def test_a_small_positive_line_of_free_text_is_revenue() -> None:
    given = order(
        total="68.50",
        vat_amounts=vat(("21.00", "11.89")),
        lines=(*order().lines, line("custom", ("0.413223", "0.50", "21.00"))),
    )
    for each in (given, mirrored(given)):
        assert all("discount" not in name for name in amounts(booked(case(each))))


def test_free_text_whose_gross_rounds_to_nothing_goes_by_its_net() -> None:
    lines = (*order().lines, *(line("custom", ("-0.004", "0.00", "21.00")) for _ in range(3)))
    given = order(lines=lines)
    assert amounts(booked(case(given)))["8320 discount"] == "-0.01"


def test_gift_cards_of_one_order_stand_together() -> None:
    cards = (line("gift_card", ("-5.00", "-5.00", None)), line("store_credit", ("-2.50", "-2.50", "0")))
    booking = booked(case(order(total="60.50", lines=(*order().lines, *cards))))
    assert amounts(booking)["1760 gift_card"] == "-7.50"


@pytest.mark.parametrize("include", [True, False])
def test_a_discount_without_a_rate_follows_all_goods_of_each_rate(include: bool) -> None:
    """Goods of 242.00 at 21 % (in two lines) and 109.00 at 9 %; of 35.10 the first bear 24.20."""
    given = order(
        prices_include_vat=include,
        total="315.90",
        vat_amounts=vat(("9.00", "8.10"), ("21.00", "37.80")),
        lines=(
            line("article", ("100.00", "121.00", "21.00")),
            line("article", ("100.00", "121.00", "21.00")),
            line("article", ("100.00", "109.00", "9.00")),
            line("discount", (None, "-35.10", "")),
        ),
    )
    assert amounts(booked(case(given))) == {
        "8100 revenue": "200.00",
        "8110 revenue": "100.00",
        "8320 discount": "-20.00",
        "8321 discount": "-10.00",
        "sales_low": "8.10",
        "sales_high": "37.80",
    }


def test_a_large_discount_without_a_rate_has_the_net_of_its_rate() -> None:
    given = order(
        total="121.00",
        vat_amounts=vat(("21.00", "21.00")),
        lines=(line("article", ("1000.00", "1210.00", "21.00")), line("discount", (None, "-1089.00", ""))),
    )
    assert amounts(booked(case(given))) == {
        "8100 revenue": "1000.00",
        "8320 discount": "-900.00",
        "sales_high": "21.00",
    }


# Numbers and words


@pytest.mark.parametrize(("number", "is_booked"), [("7", True), ("9" * 25, True), ("9" * 26, False)])
def test_an_invoice_number_has_one_to_twenty_five_characters(number: str, is_booked: bool) -> None:
    given = case(order(number=number))
    if is_booked:
        assert booked(given).invoice_number == number
    else:
        details = {"invoice_number": number, "length_max": "25"}
        assert told(given) == ("REFUSED_BY_SNELSTART.invoice_number_length", details)


def test_an_empty_invoice_number_is_shown_as_a_dash() -> None:
    details = {"invoice_number": "-", "length_max": "25"}
    assert told(case(order(number=" "))) == ("REFUSED_BY_SNELSTART.invoice_number_length", details)


def test_what_an_order_does_not_have_leaves_nothing_in_its_description() -> None:
    settled = rules(description="a{reference}b{credited_order_number}c{order_number}")
    assert booked(case(rules=settled)).description == "abc1001"


def test_a_line_of_no_kind_is_shown_as_a_dash() -> None:
    given = case(order(lines=(line(" ", ("56.20", "68.00", "21")),)))
    assert told(given) == ("UNKNOWN_LINE_TYPE", {"kind": "-", "amount": "68.00"})


def test_a_rate_is_written_with_a_comma() -> None:
    given = to_belgium(
        tax_region="FR",
        vat_amounts=vat(("5.50", "5.21")),
        lines=(line("article", ("94.786730", "100.00", "5.50")),),
    )
    given = replace(given, customer=customer(country_code="FR"))
    assert "5,5" in line_description(booked(given).lines[0])


@pytest.mark.parametrize(
    ("refuse", "key", "details"),
    [
        (
            lambda: refuse_number_of_ours("MW1", order_number="1", profile="tuin"),
            "CONFLICTS_WITH_EXISTING.used_by_us",
            {"invoice_number": "MW1", "order_number": "1", "profile": "tuin"},
        ),
        (
            lambda: refuse_number_of_others("MW1"),
            "CONFLICTS_WITH_EXISTING.number_taken",
            {"invoice_number": "MW1"},
        ),
    ],
)
def test_a_number_in_use_is_named(refuse: Callable[[], None], key: str, details: dict[str, str]) -> None:
    with pytest.raises(RejectedError) as refusal:
        refuse()
    assert (refusal.value.reason.text_key, dict(refusal.value.reason.details)) == (key, details)


# VAT where there should be none


UNTAXED: dict[str, Any] = {"total": "56.20", "lines": (line("article", ("56.198347", "56.20", "0.00")),)}


@pytest.mark.parametrize(
    ("changes", "settled", "key", "details"),
    [
        (
            {"tax_strategy": "zero_percent", "destination_country": "CH", "vat_amounts": vat(("21", "1.00"))},
            rules(),
            "TAX_STRATEGY_CONFLICT",
            {"tax_strategy": "zero_percent", "rate": "21", "amount": "1.00"},
        ),
        (
            {"vat_amounts": vat(("21.00", "1.00"))},
            rules(small_business_scheme=True),
            "KOR_WITH_VAT",
            {"rate": "21", "amount": "1.00"},
        ),
        (
            {"vat_amounts": (), "lines": order().lines, "total": "68.00"},
            rules(small_business_scheme=True),
            "KOR_WITH_VAT",
            {"rate": "21", "amount": "11.80"},
        ),
    ],
)
def test_vat_of_a_row_or_a_line_alone_is_enough(
    changes: dict[str, Any], settled: Any, key: str, details: dict[str, str]
) -> None:
    assert told(case(order(**{**UNTAXED, **changes}), rules=settled)) == (key, details)


def test_a_credit_of_nineteen_percent_is_booked_as_other_when_the_rate_has_gone() -> None:
    sold = order(
        placed_on=date(2012, 9, 30),
        total="119.00",
        vat_amounts=vat(("19.00", "19.00")),
        lines=(line("article", ("100.00", "119.00", "19.00")),),
    )
    credit = replace(mirrored(sold), placed_on=date(2012, 10, 1), credited_placed_on=date(2012, 9, 30))
    settled = rules(ledgers=COMPLETE_MAPPING)

    assert amounts(booked(case(sold, rules=settled)))["sales_high"] == "19.00"
    found: ComposedBooking = booked(case(credit, rules=settled))
    assert amounts(found) == {"8120 revenue": "-100.00", "sales_other": "-19.00"}
