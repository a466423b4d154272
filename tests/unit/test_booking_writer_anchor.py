"""What a shop can have meant by its total, and by the VAT that it printed."""

from decimal import Decimal

import pytest

from booking_writer.domain.anchor import anchor_nets
from booking_writer.domain.cells import RatePosting, fill_cells
from booking_writer.domain.classification import Part
from booking_writer.domain.vat import RateTotals, implausible_vat
from booking_writer_cases import booked, case, line, order, rules
from sconnect.ledgers import LedgerColumn, LedgerMapping, LineKind

HIGH, LOW = Decimal(21), Decimal(9)


def totals(rate: Decimal, net: str, gross: str, vat: str) -> RateTotals:
    return RateTotals(rate=rate, net=Decimal(net), gross=Decimal(gross), vat=Decimal(vat), parts_count=1)


@pytest.mark.parametrize(
    ("net", "vat_high", "total", "nets", "difference"),
    [
        ("10.004", "2.10", "23.00", "20.00", "0.00"),  # each rate's net in cents, and the printed VAT
        ("10.004", "2.11", "23.02", "20.01", "0.00"),  # the whole net in cents, and the printed VAT
        ("10.0024", "2.10", "23.01", "20.01", "0.00"),  # the whole net with its exact VAT
        ("10.004", "2.10", "23.05", "20.00", "0.05"),  # nothing that a shop prints
    ],
)
def test_a_shop_without_vat_in_its_prices_may_round_in_three_ways(
    net: str, vat_high: str, total: str, nets: str, difference: str
) -> None:
    found = anchor_nets(
        [totals(HIGH, net, "12.00", vat_high), totals(LOW, net, "10.80", "0.90")],
        Decimal(total),
        prices_include_vat=False,
    )
    assert str(sum(found.nets.values())) == nets
    assert str(found.difference) == difference


def test_vat_that_fits_the_net_blames_the_gross() -> None:
    (found,) = implausible_vat([totals(HIGH, "100.00", "100.00", "21.00")], ())
    assert found.code == "LINE_AMOUNT_MISMATCH"


@pytest.mark.parametrize(("net", "is_far_off"), [("100.02", False), ("100.03", True)])
def test_gross_and_net_may_differ_by_a_cent_and_one_for_each_part(net: str, is_far_off: bool) -> None:
    found = list(implausible_vat([totals(HIGH, net, "121.00", "21.00")], ()))
    assert bool(found) is is_far_off


@pytest.mark.parametrize(
    ("prices_include_vat", "net", "gross", "total", "vat"),
    [(True, "100.00", "121.03", "121.03", "21.01"), (False, "100.02", "121.04", "121.02", "21.00")],
)
def test_vat_that_the_shop_did_not_print_lies_inside_its_prices_or_comes_on_top(
    prices_include_vat: bool, net: str, gross: str, total: str, vat: str
) -> None:
    lines = (line("article", (net, gross, "21.00")),)
    given = order(total=total, vat_amounts=(), lines=lines, prices_include_vat=prices_include_vat)
    booking = booked(case(given))
    assert [str(row.amount) for row in booking.vat_rows] == [vat]
    assert booking.vat_was_derived
    assert not booked(case()).vat_was_derived


def part(kind: LineKind, gross: str) -> Part:
    return Part(kind=kind, rate=HIGH, net=Decimal("1.00"), gross=Decimal(gross))


def test_every_kind_without_a_ledger_is_named_once_and_parts_are_counted() -> None:
    revenue = {LineKind.REVENUE: {LedgerColumn.NL_HIGH: 8100}}
    found = fill_cells(
        [
            part(LineKind.SHIPPING, "1.21"),
            part(LineKind.SHIPPING, "1.22"),
            part(LineKind.DISCOUNT, "1.23"),
            part(LineKind.REVENUE, "1.21"),
            part(LineKind.REVENUE, "1.21"),
        ],
        {HIGH: RatePosting(columns=(LedgerColumn.NL_HIGH,))},
        rules(ledgers=LedgerMapping(numbers=revenue)),
        payment_method=None,
        country=None,
    )
    assert [(problem.details["field"], problem.details["amount"]) for problem in found.problems] == [
        ("bookings.ledgers.shipping.nl_high", "1.21"),
        ("bookings.ledgers.discount.nl_high", "1.23"),
    ]
    (cell,) = found.by_key.values()
    assert (cell.parts_count, cell.net, cell.gross) == (2, Decimal("2.00"), Decimal("2.42"))
