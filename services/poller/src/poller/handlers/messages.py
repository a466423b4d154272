"""The messages that tell what became of an order, a run or a profile."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from poller.domain.orders import OrderState, SeenOrder
from poller.ports import ImportRun
from sconnect.calls import made_calls
from sconnect.contracts import (
    Amendment,
    ImportRunFinished,
    Message,
    OrderDeadLettered,
    OrderKey,
    OrderSkipped,
    OrderWaiting,
    ProfilePaused,
    ProfileResumed,
    SalesOrder,
    SalesOrderReceived,
    WireReason,
)
from sconnect.contracts.build import correlation_id_of, new_message
from sconnect.contracts.events import StageName
from sconnect.errors import Reason
from sconnect.ids import deterministic_id

STAGE: StageName = "poller"


@dataclass(frozen=True, kw_only=True, slots=True)
class Occasion:
    """Why a message about an order is made: a run, or a replay with perhaps a person's decision."""

    profile: str
    occurred_at: datetime
    run_id: str | None = None
    amendment: Amendment | None = None


def order_received(occasion: Occasion, seen: SeenOrder, order: SalesOrder) -> Message:
    """The order is handed over; the same revision and replay always give the same message id."""
    return new_message(
        SalesOrderReceived,
        profile=occasion.profile,
        occurred_at=occasion.occurred_at,
        correlation_id=correlation_id_of(occasion.profile, seen.key),
        id_parts=(seen.key, seen.revision),
        replay=seen.replay,
        amendment=occasion.amendment,
        order=order.model_copy(update={"revision": seen.revision}),
        run_id=occasion.run_id,
        calls=made_calls(),
    )


def order_held_back(occasion: Occasion, seen: SeenOrder) -> Message:
    """The order waits for its status, is skipped, or cannot be read: its reason says so."""
    match seen.state:
        case OrderState.WAITING:
            return _held_back(OrderWaiting, occasion, seen)
        case OrderState.SKIPPED:
            return _held_back(OrderSkipped, occasion, seen)
        case OrderState.UNREADABLE:
            letter = ("dead-letter", STAGE, occasion.profile, seen.key, seen.revision, seen.replay)
            return _held_back(
                OrderDeadLettered,
                occasion,
                seen,
                dead_letter_id=deterministic_id(*letter),
                queue=None,
                attempts=1,
            )
        case OrderState.HANDED_OVER:
            raise ValueError("this order is not held back")


def _held_back(
    contract: type[OrderWaiting | OrderSkipped | OrderDeadLettered],
    occasion: Occasion,
    seen: SeenOrder,
    **fields: Any,
) -> Message:
    if seen.reason is None:
        raise ValueError("an order is held back for a reason")
    return new_message(
        contract,
        profile=occasion.profile,
        occurred_at=occasion.occurred_at,
        correlation_id=correlation_id_of(occasion.profile, seen.key),
        id_parts=(seen.key, seen.revision, seen.told),
        replay=seen.replay,
        order=OrderKey(uuid=seen.key, number=seen.number, revision=seen.revision),
        stage=STAGE,
        reason=wire_reason(seen.reason),
        calls=made_calls(),
        **fields,
    )


def run_finished(
    run: ImportRun,
    *,
    started_at: datetime,
    occurred_at: datetime,
    order_uuids: Sequence[str] = (),
    next_order_number: int | None = None,
    missing_numbers: Sequence[int] = (),
    failure: Reason | None = None,
) -> Message:
    return new_message(
        ImportRunFinished,
        profile=run.profile,
        occurred_at=occurred_at,
        correlation_id=run.run_id,
        id_parts=(run.run_id,),
        run_id=run.run_id,
        started_at=started_at,
        order_uuids=tuple(order_uuids),
        next_order_number=next_order_number,
        missing_numbers=tuple(missing_numbers),
        failure=None if failure is None else wire_reason(failure),
    )


def profile_paused(profile: str, reason: Reason, *, occurred_at: datetime) -> Message:
    return _about_profile(ProfilePaused, profile, occurred_at, reason=wire_reason(reason))


def profile_resumed(profile: str, *, occurred_at: datetime) -> Message:
    return _about_profile(ProfileResumed, profile, occurred_at)


def _about_profile(
    contract: type[ProfilePaused | ProfileResumed], profile: str, occurred_at: datetime, **fields: Any
) -> Message:
    return new_message(
        contract,
        profile=profile,
        occurred_at=occurred_at,
        correlation_id=deterministic_id("profile", profile),
        id_parts=(STAGE, occurred_at.isoformat()),
        stage=STAGE,
        **fields,
    )


def wire_reason(reason: Reason) -> WireReason:
    return WireReason(code=reason.code.value, variant=reason.variant, details=dict(reason.details))
