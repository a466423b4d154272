"""How far a line may stand from its parts, and when the grosses tell where a remainder belongs."""

from decimal import Decimal

import pytest

from booking_writer.domain.cells import Cell, Cells, RatePosting, cells_far_off, lines_of_cells
from booking_writer_cases import rules
from sconnect.ledgers import LedgerChoice, LedgerColumn, LineKind, VatRateBand

RATE = Decimal(21)
POSTINGS = {RATE: RatePosting(columns=(LedgerColumn.NL_HIGH,), band=VatRateBand.HIGH)}


def cell(number: int, net: str, gross: str, parts_count: int = 1) -> Cell:
    choice = LedgerChoice(
        kind=LineKind.REVENUE, column=LedgerColumn.NL_HIGH, number=number, field="bookings.ledgers"
    )
    return Cell(choice, net=Decimal(net), gross=Decimal(gross), parts_count=parts_count)


def cells(*filled: Cell) -> Cells:
    by_key = {(LineKind.REVENUE, RATE, each.choice.number): each for each in filled}
    return Cells(by_key=by_key, problems=())


@pytest.mark.parametrize(
    ("parts_count", "allowed", "too_far"), [(1, "10.02", "10.03"), (3, "10.04", "10.05")]
)
def test_a_line_may_stand_a_cent_and_a_cent_for_each_part_away(
    parts_count: int, allowed: str, too_far: str
) -> None:
    of_order = cells(cell(8100, "10.00", "12.10", parts_count))
    assert list(cells_far_off(of_order, {RATE: Decimal(allowed)})) == []

    (found,) = cells_far_off(of_order, {RATE: Decimal(too_far)})
    assert found.code == "LINE_AMOUNT_MISMATCH"
    assert found.details == {"rate": "21", "kind": "revenue", "net": "10.00", "expected": too_far}


@pytest.mark.parametrize(
    ("net", "shares"),
    [
        ("20.02", {8100: "10.01", 8101: "10.01"}),  # a cent for each: by the nets
        ("20.03", {8100: "20.02", 8101: "0.01"}),  # more: by the grosses, nearly all on the first
    ],
)
def test_the_grosses_tell_only_where_more_is_left_than_a_cent_for_each_line(
    net: str, shares: dict[int, str]
) -> None:
    of_order = cells(cell(8100, "10.00", "24.20"), cell(8101, "10.00", "0.00"))
    lines = lines_of_cells(of_order, {RATE: Decimal(net)}, POSTINGS, rules())
    assert {line.ledger_number: str(line.amount) for line in lines} == shares
