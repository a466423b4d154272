"""One run over all orders: who would be linked, and how long each look-up takes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any

from customer_resolver.domain.recognition import (
    Linked,
    Manual,
    New,
    Recognised,
    Recognition,
    Statistics,
    Threshold,
    fit,
    recognise,
)
from customer_resolver.evaluation.catalogue import ADMINISTRATION_ID, Catalogue
from customer_resolver.evaluation.orders import AskedOrder
from customer_resolver.handlers.explaining import explain


@dataclass(frozen=True, slots=True)
class Answered:
    """`seconds` cover the look-up whole: keys, candidates, comparison, decision."""

    order: AskedOrder
    recognised: Recognised
    seconds: float

    @property
    def decision(self) -> str:
        match self.recognised:
            case Linked():
                return "linked"
            case Manual():
                return "manual"
            case New():
                return "new"

    @property
    def customer(self) -> str | None:
        return self.recognised.relation.relation_id if isinstance(self.recognised, Linked) else None

    @property
    def suggestions(self) -> list[str]:
        if not isinstance(self.recognised, Manual):
            return []
        return [suggestion.relation.relation_id for suggestion in self.recognised.suggestions]

    @property
    def reasons(self) -> list[str]:
        if isinstance(self.recognised, Linked):
            return [level.value for level in self.recognised.levels]
        return list(self.recognised.reasons)

    def as_line(self, language: str) -> dict[str, Any]:
        """The line that `evaluate` writes for an order."""
        return {
            "order": self.order.number,
            "decision": self.decision,
            "customer": self.customer,
            "suggestions": self.suggestions,
            "reasons": self.reasons,
            "explanation": explain(self.recognised, language),
        }


@dataclass(frozen=True, slots=True)
class Trial:
    """A catalogue, and the setting to try on it."""

    catalogue: Catalogue
    statistics: Statistics
    recognition: Recognition
    threshold: Threshold

    def answer(self, order: AskedOrder, *, without: frozenset[str] = frozenset()) -> Answered:
        """As if the relations in `without` did not exist."""
        began = perf_counter()
        recognised = recognise(
            order.buyer,
            self.catalogue.candidates(order.buyer, without=without),
            self.statistics,
            administration_id=ADMINISTRATION_ID,
            by=self.recognition,
            threshold=self.threshold,
        )
        return Answered(order, recognised, perf_counter() - began)

    def fitted(self, orders: Iterable[AskedOrder]) -> "Trial":
        """The same trial with weights fitted to these orders, or as it is when the fit is refused."""
        traces = [self.answer(order).recognised.trace for order in orders]
        return replace(self, statistics=replace(self.statistics, weights=fit(traces).weights))

    def answers(self, orders: Iterable[AskedOrder]) -> Iterator[Answered]:
        return map(self.answer, orders)
