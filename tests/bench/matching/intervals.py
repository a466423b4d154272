"""How sure a share is that was counted: exact (Clopper-Pearson) bounds, two-sided."""

from collections.abc import Callable
from math import exp, lgamma, log, log1p


def error_rate_bounds(errors: int, trials: int, confidence: float = 0.95) -> tuple[float, float]:
    """The lowest and the highest rate that `errors` of `trials` are still likely under; (0, 1) of nothing."""
    if trials == 0:
        return 0.0, 1.0
    tail = (1 - confidence) / 2
    lower = 0.0 if errors == 0 else _root(lambda rate: 1 - _at_most(errors - 1, trials, rate) - tail)
    upper = 1.0 if errors == trials else _root(lambda rate: tail - _at_most(errors, trials, rate))
    return lower, upper


def _at_most(count: int, trials: int, rate: float) -> float:
    """The probability of at most `count` errors."""
    if rate <= 0:
        return 1.0
    if rate >= 1:
        return float(count >= trials)
    choose = lgamma(trials + 1)
    return sum(
        exp(choose - lgamma(k + 1) - lgamma(trials - k + 1) + k * log(rate) + (trials - k) * log1p(-rate))
        for k in range(count + 1)
    )


def _root(rising: Callable[[float], float]) -> float:
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < 0 else (low, middle)
    return (low + high) / 2
