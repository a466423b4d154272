"""How the texts of an order are read: what is absent, what is nothing, what is a gift card, what is told."""

import re
from decimal import Decimal

import pytest

from booking_outcomes import booking_of, told
from booking_writer.domain.reading import NumberReader
from booking_writer.domain.refusal import reason, refuse_if_any
from booking_writer_cases import amounts, booked, case, line, order, rules, vat
from sconnect.errors import ReasonCode, RejectedError

AN_ARTICLE = line("article", ("56.198347", "68.00", "21.00"))


def test_a_part_of_nothing_needs_no_readable_rate() -> None:
    given = order(
        lines=(AN_ARTICLE, line("article", ("0", "0.00", "abc"))), vat_amounts=vat(("21.00", "11.80"))
    )
    assert amounts(booked(case(given))) == {"8100 revenue": "56.20", "sales_high": "11.80"}


def test_an_empty_net_is_found_from_the_gross() -> None:
    given = order(lines=(line("article", ("", "68.00", "21.00")),), vat_amounts=vat(("21.00", "11.80")))
    assert amounts(booked(case(given))) == {"8100 revenue": "56.20", "sales_high": "11.80"}


def test_a_gift_card_is_known_by_its_description() -> None:
    sold = rules(gift_card_description=re.compile("cadeaubon", re.IGNORECASE))
    card = line("article", ("50.00", "50.00", "0.00"), description="Cadeaubon van 50 euro")
    given = order(total="118.00", lines=(AN_ARTICLE, card), vat_amounts=vat(("21.00", "11.80")))
    assert amounts(booked(case(given, rules=sold)))["1760 gift_card"] == "50.00"


@pytest.mark.parametrize(
    "rows",
    [
        (("", "0.00"), ("21.00", "11.80")),  # a row of nothing before the others
        (("21.00", "5.90"), ("21.00", "5.90")),  # a rate in two rows
    ],
)
def test_the_rows_of_a_rate_are_one(rows: tuple[tuple[str, str], ...]) -> None:
    booking = booked(case(order(lines=(AN_ARTICLE,), vat_amounts=vat(*rows))))
    assert amounts(booking) == {"8100 revenue": "56.20", "sales_high": "11.80"}
    assert not booking.vat_was_derived


def test_a_row_of_zero_is_a_statement_about_its_rate() -> None:
    lines = (AN_ARTICLE, line("article", ("100.00", "109.00", "9.00")))
    given = order(total="177.00", lines=lines, vat_amounts=vat(("21.00", "0.00"), ("9.00", "9.00")))
    assert told(case(given))[0] == "VAT_MISMATCH"
    given = order(total="177.00", lines=lines, vat_amounts=vat(("9.00", "9.00")))
    assert told(case(given))[0] == "VAT_RATE_MISMATCH.no_row"


def test_a_row_without_its_rate_is_named() -> None:
    given = order(lines=(AN_ARTICLE,), vat_amounts=vat(("", "11.80")))
    key, details = told(case(given))
    assert (key, details["field"], details["value"]) == ("BAD_NUMBER", "vat_amounts[0].rate", "-")


def test_two_rates_that_cancel_out_are_no_order_of_nothing() -> None:
    lines = (line("article", ("10.00", "12.10", "21.00")), line("discount", ("-11.100917", "-12.10", "9.00")))
    booking = booking_of(case(order(total="0.00", lines=lines, vat_amounts=())))
    assert booking is not None
    assert amounts(booking)["sales_high"] == "2.10"
    assert amounts(booking)["sales_low"] == "-1.00"


@pytest.mark.parametrize(("text", "problems"), [("100", 0), ("0", 0), ("100.01", 1), ("-0.01", 1)])
def test_a_rate_lies_between_nothing_and_all(text: str, problems: int) -> None:
    reader = NumberReader()
    assert reader.rate("rate", text) == (Decimal(0) if problems else Decimal(text))
    assert len(reader.problems) == problems


def test_the_other_problems_are_named_once_each() -> None:
    with pytest.raises(RejectedError) as refusal:
        refuse_if_any(
            [
                reason(ReasonCode.TOTAL_MISMATCH, total="1"),
                reason(ReasonCode.BAD_NUMBER, field="a"),
                reason(ReasonCode.BAD_NUMBER, field="b"),
                reason(ReasonCode.RATE_MISSING, field="c"),
            ]
        )
    assert refusal.value.reason.code is ReasonCode.TOTAL_MISMATCH
    assert refusal.value.reason.details == {"total": "1", "also": "BAD_NUMBER, RATE_MISSING"}
