"""Every reference order ends as its index says; skipped where the references are not at hand.

`reference_bookings.folder` finds them.
"""

from decimal import Decimal
from typing import Any

import pytest

from booking_outcomes import sums_by_ledger, vat_by_category
from booking_writer.domain.booking import ComposedBooking
from booking_writer.domain.refusal import percent
from reference_bookings import PAGE, PROFILE, folder, page
from reference_bookings import documents as documents_in
from shop_documents import Journey, travel

FOLDER = folder()
pytestmark = pytest.mark.skipif(FOLDER is None, reason="the reference orders are not here")

BOOKED = {
    "01_single_rate_single_tax_object": {"8100 revenue 21": "56.20", "sales_high": "11.80"},
    "02_multi_rate_shipping_payment_costs": {
        "8110 revenue 9": "15.74",
        "8100 revenue 21": "10.33",
        "8300 shipping 21": "4.92",
        "8311 payment_costs 9": "0.20",
        "8310 payment_costs 21": "0.19",
        "sales_low": "1.43",
        "sales_high": "3.24",
    },
    "03_percentage_discount_two_rates": {
        "8110 revenue 9": "24.63",
        "8100 revenue 21": "33.01",
        "8321 discount 9": "-2.46",
        "8320 discount 21": "-3.30",
        "8300 shipping 21": "4.09",
        "sales_low": "2.00",
        "sales_high": "7.10",
    },
    "04_fixed_discount_single_rate": {
        "8100 revenue 21": "49.54",
        "8320 discount 21": "-4.13",
        "sales_high": "9.54",
    },
    "05_b2b_reverse_charge_be": {"8170 revenue 0": "99.00", "8307 shipping 0": "8.50"},
    "06_non_eu_zero_percent_ch": {"8160 revenue 0": "56.20", "8306 shipping 0": "12.40"},
    "07_oss_belgium_6_and_21": {
        "8179 revenue 6": "24.51",
        "8189 shipping 6": "4.75",
        "8177 revenue 21": "12.40",
        "8187 shipping 21": "2.40",
        "1690 foreign_vat 6": "1.76",
        "1690 foreign_vat 21": "3.11",
    },
    "08_oss_germany_19_and_7": {
        "8179 revenue 7": "15.00",
        "8189 payment_costs 7": "0.28",
        "8177 revenue 19": "25.00",
        "8187 shipping 19": "5.80",
        "8187 payment_costs 19": "0.59",
        "1690 foreign_vat 7": "1.07",
        "1690 foreign_vat 19": "5.96",
    },
    "09_credit_order_partial": {"8110 revenue 9": "-4.54", "sales_low": "-0.41"},
    "10_credit_order_full_with_discount": {
        "8110 revenue 9": "-24.63",
        "8100 revenue 21": "-33.01",
        "8321 discount 9": "2.46",
        "8320 discount 21": "3.30",
        "8300 shipping 21": "-4.09",
        "sales_low": "-2.00",
        "sales_high": "-7.10",
    },
    "15_pos_no_email": {"8100 revenue 21": "20.62", "sales_high": "4.33"},
    "25_b2c_germany_dutch_vat": {
        "8110 revenue 9": "30.00",
        "8300 shipping 21": "10.70",
        "sales_low": "2.70",
        "sales_high": "2.25",
    },
}
NOT_BOOKED = {
    "11_zero_total": "ZERO_TOTAL",
    "12_test_order": "TEST_ORDER",
    "16_foreign_currency_gbp": "FOREIGN_CURRENCY",
    "20_unpaid_bank_transfer": "STATUS_NOT_YET",
    "22_domestic_zero_rate_mixed": "ZERO_RATE_UNMAPPED",
    "24_reverse_charge_without_vat_number": "MISSING_VAT_NUMBER",
}


def figures(booking: ComposedBooking) -> dict[str, str]:
    lines = {
        f"{line.ledger_number} {line.kind} {percent(line.rate or Decimal(0))}": str(line.amount)
        for line in booking.lines
    }
    return lines | {str(row.category): str(row.amount) for row in booking.vat_rows}


@pytest.fixture(scope="module")
def documents() -> dict[str, Any]:
    assert FOLDER is not None
    return documents_in(FOLDER)


@pytest.fixture(scope="module")
def journeys(documents: dict[str, Any]) -> dict[str, Journey]:
    return dict(zip(documents, travel(documents.values(), PROFILE), strict=True))


def test_the_page_is_up_to_date(documents: dict[str, Any]) -> None:
    assert PAGE.read_text(encoding="utf-8") == page(documents)


def test_every_reference_order_is_expected_here(documents: dict[str, Any]) -> None:
    assert documents.keys() == BOOKED.keys() | NOT_BOOKED.keys()


@pytest.mark.parametrize("name", BOOKED)
def test_booked(name: str, journeys: dict[str, Journey]) -> None:
    journey = journeys[name]
    booking = journey.booking

    assert booking is not None, journey.reason
    assert figures(booking) == BOOKED[name]
    assert booking.total == Decimal(journey.order.total or 0)


@pytest.mark.parametrize("name", NOT_BOOKED)
def test_not_booked(name: str, journeys: dict[str, Journey]) -> None:
    reason = journeys[name].reason

    assert reason is not None
    assert reason.code == NOT_BOOKED[name]


def test_a_zero_rate_is_booked_once_the_profile_has_a_ledger_for_it(documents: dict[str, Any]) -> None:
    (journey,) = travel([documents["22_domestic_zero_rate_mixed"]])
    assert journey.booking is not None
    assert figures(journey.booking)["8140 revenue 0"] == "75.00"


def test_a_full_credit_and_its_original_come_to_nothing(journeys: dict[str, Journey]) -> None:
    original = journeys["03_percentage_discount_two_rates"].booking
    credit = journeys["10_credit_order_full_with_discount"].booking
    assert original is not None
    assert credit is not None
    assert sums_by_ledger(original, credit) == {}
    assert vat_by_category(original, credit) == {}
