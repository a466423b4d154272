"""The command to read one order again and send it on, perhaps with a person's decision."""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from poller.domain.orders import (
    OrderState,
    SeenOrder,
    after_failed_replay,
    after_replacement,
    after_replay,
    key_without_uuid,
)
from poller.handlers.messages import Occasion, order_held_back
from poller.handlers.orders import facts_of, record_of, selection_for
from poller.handlers.post import Post
from poller.handlers.requests import wrong_queue
from poller.ports import OrderSource, OrderSources, Outgoing, Profiles, Record, SeenOrders, Sighting
from sconnect.clock import Clock
from sconnect.contracts import Message, Mode, OrderReplayRequested, SalesOrder
from sconnect.errors import MisconfiguredError, ProfileUnavailable, Reason, ReasonCode, RejectedError
from sconnect.messaging import Delivery
from sconnect.profiles import StoredProfile

UNAVAILABLE_WAIT_SECONDS = 600
NO_DOCUMENT = "null"

log = structlog.get_logger(__name__)


class Replays:
    """Safe to run twice: the order's row keeps the highest replay that was handled.

    Half-done when it dies: a row with a message that is not published yet; the polling publishes it. The
    operator sees the order in progress until then.
    """

    def __init__(
        self, *, profiles: Profiles, sources: OrderSources, orders: SeenOrders, post: Post, clock: Clock
    ) -> None:
        self._profiles = profiles
        self._sources = sources
        self._orders = orders
        self._post = post
        self._clock = clock

    async def __call__(self, message: Message, _delivery: Delivery) -> None:
        # What is read here goes to the books; a preview would have to leave no trace.
        if not isinstance(message, OrderReplayRequested) or message.mode is not Mode.LIVE:
            raise wrong_queue(message)
        profile = await self._profile(message.profile)
        key = message.order.uuid
        seen = (await self._orders.find(message.profile, [key])).get(key)
        if seen is not None and seen.replay >= message.replay:
            log.info("replay_known_already", order=seen.number, replay=seen.replay)
            return
        replay = _Replay(command=message, profile=profile, source=self._sources.of(profile))
        try:
            records = await self._records(replay, seen)
        except MisconfiguredError as error:
            raise ProfileUnavailable(error.reason, retry_after_seconds=UNAVAILABLE_WAIT_SECONDS) from error
        await self._orders.save(message.profile, records)
        told = [Outgoing(key=each.seen.key, message=each.message) for each in records if each.message]
        await self._post.send_these(message.profile, self._orders, told)

    async def _profile(self, name: str) -> StoredProfile:
        stored = await self._profiles.get(name)
        if stored is None:
            details = {"profile": name}
            raise RejectedError(
                Reason(code=ReasonCode.UNREADABLE_MESSAGE, variant="profile_unknown", details=details)
            )
        if not stored.profile.enabled:
            reason = Reason(code=ReasonCode.PROFILE_PAUSED, variant="disabled")
            raise ProfileUnavailable(reason, retry_after_seconds=UNAVAILABLE_WAIT_SECONDS)
        return stored

    async def _records(self, replay: "_Replay", seen: SeenOrder | None) -> Sequence[Record]:
        """The order as the shop shows it now, or else as it was kept."""
        key, number = replay.command.order.uuid, replay.command.order.number
        shown = await replay.source.order(number)
        kept = await self._kept(replay)
        for sighting in (shown, kept):
            if sighting is not None and sighting.order is not None and sighting.key == key:
                return [await self._sent_on(replay, seen, sighting, sighting.order)]
        if shown is not None and shown.order is not None and key == key_without_uuid(number):
            known = (await self._orders.find(replay.command.profile, [shown.key])).get(shown.key)
            sent_on = await self._sent_on(replay, known, shown, shown.order)
            return [self._replaced(replay, seen, kept), sent_on]
        return [self._failed(replay, seen, kept)]

    async def _kept(self, replay: "_Replay") -> Sighting | None:
        document = await self._orders.document(replay.command.profile, replay.command.order.uuid)
        return None if document is None else replay.source.read_again(document)

    async def _sent_on(
        self, replay: "_Replay", seen: SeenOrder | None, sighting: Sighting, order: SalesOrder
    ) -> Record:
        selection = await selection_for(replay.profile, replay.source)
        command = replay.command
        after = after_replay(
            seen, facts_of(order), selection, revision=command.order.revision, replay=command.replay
        )
        occasion = self._occasion(replay)
        return await record_of(seen, after, sighting, occasion, source=replay.source, selection=selection)

    def _replaced(self, replay: "_Replay", seen: SeenOrder | None, kept: Sighting | None) -> Record:
        after = after_replacement(replay.seen(seen), replay=replay.command.replay)
        return self._held_back(replay, after, kept)

    def _failed(self, replay: "_Replay", seen: SeenOrder | None, kept: Sighting | None) -> Record:
        after = after_failed_replay(replay.seen(seen), replay=replay.command.replay)
        log.warning("replay_failed", order=after.number, replay=after.replay)
        return self._held_back(replay, after, kept)

    def _held_back(self, replay: "_Replay", after: SeenOrder, kept: Sighting | None) -> Record:
        document = NO_DOCUMENT if kept is None else kept.document
        message = order_held_back(self._occasion(replay), after)
        return Record(seen=after, document=document, message=message)

    def _occasion(self, replay: "_Replay") -> Occasion:
        command = replay.command
        return Occasion(profile=command.profile, occurred_at=self._clock.now(), amendment=command.amendment)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Replay:
    """One command, with the shop it is about."""

    command: OrderReplayRequested
    profile: StoredProfile
    source: OrderSource

    def seen(self, remembered: SeenOrder | None) -> SeenOrder:
        """What is remembered of the order; the little that the command says when that is nothing."""
        order = self.command.order
        return remembered or SeenOrder(
            key=order.uuid, number=order.number, state=OrderState.UNREADABLE, revision=order.revision
        )
