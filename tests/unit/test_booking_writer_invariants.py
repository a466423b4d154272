"""The twenty things that hold for the booking of any order, of a shop with prices including VAT or not."""

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
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
    number,
    outcome,
    rounding_of,
    sums_by_ledger,
    total_of,
    vat_by_category,
)
from booking_writer.domain.booking import ComposedBooking, SkippedOrder
from booking_writer.domain.order import BookableOrder, OrderedLine, PrintedVat
from booking_writer.handlers.translation import bookable_order
from booking_writer_cases import FOREIGN_VAT_LEDGER, FUNCTION_OF_NUMBER, line, mirrored
from order_noise import SLIGHT_NOISES, noisy_sales
from order_strategies import BOOKS, DUTCH, FOREIGN, UNTAXED, Sale, sales
from poller.adapters.shop_orders import read_order
from poller.adapters.shop_values import parse
from sconnect.contracts import SalesOrder
from sconnect.errors import Reason
from sconnect.ledgers import AccountFunction, LineKind, VatRateBand
from sconnect.money import CENT, allocate, r2

pytestmark = [pytest.mark.long] if IS_LONG_RUN else []

HALF_CENT = Decimal("0.005")


def drawn(strategy: Callable[..., st.SearchStrategy[Sale]], **wishes: Any) -> st.SearchStrategy[Any]:
    """A strategy that a test asks for one kind of shop or the other."""
    return st.sampled_from((True, False)).flatmap(
        lambda include: strategy(prices_include_vat=include, **wishes)
    )


@INVARIANTS
@given(sale=drawn(noisy_sales))
def test_i1_lines_and_vat_rows_add_up_to_the_total_that_the_customer_paid(sale: Sale) -> None:
    booking = booking_of(sale.case)
    assume(booking is not None)
    assert booking is not None

    booked = total_of(each.amount for each in booking.lines) + total_of(
        row.amount for row in booking.vat_rows
    )
    assert booked == booking.total == direction(sale.order) * in_cents(number(sale.order.total))


@INVARIANTS
@given(sale=drawn(noisy_sales))
def test_i2_every_amount_is_in_cents_and_no_line_is_zero(sale: Sale) -> None:
    booking = booking_of(sale.case)
    assume(booking is not None)
    assert booking is not None

    amounts = [each.amount for each in booking.lines]
    assert all(amounts)
    assert all(
        amount.as_tuple().exponent == -2 for amount in [*amounts, *(row.amount for row in booking.vat_rows)]
    )


@INVARIANTS
@given(sale=drawn(noisy_sales))
def test_i3_an_order_is_booked_or_skipped_or_waits_with_its_reason(sale: Sale) -> None:
    result = outcome(sale.case)

    match result:
        case ComposedBooking():
            assert result.lines
        case SkippedOrder():
            assert result.reason.code in ("ZERO_TOTAL", "NOTHING_TO_BOOK")
        case Reason():
            assert all(text for text in result.details.values())


@INVARIANTS
@given(sale=drawn(noisy_sales, noises=SLIGHT_NOISES))
def test_i4_the_rounding_line_stays_within_the_tolerance_and_a_consistent_order_has_none(sale: Sale) -> None:
    booking = booking_of(sale.case)
    assume(booking is not None)
    assert booking is not None

    assert abs(rounding_of(booking)) <= sale.case.rules.rounding_tolerance
    is_complete = all(price.gross for each in sale.order.lines for price in each.prices)
    if is_complete and gross_of_parts(sale.order) == number(sale.order.total):
        assert not rounding_of(booking)


@INVARIANTS
@given(sale=drawn(noisy_sales, noises=SLIGHT_NOISES, with_credits=False))
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


@INVARIANTS
@given(sale=drawn(noisy_sales), random=st.randoms())
def test_i6_the_order_of_lines_prices_and_vat_rows_changes_nothing(sale: Sale, random: Any) -> None:
    lines = [replace(each, prices=_shuffled(each.prices, random)) for each in sale.order.lines]
    order = replace(
        sale.order,
        lines=_shuffled(tuple(lines), random),
        vat_amounts=_shuffled(sale.order.vat_amounts, random),
    )
    found, expected = outcome(sale.with_order(order)), outcome(sale.case)

    if isinstance(expected, Reason):
        # Which of several problems is told first may follow the order of the lines.
        assert isinstance(found, Reason)
    else:
        assert found == expected


def _shuffled(values: tuple[Any, ...], random: Any) -> tuple[Any, ...]:
    shuffled = list(values)
    random.shuffle(shuffled)
    return tuple(shuffled)


@INVARIANTS
@given(sale=drawn(sales), place=st.integers(0, 20), tenths=st.integers(0, 10))
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


@INVARIANTS
@given(sale=drawn(sales), zeros=st.integers(0, 4), form=st.sampled_from(("text", "number")))
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


@INVARIANTS
@given(sale=drawn(sales, lines_max=25))
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

    booked = {
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


@INVARIANTS
@given(sale=drawn(noisy_sales, noises=SLIGHT_NOISES, markets=(*DUTCH, *FOREIGN)))
def test_i10_the_vat_that_the_shop_printed_is_booked_to_the_cent(sale: Sale) -> None:
    booking = booking_of(sale.case)
    assume(booking is not None and sale.order.vat_amounts)
    assert booking is not None
    printed = [
        direction(sale.order) * in_cents(number(row.amount))
        for row in sale.order.vat_amounts
        if number(row.amount)
    ]

    foreign = [each.amount for each in booking.lines if each.kind is LineKind.FOREIGN_VAT]
    booked = foreign or [row.amount for row in booking.vat_rows if row.amount]
    assert sorted(booked) == sorted(printed)


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
    **{market: {AccountFunction.DISTANCE_SALES} for market in FOREIGN},
}
OUTSIDE_VAT = {LineKind.GIFT_CARD, LineKind.DEPOSIT, LineKind.ROUNDING, LineKind.FOREIGN_VAT}


@INVARIANTS
@given(sale=drawn(noisy_sales, noises=SLIGHT_NOISES))
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


@INVARIANTS
@given(sale=drawn(noisy_sales, noises=SLIGHT_NOISES, markets=FOREIGN))
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


@INVARIANTS
@given(sale=drawn(noisy_sales, noises=SLIGHT_NOISES, markets=UNTAXED))
def test_i13_a_sale_without_vat_has_no_vat_row_and_no_vat_line(sale: Sale) -> None:
    booking = booking_of(sale.case)
    assume(booking is not None)
    assert booking is not None

    assert booking.vat_rows == ()
    assert {each.band for each in booking.lines} == {VatRateBand.NONE}
    assert all(each.kind is not LineKind.FOREIGN_VAT for each in booking.lines)


@INVARIANTS
@given(sale=drawn(sales), off=st.integers(6, 100_000), sign=st.sampled_from((1, -1)))
def test_i14_a_total_that_nothing_explains_waits_for_a_person(sale: Sale, off: int, sign: int) -> None:
    order = replace(sale.order, total=str(number(sale.order.total) + sign * off * CENT))
    assume(number(order.total) * number(sale.order.total) > 0)  # else a credit may change its sign
    tolerance = sale.case.rules.rounding_tolerance
    known = (gross_of_parts(order), *_net_totals(order))
    assume(all(abs(number(order.total) - each) > tolerance for each in known))
    result = outcome(sale.with_order(order))

    assert isinstance(result, Reason)
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


@INVARIANTS
@given(
    sale=drawn(noisy_sales),
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
    random=st.randoms(),
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
    assert allocate(target, dict(_shuffled(tuple(ideals.items()), random))) == shares


@INVARIANTS
@given(sale=drawn(noisy_sales))
def test_i17_the_same_order_and_mapping_give_the_same_bytes(sale: Sale) -> None:
    first, second = booking_of(sale.case), booking_of(copy.deepcopy(sale.case))
    assume(first is not None)
    assert first is not None
    assert second is not None

    assert json.dumps(first.as_record()) == json.dumps(second.as_record())
    assert ComposedBooking.from_record(first.as_record()) == first


@INVARIANTS
@given(
    sale=drawn(noisy_sales, noises=SLIGHT_NOISES),
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


@INVARIANTS
@given(sale=drawn(noisy_sales, noises=SLIGHT_NOISES, with_credits=False))
def test_i19_a_full_credit_and_its_original_come_to_nothing(sale: Sale) -> None:
    assume(number(sale.order.total) > 0)
    original, credit = booking_of(sale.case), booking_of(sale.with_order(mirrored(sale.order)))
    assume(original is not None)
    assert original is not None
    assert credit is not None

    assert sums_by_ledger(original, credit) == {}
    assert vat_by_category(original, credit) == {}


@INVARIANTS
@given(
    sale=drawn(sales, markets=(*DUTCH, *UNTAXED), with_credits=False, vouchers=False),
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
