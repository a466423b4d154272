"""What a broken shop may send: nothing is raised but the refusal that names what is wrong."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking_outcomes import INVARIANTS, outcome
from booking_writer.domain.booking import ComposedBooking, SkippedOrder
from booking_writer.domain.order import BookableOrder, OrderedLine, OrderedPrice, PrintedVat
from booking_writer_cases import administration, booked, case, customer, line, order, rules, vat
from sconnect.errors import Reason
from sconnect.texts import LANGUAGES, reason_text

NO_NUMBERS = ["NaN", "sNaN", "-Infinity", "1e9", "1_000", "1.000,00", "12,50", "abc", "0x1F", "--1", "9" * 13]


def refused(given_order: BookableOrder) -> Reason:
    result = outcome(case(given_order))
    assert isinstance(result, Reason)
    for language in LANGUAGES:
        assert "?" not in reason_text(result.code, result.variant, result.details, language)
    return result


@pytest.mark.parametrize("text", NO_NUMBERS)
@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("total", lambda text: {"total": text}),
        ("vat_amounts[0].amount", lambda text: {"vat_amounts": vat(("21", text))}),
        ("vat_amounts[0].rate", lambda text: {"vat_amounts": vat((text, "11.80"))}),
        ("lines[0].prices[0].net", lambda text: {"lines": (line("article", (text, "68.00", "21")),)}),
        ("lines[0].prices[0].gross", lambda text: {"lines": (line("article", ("56.20", text, "21")),)}),
        ("lines[0].prices[0].rate", lambda text: {"lines": (line("article", ("56.20", "68.00", text)),)}),
    ],
)
def test_a_field_that_holds_no_number_is_named(field: str, changes: Any, text: str) -> None:
    reason = refused(order(**changes(text)))

    assert reason.code == "BAD_NUMBER"
    assert (reason.details["field"], reason.details["value"]) == (field, text)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"total": None}, "NO_TOTAL"),
        ({"total": ""}, "NO_TOTAL"),
        ({"currency": ""}, "FOREIGN_CURRENCY"),
        ({"vat_amounts": vat((None, "11.80"))}, "BAD_NUMBER"),
        ({"vat_amounts": vat(("21", None))}, "BAD_NUMBER"),
        ({"lines": (line("article", (None, None, None)),)}, "BAD_NUMBER"),
        ({"lines": (line("article", ("", "", "")),)}, "BAD_NUMBER"),
        ({"lines": (line("article", ("56.20", "68.00", None)),)}, "RATE_MISSING"),
        ({"lines": (line("article", ("56.20", None, None)),)}, "RATE_MISSING"),
        ({"lines": (line("", ("56.20", "68.00", "21")),)}, "UNKNOWN_LINE_TYPE"),
        ({"lines": (line("levy" * 40, ("56.20", "68.00", "21")),)}, "UNKNOWN_LINE_TYPE"),
        ({"lines": ()}, "VAT_RATE_MISMATCH"),
        ({"lines": (), "vat_amounts": ()}, "TOTAL_MISMATCH"),
        ({"lines": (OrderedLine(kind="article"),), "vat_amounts": ()}, "TOTAL_MISMATCH"),
        ({"number": ""}, "REFUSED_BY_SNELSTART.invoice_number_length"),
        ({"tax_region": "Atlantis"}, "UNSUPPORTED_REGION"),
        ({"tax_strategy": "???"}, "TAX_STRATEGY_CONFLICT.unknown"),
    ],
)
def test_what_is_missing_or_unknown_is_named(changes: dict[str, Any], expected: str) -> None:
    result = outcome(case(order(**changes)))

    assert isinstance(result, Reason)
    assert result.text_key == expected


def test_four_hundred_lines_are_booked() -> None:
    lines = tuple(line("article", ("8.264463", "10.00", "21.00")) for _ in range(400))
    booking = booked(case(order(total="4000.00", vat_amounts=vat(("21.00", "694.21")), lines=lines)))

    assert [str(each.amount) for each in booking.lines] == ["3305.79"]
    assert str(booking.total) == "4000.00"


@pytest.mark.parametrize("amount", ["1000000000.00", "999999999999.99"])
def test_a_very_large_order_is_booked_to_the_cent(amount: str) -> None:
    gross = Decimal(amount)
    tax = (gross * 21 / 121).quantize(Decimal("0.01"))
    net = str((gross / Decimal("1.21")).quantize(Decimal("0.000001")))
    given_order = order(
        total=amount, vat_amounts=vat(("21.00", str(tax))), lines=(line("article", (net, amount, "21.00")),)
    )
    booking = booked(case(given_order))

    assert [str(each.amount) for each in booking.lines] == [str(gross - tax)]
    assert [str(row.amount) for row in booking.vat_rows] == [str(tax)]


def test_an_administration_without_any_rates_waits() -> None:
    bare = administration(vat_periods=(), foreign_vat_rates=(), invoices_foreign_vat=True)
    domestic = outcome(case(administration=bare))
    foreign = outcome(case(order(tax_region="BE"), administration=bare, customer=customer(country_code="BE")))

    assert isinstance(domestic, Reason)
    assert isinstance(foreign, Reason)
    assert (domestic.text_key, foreign.text_key) == ("UNKNOWN_VAT_RATE", "UNKNOWN_VAT_RATE.foreign")


ANY_TEXT = st.one_of(
    st.none(),
    st.sampled_from(["", " ", "0", "0.00", "-0.00", "21.00", "9", "100", "-5", *NO_NUMBERS]),
    st.decimals(min_value=-(10**9), max_value=10**9, places=6).map(str),
    st.text(max_size=12),
)
ANY_LINE = st.builds(
    OrderedLine,
    kind=st.one_of(
        st.sampled_from(["article", "custom", "shipping", "payment", "discount", "gift_card"]), st.text()
    ),
    description=st.text(max_size=20),
    sku=st.one_of(st.none(), st.sampled_from(["GIFT", "STATIE"]), st.text(max_size=5)),
    prices=st.lists(st.builds(OrderedPrice, net=ANY_TEXT, gross=ANY_TEXT, rate=ANY_TEXT), max_size=3).map(
        tuple
    ),
)
ANY_ORDER = st.builds(
    BookableOrder,
    number=st.text(max_size=30),
    placed_on=st.dates(),
    prices_include_vat=st.booleans(),
    currency=st.sampled_from(["EUR", "EUR", "EUR", None, ""]),
    total=ANY_TEXT,
    vat_amounts=st.lists(st.builds(PrintedVat, rate=ANY_TEXT, amount=ANY_TEXT), max_size=3).map(tuple),
    lines=st.lists(ANY_LINE, max_size=4).map(tuple),
    tax_region=st.sampled_from(["NL", "BE", None, "US", ""]),
    tax_strategy=st.sampled_from(["", "", "zero_percent", "reverse_charged_vat", "x"]),
    is_credit=st.booleans(),
    credited_placed_on=st.one_of(st.none(), st.dates()),
    destination_country=st.sampled_from(["NL", "BE", "CH", None]),
)


@INVARIANTS
@given(anything=ANY_ORDER, small_business=st.booleans(), books_zero=st.booleans())
def test_whatever_comes_in_is_booked_skipped_or_refused_with_a_whole_sentence(
    anything: BookableOrder, small_business: bool, books_zero: bool
) -> None:
    settled = rules(small_business_scheme=small_business, book_zero_totals=books_zero)
    result = outcome(replace(case(anything), rules=settled))

    assert isinstance(result, ComposedBooking | SkippedOrder | Reason)
    reason = result.reason if isinstance(result, SkippedOrder) else result
    if isinstance(reason, Reason):
        sentence = reason_text(reason.code, reason.variant, dict.fromkeys(reason.details, "x"))
        assert "?" not in sentence
