"""Random orders, booked through the adapter in the SnelStart simulator: not one booking is refused."""

import pytest

from order_strategies import MARKETS
from random_orders import book_random_orders

# What must have been booked too, or the run shows less than it seems to.
FEATURES = {
    "prices including VAT",
    "prices excluding VAT",
    "a credit printed negative",
    "a credit printed positive",
    "a discount without its rate",
    "a rate that has gone (other)",
    "no VAT row printed",
    "a refined ledger",
    "a cost centre",
    "two rates or more",
    "100 lines or more",
    "a line of gift_card",
    "a line of deposit",
    "a line of discount",
    "a line of rounding",
    "a line of foreign_vat",
}


@pytest.mark.parametrize(
    "orders_count",
    [2_000, pytest.param(100_000, marks=pytest.mark.long)],
)
async def test_snelstart_refuses_no_composed_booking(
    orders_count: int, request: pytest.FixtureRequest
) -> None:
    tally = await book_random_orders(orders_count)
    request.config.get_terminal_writer().line(f"\n{orders_count} random orders\n{tally.table()}")

    assert tally.refused == []
    assert all(tally.booked[market] >= orders_count / (3 * len(MARKETS)) for market in MARKETS)
    assert tally.features.keys() >= FEATURES
