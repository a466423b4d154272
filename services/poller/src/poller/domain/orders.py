"""What becomes of an order the shop showed: handed over, waiting, skipped or unreadable.

The poller judges only the number, the start number and the status; amounts are the booking-writer's.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from poller.domain.contents import differ
from sconnect.errors import Reason, ReasonCode
from sconnect.ids import deterministic_id

# MyOnlineStore documents 10 as the status of a credit order; used when the shop refuses its list of statuses.
CREDIT_STATUSES_FALLBACK = frozenset({10})


class OrderState(StrEnum):
    HANDED_OVER = "handed_over"
    WAITING = "waiting"
    SKIPPED = "skipped"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderFacts:
    """All that decides about one readable order; `contents` is the hash of the parts that are booked."""

    key: str
    number: str
    status: int | None
    contents: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Unreadable:
    """An answer of the shop that is no order; `key` is its uuid, or a made-up one when it has none."""

    key: str
    number: str
    field: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Selection:
    """Which orders a profile wants; `statuses` None means every status."""

    start_number: int
    statuses: frozenset[int] | None
    credit_statuses: frozenset[int] = CREDIT_STATUSES_FALLBACK

    @property
    def accepted(self) -> frozenset[int] | None:
        """Every status that qualifies. A credit order has no payment or shipment to wait for."""
        return None if self.statuses is None else self.statuses | self.credit_statuses


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    state: OrderState
    reason: Reason | None = None


HAND_OVER = Verdict(state=OrderState.HANDED_OVER)


def key_without_uuid(distinction: str) -> str:
    """A key for an order without a uuid; its number, or else its whole text, tells it from others."""
    return deterministic_id("order without uuid", distinction)


def judge(order: OrderFacts, selection: Selection) -> Verdict:
    passed_over = judge_number(order.number, selection)
    if passed_over is not None:
        return passed_over
    if selection.accepted is None or order.status in selection.accepted:
        return HAND_OVER
    status = "?" if order.status is None else str(order.status)
    reason = Reason(code=ReasonCode.STATUS_NOT_YET, details={"status": status})
    return Verdict(state=OrderState.WAITING, reason=reason)


def judge_number(number: str, selection: Selection) -> Verdict | None:
    """Why an order with this number is none of ours; None when it may be."""
    # MyOnlineStore marks test orders in the number alone; the position of the mark is not documented.
    if not is_order_number(number):
        return _skip(ReasonCode.TEST_ORDER, number=number)
    if int(number) < selection.start_number:
        return _skip(ReasonCode.BEFORE_START, number=number, start_number=str(selection.start_number))
    return None


def is_order_number(text: str) -> bool:
    """Whether this is the number of a real order: digits and nothing else."""
    return text.isascii() and text.isdigit()


def _skip(code: ReasonCode, **details: str) -> Verdict:
    return Verdict(state=OrderState.SKIPPED, reason=Reason(code=code, details=details))


@dataclass(frozen=True, kw_only=True, slots=True)
class SeenOrder:
    """What the poller remembers of one order.

    `revision` counts the contents seen, `replay` is the highest replay handled, `told` counts the messages
    made about it, `run_id` is the last run that changed it, `version` counts the times it was stored.
    """

    key: str
    number: str
    state: OrderState
    reason: Reason | None = None
    status: int | None = None
    contents: str | None = None
    revision: int = 1
    replay: int = 0
    told: int = 0
    run_id: str | None = None
    version: int = 0


def after_sighting(
    seen: SeenOrder | None, order: OrderFacts, selection: Selection, *, run_id: str
) -> SeenOrder | None:
    """The order after a run met it again, None when that changes nothing; `told` grows when it is to be told.

    What was handed over stays so: only other contents go on again, whatever its status has become.
    """
    verdict = judge(order, selection)
    if seen is None:
        return _tell(_first_sight(order), order, verdict, run_id)
    if seen.state is OrderState.HANDED_OVER:
        return _resight_handed_over(seen, order, run_id)
    revised = _revise(seen, order)
    if (seen.state, seen.reason) != (verdict.state, verdict.reason):
        return _tell(revised, order, verdict, run_id)
    return None if revised == seen else revised


def _first_sight(order: OrderFacts) -> SeenOrder:
    return SeenOrder(key=order.key, number=order.number, state=OrderState.WAITING)


def _resight_handed_over(seen: SeenOrder, order: OrderFacts, run_id: str) -> SeenOrder | None:
    revised = _revise(seen, order)
    if revised.revision > seen.revision:
        return _tell(revised, order, HAND_OVER, run_id)
    return None if revised == seen else revised


def after_unreadable(
    seen: SeenOrder | None, unreadable: Unreadable, selection: Selection, *, run_id: str
) -> SeenOrder | None:
    """The order after the shop showed something that cannot be read; one that was handed over stays so.

    Nobody is bothered with what is none of ours anyway: orders of years ago have no uuid.
    """
    verdict = _judge_unreadable(unreadable, selection)
    if seen is None:
        seen = SeenOrder(key=unreadable.key, number=unreadable.number, state=OrderState.UNREADABLE)
    elif seen.state is OrderState.HANDED_OVER or seen.reason == verdict.reason:
        return None
    return replace(seen, state=verdict.state, reason=verdict.reason, run_id=run_id, told=seen.told + 1)


def _judge_unreadable(unreadable: Unreadable, selection: Selection) -> Verdict:
    passed_over = judge_number(unreadable.number, selection) if unreadable.number else None
    reason = Reason(code=ReasonCode.UNREADABLE_ORDER, details={"field": unreadable.field})
    return passed_over or Verdict(state=OrderState.UNREADABLE, reason=reason)


def after_replay(
    seen: SeenOrder | None, order: OrderFacts, selection: Selection, *, revision: int, replay: int
) -> SeenOrder:
    """The order after a person sent it on again: handed over if it was before, judged otherwise.

    `revision` is the one the person saw; a poller that lost its memory goes on from there.
    """
    seen = seen or _first_sight(order)
    was_handed_over = seen.state is OrderState.HANDED_OVER
    verdict = HAND_OVER if was_handed_over else judge(order, selection)
    revised = _revise(replace(seen, revision=max(seen.revision, revision), replay=replay), order)
    return _tell(revised, order, verdict, seen.run_id)


def after_failed_replay(seen: SeenOrder, *, replay: int) -> SeenOrder:
    """The order when a replay could not get it from the shop, and it was never readable before."""
    return _retell(seen, OrderState.UNREADABLE, "not_found", replay)


def after_replacement(seen: SeenOrder, *, replay: int) -> SeenOrder:
    """An order that came without a uuid, once the shop shows it with one and it goes on under that."""
    return _retell(seen, OrderState.SKIPPED, "replaced", replay)


def _retell(seen: SeenOrder, state: OrderState, variant: str, replay: int) -> SeenOrder:
    details = {"number": seen.number}
    reason = Reason(code=ReasonCode.UNREADABLE_ORDER, variant=variant, details=details)
    return replace(seen, state=state, reason=reason, replay=replay, told=seen.told + 1)


def _revise(seen: SeenOrder, order: OrderFacts) -> SeenOrder:
    changed = seen.contents is not None and differ(seen.contents, order.contents)
    revision = seen.revision + 1 if changed else seen.revision
    return replace(seen, revision=revision, contents=order.contents, status=order.status)


def _tell(seen: SeenOrder, order: OrderFacts, verdict: Verdict, run_id: str | None) -> SeenOrder:
    return replace(
        _revise(seen, order),
        number=order.number,
        state=verdict.state,
        reason=verdict.reason,
        run_id=run_id,
        told=seen.told + 1,
    )
