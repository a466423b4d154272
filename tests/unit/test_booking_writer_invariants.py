"""Of the twenty things that hold for the booking of any order: the amounts (I1 to I10)."""

import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from booking_outcomes import (
    IS_LONG_RUN,
    booking_of,
    direction,
    gross_of_parts,
    in_cents,
    invariant,
    number,
    outcome,
    rounding_of,
    shuffled,
    sums_by_ledger,
    total_of,
    vat_by_category,
)
from booking_writer.domain.booking import ComposedBooking, SkippedOrder
from booking_writer.domain.order import BookableOrder, OrderedLine, PrintedVat
from booking_writer.handlers.translation import bookable_order
from booking_writer_cases import VAT_PERIODS, mirrored
from order_noise import SLIGHT_NOISES, noisy_sales
from order_strategies import DUTCH, FOREIGN, UNTAXED, Sale, of_both_shops, sales
from poller.adapters.shop_orders import read_order
from sconnect.contracts import SalesOrder
from sconnect.errors import Reason
from sconnect.ledgers import LineKind, band_of
from sconnect.money import CENT, r2
from sconnect.webshop import parse

pytestmark = [pytest.mark.long] if IS_LONG_RUN else []


@invariant
@given(sale=of_both_shops(noisy_sales, untold_rates=True))
def test_i1_lines_and_vat_rows_add_up_to_the_total_that_the_customer_paid(sale: Sale) -> None:
    booking = booking_of(sale.case)
    assume(booking is not None)
    assert booking is not None

    booked = total_of(each.amount for each in booking.lines) + total_of(
        row.amount for row in booking.vat_rows
    )
    assert booked == booking.total == direction(sale.order) * in_cents(number(sale.order.total))


@invariant
@given(sale=of_both_shops(noisy_sales, untold_rates=True))
def test_i2_every_amount_is_in_cents_and_no_line_is_zero(sale: Sale) -> None:
    booking = booking_of(sale.case)
    assume(booking is not None)
    assert booking is not None

    amounts = [each.amount for each in booking.lines]
    assert all(amounts)
    assert all(
        amount.as_tuple().exponent == -2 for amount in [*amounts, *(row.amount for row in booking.vat_rows)]
    )


@invariant
@given(sale=of_both_shops(noisy_sales, untold_rates=True))
def test_i3_an_order_is_booked_or_skipped_or_waits_with_its_reason(sale: Sale) -> None:
    result = outcome(sale.case)

    match result:
        case ComposedBooking():
            assert result.lines
        case SkippedOrder():
            assert result.reason.code in ("ZERO_TOTAL", "NOTHING_TO_BOOK")
        case Reason():
            assert all(text for text in result.details.values())


@invariant
@given(sale=of_both_shops(noisy_sales, noises=SLIGHT_NOISES))
def test_i4_the_rounding_line_stays_within_the_tolerance_and_a_consistent_order_has_none(sale: Sale) -> None:
    booking = booking_of(sale.case)
    assume(booking is not None)
    assert booking is not None

    assert abs(rounding_of(booking)) <= sale.case.rules.rounding_tolerance
    is_complete = all(price.gross for each in sale.order.lines for price in each.prices)
    if is_complete and gross_of_parts(sale.order) == number(sale.order.total):
        assert not rounding_of(booking)


@invariant
@given(sale=of_both_shops(noisy_sales, untold_rates=True, noises=SLIGHT_NOISES, with_credits=False))
def test_i5_a_credit_is_booked_as_its_original_with_the_other_sign(sale: Sale) -> None:
    assume(number(sale.order.total) > 0)
    original, credit = outcome(sale.case), outcome(sale.with_order(mirrored(sale.order)))

    if isinstance(original, Reason):
        assert isinstance(credit, Reason)
        assert credit.code == original.code
    elif isinstance(original, ComposedBooking):
        assert isinstance(credit, ComposedBooking)
        assert credit.total == -original.total
        turned = [(each.ledger_number, each.band, -each.amount) for each in credit.lines]
        assert turned == [(each.ledger_number, each.band, each.amount) for each in original.lines]
        assert [-row.amount for row in credit.vat_rows] == [row.amount for row in original.vat_rows]


@invariant
@given(sale=of_both_shops(noisy_sales, untold_rates=True), random=st.randoms(use_true_random=True))
def test_i6_the_order_of_lines_prices_and_vat_rows_changes_nothing(sale: Sale, random: Any) -> None:
    lines = [replace(each, prices=shuffled(each.prices, random)) for each in sale.order.lines]
    order = replace(
        sale.order,
        lines=shuffled(tuple(lines), random),
        vat_amounts=shuffled(sale.order.vat_amounts, random),
    )
    found, expected = outcome(sale.with_order(order)), outcome(sale.case)

    if isinstance(expected, Reason):
        # Which of several problems is told first may follow the order of the lines.
        assert isinstance(found, Reason)
    else:
        assert found == expected


@invariant
@given(sale=of_both_shops(sales), place=st.integers(0, 20), tenths=st.integers(0, 10))
def test_i7_a_part_split_in_two_gives_the_same_sums(sale: Sale, place: int, tenths: int) -> None:
    lines = list(sale.order.lines)
    place %= len(lines)
    first, *others = lines[place].prices
    net, gross = number(first.net), number(first.gross)
    net_share = (net * tenths / 10).quantize(Decimal("0.000001"))
    gross_share = r2(gross * tenths / 10)
    halves = (
        replace(first, net=str(net_share), gross=str(gross_share)),
        replace(first, net=str(net - net_share), gross=str(gross - gross_share)),
    )
    lines[place : place + 1] = [
        replace(lines[place], prices=(halves[0],)),
        replace(lines[place], prices=(halves[1], *others)),
    ]
    whole, split = booking_of(sale.case), booking_of(sale.with_order(replace(sale.order, lines=tuple(lines))))
    assume(whole is not None and split is not None)
    assert whole is not None
    assert split is not None

    assert sums_by_ledger(split) == sums_by_ledger(whole)
    assert vat_by_category(split) == vat_by_category(whole)


@invariant
@given(sale=of_both_shops(sales), zeros=st.integers(0, 4), form=st.sampled_from(("text", "number")))
def test_i8_texts_and_numbers_and_single_or_listed_prices_give_the_same(
    sale: Sale, zeros: int, form: str
) -> None:
    lengthened = _with_numbers(sale.order, lambda text: text + "0" * zeros if "." in text else text)
    assert outcome(sale.with_order(lengthened)) == outcome(sale.case)

    amounts = [price for each in sale.order.lines for price in each.prices]
    assume(all(abs(number(price.net)) >= CENT for price in amounts))  # else JSON writes an exponent
    from_json = _read_by_poller(sale.order, as_numbers=form == "number")
    same = replace(
        sale.order,
        total=from_json.total,
        vat_amounts=bookable_order(from_json).vat_amounts,
        lines=bookable_order(from_json).lines,
    )
    assert outcome(sale.with_order(same)) == outcome(sale.case)


def _with_numbers(order: BookableOrder, change: Callable[[str], str]) -> BookableOrder:
    def changed(text: str | None) -> str | None:
        return None if text is None else change(text)

    return replace(
        order,
        total=changed(order.total),
        vat_amounts=tuple(
            PrintedVat(rate=changed(row.rate), amount=changed(row.amount)) for row in order.vat_amounts
        ),
        lines=tuple(
            replace(
                each,
                prices=tuple(
                    replace(
                        price, net=changed(price.net), gross=changed(price.gross), rate=changed(price.rate)
                    )
                    for price in each.prices
                ),
            )
            for each in order.lines
        ),
    )


def _read_by_poller(order: BookableOrder, *, as_numbers: bool) -> SalesOrder:
    """The order as the shop's JSON has it, a list of one as its bare element, read by the poller."""

    def written(text: str | None) -> Any:
        return float(number(text)) if as_numbers else text

    def listed(values: list[Any]) -> Any:
        return values[0] if len(values) == 1 else values

    document = {
        "uuid": "5d0a7f2e-8d7a-4df3-8a59-3f6d3a2b7c11",
        "number": order.number,
        "date": order.placed_on.isoformat(),
        "price": {
            "total": written(order.total),
            "tax": listed(
                [{"rate": written(row.rate), "amount": written(row.amount)} for row in order.vat_amounts]
            ),
        },
        "orderlines": [
            {
                "type": each.kind,
                "articles": {"sku": each.sku},
                "price": listed(
                    [
                        {
                            "amount": written(price.net),
                            "amount_including_tax": written(price.gross),
                            "rate": written(price.rate),
                        }
                        for price in each.prices
                    ]
                ),
            }
            for each in order.lines
        ],
    }
    found = read_order(parse(json.dumps(document).encode())).found
    assert isinstance(found, SalesOrder)
    return found


@invariant
@given(sale=of_both_shops(sales, lines_max=25))
def test_i9_every_cell_stays_a_cent_and_a_cent_per_part_from_what_the_lines_say(sale: Sale) -> None:
    booking = booking_of(sale.case)
    assume(booking is not None)
    assert booking is not None
    sign = direction(sale.order)
    exact: dict[tuple[LineKind, Decimal], list[Decimal]] = {}
    for ordered in sale.order.lines:
        for price in ordered.prices:
            rate = Decimal(0) if sale.market in UNTAXED else number(price.rate)
            kind = _kind(ordered, is_credit=sale.order.is_credit, sign=sign)
            if number(price.net) or number(price.gross):
                exact.setdefault((kind, rate), []).append(sign * number(price.net))

    booked: dict[tuple[LineKind, Decimal], Decimal] = {
        (each.kind, each.rate or Decimal(0)): each.amount
        for each in booking.lines
        if each.kind is not LineKind.FOREIGN_VAT
    }
    for key, nets in exact.items():
        assert abs(booked.get(key, Decimal(0)) - total_of(nets)) <= CENT * (1 + len(nets)), key


def _kind(ordered: OrderedLine, *, is_credit: bool, sign: int) -> LineKind:
    if ordered.sku in ("GIFT", "STATIE"):
        return LineKind.GIFT_CARD if ordered.sku == "GIFT" else LineKind.DEPOSIT
    if ordered.kind == "custom":
        amount = sign * (number(ordered.prices[0].gross) or number(ordered.prices[0].net))
        against = amount > 0 if is_credit else amount < 0
        return LineKind.DISCOUNT if against else LineKind.REVENUE
    kinds = {
        "shipping": LineKind.SHIPPING,
        "payment": LineKind.PAYMENT_COSTS,
        "surcharge": LineKind.PAYMENT_COSTS,
        "discount": LineKind.DISCOUNT,
        "gift_card": LineKind.GIFT_CARD,
    }
    return kinds.get(ordered.kind, LineKind.REVENUE)


@invariant
@given(sale=of_both_shops(noisy_sales, noises=SLIGHT_NOISES, markets=(*DUTCH, *FOREIGN)))
def test_i10_the_vat_that_the_shop_printed_is_booked_to_the_cent(sale: Sale) -> None:
    booking = booking_of(sale.case)
    assume(booking is not None and sale.order.vat_amounts)
    assert booking is not None
    printed: dict[str, Decimal] = {}
    for row in sale.order.vat_amounts:
        key = _where_vat_stands(sale, number(row.rate))
        amount = direction(sale.order) * in_cents(number(row.amount))
        printed[key] = printed.get(key, Decimal(0)) + amount

    foreign = {str(each.rate): each.amount for each in booking.lines if each.kind is LineKind.FOREIGN_VAT}
    booked = foreign or {str(row.category): row.amount for row in booking.vat_rows}
    assert {key: amount for key, amount in booked.items() if amount} == {
        key: amount for key, amount in printed.items() if amount
    }


def _where_vat_stands(sale: Sale, rate: Decimal) -> str:
    """A line for each foreign rate; a row for each Dutch kind, and rates that have gone share one."""
    if sale.market in FOREIGN:
        return str(rate)
    case = sale.case
    band = band_of(rate, VAT_PERIODS, supplied_on=case.supplied_on, booked_on=case.invoice_date)
    return f"sales_{band}"
