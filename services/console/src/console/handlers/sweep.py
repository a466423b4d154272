"""Keeps the dead-letter queues and the rows in step: one copy for every letter that still matters."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog

from console.domain.letters import CopyVerdict, DeadLetter, LetterMark, judge_copy, needs_walk
from console.domain.standing import ToldReason
from console.handlers.letters import publish_pending_replays
from console.ports import DeadLetterQueues, EventRecord, LetterBox, LetterIndex, SweepLease
from sconnect.clock import Clock
from sconnect.contracts import Message, OrderDeadLettered, WireReason, decode
from sconnect.contracts.build import order_event, order_key_of
from sconnect.errors import ConcurrentChange, Reason, ReasonCode, RejectedError
from sconnect.messaging import Delivery, EventPublisher
from sconnect.messaging.edge import (
    DEAD_LETTER_ID_HEADER,
    REASON_CODE_HEADER,
    REASON_DETAILS_HEADER,
    REASON_VARIANT_HEADER,
    dead_letter_id_of_body,
)
from sconnect.messaging.topology import CONSOLE_EVENTS, WORK_QUEUES

LEASE_NAME = "dead-letter-sweep"
LEASE_SECONDS = 120
COPIES_PER_RENEWAL = 200

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class SweepLimits:
    """`discarded_kept`: how long a discard can be undone. `unknown_copy_patience`: how long a copy may be
    without a row before it gets one; the event that makes the row is usually under way."""

    discarded_kept: timedelta
    unknown_copy_patience: timedelta = timedelta(seconds=60)


class DeadLetterSweep:
    """One at a time, whoever runs it. Safe to repeat: whatever a copy becomes is published or written
    before the copy is taken out. Half-done when it dies: copies that are still there, for the next sweep.
    """

    def __init__(
        self,
        *,
        letters: LetterBox,
        index: LetterIndex,
        record: EventRecord,
        queues: DeadLetterQueues,
        publisher: EventPublisher,
        lease: SweepLease,
        clock: Clock,
        limits: SweepLimits,
    ) -> None:
        self._letters = letters
        self._index = index
        self._record = record
        self._queues = queues
        self._publisher = publisher
        self._lease = lease
        self._clock = clock
        self._limits = limits
        self._unknown_since: dict[str, datetime] = {}

    async def sweep(self) -> bool:
        """False when somebody else is sweeping."""
        token = await self._lease.take(LEASE_NAME, LEASE_SECONDS)
        if token is None:
            return False
        try:
            await publish_pending_replays(self._letters, self._publisher)
            await self._index.forget_discarded(self._discards_expire_before())
            for queue in WORK_QUEUES:
                await self._sweep_queue(queue.name, token)
        finally:
            await self._lease.release(LEASE_NAME, token)
        return True

    async def _sweep_queue(self, queue: str, token: str) -> None:
        expire_before = self._discards_expire_before()
        expected = await self._index.expected(queue)
        depth = await self._queues.depth(queue)
        if not needs_walk(expected.values(), depth, discards_expire_before=expire_before):
            return
        walk = _Walk(queue=queue, expected=expected, token=token)
        await self._queues.walk(queue, depth, lambda copy: self._settle(copy, walk))
        await self._index.note_copies(held=walk.kept - expected.keys(), gone=expected.keys() - walk.kept)
        log.info("dead_letters_swept", queue=queue, kept=len(walk.kept), removed=walk.met - len(walk.kept))

    async def _settle(self, copy: Delivery, walk: "_Walk") -> bool:
        """Whether the copy can be taken out of the queue."""
        await self._keep_the_lease(walk)
        letter_id = str(copy.headers.get(DEAD_LETTER_ID_HEADER) or dead_letter_id_of_body(copy))
        verdict = judge_copy(
            walk.expected.get(letter_id) or await self._index.mark(letter_id),
            kept_before=letter_id in walk.kept,
            discards_expire_before=self._discards_expire_before(),
        )
        if verdict is CopyVerdict.INDEX:
            await self._give_a_row(letter_id, copy)
        elif verdict is CopyVerdict.REOPEN:
            await self._index.reopen(letter_id)
        elif verdict is CopyVerdict.SEND_ON:
            await self._publisher.publish_to_queue(
                copy.queue, copy.body, headers={}, message_id=copy.message_id
            )
            await self._letters.finish_replay(letter_id)
        removed = verdict in (CopyVerdict.REMOVE, CopyVerdict.SEND_ON)
        if not removed:
            walk.kept.add(letter_id)
        return removed

    async def _keep_the_lease(self, walk: "_Walk") -> None:
        walk.met += 1
        if walk.met % COPIES_PER_RENEWAL:
            return
        if not await self._lease.renew(LEASE_NAME, walk.token, LEASE_SECONDS):
            lost = Reason(code=ReasonCode.UPSTREAM_UNAVAILABLE, variant="lease_lost")
            raise ConcurrentChange(lost)

    async def _give_a_row(self, letter_id: str, copy: Delivery) -> None:
        now = self._clock.now()
        since = self._unknown_since.setdefault(letter_id, now)
        if now - since < self._limits.unknown_copy_patience:
            return
        message = _readable(copy)
        event = None if message is None else _dead_lettered(letter_id, copy, message, now)
        if event is None:
            await self._index.add(_letter_without_order(letter_id, copy, message, now))
        else:
            await self._publisher.publish(event)
            await self._record.record(event)
        del self._unknown_since[letter_id]
        log.warning("dead_letter_indexed", queue=copy.queue, dead_letter_id=letter_id)

    def _discards_expire_before(self) -> datetime:
        return self._clock.now() - self._limits.discarded_kept


@dataclass(kw_only=True, slots=True)
class _Walk:
    queue: str
    expected: Mapping[str, LetterMark]
    token: str
    met: int = 0
    kept: set[str] = field(default_factory=set)


def _readable(copy: Delivery) -> Message | None:
    try:
        return decode(copy.body)
    except RejectedError:
        return None


def _dead_lettered(
    letter_id: str, copy: Delivery, message: Message, now: datetime
) -> OrderDeadLettered | None:
    """The event that the stage would have told; None for copies that are not an order's work."""
    order = order_key_of(message)
    if order is None or copy.queue == CONSOLE_EVENTS.name:
        return None
    reason = _reason_in(copy)
    return order_event(
        OrderDeadLettered,
        message,
        order,
        occurred_at=now,
        discriminator=("indexed", letter_id),
        dead_letter_id=letter_id,
        stage=_service_of(copy.queue),
        queue=copy.queue,
        reason=WireReason(code=reason.code, variant=reason.variant, details=dict(reason.details)),
        attempts=copy.attempt,
        message=copy.body.decode(),
    )


def _letter_without_order(
    letter_id: str, copy: Delivery, message: Message | None, now: datetime
) -> DeadLetter:
    order = order_key_of(message) if message else None
    return DeadLetter(
        id=letter_id,
        profile=message.profile if message else "",
        order_uuid=None,
        order_number=order.number if order else None,
        version=None,
        service=_service_of(copy.queue),
        queue=copy.queue,
        reason=_reason_in(copy),
        attempts=copy.attempt,
        since=now,
        copy_held=True,
    )


def _service_of(queue: str) -> str:
    return queue.partition(".")[0]


def _reason_in(copy: Delivery) -> ToldReason:
    """The reason in the headers; a copy without one came straight from the broker, at its delivery limit."""
    code = copy.headers.get(REASON_CODE_HEADER)
    if not isinstance(code, str):
        details = {"deliveries": str(copy.delivery_count)}
        return ToldReason(code=ReasonCode.DELIVERY_LIMIT.value, details=details)
    variant = copy.headers.get(REASON_VARIANT_HEADER)
    return ToldReason(code=code, variant=str(variant) if variant else None, details=_details_in(copy))


def _details_in(copy: Delivery) -> dict[str, str]:
    try:
        details: Any = json.loads(str(copy.headers.get(REASON_DETAILS_HEADER) or "{}"))
    except ValueError:
        return {}
    if not isinstance(details, dict):
        return {}
    return {str(name): str(value) for name, value in details.items()}
