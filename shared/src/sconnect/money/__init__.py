"""Amounts of money: exact decimals, one rounding, one way to share cents out; never a float."""

from sconnect.money.amounts import AMOUNT_DIGITS_MAX, CENT, ZERO, allocate, parse_amount, r2

__all__ = ["AMOUNT_DIGITS_MAX", "CENT", "ZERO", "allocate", "parse_amount", "r2"]
