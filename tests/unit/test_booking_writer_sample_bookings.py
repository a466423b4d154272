"""The page of sample bookings tells what the program does today."""

import pytest

from sample_bookings import PAGE, TODAY, page
from shop_documents import Journey, travel
from simulators.webshop.samples import numbered_samples, sample_kinds

EXPECTED_REASONS = {
    "reverse_charge_without_vat_number": "MISSING_VAT_NUMBER",
    "zero_total": "ZERO_TOTAL",
    "test_order": "TEST_ORDER",
    "foreign_currency_gbp": "FOREIGN_CURRENCY",
    "doubled_tax": "VAT_MISMATCH",
    "total_does_not_add_up": "TOTAL_MISMATCH",
    "unknown_line_type": "UNKNOWN_LINE_TYPE",
    "tax_region_outside_eu": "UNSUPPORTED_REGION",
    "credit_order_mixed_signs": "CREDIT_SIGN_AMBIGUOUS",
    "older_order_without_tax_region": "TAX_REGION_UNKNOWN",
    "unpaid_bank_transfer": "STATUS_NOT_YET",
}


@pytest.fixture(scope="module")
def journeys() -> dict[str, Journey]:
    samples = numbered_samples(TODAY)
    found = travel(sample.order for sample in samples)
    return {sample.kind: journey for sample, journey in zip(samples, found, strict=True)}


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


@pytest.mark.parametrize("kind", sample_kinds())
def test_every_sample_is_booked_or_waits_as_its_kind_says(kind: str, journeys: dict[str, Journey]) -> None:
    journey = journeys[kind]

    if kind in EXPECTED_REASONS:
        assert journey.reason is not None
        assert journey.reason.code == EXPECTED_REASONS[kind]
    else:
        assert journey.booking is not None, journey.reason
