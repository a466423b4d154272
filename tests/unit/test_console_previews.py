"""The desk of previews: every order asked for gets an answer, in time, whatever happens."""

import asyncio
import json
from datetime import date, timedelta
from typing import Any, TypeVar

import pytest

from console.domain.previews import LastOrders, OneOrder, PlacedBetween, PreviewState, Selection
from console.domain.refusals import NotKnown, NotSensible
from console.handlers.previews import Preview, PreviewDesk, PreviewLimits
from console.ports import ServiceHealth
from factories import profile, stored_profile
from fakes_console import NOON, FakeNeighbours, FakeProfileShelf
from sconnect.clock import ManualClock
from sconnect.contracts import (
    Message,
    Mode,
    OrderKey,
    PreviewOrdersFound,
    PreviewRequested,
    SalesBookingPreviewed,
    WireReason,
    encode,
)
from sconnect.contracts.build import new_message
from sconnect.errors import UpstreamUnavailable
from sconnect.messaging import Delivery
from sconnect.messaging.memory import RecordingPublisher
from sconnect.messaging.trouble import BROKER_UNAVAILABLE
from sconnect.profiles import Ledgers

M = TypeVar("M", bound=Message)

PROFILE = "voorbeeldwinkel"
LIMITS = PreviewLimits(answer_seconds_max=60, orders_max=100, kept=timedelta(minutes=15))
FIRST, SECOND = OrderKey(uuid="uuid-1", number="9"), OrderKey(uuid="uuid-2", number="10")
TOKEN_REFUSED = WireReason(code="PROFILE_PAUSED", variant="shop_token", details={"status": "401"})


class Desk:
    def __init__(self) -> None:
        self.publisher = RecordingPublisher()
        self.clock = ManualClock(NOON)
        self.neighbours = FakeNeighbours()
        self.desk = PreviewDesk(
            profiles=FakeProfileShelf({PROFILE: stored_profile(enabled=False)}),
            neighbours=self.neighbours,
            publisher=self.publisher,
            clock=self.clock,
            limits=LIMITS,
        )

    async def ask(self, selection: Selection | None = None, **fields: Any) -> Preview:
        selection = selection or LastOrders(count=2)
        return await self.desk.ask(PROFILE, selection, by="beheer", **fields)

    async def found(self, preview: Preview, *orders: OrderKey, **fields: Any) -> None:
        await self.desk.note(
            _message(PreviewOrdersFound, preview, preview_id=preview.id, orders=orders, **fields)
        )

    async def answer(self, preview: Preview, order: OrderKey, outcome: str = "booked") -> None:
        await self.desk.note(_answer(preview, order, outcome))


def _answer(preview: Preview, order: OrderKey, outcome: str) -> SalesBookingPreviewed:
    return _message(
        SalesBookingPreviewed,
        preview,
        preview_id=preview.id,
        order=order,
        outcome=outcome,
        stage="booking-writer",
    )


def _message(contract: type[M], preview: Preview, **fields: Any) -> M:
    return new_message(
        contract,
        profile=PROFILE,
        occurred_at=NOON,
        correlation_id=preview.id,
        id_parts=(preview.id,),
        mode=Mode.PREVIEW,
        **fields,
    )


def numbers(preview: Preview) -> list[tuple[str, str]]:
    return [(answer.order.number, answer.outcome) for answer in preview.answers]


async def test_a_profile_that_is_switched_off_is_previewed_with_the_ledgers_that_are_tried() -> None:
    desk = Desk()
    ledgers = profile().bookings.ledgers
    assert ledgers is not None
    preview = await desk.ask(
        PlacedBetween(first_day=date(2026, 3, 1), last_day=date(2026, 3, 2)), ledgers=ledgers
    )
    (request,) = desk.publisher.events
    assert isinstance(request, PreviewRequested)
    assert request.mode is Mode.PREVIEW
    assert request.ticket.preview_id == preview.id
    assert request.ticket.expires_at == NOON + timedelta(seconds=60)
    sent = json.loads(encode(request))["ticket"]["ledgers"]
    assert Ledgers.model_validate_json(json.dumps(sent)) == ledgers
    assert (request.selection.placed_from, request.selection.placed_to) == (
        date(2026, 3, 1),
        date(2026, 3, 2),
    )
    assert request.selection.orders_max == 100


async def test_answers_come_in_any_order_and_repeated_and_are_shown_by_number() -> None:
    desk = Desk()
    preview = await desk.ask()
    await desk.answer(preview, SECOND)
    assert (await desk.desk.preview(preview.id)).state is PreviewState.RUNNING
    await desk.found(preview, FIRST, SECOND)
    await desk.answer(preview, SECOND, "skipped")
    assert (await desk.desk.preview(preview.id)).state is PreviewState.RUNNING
    await desk.answer(preview, FIRST, "dead_lettered")
    finished = await desk.desk.preview(preview.id)
    assert finished.state is PreviewState.FINISHED
    assert numbers(finished) == [("9", "dead_lettered"), ("10", "booked")]


async def test_who_waits_is_woken_by_the_last_answer_and_not_by_the_deadline() -> None:
    patient = PreviewDesk(
        profiles=FakeProfileShelf({PROFILE: stored_profile()}),
        neighbours=FakeNeighbours(),
        publisher=RecordingPublisher(),
        clock=_StandingClock(NOON),
        limits=LIMITS,
    )
    preview = await patient.ask(PROFILE, OneOrder(number="9"), by="beheer")
    waiting = asyncio.create_task(patient.finished(preview.id))
    await asyncio.sleep(0)
    for message in (
        _message(PreviewOrdersFound, preview, preview_id=preview.id, orders=(FIRST,)),
        _answer(preview, FIRST, "booked"),
    ):
        await patient.take(Delivery(queue="console.previews", body=encode(message), message_id=message.id))
    async with asyncio.timeout(5):
        finished = await waiting
    assert numbers(finished) == [("9", "booked")]


class _StandingClock(ManualClock):
    """Its sleepers sleep for ever."""

    async def sleep(self, seconds: float) -> None:
        await asyncio.Event().wait()


async def test_a_shop_that_finds_no_orders_is_a_preview_without_orders() -> None:
    desk = Desk()
    preview = await desk.ask()
    await desk.found(preview)
    finished = await desk.desk.finished(preview.id)
    assert (finished.state, finished.answers) == (PreviewState.FINISHED, ())


@pytest.mark.parametrize(
    ("fields", "code", "key"),
    [
        ({"failure": TOKEN_REFUSED}, "PROFILE_PAUSED", "reason.PROFILE_PAUSED.shop_token"),
        ({"too_many": True}, "TOO_MANY_ORDERS", "command.preview_too_many"),
    ],
)
async def test_orders_that_could_not_be_read_end_the_preview(
    fields: dict[str, Any], code: str, key: str
) -> None:
    desk = Desk()
    preview = await desk.ask()
    await desk.found(preview, **fields)
    failed = await desk.desk.finished(preview.id)
    assert failed.state is PreviewState.FAILED
    assert failed.failure is not None
    assert (failed.failure.code, failed.failure.text_key) == (code, key)


async def test_when_nothing_is_heard_the_service_that_is_down_is_named() -> None:
    desk = Desk()
    desk.neighbours.services = (
        ServiceHealth(name="poller", ready=False, trouble=("service: does not answer",)),
        ServiceHealth(name="console", ready=True),
    )
    preview = await desk.ask()
    failed = await desk.desk.finished(preview.id)
    assert failed.failure is not None
    assert failed.failure.text_key == "command.preview_no_answer.services"
    assert failed.failure.details == {"seconds": "60", "services": "poller"}
    assert desk.clock.now() >= preview.expires_at


async def test_orders_without_an_answer_get_one_when_the_time_is_up() -> None:
    desk = Desk()
    desk.neighbours.services = (ServiceHealth(name="booking-writer", ready=False),)
    preview = await desk.ask()
    await desk.found(preview, FIRST, SECOND)
    await desk.answer(preview, FIRST)
    finished = await desk.desk.finished(preview.id)
    assert numbers(finished) == [("9", "booked"), ("10", "not_previewed")]
    reason = finished.answers[1].reason
    assert reason is not None
    assert (reason.variant, reason.details) == ("preview_services", {"services": "booking-writer"})


async def test_trouble_of_the_poller_halfway_is_the_reason_of_what_is_missing() -> None:
    desk = Desk()
    preview = await desk.ask()
    await desk.found(preview, FIRST)
    await desk.found(preview, failure=WireReason(code="UNEXPECTED", details={"error": "KeyError"}))
    finished = await desk.desk.finished(preview.id)
    assert finished.answers[0].reason == WireReason(code="UNEXPECTED", details={"error": "KeyError"})


async def test_a_preview_is_forgotten_after_minutes_and_late_answers_are_dropped() -> None:
    desk = Desk()
    preview = await desk.ask()
    desk.clock.advance(LIMITS.kept)
    with pytest.raises(NotKnown):
        await desk.desk.preview(preview.id)
    other = await desk.ask()
    await desk.answer(preview, FIRST)
    with pytest.raises(NotKnown):
        await desk.desk.preview(preview.id)
    assert (await desk.desk.preview(other.id)).answers == ()


@pytest.mark.parametrize(
    "selection",
    [
        PlacedBetween(first_day=date(2026, 3, 2), last_day=date(2026, 3, 1)),
        LastOrders(count=0),
        LastOrders(count=101),
    ],
)
async def test_a_selection_that_cannot_be_is_refused(selection: Selection) -> None:
    desk = Desk()
    with pytest.raises(NotSensible):
        await desk.ask(selection)
    assert desk.publisher.events == []


async def test_an_unknown_profile_and_a_broker_that_is_away_are_said_at_once() -> None:
    desk = Desk()
    with pytest.raises(NotKnown):
        await desk.desk.ask("onbekend", LastOrders(count=1), by="beheer")
    desk.publisher.failures.append(UpstreamUnavailable(BROKER_UNAVAILABLE))
    with pytest.raises(UpstreamUnavailable):
        await desk.ask()


async def test_what_cannot_be_read_is_dropped() -> None:
    desk = Desk()
    preview = await desk.ask()
    await desk.desk.take(Delivery(queue="console.previews", body=b"{", message_id=""))
    assert (await desk.desk.preview(preview.id)).state is PreviewState.RUNNING
