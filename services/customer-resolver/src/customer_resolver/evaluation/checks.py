"""How far recognition can be trusted on files that do not say what is right.

Certain orders are linked ones in which three independent things agree. Knock-out: their customer is taken
away, with its evident duplicates; whatever is linked then is linked wrong. Masking: a part of the order is
replaced by one that nobody has; whom the order goes to then tells what the other parts are worth.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from math import sqrt

from customer_resolver.domain.buyers import Address, Buyer
from customer_resolver.domain.recognition import Linked, Manual, New
from customer_resolver.domain.recognition.guards import evidence_groups
from customer_resolver.domain.recognition.recognising import look_like_one
from customer_resolver.domain.recognition.trace import Compared
from customer_resolver.domain.relations import Relation
from customer_resolver.evaluation.orders import AskedOrder
from customer_resolver.evaluation.trial import Answered, Trial

CERTAIN_GROUPS_MIN = 3
CERTAIN_ORDERS_MAX = 20_000

_NOBODYS_EMAIL = "knocked.out.7f3a@nobody.example"
_NOBODYS_ADDRESS = Address(
    street="Weggevallen weg", house_number="99999", postcode="0000XX", city="Nergens", country_code="XX"
)


def _without_email(buyer: Buyer) -> Buyer:
    return replace(buyer, email=_NOBODYS_EMAIL)


def _without_phone(buyer: Buyer) -> Buyer:
    delivery = None if buyer.delivery is None else replace(buyer.delivery, phone="")
    return replace(buyer, phone="", delivery=delivery)


def _without_address(buyer: Buyer) -> Buyer:
    return replace(buyer, address=_NOBODYS_ADDRESS, delivery=None)


MASKS: Mapping[str, Callable[[Buyer], Buyer]] = {
    "email": _without_email,
    "email_and_phone": lambda buyer: _without_phone(_without_email(buyer)),
    "address": _without_address,
    "address_and_phone": lambda buyer: _without_phone(_without_address(buyer)),
}


@dataclass(slots=True)
class Masked:
    """What became of the certain orders without a part."""

    same: int = 0
    other: int = 0
    manual: int = 0
    new: int = 0


@dataclass(slots=True)
class Report:
    """`knocked_out_linked` of `certain` orders were linked although their customer was taken away."""

    orders: int = 0
    certain: int = 0
    knocked_out_linked: int = 0
    masked: dict[str, Masked] = field(default_factory=lambda: {name: Masked() for name in MASKS})

    @property
    def false_match_rate(self) -> float | None:
        return self.knocked_out_linked / self.certain if self.certain else None

    @property
    def false_match_rate_upper(self) -> float | None:
        """The upper end of Wilson's 95 % interval; None without certain orders."""
        if not self.certain:
            return None
        z, n, share = 1.959964, self.certain, self.knocked_out_linked / self.certain
        centre = share + z * z / (2 * n)
        spread = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
        return (centre + spread) / (1 + z * z / n)

    def as_document(self) -> dict[str, object]:
        """For JSON."""
        return {
            "orders": self.orders,
            "certain": self.certain,
            "knocked_out_linked": self.knocked_out_linked,
            "false_match_rate": self.false_match_rate,
            "false_match_rate_upper": self.false_match_rate_upper,
            "masked": {
                name: {"same": each.same, "other": each.other, "manual": each.manual, "new": each.new}
                for name, each in self.masked.items()
            },
        }


def check(trial: Trial, orders: Iterable[AskedOrder]) -> Report:
    """Try the orders until CERTAIN_ORDERS_MAX are certain."""
    report = Report()
    for order in orders:
        report.orders += 1
        answered = trial.answer(order)
        if not isinstance(answered.recognised, Linked) or not _is_certain(answered.recognised):
            continue
        report.certain += 1
        _knock_out(trial, answered, answered.recognised.relation, report)
        _mask(trial, answered, report)
        if report.certain >= CERTAIN_ORDERS_MAX:
            break
    return report


def _is_certain(linked: Linked) -> bool:
    return evidence_groups(_compared(linked)) >= CERTAIN_GROUPS_MIN


def _compared(linked: Linked) -> Compared:
    wanted = linked.relation.relation_id
    return next(each for each in linked.trace.candidates if each.relation_id == wanted)


def _knock_out(trial: Trial, answered: Answered, customer: Relation, report: Report) -> None:
    found = trial.catalogue.candidates(answered.order.buyer).relations
    gone = {customer.relation_id}
    gone.update(other.relation_id for other in found if look_like_one(customer, other))
    again = trial.answer(answered.order, without=frozenset(gone))
    report.knocked_out_linked += isinstance(again.recognised, Linked)


def _mask(trial: Trial, answered: Answered, report: Report) -> None:
    for name, mask in MASKS.items():
        masked = trial.answer(replace(answered.order, buyer=mask(answered.order.buyer)))
        count = report.masked[name]
        match masked.recognised:
            case Linked():
                if masked.customer == answered.customer:
                    count.same += 1
                else:
                    count.other += 1
            case Manual():
                count.manual += 1
            case New():
                count.new += 1
