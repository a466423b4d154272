"""How good the answers were, where the file says what is right."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from customer_resolver.evaluation.trial import Answered


@dataclass(slots=True)
class Tally:
    """Counts answers one by one.

    A link to any of the relations in `truth` is right. Precision is that of the links, recall the share of
    the orders with a customer that are linked right; the shares are of all orders, that of the wrongly new of
    the orders with a customer.
    """

    orders: int = 0
    linked: int = 0
    manual: int = 0
    with_truth: int = 0
    with_customer: int = 0
    right: int = 0
    wrong: int = 0
    wrong_new: int = 0
    manual_with_customer: int = 0
    suggested_first: int = 0
    suggested: int = 0
    microseconds: list[float] = field(default_factory=list)

    def add(self, answered: Answered) -> None:
        self.orders += 1
        self.linked += answered.decision == "linked"
        self.manual += answered.decision == "manual"
        self.microseconds.append(answered.seconds * 1e6)
        truth = answered.order.truth
        if truth is None:
            return
        self.with_truth += 1
        self.with_customer += bool(truth)
        if answered.decision == "linked":
            self.right += answered.customer in truth
            self.wrong += answered.customer not in truth
        self.wrong_new += answered.decision == "new" and bool(truth)
        if answered.decision == "manual" and truth:
            self.manual_with_customer += 1
            self.suggested_first += bool(truth & set(answered.suggestions[:1]))
            self.suggested += bool(truth & set(answered.suggestions))

    def as_document(self) -> dict[str, float | int | None]:
        """For JSON; None where nothing was counted."""
        times = sorted(self.microseconds)
        counted: Mapping[str, float | int | None] = {
            "orders": self.orders,
            "linked": self.linked,
            "manual": self.manual,
            "new": self.orders - self.linked - self.manual,
            "manual_share": _share(self.manual, self.orders),
            "p50_ms": _quantile_ms(times, 0.50),
            "p99_ms": _quantile_ms(times, 0.99),
        }
        judged: Mapping[str, float | int | None] = {
            "with_customer": self.with_customer,
            "right": self.right,
            "wrong": self.wrong,
            "precision": _share(self.right, self.right + self.wrong),
            "recall": _share(self.right, self.with_customer),
            "wrong_new": self.wrong_new,
            "wrong_new_share": _share(self.wrong_new, self.with_customer),
            "manual_with_customer": self.manual_with_customer,
            "first_suggestion_right_share": _share(self.suggested_first, self.manual_with_customer),
            "any_suggestion_right_share": _share(self.suggested, self.manual_with_customer),
        }
        return {**counted, **judged} if self.with_truth else dict(counted)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _quantile_ms(times: list[float], quantile: float) -> float | None:
    return times[min(int(len(times) * quantile), len(times) - 1)] / 1000 if times else None
