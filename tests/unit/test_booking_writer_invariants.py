"""What holds for the booking of any order of a shop, with prices including VAT and excluding it."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from booking_writer.domain.booking import ComposedBooking, SkippedOrder
from booking_writer.domain.composition import compose
from booking_writer.domain.order import BookableOrder, OrderedLine, PrintedVat
from booking_writer_cases import booked, case, line, mirrored, order, rules, vat
from sconnect.errors import RejectedError
from sconnect.ledgers import LineKind
from sconnect.money import CENT, r2

MICRO = Decimal("0.000001")
RATES = (Decimal("21.00"), Decimal("9.00"))
CHARGED_KINDS = ("article", "article", "custom", "shipping", "payment")

cents = st.integers(min_value=1, max_value=500_000).map(lambda count: count * CENT)
charges = st.tuples(st.sampled_from(CHARGED_KINDS), st.sampled_from(RATES), cents)
discounts = st.tuples(st.just("discount"), st.sampled_from(RATES), cents.map(lambda amount: -amount / 10))
baskets = st.tuples(st.lists(charges, min_size=1, max_size=8), st.lists(discounts, max_size=2)).map(
    lambda both: [*both[0], *both[1]]
)


def shop_with_vat(basket: list[tuple[str, Decimal, Decimal]]) -> BookableOrder:
    """Prices include VAT: the shop rounds the gross of a line, and the net to six decimals."""
    lines, grosses = [], dict.fromkeys(RATES, Decimal(0))
    for kind, rate, amount in basket:
        gross = r2(amount)
        net = (gross / (1 + rate / 100)).quantize(MICRO)
        lines.append(line(kind, (str(net), str(gross), str(rate))))
        grosses[rate] += gross
    used = {rate for _, rate, _ in basket}
    rows = [(str(rate), str(r2(grosses[rate] * rate / (100 + rate)))) for rate in RATES if rate in used]
    return order(total=str(sum(grosses.values())), vat_amounts=vat(*rows), lines=tuple(lines))


def shop_without_vat(basket: list[tuple[str, Decimal, Decimal]]) -> BookableOrder:
    """Prices exclude VAT: the shop rounds nothing but the VAT per rate, and the gross it prints of a line."""
    lines, nets = [], dict.fromkeys(RATES, Decimal(0))
    for kind, rate, amount in basket:
        net = r2(amount)
        lines.append(line(kind, (str(net), str(r2(net * (1 + rate / 100))), str(rate))))
        nets[rate] += net
    used = {rate for _, rate, _ in basket}
    taxes = {rate: r2(nets[rate] * rate / 100) for rate in RATES if rate in used}
    return order(
        prices_include_vat=False,
        total=str(sum(nets.values()) + sum(taxes.values())),
        vat_amounts=vat(*((str(rate), str(tax)) for rate, tax in taxes.items())),
        lines=tuple(lines),
    )


SHOPS = [shop_with_vat, shop_without_vat]
Shop = Callable[[list[tuple[str, Decimal, Decimal]]], BookableOrder]

both_shops = pytest.mark.parametrize("shop", SHOPS)


def sums(booking: ComposedBooking) -> dict[tuple[int, str], Decimal]:
    found: dict[tuple[int, str], Decimal] = {}
    for each in booking.lines:
        key = (each.ledger_number, str(each.band))
        found[key] = found.get(key, Decimal(0)) + each.amount
    return found


@both_shops
@given(basket=baskets)
def test_a_consistent_order_is_booked_to_the_cent_without_a_rounding_line(
    shop: Shop, basket: list[Any]
) -> None:
    given_order = shop(basket)
    assume(Decimal(given_order.total or 0) != 0)
    booking = booked(case(given_order))

    assert booking.total == Decimal(given_order.total or 0)
    assert sum(each.amount for each in booking.lines) + sum(row.amount for row in booking.vat_rows) == (
        booking.total
    )
    assert all(each.amount and each.amount == r2(each.amount) for each in booking.lines)
    assert all(each.kind is not LineKind.ROUNDING for each in booking.lines)


@both_shops
@given(basket=baskets)
def test_the_printed_vat_is_taken_over_and_every_cell_stays_close_to_its_parts(
    shop: Shop, basket: list[Any]
) -> None:
    given_order = shop(basket)
    assume(Decimal(given_order.total or 0) != 0)
    booking = booked(case(given_order))
    printed = {Decimal(row.rate or 0): Decimal(row.amount or 0) for row in given_order.vat_amounts}

    for rate, category in ((Decimal("21.00"), "sales_high"), (Decimal("9.00"), "sales_low")):
        row = next((row for row in booking.vat_rows if row.category == category), None)
        assert (Decimal(0) if row is None else row.amount) == printed.get(rate, Decimal(0))
    for each in booking.lines:
        parts = [
            Decimal(price.net or 0)
            for ordered in given_order.lines
            for price in ordered.prices
            if _kind(ordered) is each.kind and Decimal(price.rate or 0) == each.rate
        ]
        assert abs(each.amount - sum(parts)) <= CENT + CENT * len(parts)


def _kind(ordered: OrderedLine) -> LineKind:
    kinds = {
        "shipping": LineKind.SHIPPING,
        "payment": LineKind.PAYMENT_COSTS,
        "discount": LineKind.DISCOUNT,
    }
    return kinds.get(ordered.kind, LineKind.REVENUE)


@both_shops
@given(basket=baskets)
def test_a_full_credit_cancels_its_original(shop: Shop, basket: list[Any]) -> None:
    given_order = shop(basket)
    assume(Decimal(given_order.total or 0) > 0)
    original, credit = booked(case(given_order)), booked(case(mirrored(given_order)))

    assert credit.total == -original.total
    assert sums(credit) == {key: -amount for key, amount in sums(original).items()}
    assert [(row.category, -row.amount) for row in credit.vat_rows] == [
        (row.category, row.amount) for row in original.vat_rows
    ]


@both_shops
@given(basket=baskets, random=st.randoms())
def test_the_order_of_lines_and_rows_does_not_matter(shop: Shop, basket: list[Any], random: Any) -> None:
    given_order = shop(basket)
    lines, rows = list(given_order.lines), list(given_order.vat_amounts)
    random.shuffle(lines)
    random.shuffle(rows)

    assert compose(case(replace(given_order, lines=tuple(lines), vat_amounts=tuple(rows)))) == compose(
        case(given_order)
    )


@both_shops
@given(basket=baskets)
def test_one_line_with_many_prices_is_many_lines(shop: Shop, basket: list[Any]) -> None:
    given_order = shop(basket)
    shipping = [each for each in given_order.lines if each.kind == "shipping"]
    others = tuple(each for each in given_order.lines if each.kind != "shipping")
    prices = tuple(price for each in shipping for price in each.prices)
    joined = replace(given_order, lines=(*others, OrderedLine(kind="shipping", prices=prices)))

    assert compose(case(joined)) == compose(case(given_order))


@both_shops
@given(basket=baskets, place=st.integers(min_value=0, max_value=20))
def test_a_part_of_nothing_changes_nothing(shop: Shop, basket: list[Any], place: int) -> None:
    given_order = shop(basket)
    lines = list(given_order.lines)
    lines.insert(place, line("something new", ("0.000000", "0.00", "")))

    assert compose(case(replace(given_order, lines=tuple(lines)))) == compose(case(given_order))


@both_shops
@given(basket=baskets)
def test_the_form_of_a_number_does_not_matter(shop: Shop, basket: list[Any]) -> None:
    given_order = shop(basket)

    def longer(text: str | None) -> str | None:
        return None if text is None else f"{Decimal(text):.8f}"

    other_form = replace(
        given_order,
        total=longer(given_order.total),
        vat_amounts=tuple(
            PrintedVat(rate=str(Decimal(row.rate or 0).normalize()), amount=longer(row.amount))
            for row in given_order.vat_amounts
        ),
        lines=tuple(
            replace(
                each,
                prices=tuple(
                    replace(price, net=longer(price.net), gross=longer(price.gross)) for price in each.prices
                ),
            )
            for each in given_order.lines
        ),
    )

    assert compose(case(other_form)) == compose(case(given_order))


@both_shops
@given(basket=baskets, card=cents)
def test_a_gift_card_never_changes_vat(shop: Shop, basket: list[Any], card: Decimal) -> None:
    given_order = shop(basket)
    assume(Decimal(given_order.total or 0) != 0)
    plain = booked(case(given_order))
    paid_by_card = replace(
        given_order,
        total=str(plain.total - card),
        lines=(*given_order.lines, line("gift_card", (str(-card), str(-card), "0.00"))),
    )
    with_card = booked(case(paid_by_card))

    assert with_card.vat_rows == plain.vat_rows
    assert sums(with_card) == sums(plain) | {(1760, "none"): -card}


@both_shops
@given(basket=baskets, off=st.integers(min_value=-12, max_value=12), tolerances=st.lists(cents, max_size=3))
def test_the_rounding_line_stays_within_the_tolerance_and_a_larger_one_only_books_more(
    shop: Shop, basket: list[Any], off: int, tolerances: list[Decimal]
) -> None:
    given_order = shop(basket)
    wrong = case(replace(given_order, total=str(Decimal(given_order.total or 0) + off * CENT)))
    was_booked = False
    for tolerance in sorted({Decimal("0.00"), Decimal("0.05"), *tolerances}):
        try:
            result = compose(replace(wrong, rules=rules(rounding_tolerance=tolerance)))
        except RejectedError:
            assert not was_booked
            continue
        was_booked = True
        if isinstance(result, ComposedBooking):
            rounding = sum((each.amount for each in result.lines if each.kind is LineKind.ROUNDING), CENT * 0)
            assert abs(rounding) <= tolerance


texts = st.none() | st.text(max_size=8)
any_price = st.tuples(
    texts | st.sampled_from(["56.198347", "0", "-1", "null"]),
    texts | st.sampled_from(["68.00", "0", "-1"]),
    texts | st.sampled_from(["21.00", "9", "0", "100", "-5"]),
)
any_line = st.builds(
    line,
    st.text(max_size=8) | st.sampled_from([*CHARGED_KINDS, "discount", "gift_card"]),
    any_price,
    any_price,
)
any_lines = st.lists(any_line, max_size=3) | st.builds(lambda one: [one] * 400, any_line)
any_order = st.builds(
    order,
    total=texts | st.sampled_from(["68.00", "-1", "1000000000.00", "0", "NaN", ""]),
    lines=any_lines.map(tuple),
    vat_amounts=st.lists(st.builds(PrintedVat, rate=texts, amount=texts), max_size=2).map(tuple)
    | st.just(vat(("21.00", "11.80"))),
    tax_strategy=st.text(max_size=4) | st.sampled_from(["", "zero_percent", "reverse_charged_vat"]),
    tax_region=st.none() | st.sampled_from(["NL", "BE", "US", "?"]),
    is_credit=st.booleans(),
)


@given(given_order=any_order)
def test_any_order_is_booked_skipped_or_refused(given_order: BookableOrder) -> None:
    try:
        result = compose(case(given_order))
    except RejectedError:
        return
    assert isinstance(result, ComposedBooking | SkippedOrder)


def test_the_same_order_always_gives_the_same_booking_to_the_byte() -> None:
    basket = [
        ("article", RATES[0], CENT * 1001),
        ("shipping", RATES[1], CENT * 333),
        ("payment", RATES[0], CENT),
    ]
    records = {
        str(booked(case(shop_with_vat(list(shuffled)))).as_record()) for shuffled in permutations(basket)
    }

    assert len(records) == 1
