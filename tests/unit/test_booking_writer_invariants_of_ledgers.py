"""Of the twenty things that hold for the booking of any order: ledgers, VAT, totals, credits (I11 to I20)."""

import copy
import json
from dataclasses import replace
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from booking_outcomes import (
    INVARIANTS,
    IS_LONG_RUN,
    booking_of,
    direction,
    gross_of_parts,
    in_cents,
    invariant,
    number,
    outcome,
    shuffled,
    sums_by_ledger,
    total_of,
    vat_by_category,
)
from booking_writer.domain.booking import ComposedBooking
from booking_writer.domain.order import BookableOrder
from booking_writer_cases import FOREIGN_VAT_LEDGER, FUNCTION_OF_NUMBER, line, mirrored
from order_noise import SLIGHT_NOISES, noisy_sales
from order_strategies import BOOKS, DUTCH, FOREIGN, MARKETS, UNTAXED, Sale, of_both_shops, sales
from sconnect.errors import Reason
from sconnect.ledgers import AccountFunction, LedgerMapping, LineKind, VatRateBand
from sconnect.money import CENT, allocate, r2

pytestmark = [pytest.mark.long] if IS_LONG_RUN else []


HALF_CENT = Decimal("0.005")
FITTING = {
    VatRateBand.HIGH: {AccountFunction.SALES_HIGH},
    VatRateBand.LOW: {AccountFunction.SALES_LOW},
    VatRateBand.OTHER: {AccountFunction.SALES_OTHER},
}
FITTING_WITHOUT_VAT = {
    "eu_business": {AccountFunction.EU_GOODS},
    "export": {AccountFunction.EXPORT},
    "small_business": {AccountFunction.NEUTRAL},
    **{market: {AccountFunction.SALES_UNTAXED} for market in DUTCH},
    "domestic_exempt": {AccountFunction.NEUTRAL},
    **{market: {AccountFunction.DISTANCE_SALES} for market in FOREIGN},
}
OUTSIDE_VAT = {LineKind.GIFT_CARD, LineKind.DEPOSIT, LineKind.ROUNDING, LineKind.FOREIGN_VAT}


@invariant
@given(sale=of_both_shops(noisy_sales, untold_rates=True, noises=SLIGHT_NOISES))
def test_i11_every_line_stands_on_a_ledger_of_its_treatment_and_vat_kind(sale: Sale) -> None:
    booking = booking_of(sale.case)
    assume(booking is not None)
    assert booking is not None

    for each in booking.lines:
        account = BOOKS.ledgers[each.ledger_number]
        assert each.band in account.bands
        fitting = FITTING.get(each.band, FITTING_WITHOUT_VAT[sale.market])
        wanted = {AccountFunction.NEUTRAL} if each.kind in OUTSIDE_VAT else fitting
        assert FUNCTION_OF_NUMBER[each.ledger_number] in wanted


@invariant
@given(sale=of_both_shops(noisy_sales, untold_rates=True, noises=SLIGHT_NOISES, markets=FOREIGN))
def test_i12_foreign_vat_is_a_line_that_fits_the_lines_on_ledgers_for_distance_sales(sale: Sale) -> None:
    booking = booking_of(sale.case)
    assume(booking is not None)
    assert booking is not None
    sold = [each for each in booking.lines if each.kind is not LineKind.FOREIGN_VAT]
    vat = total_of(each.amount for each in booking.lines if each.kind is LineKind.FOREIGN_VAT)

    assert booking.vat_rows == ()
    assert {each.ledger_number for each in booking.lines if each.kind is LineKind.FOREIGN_VAT} <= {
        FOREIGN_VAT_LEDGER
    }
    assert all(FUNCTION_OF_NUMBER[each.ledger_number] is AccountFunction.DISTANCE_SALES for each in sold)
    expected = total_of(in_cents(each.amount * (each.rate or 0) / 100) for each in sold)
    assert abs(vat - expected) <= CENT * len(sold)


@invariant
@given(sale=of_both_shops(noisy_sales, untold_rates=True, noises=SLIGHT_NOISES, markets=UNTAXED))
def test_i13_a_sale_without_vat_has_no_vat_row_and_no_vat_line(sale: Sale) -> None:
    booking = booking_of(sale.case)
    assume(booking is not None)
    assert booking is not None

    assert booking.vat_rows == ()
    assert {each.band for each in booking.lines} == {VatRateBand.NONE}
    assert all(each.kind is not LineKind.FOREIGN_VAT for each in booking.lines)


@invariant
@given(sale=of_both_shops(sales), off=st.integers(6, 100_000), sign=st.sampled_from((1, -1)))
def test_i14_a_total_that_nothing_explains_waits_for_a_person(sale: Sale, off: int, sign: int) -> None:
    order = replace(sale.order, total=str(number(sale.order.total) + sign * off * CENT))
    assume(number(order.total) * number(sale.order.total) > 0)  # else a credit may change its sign
    tolerance = sale.case.rules.rounding_tolerance
    known = (gross_of_parts(order), *_net_totals(order))
    assume(all(abs(number(order.total) - each) > tolerance for each in known))
    result = outcome(sale.with_order(order))

    assert isinstance(result, Reason)
    if result.code == "CREDIT_SIGN_AMBIGUOUS":  # told first, when the other total makes it so
        assert sale.order.is_credit
        return
    assert result.code == "TOTAL_MISMATCH"
    assert result.details["total"] == str(direction(order) * in_cents(number(order.total)))


def _net_totals(order: BookableOrder) -> tuple[Decimal, ...]:
    """The totals that the nets and the printed VAT can lead to."""
    vat = total_of(in_cents(number(row.amount)) for row in order.vat_amounts)
    nets: dict[Decimal, Decimal] = {}
    for each in order.lines:
        for price in each.prices:
            rate = number(price.rate)
            nets[rate] = nets.get(rate, Decimal(0)) + number(price.net)
    exact = total_of(net * (1 + rate / 100) for rate, net in nets.items())
    return (
        total_of(map(in_cents, nets.values())) + vat,
        in_cents(total_of(nets.values())) + vat,
        in_cents(exact),
    )


@invariant
@given(
    sale=of_both_shops(noisy_sales),
    place=st.integers(0, 20),
    nothing=st.sampled_from((("0.000000", "0.00", ""), ("0", "0", "21.00"), (None, "0.00", None))),
    kind=st.sampled_from(("shipping", "article", "something new", "gift_card")),
)
def test_i15_a_part_of_nothing_changes_nothing(
    sale: Sale, place: int, nothing: tuple[str | None, str | None, str | None], kind: str
) -> None:
    lines = list(sale.order.lines)
    lines.insert(place, line(kind, nothing))
    found, expected = outcome(sale.with_order(replace(sale.order, lines=tuple(lines)))), outcome(sale.case)

    if isinstance(expected, Reason):
        # A field that is named may have moved one line down.
        assert isinstance(found, Reason)
        assert found.text_key == expected.text_key
    else:
        assert found == expected


MICRO_AMOUNTS = st.integers(-(10**12), 10**12).map(lambda micros: Decimal(micros) / 10**6)


@INVARIANTS
@given(
    ideals=st.dictionaries(st.integers(0, 50), MICRO_AMOUNTS, min_size=1, max_size=12),
    off=st.one_of(st.just(0), st.integers(-500, 500)),
    random=st.randoms(use_true_random=True),
)
def test_i16_sharing_out_adds_up_stays_close_mirrors_and_does_not_depend_on_the_order(
    ideals: dict[int, Decimal], off: int, random: Any
) -> None:
    whole = total_of(ideals.values())
    target = r2(whole) + off * CENT
    shares = allocate(target, ideals)
    left = abs(target - total_of(map(r2, ideals.values()))) / CENT

    assert total_of(shares.values()) == target
    furthest = HALF_CENT + CENT * -(-int(left) // len(ideals))
    is_close = abs(target - whole) <= HALF_CENT
    for key, ideal in ideals.items():
        away = abs(shares[key] - ideal)
        assert away < CENT if is_close else away <= furthest
    turned = allocate(-target, {key: -ideal for key, ideal in ideals.items()})
    assert turned == {key: -share for key, share in shares.items()}
    assert allocate(target, dict(shuffled(tuple(ideals.items()), random))) == shares


@cache
def _mapping_again(market: str) -> LedgerMapping:
    return copy.deepcopy(MARKETS[market].mapping)


@invariant
@given(sale=of_both_shops(noisy_sales, untold_rates=True))
def test_i17_the_same_order_and_mapping_give_the_same_bytes(sale: Sale) -> None:
    rules = replace(sale.case.rules, ledgers=_mapping_again(sale.market))
    copied = replace(sale.case, order=copy.deepcopy(sale.order), rules=rules)
    first, second = booking_of(sale.case), booking_of(copied)
    assume(first is not None)
    assert first is not None
    assert second is not None

    assert json.dumps(first.as_record()) == json.dumps(second.as_record())
    assert ComposedBooking.from_record(first.as_record()) == first


@invariant
@given(
    sale=of_both_shops(noisy_sales, untold_rates=True, noises=SLIGHT_NOISES),
    tolerances=st.lists(st.integers(0, 100).map(lambda count: count * CENT), min_size=2, max_size=4),
)
def test_i18_a_larger_tolerance_never_makes_a_booked_order_wait(
    sale: Sale, tolerances: list[Decimal]
) -> None:
    was_booked = False
    for tolerance in sorted(tolerances):
        rules = replace(sale.case.rules, rounding_tolerance=tolerance)
        is_booked = not isinstance(outcome(replace(sale.case, rules=rules)), Reason)
        assert is_booked or not was_booked
        was_booked = is_booked


@invariant
@given(sale=of_both_shops(noisy_sales, untold_rates=True, noises=SLIGHT_NOISES, with_credits=False))
def test_i19_a_full_credit_and_its_original_come_to_nothing(sale: Sale) -> None:
    assume(number(sale.order.total) > 0)
    original, credit = booking_of(sale.case), booking_of(sale.with_order(mirrored(sale.order)))
    assume(original is not None)
    assert original is not None
    assert credit is not None

    assert sums_by_ledger(original, credit) == {}
    assert vat_by_category(original, credit) == {}


@invariant
@given(
    sale=of_both_shops(sales, markets=(*DUTCH, *UNTAXED), with_credits=False, vouchers=False),
    card=st.integers(1, 50_000).map(lambda count: count * CENT),
)
def test_i20_a_gift_card_never_changes_the_vat(sale: Sale, card: Decimal) -> None:
    plain = booking_of(sale.case)
    assume(plain is not None)
    assert plain is not None
    paid_by_card = replace(
        sale.order,
        total=str(plain.total - card),
        lines=(*sale.order.lines, line("gift_card", (str(-card), str(-card), "0.00"))),
    )
    with_card = booking_of(sale.with_order(paid_by_card))
    assert with_card is not None

    assert with_card.vat_rows == plain.vat_rows
    assert sums_by_ledger(with_card) == sums_by_ledger(plain) | {(1760, VatRateBand.NONE): -card}
