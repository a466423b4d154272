"""The poller's part of a preview: reads the orders that were asked for, and remembers none of them."""

from collections.abc import AsyncIterator, Sequence

from poller.domain.orders import (
    OrderState,
    Selection,
    Unreadable,
    Verdict,
    after_unreadable,
    is_order_number,
    judge,
)
from poller.domain.windows import PageRead, Window, next_offset
from poller.handlers.messages import STAGE, wire_reason
from poller.handlers.orders import completed, facts_of, selection_for
from poller.ports import OrderSource, OrderSources, Sighting
from sconnect.clock import Clock
from sconnect.contracts import (
    Message,
    OrderKey,
    PreviewHeldBack,
    PreviewOrderRead,
    PreviewRequested,
    PreviewSelection,
    SalesOrder,
)
from sconnect.contracts.build import new_message, order_key
from sconnect.errors import Reason, ReasonCode, TransientError
from sconnect.profiles import StoredProfile
from sconnect.stage.previews import orders_found, previewed, wrong_queue

NO_RUN = "preview"


class PreviewOrders:
    """A PreviewWork. It uses none of the poller's own tables: an order need not have been imported."""

    def __init__(self, *, sources: OrderSources, clock: Clock) -> None:
        self._sources = sources
        self._clock = clock

    async def __call__(self, message: Message, profile: StoredProfile) -> AsyncIterator[Message]:
        if not isinstance(message, PreviewRequested):
            raise wrong_queue(message)
        source = self._sources.of(profile)
        number = message.selection.order_number
        if number is not None:
            sightings: Sequence[Sighting] | None = await _one(source, number)
        else:
            sightings = await _several(source, message.selection)
        if sightings is None:
            yield orders_found(message, self._clock, too_many=True)
            return
        if number is not None and not sightings:
            for told in self._not_found(message, number):
                yield told
            return
        wanted = await selection_for(profile, source)
        yield orders_found(message, self._clock, orders=tuple(_key(sighting) for sighting in sightings))
        for sighting in sightings:
            yield await self._told(message, sighting, source, wanted)

    def _not_found(self, message: PreviewRequested, number: str) -> Sequence[Message]:
        key = OrderKey(uuid="", number=number)
        details = {"number": number}
        reason = Reason(code=ReasonCode.UNREADABLE_ORDER, variant="not_in_shop", details=details)
        answer = previewed(
            message, self._clock, stage=STAGE, outcome="not_found", order=key, reason=wire_reason(reason)
        )
        return orders_found(message, self._clock, orders=(key,)), answer

    async def _told(
        self, message: PreviewRequested, sighting: Sighting, source: OrderSource, wanted: Selection
    ) -> Message:
        """The order on its way to the next stage, or the answer when it goes no further than here."""
        if isinstance(sighting.found, Unreadable):
            return self._unreadable(message, sighting.found, wanted)
        order = sighting.found
        verdict = judge(facts_of(order), wanted)
        held_back = _held_back(verdict)
        if held_back is not None and held_back.reason.code == ReasonCode.TEST_ORDER:
            return previewed(
                message, self._clock, stage=STAGE, outcome="skipped", order=order, reason=held_back.reason
            )
        try:
            order = await completed(order, source, wanted)
        except TransientError as error:
            return previewed(
                message,
                self._clock,
                stage=STAGE,
                outcome="not_previewed",
                order=order,
                reason=wire_reason(error.reason),
            )
        return self._read(message, order, held_back)

    def _read(
        self, message: PreviewRequested, order: SalesOrder, held_back: PreviewHeldBack | None
    ) -> PreviewOrderRead:
        return new_message(
            PreviewOrderRead,
            profile=message.profile,
            occurred_at=self._clock.now(),
            correlation_id=message.correlation_id,
            id_parts=(message.ticket.preview_id, order.uuid),
            mode=message.mode,
            ticket=message.ticket,
            order=order,
            held_back=held_back,
        )

    def _unreadable(self, message: PreviewRequested, found: Unreadable, wanted: Selection) -> Message:
        seen = after_unreadable(None, found, wanted, run_id=NO_RUN)
        skipped = seen is not None and seen.state is OrderState.SKIPPED
        return previewed(
            message,
            self._clock,
            stage=STAGE,
            outcome="skipped" if skipped else "dead_lettered",
            order=OrderKey(uuid=found.key, number=found.number),
            reason=None if seen is None or seen.reason is None else wire_reason(seen.reason),
        )


async def _one(source: OrderSource, number: str) -> Sequence[Sighting]:
    sighting = await source.order(number)
    return () if sighting is None else (sighting,)


async def _several(source: OrderSource, selection: PreviewSelection) -> Sequence[Sighting] | None:
    """By ascending number; None when there are more than allowed."""
    last = selection.last
    window = Window(
        descending=last is not None, placed_from=selection.placed_from, placed_to=selection.placed_to
    )
    enough = selection.orders_max + 1 if last is None else last
    found: dict[str, Sighting] = {}
    # MyOnlineStore does not say whether archived orders are listed unless they are asked for.
    for each in (window, _archived(window)):
        found |= await _walk(source, each, selection, enough)
    sightings = sorted(found.values(), key=_number)
    if last is not None:
        return sightings[-last:]
    return None if len(sightings) > selection.orders_max else sightings


async def _walk(
    source: OrderSource, window: Window, selection: PreviewSelection, enough: int
) -> dict[str, Sighting]:
    met: dict[str, Sighting] = {}
    wanted: dict[str, Sighting] = {}
    offset: int | None = 0
    while offset is not None and len(wanted) < enough:
        page = await source.page(window, offset)
        new = {sighting.key: sighting for sighting in page if sighting.key not in met}
        met |= new
        wanted |= {key: sighting for key, sighting in new.items() if _placed_in_time(sighting, selection)}
        read = PageRead(received=len(page), new_to_walk=len(new), new_to_us=len(new), lowest=None)
        offset = next_offset(window, offset, read)
    return dict(list(wanted.items())[:enough])


def _archived(window: Window) -> Window:
    return Window(
        descending=window.descending,
        placed_from=window.placed_from,
        placed_to=window.placed_to,
        archived_only=True,
    )


def _placed_in_time(sighting: Sighting, selection: PreviewSelection) -> bool:
    """The shop's filter is generous; what cannot be read is shown, for it is among the days asked for."""
    order = sighting.order
    if order is None:
        return True
    after_first = selection.placed_from is None or order.placed_on >= selection.placed_from
    before_last = selection.placed_to is None or order.placed_on <= selection.placed_to
    return after_first and before_last


def _held_back(verdict: Verdict) -> PreviewHeldBack | None:
    if verdict.reason is None:
        return None
    outcome = "skipped" if verdict.state is OrderState.SKIPPED else "waiting"
    return PreviewHeldBack.model_validate({"outcome": outcome, "reason": wire_reason(verdict.reason)})


def _key(sighting: Sighting) -> OrderKey:
    found = sighting.found
    if isinstance(found, Unreadable):
        return OrderKey(uuid=found.key, number=found.number)
    return order_key(found)


def _number(sighting: Sighting) -> int:
    number = sighting.found.number
    return int(number) if is_order_number(number) else 0
