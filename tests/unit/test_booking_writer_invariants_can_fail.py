"""Each of the twenty invariants fails when the composing code breaks what it says."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from itertools import count
from types import ModuleType
from typing import Any

import pytest
from hypothesis import Phase, settings

import booking_outcomes
from booking_outcomes import INVARIANTS
from booking_writer.domain.booking import BookingVatRow, ComposedBooking, SalesVatCategory, SkippedOrder
from booking_writer.domain.case import Case
from booking_writer.domain.composition import compose
from sconnect.errors import RejectedError
from sconnect.ledgers import LineKind, VatRateBand
from sconnect.money import CENT, r2
from unit import test_booking_writer_invariants as of_amounts
from unit import test_booking_writer_invariants_of_ledgers as of_ledgers

QUICK = settings(INVARIANTS, max_examples=300, phases=(Phase.generate,))
MOMENTS = count()
Composer = Callable[[Case], ComposedBooking | SkippedOrder]
Break = Callable[[Case, ComposedBooking], None]


def changed(booking: ComposedBooking, **fields: Any) -> None:
    """Change a booking behind the back of its own check that it adds up."""
    for name, value in fields.items():
        object.__setattr__(booking, name, value)


def broken(damage: Break) -> Composer:
    def composer(case: Case) -> ComposedBooking | SkippedOrder:
        booking = compose(case)
        if isinstance(booking, ComposedBooking):
            damage(case, booking)
        return booking

    return composer


def first_line_changed(booking: ComposedBooking, **fields: Any) -> None:
    first, *others = booking.lines
    changed(booking, lines=(replace(first, **fields), *others))


def a_cent_too_much(_case: Case, booking: ComposedBooking) -> None:
    changed(booking, total=booking.total + CENT)


def a_line_of_nothing(_case: Case, booking: ComposedBooking) -> None:
    changed(booking, lines=(*booking.lines, replace(booking.lines[0], amount=Decimal("0.00"))))


def no_lines(_case: Case, booking: ComposedBooking) -> None:
    changed(booking, lines=())


def a_large_rounding_line(_case: Case, booking: ComposedBooking) -> None:
    rounding = replace(booking.lines[0], kind=LineKind.ROUNDING, amount=Decimal("0.06"))
    changed(booking, lines=(*booking.lines, rounding))


def credits_elsewhere(case: Case, booking: ComposedBooking) -> None:
    if case.order.is_credit:
        first_line_changed(booking, ledger_number=8105)


def by_the_first_line(case: Case, booking: ComposedBooking) -> None:
    changed(booking, description=str(case.order.lines[:1]))


def by_the_count_of_lines(case: Case, booking: ComposedBooking) -> None:
    first_line_changed(booking, ledger_number=len(case.order.lines))


def by_the_text_of_the_total(case: Case, booking: ComposedBooking) -> None:
    changed(booking, description=case.order.total)


def a_line_too_large(_case: Case, booking: ComposedBooking) -> None:
    first_line_changed(booking, amount=booking.lines[0].amount + 50)


def other_vat(_case: Case, booking: ComposedBooking) -> None:
    rows = (replace(row, amount=row.amount + CENT) for row in booking.vat_rows)
    changed(booking, vat_rows=tuple(rows))


def the_wrong_ledger(_case: Case, booking: ComposedBooking) -> None:
    first_line_changed(booking, ledger_number=8990 if booking.lines[0].band is VatRateBand.HIGH else 8100)


def a_vat_row(_case: Case, booking: ComposedBooking) -> None:
    row = BookingVatRow(category=SalesVatCategory.SALES_HIGH, amount=Decimal("1.00"))
    changed(booking, vat_rows=(*booking.vat_rows, row))


def by_the_count_of_prices(case: Case, booking: ComposedBooking) -> None:
    changed(booking, description=str(sum(len(line.prices) for line in case.order.lines)))


def by_the_moment(_case: Case, booking: ComposedBooking) -> None:
    changed(booking, description=str(next(MOMENTS)))


def vat_of_gift_cards(case: Case, booking: ComposedBooking) -> None:
    if any(line.kind == "gift_card" for line in case.order.lines):
        a_vat_row(case, booking)


def takes_any_total(case: Case) -> ComposedBooking | SkippedOrder:
    return compose(replace(case, rules=replace(case.rules, rounding_tolerance=Decimal(10**9))))


def stricter_when_more_is_allowed(case: Case) -> ComposedBooking | SkippedOrder:
    tolerance = case.rules.rounding_tolerance
    return compose(replace(case, rules=replace(case.rules, rounding_tolerance=Decimal(1) - tolerance)))


def the_last_takes_the_rest(target: Decimal, ideals: Mapping[Any, Decimal]) -> dict[Any, Decimal]:
    shares = {key: r2(ideal) for key, ideal in ideals.items()}
    last = list(shares)[-1]
    shares[last] += target - sum(shares.values(), Decimal(0))
    return shares


@pytest.mark.parametrize(
    ("module", "number", "composer"),
    [
        (of_amounts, 1, broken(a_cent_too_much)),
        (of_amounts, 2, broken(a_line_of_nothing)),
        (of_amounts, 3, broken(no_lines)),
        (of_amounts, 4, broken(a_large_rounding_line)),
        (of_amounts, 5, broken(credits_elsewhere)),
        (of_amounts, 6, broken(by_the_first_line)),
        (of_amounts, 7, broken(by_the_count_of_lines)),
        (of_amounts, 8, broken(by_the_text_of_the_total)),
        (of_amounts, 9, broken(a_line_too_large)),
        (of_amounts, 10, broken(other_vat)),
        (of_ledgers, 11, broken(the_wrong_ledger)),
        (of_ledgers, 12, broken(a_vat_row)),
        (of_ledgers, 12, broken(a_line_too_large)),
        (of_ledgers, 13, broken(a_vat_row)),
        (of_ledgers, 14, takes_any_total),
        (of_ledgers, 15, broken(by_the_count_of_prices)),
        (of_ledgers, 17, broken(by_the_moment)),
        (of_ledgers, 18, stricter_when_more_is_allowed),
        (of_ledgers, 19, broken(credits_elsewhere)),
        (of_ledgers, 20, broken(vat_of_gift_cards)),
    ],
)
def test_an_invariant_notices_that_it_is_broken(
    module: ModuleType, number: int, composer: Composer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(booking_outcomes, "compose", composer)
    assert fails(module, number)


def test_the_invariant_of_sharing_out_notices_that_it_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(of_ledgers, "allocate", the_last_takes_the_rest)
    assert fails(of_ledgers, 16)


def test_an_exception_that_is_no_refusal_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def raising(case: Case) -> ComposedBooking | SkippedOrder:
        raise ZeroDivisionError(case.order.number)

    monkeypatch.setattr(booking_outcomes, "compose", raising)
    invariant = invariant_of(of_amounts, 3)
    with pytest.raises(ZeroDivisionError):
        invariant()


def fails(module: ModuleType, number: int) -> bool:
    invariant = invariant_of(module, number)
    try:
        invariant()
    except (AssertionError, RejectedError):
        return True
    return False


def invariant_of(module: ModuleType, number: int) -> Callable[[], None]:
    """The property of that number, to be tried on a few orders without making a failing one smaller."""
    (found,) = (value for name, value in vars(module).items() if name.startswith(f"test_i{number}_"))

    def quickly() -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(found, "_hypothesis_internal_use_settings", QUICK)
            found()

    return quickly
