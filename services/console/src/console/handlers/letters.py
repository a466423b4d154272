"""What a person decides about dead letters: offer again, or put away."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import structlog

from console.domain.letter_list import LetterPlace
from console.domain.letters import REPLAYABLE, DeadLetter, LetterState
from console.domain.refusals import NotKnown, NotNow
from console.domain.standing import OrderRow
from console.handlers.news import told_reason
from console.handlers.parts import ROWS_PER_PART, in_parts
from console.ports import EventRecord, LetterBox, OrderBook, Outgoing, PendingReplay
from sconnect.clock import Clock
from sconnect.contracts import (
    Amendment,
    DeadLetterDiscarded,
    Message,
    OrderDeadLettered,
    OrderKey,
    OrderReplayRequested,
    SalesOrderCustomerResolved,
    SalesOrderReceived,
    decode,
    encode,
)
from sconnect.contracts.build import correlation_id_of, new_message
from sconnect.errors import RejectedError, UpstreamUnavailable
from sconnect.ids import deterministic_id
from sconnect.messaging import EventPublisher
from sconnect.messaging.topology import POLLER_REPLAY_REQUESTED, RESOLVER_RECEIVED

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """What a person decided about the customer of an order; `value` is the number of an existing one."""

    kind: Literal["use_customer", "create_customer"]
    value: str | None = None


class DeadLetterDesk:
    """Safe to do twice: a replay is marked with its number before it is published under an id made from it.

    Half-done when it dies: a marked replay, which the next sweep publishes. The bookkeeper sees the order
    in progress meanwhile.
    """

    def __init__(
        self,
        *,
        letters: LetterBox,
        orders: OrderBook,
        record: EventRecord,
        publisher: EventPublisher,
        clock: Clock,
        on_decision: Callable[[], None],
    ) -> None:
        self._letters = letters
        self._orders = orders
        self._record = record
        self._publisher = publisher
        self._clock = clock
        self._on_decision = on_decision

    async def waiting_for_a_person(self, profile: str | None) -> AsyncIterator[Sequence[DeadLetter]]:
        """All that wait, the oldest first, part by part; without their messages."""

        async def read(after: LetterPlace | None) -> Sequence[DeadLetter]:
            return await self._letters.letters(profile, after=after, at_most=ROWS_PER_PART)

        return await in_parts(read, lambda letter: LetterPlace(at=letter.since, letter_id=letter.id))

    async def letter(self, letter_id: str) -> DeadLetter:
        """NotKnown when there is none of that id."""
        letter = await self._letters.letter(letter_id)
        if letter is None:
            raise NotKnown("letter_unknown", id=letter_id)
        return letter

    async def replay(
        self, letter_id: str, *, decision: Decision | None, as_received: bool, by: str
    ) -> DeadLetter:
        """Offer the order again, read anew from the shop unless `as_received`; returns the letter after it.

        NotNow when the order has moved on, when the decision needs an order that the letter does not have,
        or when `as_received` needs a message that is not kept.
        """
        letter = await self.letter(letter_id)
        if letter.state not in REPLAYABLE:
            raise NotNow(f"letter_{letter.state.value}")
        order = await self._order_of(letter)
        if order is None:
            await self._replay_the_copy(letter, decision)
        else:
            await self._replay_the_order(letter, order, decision, as_received=as_received, by=by)
        await self._publish_what_is_pending()
        self._on_decision()
        return await self.letter(letter_id)

    async def discard(self, letter_id: str, *, why: str, by: str) -> DeadLetter:
        """Put it away; a replay undoes that for as long as the message is kept."""
        letter = await self.letter(letter_id)
        if letter.state not in (LetterState.OPEN, LetterState.REPLAYED):
            raise NotNow(f"letter_{letter.state.value}")
        order = await self._order_of(letter)
        event = discard_event(letter, order, why=why, by=by, now=self._clock.now())
        await self._publisher.publish(event)
        await self._record.record(event)
        return await self.letter(letter_id)

    async def _order_of(self, letter: DeadLetter) -> OrderRow | None:
        if letter.order_uuid is None:
            return None
        rows = await self._orders.orders(letter.profile, [letter.order_uuid])
        return rows[0] if rows else None

    async def _replay_the_copy(self, letter: DeadLetter, decision: Decision | None) -> None:
        if decision is not None:
            raise NotNow("letter_without_order")
        if letter.state is LetterState.DISCARDED and not letter.copy_held:
            raise NotNow("message_not_kept")
        if not await self._letters.begin_replay(letter.id, None, None, self._clock.now()):
            raise NotNow("letter_replaying")

    async def _replay_the_order(
        self, letter: DeadLetter, row: OrderRow, decision: Decision | None, *, as_received: bool, by: str
    ) -> None:
        request = replay_request(row, decision, by=by, now=self._clock.now())
        outgoing = to_the_poller(request)
        if as_received:
            outgoing = as_received_again(letter, request)
        if not await self._letters.begin_replay(letter.id, request, outgoing, request.occurred_at):
            raise NotNow("letter_replaying")

    async def _publish_what_is_pending(self) -> None:
        try:
            await publish_pending_replays(self._letters, self._publisher)
        except UpstreamUnavailable as error:
            # It is written down: the sweep publishes it as soon as the broker is back.
            log.warning("replay_not_published_yet", cause=error.reason.text_key)


async def publish_pending_replays(letters: LetterBox, publisher: EventPublisher) -> None:
    """Publish every replay that was begun; one that the broker had already is recognised by its id."""
    for pending in await letters.pending_replays():
        await _publish(pending, publisher)
        await letters.finish_replay(pending.letter_id)
        log.info("replay_published", dead_letter_id=pending.letter_id, queue=pending.outgoing.queue)


def letter_of(message: OrderDeadLettered) -> DeadLetter:
    """The row of a dead letter, from the event that told of it."""
    order = message.order
    return DeadLetter(
        id=message.dead_letter_id,
        profile=message.profile,
        order_uuid=order.uuid if order else None,
        order_number=order.number if order else None,
        version=(order.revision, message.replay) if order else None,
        service=message.stage,
        queue=message.queue,
        reason=told_reason(message.reason),
        suggestions=message.suggestions,
        attempts=message.attempts,
        since=message.occurred_at,
        message=message.message,
        copy_held=message.queue is not None,
    )


async def _publish(pending: PendingReplay, publisher: EventPublisher) -> None:
    outgoing = pending.outgoing
    await publisher.publish_to_queue(
        outgoing.queue, outgoing.body, headers={}, message_id=outgoing.message_id
    )


def replay_request(
    row: OrderRow, decision: Decision | None, *, by: str, now: datetime
) -> OrderReplayRequested:
    """The command to offer an order again, under its next replay number."""
    number = row.standing.replays + 1
    amendment = None
    if decision is not None:
        amendment = Amendment(kind=decision.kind, value=decision.value, decided_by=by, at=now, replay=number)
    return new_message(
        OrderReplayRequested,
        profile=row.profile,
        occurred_at=now,
        correlation_id=correlation_id_of(row.profile, row.order_uuid),
        id_parts=(row.order_uuid,),
        replay=number,
        amendment=amendment,
        order=_key_of(row),
        requested_by=by,
    )


def discard_event(
    letter: DeadLetter, row: OrderRow | None, *, why: str, by: str, now: datetime
) -> DeadLetterDiscarded:
    revision, replay = letter.version or (1, 0)
    order = _key_of(row).model_copy(update={"revision": revision}) if row else None
    return new_message(
        DeadLetterDiscarded,
        profile=letter.profile,
        occurred_at=now,
        correlation_id=correlation_id_of(letter.profile, letter.order_uuid or letter.id),
        id_parts=(letter.id, now.isoformat()),
        replay=replay,
        dead_letter_id=letter.id,
        order=order,
        discarded_by=by,
        why=why,
    )


def _key_of(row: OrderRow) -> OrderKey:
    return OrderKey(uuid=row.order_uuid, number=row.standing.order_number, revision=row.standing.version[0])


def to_the_poller(request: OrderReplayRequested) -> Outgoing:
    """The command itself: the poller reads the order from the shop again."""
    return Outgoing(queue=POLLER_REPLAY_REQUESTED.name, message_id=request.id, body=encode(request))


def as_received_again(letter: DeadLetter, request: OrderReplayRequested) -> Outgoing:
    """The message that was set aside, as a new version of the order, to the queue it came from.

    NotNow when it is not kept.
    """
    if letter.message is None or letter.queue is None:
        raise NotNow("message_not_kept")
    try:
        message: Message = decode(letter.message.encode())
    except RejectedError as error:
        raise NotNow("message_not_kept") from error
    queue = letter.queue
    if isinstance(message, SalesOrderCustomerResolved) and request.amendment is not None:
        # Only the resolver can act on a decision about the customer.
        queue = RESOLVER_RECEIVED.name
        message = _received_again(message)
    copy = message.model_copy(
        update={
            "id": deterministic_id("as-received", letter.id, request.replay),
            "replay": request.replay,
            "amendment": request.amendment or message.amendment,
        }
    )
    return Outgoing(queue=queue, message_id=copy.id, body=encode(copy))


def _received_again(message: SalesOrderCustomerResolved) -> SalesOrderReceived:
    envelope = message.model_dump(exclude={"type", "order", "customer"})
    return SalesOrderReceived(type=SalesOrderReceived.TYPE, order=message.order, **envelope)
