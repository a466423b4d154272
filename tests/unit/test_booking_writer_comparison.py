"""Our booking beside one in the books: equal, or the first field that differs."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from booking_writer.domain.booking import SalesVatCategory
from booking_writer.domain.comparison import (
    Difference,
    ExistingBooking,
    ExistingLine,
    ExistingVatRow,
    first_difference,
)
from booking_writer_cases import RELATION_ID, booked, case, line, order, vat
from sconnect.ledgers import VatRateBand

OURS = booked(
    case(
        order(
            total="72.95",
            vat_amounts=vat(("21.00", "12.66")),
            lines=(*order().lines, line("shipping", ("4.090909", "4.95", "21.00"))),
        )
    )
)
HIGH = VatRateBand.HIGH
REVENUE = ExistingLine(ledger="8100", amount=Decimal("56.20"), band=HIGH)
SHIPPING = ExistingLine(ledger="8300", amount=Decimal("4.09"), band=HIGH)
VAT = ExistingVatRow(category=SalesVatCategory.SALES_HIGH, amount=Decimal("12.66"))
THEIRS = ExistingBooking(
    booking_id="0d5ff6a9-33f4-4a3e-8f0e-1a2b3c4d5e6f",
    invoice_number="1001",
    invoice_date=date(2026, 3, 2),
    relation_id=RELATION_ID,
    total=Decimal("72.95"),
    lines=(REVENUE, SHIPPING),
    vat_rows=(VAT,),
)


def split(amount: str) -> ExistingLine:
    return replace(REVENUE, amount=Decimal(amount))


@pytest.mark.parametrize(
    "same",
    [
        lambda them: them,
        lambda them: replace(them, relation_id=them.relation_id.upper()),
        lambda them: replace(them, invoice_number="1002"),
        lambda them: replace(them, lines=(SHIPPING, REVENUE)),
        lambda them: replace(them, lines=(split("50.00"), split("6.20"), SHIPPING)),
        lambda them: replace(them, total=Decimal("72.950")),
        lambda them: replace(
            them, vat_rows=(VAT, ExistingVatRow(category=SalesVatCategory.SALES_LOW, amount=Decimal(0)))
        ),
    ],
)
def test_equal(same: Callable[[ExistingBooking], ExistingBooking]) -> None:
    assert first_difference(OURS, same(THEIRS)) is None


@pytest.mark.parametrize(
    ("changed", "difference"),
    [
        (
            replace(THEIRS, relation_id="", total=Decimal(1)),
            Difference("customer", RELATION_ID, "-"),
        ),
        (
            replace(THEIRS, invoice_date=date(2026, 3, 3)),
            Difference("invoice_date", "2026-03-02", "2026-03-03"),
        ),
        (replace(THEIRS, total=Decimal("72.96")), Difference("total", "72.95", "72.96")),
        (
            replace(THEIRS, lines=(split("55.20"), replace(SHIPPING, amount=Decimal("5.09")))),
            Difference("ledger 8100 high", "56.20", "55.20"),
        ),
        (
            replace(THEIRS, lines=(replace(REVENUE, ledger="8110"), SHIPPING)),
            Difference("ledger 8100 high", "56.20", "0.00"),
        ),
        (
            replace(THEIRS, lines=(REVENUE, replace(SHIPPING, band=VatRateBand.NONE))),
            Difference("ledger 8300 high", "4.09", "0.00"),
        ),
        (replace(THEIRS, lines=(), vat_rows=()), Difference("ledger 8100 high", "56.20", "0.00")),
        (
            replace(THEIRS, vat_rows=(replace(VAT, category=SalesVatCategory.SALES_LOW),)),
            Difference("vat sales_high", "12.66", "0.00"),
        ),
        (
            replace(THEIRS, vat_rows=(VAT, ExistingVatRow(category=None, amount=Decimal("0.01")))),
            Difference("vat -", "0.00", "0.01"),
        ),
    ],
)
def test_different(changed: ExistingBooking, difference: Difference) -> None:
    assert first_difference(OURS, changed) == difference
