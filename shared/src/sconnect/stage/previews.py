"""What the stages share for previews: the profile with the proposed ledgers, and the answer to a failure."""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from sconnect.allowance import interactive_calls
from sconnect.clock import Clock
from sconnect.contracts import (
    Message,
    OrderKey,
    PreviewCustomerFound,
    PreviewOrderRead,
    PreviewOrdersFound,
    PreviewOutcome,
    PreviewRequested,
    PreviewTicket,
    SalesBookingPreviewed,
    SalesOrder,
)
from sconnect.contracts.build import new_message, order_key
from sconnect.contracts.events import StageName
from sconnect.errors import (
    MisconfiguredError,
    Reason,
    ReasonCode,
    RejectedError,
    SConnectError,
    TransientError,
    UnreadableMessage,
)
from sconnect.messaging import Delivery, EventPublisher, PreviewEdge, subscribe
from sconnect.messaging.rabbit import ServiceBroker
from sconnect.messaging.topology import PreviewQueue
from sconnect.profiles import Ledgers, StoredProfile
from sconnect.stage.runner import ProfileSource, wire_reason

PREVIEWS_AT_ONCE = 4

PreviewMessage = PreviewRequested | PreviewOrderRead | PreviewCustomerFound


PreviewWork = Callable[[Message, StoredProfile], AsyncIterator[Message]]
"""The work of one stage on one preview; it writes nothing and yields what is to be published."""


class PreviewStage:
    """A PreviewHandler and its FailureTeller (see sconnect.messaging.preview_edge) for one stage.

    Pauses and the switch of the profile do not count here: previews are how a profile is tried before it is
    switched on.
    """

    def __init__(self, *, stage: StageName, work: PreviewWork, profiles: ProfileSource, clock: Clock) -> None:
        self._stage = stage
        self._work = work
        self._profiles = profiles
        self._clock = clock

    async def handle(self, message: Message) -> AsyncIterator[Message]:
        profile = await self._profiles.get(message.profile)
        if profile is None:
            details = {"profile": message.profile}
            raise UnreadableMessage(
                Reason(code=ReasonCode.UNREADABLE_MESSAGE, variant="profile_unknown", details=details)
            )
        if isinstance(message, PreviewMessage):
            profile = with_ledgers(profile, message.ticket)
        async for follow_up in self._work(message, profile):
            yield follow_up

    def tell_failure(self, message: Message, error: SConnectError) -> Message:
        """What the stage would have done with an order for this error, or that no order could be read."""
        reason = reason_of(error)
        if isinstance(message, PreviewRequested):
            return orders_found(message, self._clock, failure=wire_reason(reason))
        if not isinstance(message, PreviewMessage):
            raise wrong_queue(message)
        suggestions = error.suggestions if isinstance(error, RejectedError) else ()
        return previewed(
            message,
            self._clock,
            stage=self._stage,
            outcome=outcome_of(error),
            reason=wire_reason(reason),
            suggestions=tuple(dict(suggestion) for suggestion in suggestions),
        )


def consume_previews(
    broker: ServiceBroker,
    queue: PreviewQueue,
    *,
    stage: StageName,
    work: PreviewWork,
    profiles: ProfileSource,
    publisher: EventPublisher,
    clock: Clock,
) -> None:
    """Let this service answer the previews in that queue, beside its other work."""
    previews = PreviewStage(stage=stage, work=work, profiles=profiles, clock=clock)
    edge = PreviewEdge(
        handler=previews.handle, tell_failure=previews.tell_failure, publisher=publisher, clock=clock
    )

    async def settle(delivery: Delivery) -> None:
        with interactive_calls():
            await edge(delivery)

    subscribe(broker, queue, settle, prefetch_count=PREVIEWS_AT_ONCE)


def with_ledgers(stored: StoredProfile, ticket: PreviewTicket) -> StoredProfile:
    """The profile with the ledgers that this preview tries, if any; UnreadableMessage for no mapping."""
    if ticket.ledgers is None:
        return stored
    try:
        ledgers = Ledgers.model_validate_json(json.dumps(ticket.ledgers))
    except ValidationError as error:
        details = {"type": PreviewRequested.TYPE, "field": f"ledgers.{_first_field(error)}"}
        reason = Reason(code=ReasonCode.UNREADABLE_MESSAGE, variant="bad_field", details=details)
        raise UnreadableMessage(reason) from None
    bookings = stored.profile.bookings.model_copy(update={"ledgers": ledgers})
    profile = stored.profile.model_copy(update={"bookings": bookings})
    return replace(stored, profile=profile)


def orders_found(source: PreviewRequested, clock: Clock, **fields: Any) -> PreviewOrdersFound:
    preview_id = source.ticket.preview_id
    return new_message(
        PreviewOrdersFound,
        profile=source.profile,
        occurred_at=clock.now(),
        correlation_id=preview_id,
        id_parts=(preview_id,),
        mode=source.mode,
        preview_id=preview_id,
        **fields,
    )


def previewed(
    source: PreviewMessage,
    clock: Clock,
    *,
    stage: StageName,
    outcome: PreviewOutcome,
    order: SalesOrder | OrderKey | None = None,
    **fields: Any,
) -> SalesBookingPreviewed:
    """The answer about one order, with all that the stages before found; `order` when the source has none."""
    found = order if isinstance(source, PreviewRequested) else source.order
    if found is None:
        raise ValueError("an answer is about an order")
    key = found if isinstance(found, OrderKey) else order_key(found)
    known: dict[str, Any] = {
        "received": found if isinstance(found, SalesOrder) else None,
        "held_back": getattr(source, "held_back", None),
        "customer": getattr(source, "customer", None),
    }
    preview_id = source.ticket.preview_id
    return new_message(
        SalesBookingPreviewed,
        profile=source.profile,
        occurred_at=clock.now(),
        correlation_id=preview_id,
        id_parts=(preview_id, key.uuid, key.number),
        mode=source.mode,
        preview_id=preview_id,
        order=key,
        outcome=outcome,
        stage=stage,
        **known | fields,
    )


def outcome_of(error: SConnectError) -> PreviewOutcome:
    """Trouble that passes says nothing about the order; a setting that is wrong would make it wait."""
    match error:
        case TransientError():
            return "not_previewed"
        case MisconfiguredError():
            return "waiting"
        case _:
            return "dead_lettered"


def reason_of(error: SConnectError) -> Reason:
    if isinstance(error, TransientError | RejectedError | MisconfiguredError):
        return error.reason
    return Reason(code=ReasonCode.UNEXPECTED, details={"error": type(error).__name__})


def wrong_queue(message: Message) -> UnreadableMessage:
    details = {"type": message.type}
    return UnreadableMessage(
        Reason(code=ReasonCode.UNREADABLE_MESSAGE, variant="wrong_queue", details=details)
    )


def _first_field(error: ValidationError) -> str:
    first = error.errors(include_input=False, include_url=False)[0]
    return ".".join(str(part) for part in first["loc"])
