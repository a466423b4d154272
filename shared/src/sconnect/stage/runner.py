"""Runs a stage's handler on one order after another and keeps row, events and queues in step."""

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Protocol, TypeVar

import structlog

from sconnect.calls import made_calls
from sconnect.clock import Clock
from sconnect.contracts import (
    Message,
    OrderDeadLettered,
    OrderKey,
    OrderWaiting,
    ProfilePaused,
    ProfileResumed,
    TellsCalls,
    WireReason,
)
from sconnect.contracts.build import new_message, order_event, order_key_of
from sconnect.contracts.events import StageName
from sconnect.errors import (
    AllowanceSpent,
    ConcurrentChange,
    MisconfiguredError,
    ProfileUnavailable,
    Reason,
    ReasonCode,
    RejectedError,
    SConnectError,
    TransientError,
    UpstreamUnavailable,
)
from sconnect.ids import deterministic_id
from sconnect.messaging.delivery import Delivery
from sconnect.messaging.edge import dead_letter_id_of_body, unexpected
from sconnect.messaging.fuse import UnexpectedErrorFuse
from sconnect.messaging.publisher import EventPublisher
from sconnect.messaging.retry import RetryDecision
from sconnect.metrics import lease_refused
from sconnect.profiles import StoredProfile
from sconnect.stage.claims import Claim, RowClaim, StageHandler, Standing
from sconnect.stage.hands import Hands
from sconnect.stage.health import DEAD_LETTERS_IN_A_ROW_MAX, PAUSED_WAIT_SECONDS, ProfileHealth
from sconnect.stage.rows import OrderRows, held_by_another

# Shorter waits for the vendor's allowance are the ordinary pace of a large import.
ALLOWANCE_WAIT_TOLD_SECONDS_MIN = 120

M = TypeVar("M", bound=Message)

log = structlog.get_logger(__name__)


class ProfileSource(Protocol):
    async def get(self, name: str) -> StoredProfile | None: ...


class OrderStage:
    """The message handler and the delivery journal of one stage (see sconnect.messaging.edge).

    Safe to run twice: the row says what this version of the order has come to. Half-done when it dies: a
    row in `working` with a lease, or follow-ups that are not sent yet; the redelivered message completes
    either. The operator sees the order in progress meanwhile.
    """

    def __init__(
        self,
        *,
        stage: StageName,
        handler: StageHandler,
        rows: OrderRows,
        health: ProfileHealth,
        profiles: ProfileSource,
        publisher: EventPublisher,
        clock: Clock,
        lease_seconds: float,
        fuse: UnexpectedErrorFuse,
        on_fuse_blown: Callable[[], None],
        hands: Hands,
        require_calls: Callable[[StoredProfile], None] = lambda _profile: None,
    ) -> None:
        self._stage = stage
        self._handler = handler
        self._rows = rows
        self._health = health
        self._profiles = profiles
        self._publisher = publisher
        self._clock = clock
        self._lease_seconds = lease_seconds
        self._fuse = fuse
        self._on_fuse_blown = on_fuse_blown
        self._hands = hands
        self._require_calls = require_calls
        self._returning: set[asyncio.Task[None]] = set()

    async def __call__(self, message: Message, delivery: Delivery) -> None:
        order = _order_of(message)
        profile = await self._profile(message.profile)
        with self._hands.one_for(profile.administration_id):
            await self._take(message, order, profile)

    async def _take(self, message: Message, order: OrderKey, profile: StoredProfile) -> None:
        has_trouble = await self._require_available(profile, message, order)
        # Before the row is taken: a backlog that has to wait goes by without writing anything.
        self._require_calls(profile)
        claimed_at = time.monotonic()
        row = await self._rows.claim(message, order, lease_seconds=self._lease_seconds)
        if row.standing is not Standing.TAKE:
            await self._settle_without_work(row, message, order)
            return
        claim = Claim(
            message=message,
            profile=profile,
            attempts=row.attempts,
            amendment=row.amendment,
            token=row.token,
            lease_seconds=self._lease_seconds,
            claimed_at=claimed_at,
            is_first=row.is_first,
        )
        try:
            follow_ups = _with_calls(await self._work(claim, order))
            await self._rows.finish(claim, order, follow_ups)
        except asyncio.CancelledError:
            returning = asyncio.create_task(self._return(claim, order))
            self._returning.add(returning)
            returning.add_done_callback(self._returning.discard)
            raise
        except SConnectError:
            raise
        except Exception as error:
            log.exception("work_failed_unexpectedly")
            bug = unexpected(error)
            await self._rows.set_aside_held(claim, order, bug.reason, bug.suggestions)
            raise bug from error
        await self._send(follow_ups, message, order)
        self._fuse.record_success(profile.profile.name)
        if has_trouble:
            await self._end_trouble(profile)

    async def _profile(self, name: str) -> StoredProfile:
        profile = await self._profiles.get(name)
        if profile is None:
            reason = Reason(
                code=ReasonCode.UNREADABLE_MESSAGE, variant="profile_unknown", details={"profile": name}
            )
            raise RejectedError(reason)
        return profile

    async def _require_available(self, profile: StoredProfile, message: Message, order: OrderKey) -> bool:
        try:
            return await self._health.require_available(profile)
        except ProfileUnavailable as error:
            await self._rows.note_unavailable(message, order, error.reason)
            raise

    async def _settle_without_work(self, row: RowClaim, message: Message, order: OrderKey) -> None:
        match row.standing:
            case Standing.HELD:
                lease_refused("order")
                raise held_by_another(row.seconds_until_free)
            case Standing.FINISHED if not row.settled:
                await self._send(row.follow_ups, message, order)
            case Standing.SET_ASIDE if not row.settled and row.reason is not None:
                raise RejectedError(row.reason, suggestions=row.suggestions)
            case _:
                log.info("delivery_has_nothing_to_do", standing=row.standing)

    async def _work(self, claim: Claim, order: OrderKey) -> tuple[Message, ...]:
        try:
            return await self._handler(claim)
        except RejectedError as error:
            # The row first, while it is ours: a colleague who has the order by now may come to another end.
            await self._rows.set_aside_held(claim, order, error.reason, error.suggestions)
            raise
        except MisconfiguredError as error:
            await self._rows.wait(claim, order, error.reason, keep_lease=False)
            await self._pause(claim.profile, error.reason)
            raise ProfileUnavailable(error.reason, retry_after_seconds=PAUSED_WAIT_SECONDS) from error
        except TransientError as error:
            unknown = isinstance(error, UpstreamUnavailable) and error.outcome_unknown
            await self._rows.wait(claim, order, error.reason, keep_lease=unknown)
            if unknown:
                error.retry_after_seconds = max(error.retry_after_seconds or 0, claim.lease_seconds_left())
            raise

    async def _return(self, claim: Claim, order: OrderKey) -> None:
        """The work was cut off, by a stop or a lost broker: let a colleague begin at once."""
        if not await claim.writes_are_known():
            log.warning("lease_kept", order_number=order.number)
            return
        try:
            await self._rows.release(claim, order)
        except TransientError as error:
            log.warning("lease_not_released", order_number=order.number, cause=error.reason.text_key)
        else:
            log.info("order_returned", order_number=order.number)

    async def return_orders(self) -> None:
        """Wait until the orders whose work was cut off are free for a colleague."""
        await asyncio.gather(*self._returning)

    async def _send(self, follow_ups: tuple[Message, ...], message: Message, order: OrderKey) -> None:
        for follow_up in follow_ups:
            await self._publisher.publish(follow_up)
        await self._rows.follow_ups_sent(message, order)

    async def _end_trouble(self, profile: StoredProfile) -> None:
        """What was there before the order was begun; what came since, a later order ends."""
        if await self._health.record_success(profile.profile.name):
            await self._publisher.publish(self._profile_event(ProfileResumed, profile.profile.name))

    async def _pause(self, profile: StoredProfile, reason: Reason) -> None:
        if await self._health.pause(profile, reason):
            log.error("profile_paused", profile=profile.profile.name, reason=reason.text_key)
            event = self._profile_event(ProfilePaused, profile.profile.name, reason=wire_reason(reason))
            await self._publisher.publish(event)

    def _profile_event(self, contract: type[M], profile: str, **fields: Any) -> M:
        now = self._clock.now()
        return new_message(
            contract,
            profile=profile,
            occurred_at=now,
            correlation_id=deterministic_id("profile", profile),
            id_parts=(self._stage, now.isoformat()),
            stage=self._stage,
            **fields,
        )

    async def waiting(
        self, message: Message, delivery: Delivery, error: TransientError, decision: RetryDecision
    ) -> None:
        """Tells the console that the order waits; a lease held by a colleague is no news to anyone, nor is
        the pace of the vendor before it costs minutes."""
        if isinstance(error, ConcurrentChange):
            return
        if isinstance(error, AllowanceSpent) and decision.level.seconds < ALLOWANCE_WAIT_TOLD_SECONDS_MIN:
            return
        event = order_event(
            OrderWaiting,
            message,
            _order_of(message),
            occurred_at=self._clock.now(),
            discriminator=(self._stage, error.reason.text_key, delivery.attempt),
            stage=self._stage,
            reason=wire_reason(error.reason),
            attempt=delivery.attempt if error.counts_as_attempt else 0,
            retry_at=self._clock.now() + timedelta(seconds=decision.level.seconds),
            calls=made_calls(),
        )
        await self._publisher.publish(event)

    async def set_aside(
        self, message: Message | None, delivery: Delivery, error: RejectedError
    ) -> str | None:
        """Writes the row and tells the console before the copy goes to the dead-letter queue.

        What is refused before its order was claimed (delivered too often, a profile that is gone) waits while
        a worker holds the order, or a write of one that died may still be carried out.
        """
        order = None if message is None else order_key_of(message)
        if message is None or order is None:
            return await self._set_aside_unreadable(delivery, error.reason)
        aside = await self._rows.set_aside(message, order, error.reason, error.suggestions)
        if aside is None:
            return None
        dead_letter_id, attempts = aside
        event = order_event(
            OrderDeadLettered,
            message,
            order,
            occurred_at=self._clock.now(),
            discriminator=(self._stage,),
            dead_letter_id=dead_letter_id,
            stage=self._stage,
            queue=delivery.queue,
            reason=wire_reason(error.reason),
            suggestions=tuple(dict(suggestion) for suggestion in error.suggestions),
            attempts=attempts,
            message=delivery.body.decode(),
            calls=made_calls(),
        )
        await self._publisher.publish(event)
        await self._count_dead_letter(message.profile, error.reason)
        return dead_letter_id

    async def set_aside_confirmed(self, dead_letter_id: str) -> None:
        await self._rows.dead_letter_sent(dead_letter_id)

    async def _set_aside_unreadable(self, delivery: Delivery, reason: Reason) -> str:
        dead_letter_id = dead_letter_id_of_body(delivery)
        await self._rows.set_aside_unreadable(dead_letter_id, delivery.queue, reason)
        event = new_message(
            OrderDeadLettered,
            profile="",
            occurred_at=self._clock.now(),
            correlation_id=dead_letter_id,
            id_parts=(dead_letter_id,),
            dead_letter_id=dead_letter_id,
            order=None,
            stage=self._stage,
            queue=delivery.queue,
            reason=wire_reason(reason),
            attempts=delivery.attempt,
        )
        await self._publisher.publish(event)
        return dead_letter_id

    async def _count_dead_letter(self, profile_name: str, reason: Reason) -> None:
        if reason.code is ReasonCode.UNEXPECTED:
            self._fuse.record_unexpected(profile_name)
            if self._fuse.blown:
                self._on_fuse_blown()
        in_a_row = await self._health.record_dead_letter(profile_name)
        profile = await self._profiles.get(profile_name)
        if in_a_row >= DEAD_LETTERS_IN_A_ROW_MAX and profile is not None:
            details = {"dead_letters": str(in_a_row)}
            fuse = Reason(code=ReasonCode.PROFILE_PAUSED, variant="fuse", details=details)
            await self._pause(profile, fuse)


def _with_calls(follow_ups: tuple[Message, ...]) -> tuple[Message, ...]:
    calls = made_calls()
    return tuple(
        each.model_copy(update={"calls": calls}) if isinstance(each, TellsCalls) else each
        for each in follow_ups
    )


def wire_reason(reason: Reason) -> WireReason:
    return WireReason(code=reason.code.value, variant=reason.variant, details=dict(reason.details))


def _order_of(message: Message) -> OrderKey:
    order = order_key_of(message)
    if order is None:
        reason = Reason(
            code=ReasonCode.UNREADABLE_MESSAGE, variant="not_an_order", details={"type": message.type}
        )
        raise RejectedError(reason)
    return order
