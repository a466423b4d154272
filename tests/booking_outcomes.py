"""What became of an order, and its booking in the few figures that tests compare."""

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from decimal import ROUND_HALF_UP, Decimal
from functools import wraps
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.errors import UnsatisfiedAssumption

from booking_writer.domain.booking import ComposedBooking, SkippedOrder
from booking_writer.domain.case import Case
from booking_writer.domain.composition import compose
from booking_writer.domain.order import BookableOrder
from order_strategies import Sale
from sconnect.errors import Reason, RejectedError
from sconnect.ledgers import LineKind, VatRateBand
from sconnect.texts import LANGUAGES, reason_text
from sconnect.texts.rendering import sentences

# INVARIANTS=long asks for the examples of the long run, INVARIANTS=quick for those of a mutation run.
RUN = os.environ.get("INVARIANTS", "")
IS_LONG_RUN = RUN == "long"

settings.register_profile(
    "invariants",
    max_examples=1_000,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
settings.register_profile(
    "invariants-long", settings.get_profile("invariants"), max_examples=100_000, derandomize=False
)
settings.register_profile(
    "invariants-quick",
    settings.get_profile("invariants"),
    max_examples=30,
    phases=(Phase.explicit, Phase.generate),
)
INVARIANTS = settings.get_profile(
    {"long": "invariants-long", "quick": "invariants-quick"}.get(RUN, "invariants")
)

# The long run draws a sale and goes on by plain chance: drawing each of 100,000 would take twice as long.
SALES_PER_EXAMPLE = 100
TRIES_PER_SALE_MAX = 50


def invariant(test: Callable[..., None]) -> Callable[..., None]:
    """What holds for any sale: 1,000 of them, 100,000 in the long run (a hundred with equal other values)."""
    settled = INVARIANTS
    if IS_LONG_RUN:
        given: Any = test
        given.hypothesis.inner_test = _for_many_sales(given.hypothesis.inner_test)
        settled = settings(INVARIANTS, max_examples=INVARIANTS.max_examples // SALES_PER_EXAMPLE)
    return settled(test)


def _for_many_sales(test: Callable[..., None]) -> Callable[..., None]:
    @wraps(test)
    def for_many_sales(sale: Sale, **others: Any) -> None:
        held = 0
        for _ in range(SALES_PER_EXAMPLE * TRIES_PER_SALE_MAX):
            held += _holds(test, sale=sale, **others)
            if held == SALES_PER_EXAMPLE:
                return
            sale = sale.another()
        raise AssertionError(f"only {held} sales were what the test is about")

    return for_many_sales


def _holds(test: Callable[..., None], **arguments: Any) -> bool:
    """False for a sale that the test is not about."""
    with suppress(UnsatisfiedAssumption):  # which is no failure, and another sale is tried
        test(**arguments)
        return True
    return False


Sums = dict[tuple[int, VatRateBand], Decimal]


def outcome(case: Case) -> ComposedBooking | SkippedOrder | Reason:
    """The booking, the reason to skip, or the reason to wait for a person."""
    try:
        return compose(case)
    except RejectedError as refusal:
        return refusal.reason


def told(case: Case) -> tuple[str, dict[str, str]]:
    """Why an order waits: the key of its sentence and all details; no sentence lacks one."""
    with pytest.raises(RejectedError) as refusal:
        compose(case)
    reason = refusal.value.reason
    for language in LANGUAGES:
        assert f"reason.{reason.text_key}" in sentences(language)
        assert "?" not in reason_text(reason.code, reason.variant, reason.details, language)
    return reason.text_key, dict(reason.details)


def booking_of(case: Case) -> ComposedBooking | None:
    result = outcome(case)
    return result if isinstance(result, ComposedBooking) else None


def sums_by_ledger(*bookings: ComposedBooking) -> Sums:
    """By ledger and VAT kind, without those that come to nothing."""
    sums: Sums = {}
    for booking in bookings:
        for line in booking.lines:
            key = (line.ledger_number, line.band)
            sums[key] = sums.get(key, Decimal(0)) + line.amount
    return {key: amount for key, amount in sums.items() if amount}


def vat_by_category(*bookings: ComposedBooking) -> dict[str, Decimal]:
    amounts: dict[str, Decimal] = {}
    for booking in bookings:
        for row in booking.vat_rows:
            amounts[row.category] = amounts.get(row.category, Decimal(0)) + row.amount
    return {category: amount for category, amount in amounts.items() if amount}


def rounding_of(booking: ComposedBooking) -> Decimal:
    return total_of(line.amount for line in booking.lines if line.kind is LineKind.ROUNDING)


def total_of(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, Decimal(0))


def number(text: str | None) -> Decimal:
    return Decimal(text or 0)


def in_cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def direction(order: BookableOrder) -> int:
    """-1 for a credit that the shop printed positive: its booking has the other sign."""
    return -1 if order.is_credit and number(order.total) > 0 else 1


def gross_of_parts(order: BookableOrder) -> Decimal:
    return total_of(number(price.gross) for line in order.lines for price in line.prices)


def shuffled(values: tuple[Any, ...], random: Any) -> tuple[Any, ...]:
    shuffled = list(values)
    random.shuffle(shuffled)
    return tuple(shuffled)
