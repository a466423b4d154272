"""Amounts as the shop writes them: text with 2 or 6 decimals, or JSON numbers; Decimal in between."""

from collections.abc import Callable
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import Any, Final

DECIMALS_LEAST: Final = 2
CENT: Final = Decimal("0.01")
MICRO: Final = Decimal("0.000001")


def to_cents(amount: Decimal) -> Decimal:
    """Round to 2 decimals, halves away from zero."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def to_micros(amount: Decimal) -> Decimal:
    """Cut off after 6 decimals, as the shop does with a net price.

    The vendor's example order shows it: 1.95 with 9 % VAT is 1.788990 there, where rounding gives 1.788991.
    """
    return amount.quantize(MICRO, ROUND_DOWN)


def adjusted(value: Any, change: Callable[[Decimal], Decimal]) -> Any:
    """Return the changed amount in the form in which it was written."""
    if not isinstance(value, str):
        return as_number(change(Decimal(str(value))))
    amount = Decimal(value)
    # Adding 0 turns a negative zero into 0.
    return str(change(amount).quantize(amount, ROUND_HALF_UP) + 0)


def as_number(value: Any) -> Any:
    """Return an amount as PHP puts it into JSON when it is a number there; other values unchanged."""
    try:
        amount = Decimal(str(value))
    except ArithmeticError:
        return value
    return int(amount) if amount == amount.to_integral_value() else float(amount)


def as_text(value: Any) -> str:
    """Return an amount as text; a number gets at least 2 decimals."""
    if isinstance(value, str):
        return value
    amount = Decimal(str(value))
    return str(amount) if -int(amount.as_tuple().exponent) > DECIMALS_LEAST else f"{amount:.2f}"
