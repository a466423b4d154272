"""Previews: what orders would become in the books, asked of the very services that would book them.

A handler that wants one:

    asked = await desk.ask("voorbeeldwinkel", LastOrders(count=20), ledgers=proposal, by="administrator")
    preview = await desk.finished(asked.id)
    if preview.failure is not None: ...          # no order could be read; a text key and its details
    for answer in preview.answers: ...           # SalesBookingPreviewed, by order number

`ledgers` is tried instead of the profile's own, for this preview only. Every order that was found has one
answer when the preview is finished: within `PreviewLimits.answer_seconds_max` after it was asked, whatever
happened meanwhile.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import uuid4

import structlog

from console.domain.previews import (
    LastOrders,
    OneOrder,
    PlacedBetween,
    PreviewState,
    Selection,
    require_sensible,
)
from console.domain.refusals import NotKnown
from console.ports import Neighbours, ProfileShelf
from sconnect.clock import Clock
from sconnect.contracts import (
    Message,
    Mode,
    OrderKey,
    PreviewOrdersFound,
    PreviewRequested,
    PreviewSelection,
    PreviewTicket,
    SalesBookingPreviewed,
    WireReason,
    decode,
)
from sconnect.contracts.build import new_message
from sconnect.errors import ReasonCode, RejectedError
from sconnect.messaging import Delivery, EventPublisher
from sconnect.profiles import Ledgers

PREVIEWS_KEPT_MAX = 200
TOO_MANY_ORDERS = "TOO_MANY_ORDERS"
NO_ANSWER = "NO_ANSWER"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class PreviewLimits:
    """`kept` is how long a preview can be looked at after it was asked; then it is forgotten."""

    answer_seconds_max: float = 60.0
    orders_max: int = 100
    kept: timedelta = timedelta(minutes=15)


@dataclass(frozen=True, kw_only=True, slots=True)
class PreviewFailure:
    """Why no order was previewed: a code for programs, and the sentence's key in sconnect.texts."""

    code: str
    text_key: str
    details: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Preview:
    """A preview as it is now. `orders` are those found, None until the poller has told.

    `answers` has those that came in, by order number; all of them once it is finished. `trouble` is what the
    poller ran into after it told which orders it found.
    """

    id: str
    profile: str
    selection: Selection
    ledgers_proposed: bool
    requested_at: datetime
    expires_at: datetime
    kept_until: datetime
    orders: tuple[OrderKey, ...] | None = None
    answers: tuple[SalesBookingPreviewed, ...] = ()
    failure: PreviewFailure | None = None
    trouble: WireReason | None = None

    @property
    def state(self) -> PreviewState:
        if self.failure is not None:
            return PreviewState.FAILED
        if self.orders is None or self.unanswered:
            return PreviewState.RUNNING
        return PreviewState.FINISHED

    @property
    def unanswered(self) -> Sequence[OrderKey]:
        answered = {answer.order for answer in self.answers}
        return [order for order in self.orders or () if order not in answered]

    def with_answer(self, answer: SalesBookingPreviewed) -> "Preview":
        """A repeat changes nothing."""
        if any(known.order == answer.order for known in self.answers):
            return self
        answers = sorted((*self.answers, answer), key=lambda each: _by_number(each.order))
        return replace(self, answers=tuple(answers))


class PreviewDesk:
    """Asks for previews and keeps their answers, in memory and for minutes only: they hold personal data.

    A console that is started again has forgotten them; who waits asks again.
    """

    def __init__(
        self,
        *,
        profiles: ProfileShelf,
        neighbours: Neighbours,
        publisher: EventPublisher,
        clock: Clock,
        limits: PreviewLimits,
    ) -> None:
        self._profiles = profiles
        self._neighbours = neighbours
        self._publisher = publisher
        self._clock = clock
        self._limits = limits
        self._kept: dict[str, Preview] = {}
        self._news = asyncio.Condition()

    async def ask(
        self, profile: str, selection: Selection, *, ledgers: Ledgers | None = None, by: str
    ) -> Preview:
        """Begin a preview, of a profile that is switched off or paused too; it goes on by itself.

        NotKnown: no such profile. NotSensible: a selection that cannot be. UpstreamUnavailable: no broker.
        """
        require_sensible(selection, orders_max=self._limits.orders_max)
        if await self._profiles.get(profile) is None:
            raise NotKnown("profile_unknown", name=profile)
        preview = self._new_preview(profile, selection, ledgers_proposed=ledgers is not None)
        self._keep(preview)
        await self._publisher.publish(self._request(preview, ledgers, by))
        return preview

    async def preview(self, preview_id: str) -> Preview:
        """A preview as it is now, concluded when its time is up. NotKnown: never asked, or forgotten."""
        preview = self._find(preview_id)
        if preview.state is PreviewState.RUNNING and self._clock.now() >= preview.expires_at:
            await self._conclude(preview_id)
        return self._find(preview_id)

    async def finished(self, preview_id: str) -> Preview:
        """The preview once it runs no more, which is at the latest when its time is up."""
        while (preview := await self.preview(preview_id)).state is PreviewState.RUNNING:
            await self._wait_for_news(preview)
        return preview

    async def take(self, delivery: Delivery) -> None:
        """What the services answer, from the console's queue of previews."""
        try:
            message = decode(delivery.body)
        except RejectedError as error:
            log.warning("preview_unreadable", reason=error.reason.text_key)
            return
        await self.note(message)

    async def note(self, message: Message) -> None:
        """Keep an answer; one that nobody waits for any more is dropped."""
        known = self._kept.get(getattr(message, "preview_id", ""))
        if known is None or known.failure is not None:
            log.info("preview_answer_dropped", message_type=message.type)
            return
        match message:
            case PreviewOrdersFound() if known.orders is not None:
                self._kept[known.id] = replace(known, trouble=message.failure)
            case PreviewOrdersFound():
                failure = _failure_in(message, self._limits)
                self._kept[known.id] = replace(known, orders=message.orders, failure=failure)
            case SalesBookingPreviewed():
                self._kept[known.id] = known.with_answer(message)
        async with self._news:
            self._news.notify_all()

    def _new_preview(self, profile: str, selection: Selection, *, ledgers_proposed: bool) -> Preview:
        now = self._clock.now()
        return Preview(
            id=str(uuid4()),
            profile=profile,
            selection=selection,
            ledgers_proposed=ledgers_proposed,
            requested_at=now,
            expires_at=now + timedelta(seconds=self._limits.answer_seconds_max),
            kept_until=now + self._limits.kept,
        )

    def _request(self, preview: Preview, ledgers: Ledgers | None, by: str) -> PreviewRequested:
        return new_message(
            PreviewRequested,
            profile=preview.profile,
            occurred_at=preview.requested_at,
            correlation_id=preview.id,
            id_parts=(preview.id,),
            mode=Mode.PREVIEW,
            ticket=PreviewTicket(
                preview_id=preview.id,
                expires_at=preview.expires_at,
                ledgers=None if ledgers is None else ledgers.model_dump(mode="json", by_alias=True),
            ),
            selection=_wire_selection(preview.selection, self._limits.orders_max),
            requested_by=by,
        )

    def _keep(self, preview: Preview) -> None:
        now = self._clock.now()
        kept = [each for each in self._kept.values() if each.kept_until > now]
        self._kept = {each.id: each for each in (*kept, preview)[-PREVIEWS_KEPT_MAX:]}

    def _find(self, preview_id: str) -> Preview:
        preview = self._kept.get(preview_id)
        if preview is None or preview.kept_until <= self._clock.now():
            raise NotKnown("preview_unknown", id=preview_id)
        return preview

    async def _wait_for_news(self, preview: Preview) -> None:
        seconds_left = (preview.expires_at - self._clock.now()).total_seconds()
        deadline = asyncio.create_task(self._clock.sleep(max(seconds_left, 0)))
        news = asyncio.create_task(self._hear(preview.id))
        try:
            await asyncio.wait((deadline, news), return_when=asyncio.FIRST_COMPLETED)
        finally:
            deadline.cancel()
            news.cancel()
            await asyncio.gather(deadline, news, return_exceptions=True)

    async def _hear(self, preview_id: str) -> None:
        async with self._news:
            await self._news.wait_for(lambda: self._find(preview_id).state is not PreviewState.RUNNING)

    async def _conclude(self, preview_id: str) -> None:
        """The time is up: say what is missing, and which service is to blame if one is known not to work."""
        services = await self._neighbours.health()
        silent = ", ".join(service.name for service in services if not service.ready)
        preview = self._find(preview_id)
        if preview.state is not PreviewState.RUNNING:
            return
        if preview.orders is None:
            self._kept[preview_id] = replace(preview, failure=_no_answer(silent, self._limits))
            return
        for order in preview.unanswered:
            preview = preview.with_answer(_unanswered(preview, order, silent, self._clock.now()))
        self._kept[preview_id] = preview


def _wire_selection(selection: Selection, orders_max: int) -> PreviewSelection:
    match selection:
        case OneOrder(number=number):
            return PreviewSelection(order_number=number, orders_max=orders_max)
        case PlacedBetween(first_day=first, last_day=last):
            return PreviewSelection(placed_from=first, placed_to=last, orders_max=orders_max)
        case LastOrders(count=count):
            return PreviewSelection(last=count, orders_max=orders_max)


def _failure_in(message: PreviewOrdersFound, limits: PreviewLimits) -> PreviewFailure | None:
    if message.too_many:
        details = {"orders_max": str(limits.orders_max)}
        return PreviewFailure(code=TOO_MANY_ORDERS, text_key="command.preview_too_many", details=details)
    reason = message.failure
    if reason is None:
        return None
    key = reason.code if reason.variant is None else f"{reason.code}.{reason.variant}"
    return PreviewFailure(code=reason.code, text_key=f"reason.{key}", details=dict(reason.details))


def _no_answer(silent: str, limits: PreviewLimits) -> PreviewFailure:
    details = {"seconds": f"{limits.answer_seconds_max:g}", "services": silent}
    variant = ".services" if silent else ""
    return PreviewFailure(code=NO_ANSWER, text_key=f"command.preview_no_answer{variant}", details=details)


def _unanswered(preview: Preview, order: OrderKey, silent: str, now: datetime) -> SalesBookingPreviewed:
    variant = "preview_services" if silent else "preview"
    generic = WireReason(
        code=ReasonCode.UPSTREAM_UNAVAILABLE.value, variant=variant, details={"services": silent}
    )
    return new_message(
        SalesBookingPreviewed,
        profile=preview.profile,
        occurred_at=now,
        correlation_id=preview.id,
        id_parts=(preview.id, order.uuid, order.number),
        mode=Mode.PREVIEW,
        preview_id=preview.id,
        order=order,
        outcome="not_previewed",
        stage=None,
        reason=preview.trouble or generic,
    )


def _by_number(order: OrderKey) -> tuple[int, str, str]:
    return len(order.number), order.number, order.uuid
