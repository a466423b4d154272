"""What each of SnelStart's refusals of a booking becomes."""

import pytest

from booking_writer.adapters.snelstart_refusals import translate_refusal
from booking_writer.ports import InvoiceNumberTaken
from booking_writer_cases import booked, case
from sconnect.errors import RejectedError
from sconnect.snelstart import SnelstartRefused, VendorProblem

BOOKING = booked(case())


def refused(*codes: str, field: str | None = None) -> SnelstartRefused:
    return SnelstartRefused(tuple(VendorProblem(code, f"Tekst bij {code}", field) for code in codes))


@pytest.mark.parametrize(
    ("code", "text_key", "details"),
    [
        (
            "BOE-0042",
            "PERIOD_BLOCKED",
            {"date": "2026-03-02", "code": "BOE-0042", "message": "Tekst bij BOE-0042"},
        ),
        ("BOE-0051", "PERIOD_BLOCKED", {"code": "BOE-0051"}),
        ("BOE-0033", "PERIOD_BLOCKED", {"code": "BOE-0033"}),
        ("BOE-0070", "PERIOD_BLOCKED", {"code": "BOE-0070"}),
        ("BOE-0037", "LEDGER_UNFIT.refused", {"ledger": "8100", "message": "Tekst bij BOE-0037"}),
        ("BOE-0008", "LEDGER_UNFIT.refused", {"code": "BOE-0008"}),
        ("BOE-0061", "LEDGER_UNFIT.refused", {"code": "BOE-0061"}),
        ("BOE-0082", "LEDGER_UNFIT.refused", {"code": "BOE-0082"}),
        ("BOE-0022", "LEDGER_UNFIT.refused", {"code": "BOE-0022"}),
        ("BOE-0080", "CUSTOMER_LACKS_VAT_NUMBER", {"customer_number": "10412"}),
        ("BOE-0054", "CUSTOMER_REFUSED.for_booking", {"customer_number": "10412", "code": "BOE-0054"}),
        ("BOE-0060", "CUSTOMER_REFUSED.for_booking", {"customer_number": "10412", "code": "BOE-0060"}),
        ("BOE-0039", "REFUSED_BY_SNELSTART", {"code": "BOE-0039", "message": "Tekst bij BOE-0039"}),
        ("XYZ-9999", "REFUSED_BY_SNELSTART", {"code": "XYZ-9999"}),
    ],
)
def test_codes(code: str, text_key: str, details: dict[str, str]) -> None:
    error = translate_refusal(refused(code), BOOKING)

    assert isinstance(error, RejectedError)
    assert error.reason.text_key == text_key
    assert error.reason.details.items() >= details.items()


def test_the_ledger_that_snelstart_names_is_named() -> None:
    error = translate_refusal(refused("BOE-0082", field="voor grootboek 8110"), BOOKING)

    assert isinstance(error, RejectedError)
    assert error.reason.details["ledger"] == "voor grootboek 8110"


def test_a_taken_number_outweighs_all_else() -> None:
    assert isinstance(translate_refusal(refused("BOE-0042", "BOE-0021"), BOOKING), InvoiceNumberTaken)


def test_a_problem_with_a_remedy_outweighs_one_without() -> None:
    error = translate_refusal(refused("BOE-0039", "BOE-0060"), BOOKING)

    assert isinstance(error, RejectedError)
    assert error.reason.details["code"] == "BOE-0060"
