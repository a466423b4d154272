"""From decisions and truth to the figures of a run."""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from bench.matching.intervals import error_rate_bounds


@dataclass(slots=True)
class Figures:
    """Counts over orders. `wrong_new`: declared new although the customer has a card."""

    orders: int = 0
    with_customer: int = 0
    right: int = 0
    wrong: int = 0
    manual: int = 0
    wrong_new: int = 0
    manual_with_customer: int = 0
    first_suggestion_right: int = 0
    suggestions_right: int = 0
    without_words: int = 0
    by_category: dict[str, "Figures"] = field(default_factory=dict)

    @property
    def linked(self) -> int:
        return self.right + self.wrong

    @property
    def precision(self) -> float:
        return self.right / self.linked if self.linked else 1.0

    @property
    def precision_bounds(self) -> tuple[float, float]:
        """95 %, exact."""
        lower, upper = error_rate_bounds(self.wrong, self.linked)
        return 1 - upper, 1 - lower

    @property
    def recall(self) -> float:
        return self.right / self.with_customer if self.with_customer else 1.0

    @property
    def manual_share(self) -> float:
        return self.manual / self.orders if self.orders else 0.0

    @property
    def wrong_new_share(self) -> float:
        """Of the orders whose customer has a card."""
        return self.wrong_new / self.with_customer if self.with_customer else 0.0

    def count(self, order: "Truth", decision: dict[str, Any]) -> None:
        self.orders += 1
        self.with_customer += bool(order.customers)
        self.without_words += not (decision.get("reasons") and decision.get("explanation"))
        match decision["decision"]:
            case "linked":
                is_right = decision["customer"] in order.customers
                self.right += is_right
                self.wrong += not is_right
            case "manual":
                self.manual += 1
                self._count_suggestions(order, decision["suggestions"])
            case "new":
                self.wrong_new += bool(order.customers)
            case other:
                raise ValueError(f"order {order.number}: an unknown decision {other!r}")

    def _count_suggestions(self, order: "Truth", suggestions: list[str]) -> None:
        if order.customers:
            self.manual_with_customer += 1
            self.first_suggestion_right += bool(order.customers.intersection(suggestions[:1]))
            self.suggestions_right += bool(order.customers.intersection(suggestions[:3]))


def pooled(runs: list[Figures]) -> Figures:
    """The counts of several runs together, categories included."""
    together = Figures()
    for run in runs:
        _add(together, run)
        for name, one in run.by_category.items():
            _add(together.by_category.setdefault(name, Figures()), one)
    return together


def _add(together: Figures, one: Figures) -> None:
    for each in fields(Figures):
        if each.name != "by_category":
            setattr(together, each.name, getattr(together, each.name) + getattr(one, each.name))


@dataclass(frozen=True, slots=True)
class Truth:
    number: str
    category: str
    customers: frozenset[str]


def read_truth(orders: Path) -> dict[str, Truth]:
    return {
        row["number"]: Truth(row["number"], row.get("category", ""), frozenset(row["truth"]))
        for row in json_lines(orders)
    }


def figures_of(truth: dict[str, Truth], decisions: Path) -> Figures:
    """Count the decisions; ValueError unless every order was decided exactly once."""
    whole = Figures()
    categories: dict[str, Figures] = defaultdict(Figures)
    left = set(truth)
    for decision in json_lines(decisions):
        number = str(decision["order"])
        if number not in left:
            raise ValueError(f"order {number} was decided twice, or is none of the set")
        left.remove(number)
        whole.count(truth[number], decision)
        categories[truth[number].category].count(truth[number], decision)
    if left:
        raise ValueError(f"{len(left)} orders were not decided, {min(left)} among them")
    whole.by_category = dict(sorted(categories.items()))
    return whole


def json_lines(file: Path) -> Iterator[dict[str, Any]]:
    with file.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)
